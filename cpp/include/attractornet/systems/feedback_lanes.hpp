/// @file
/// Many feedback networks of one size side by side, a network in each lane: the engine of scans.
///
/// A single orbit waits for its own tanh; here other networks fill that time, and a weight that was
/// read serves the orbit and its tangent. What happens in a lane does not depend on its neighbours,
/// and the orbits are those of Rule to the bit.
#pragma once

#include <algorithm>
#include <attractornet/core/pack.hpp>
#include <attractornet/core/product.hpp>
#include <attractornet/systems/feedback.hpp>
#include <bit>
#include <cstdint>
#include <vector>

namespace attractornet::feedback {

/// Networks that fill one native register.
template <class T>
constexpr int lanes_of = register_bytes / static_cast<int>(sizeof(T));

/// L networks, their orbits, and k tangent vectors along each. Arrays are (..., L): the values of
/// all lanes together.
template <class T, int L = lanes_of<T>>
class Lanes {
 public:
  using Value = T;
  static constexpr int count = L;

  /// @param k tangent vectors; 0: none.
  Lanes(int neurons, int inputs, int k)
      : neurons_(neurons),
        inputs_(inputs),
        k_(k),
        folded_(std::max(2, static_cast<int>(std::bit_ceil(static_cast<unsigned>(neurons))))),
        w_(lanes(static_cast<std::int64_t>(neurons) * inputs)),
        b_(lanes(neurons)),
        x_(lanes(neurons)),
        terms_(lanes(folded_)),
        slopes_(k > 1 ? lanes(neurons) : 0),
        gradient_(k > 1 ? lanes(inputs) : 0),
        register_(lanes(2 * inputs)),
        frame_(static_cast<std::size_t>(k) * stride()) {}

  /// Puts a network into a lane. @param w row-major (neurons, inputs); @param b (neurons,).
  void set(int lane, const double* w, const double* b) {
    for (int i = 0; i < neurons_; ++i) {
      b_[at(i, lane)] = static_cast<T>(b[i]);
      for (int j = 0; j < inputs_; ++j)
        w_[at(static_cast<std::int64_t>(j) * neurons_ + i, lane)] =
            static_cast<T>(w[static_cast<std::int64_t>(i) * inputs_ + j]);
    }
  }
  /// The register of a lane (inputs,), newest output first.
  void load(int lane, const T* y) {
    for (int j = 0; j < inputs_; ++j) register_[at(top_ + j, lane)] = y[j];
  }
  void state(int lane, T* y) const {
    for (int j = 0; j < inputs_; ++j) y[j] = register_[at(top_ + j, lane)];
  }
  /// The tangent vectors of a lane (k, inputs), one after the other.
  void load_frame(int lane, const T* v) {
    for (int c = 0; c < k_; ++c)
      for (int j = 0; j < inputs_; ++j) frame(c)[at(j, lane)] = *v++;
  }
  void frame(int lane, T* v) {
    for (int c = 0; c < k_; ++c)
      for (int j = 0; j < inputs_; ++j) *v++ = frame(c)[at(j, lane)];
  }
  /// Tangent vector c, in place: (inputs, L); the next one is stride() further.
  T* frame(int c) { return frame_.data() + c * stride() + lanes(top_); }
  /// NOTE: a row more than needed, lest the vectors lie a multiple of 4096 bytes apart, which
  /// caches take for one place.
  std::size_t stride() const { return lanes(2 * inputs_ + 1); }

  void advance(std::int64_t steps) {
    const auto unseen = [](const T*) {};
    advance(steps, unseen);
  }
  /// Advances and tells of every state that is reached: see(hidden units (neurons, L)).
  template <class See>
  void advance(std::int64_t steps, const See& see) {
    for (; steps > 0; --steps) {
      if (top_ == 0) rewind();
      if (k_ == 0)
        step<Tangent::none>();
      else if (k_ == 1)
        step<Tangent::vector>();
      else
        step<Tangent::frame>();
      see(x_.data());
    }
  }

  /// Product of |g_D|, the determinants of the steps, since the last call; frames alone have it.
  RunningProduct<T, L> volume() {
    const auto result = volume_;
    volume_ = {};
    return result;
  }

 private:
  using P = Pack<T, L>;
  enum class Tangent { none, vector, frame };
  static constexpr int units_at_once = 4, vectors_at_once = 8;

  static std::size_t lanes(std::int64_t rows) { return static_cast<std::size_t>(rows * L); }
  static std::size_t at(std::int64_t row, int lane) {
    return static_cast<std::size_t>(row * L + lane);
  }

  /// Registers and frames grow downwards through twice their size, then are moved back.
  void rewind() {
    top_ = inputs_;
    std::copy_n(register_.data(), lanes(inputs_), register_.data() + lanes(inputs_));
    for (int c = 0; c < k_; ++c) std::copy_n(frame(c) - lanes(inputs_), lanes(inputs_), frame(c));
  }

  template <Tangent With>
  void step() {
    P turned(T(0));
    int i = 0;
    for (; i + units_at_once <= neurons_; i += units_at_once) units<units_at_once, With>(i, turned);
    for (; i < neurons_; ++i) units<1, With>(i, turned);
    if constexpr (With == Tangent::frame) write_gradient();
    --top_;
    write_output();
    if constexpr (With == Tangent::vector) turned.store(frame(0));
    if constexpr (With == Tangent::frame) {
      int c = 0;
      for (; c + vectors_at_once <= k_; c += vectors_at_once) turn<vectors_at_once>(c);
      for (; c < k_; ++c) turn<1>(c);
    }
  }

  /// B units from `first` on: x and their terms of the output; the terms of g . v, or their slopes.
  template <int B, Tangent With>
  ATTRACTORNET_INLINE void units(int first, P& turned) {
    P u[B], du[B];
    for (int b = 0; b < B; ++b) u[b] = du[b] = P(T(0));
    const T* y = register_.data() + lanes(top_);
    const T* v = frame_.data() + lanes(top_);
    const T* w = w_.data() + lanes(first);
    for (std::int64_t j = inputs_ - 1; j >= 0; --j) {
      const P yj = P::load(y + j * L);
      P vj;
      if constexpr (With == Tangent::vector) vj = P::load(v + j * L);
      for (int b = 0; b < B; ++b) {
        const P weight = P::load(w + (j * neurons_ + b) * L);
        u[b] = fma(weight, yj, u[b]);
        if constexpr (With == Tangent::vector) du[b] = fma(weight, vj, du[b]);
      }
    }
    for (int b = 0; b < B; ++b) {
      const std::size_t i = lanes(first + b);
      const P out = P::load(b_.data() + i);
      P x;
      if constexpr (With == Tangent::none) {
        x = tanh(u[b]);
      } else {
        const auto t = tanh_sech2(u[b]);
        x = t.tanh;
        const P slope = out * t.sech2;
        if constexpr (With == Tangent::vector) turned = fma(slope, du[b], turned);
        if constexpr (With == Tangent::frame) slope.store(slopes_.data() + i);
      }
      x.store(x_.data() + i);
      (out * x).store(terms_.data() + i);
    }
  }

  /// The output, by halves as tree_sum, becomes the newest entry of the register.
  void write_output() {
    for (int i = neurons_; i < folded_; ++i) P(T(0)).store(terms_.data() + lanes(i));
    for (int half = folded_ / 2; half >= 1; half /= 2)
      for (int i = 0; i < half; ++i) (term(i) + term(i + half)).store(terms_.data() + lanes(i));
    term(0).store(register_.data() + lanes(top_));
  }
  P term(int i) const { return P::load(terms_.data() + lanes(i)); }

  /// g, in the order of Rule::gradient.
  void write_gradient() {
    P g(T(0));
    for (int j = 0; j < inputs_; ++j) {
      const T* w = w_.data() + lanes(static_cast<std::int64_t>(j) * neurons_);
      g = P(T(0));
      for (int i = 0; i < neurons_; ++i)
        g = fma(P::load(slopes_.data() + lanes(i)), P::load(w + lanes(i)), g);
      g.store(gradient_.data() + lanes(j));
    }
    volume_.multiply(magnitude(g));
  }

  /// The new entries g . v of C tangent vectors, from the oldest row on; the others have moved down
  /// by the register's own move.
  template <int C>
  void turn(int first) {
    P sum[C];
    for (int c = 0; c < C; ++c) sum[c] = P(T(0));
    const T* v = frame(first);
    for (std::int64_t j = inputs_; j >= 1; --j) {
      const P g = P::load(gradient_.data() + (j - 1) * L);
      for (int c = 0; c < C; ++c) sum[c] = fma(g, P::load(v + c * stride() + j * L), sum[c]);
    }
    for (int c = 0; c < C; ++c) sum[c].store(frame(first + c));
  }

  int neurons_, inputs_, k_, folded_;
  std::int64_t top_ = 0;
  std::vector<T> w_, b_, x_, terms_, slopes_, gradient_, register_, frame_;
  RunningProduct<T, L> volume_;
};

}  // namespace attractornet::feedback
