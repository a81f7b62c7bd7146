/// @file
/// Many feedback networks of one size side by side, a network in each lane: the engine of scans.
///
/// A single orbit waits for its own tanh; here other networks fill that time, and a weight that was
/// read serves the orbit and its tangent. What happens in a lane does not depend on its neighbours,
/// and the orbits are those of Rule to the bit.
#pragma once

#include <algorithm>
#include <attractornet/core/memory.hpp>
#include <attractornet/core/pack.hpp>
#include <attractornet/core/product.hpp>
#include <attractornet/systems/feedback.hpp>
#include <bit>
#include <cstdint>

namespace attractornet::feedback {

/// What goes along with an orbit: no tangent vector, one, or some.
enum class Tangent { none, vector, frame };

/// Whether two registers of networks run faster than one: an orbit's tanh then need not wait, but
/// their weights must stay in the first-level cache, which costs four times as much to miss.
constexpr bool run_in_pairs(std::int64_t neurons, std::int64_t inputs) {
  constexpr int cache = 32768;
  return 2 * register_bytes * neurons * inputs <= cache;
}

/// As many networks as fill G registers, their orbits, and k tangent vectors along each. Arrays are
/// (..., count): the values of all lanes together.
/// @tparam G 2 where run_in_pairs; 1 with a frame, which fills the registers and the cache.
template <class T, Tangent With, int G>
class Lanes {
 public:
  using Value = T;
  static constexpr int width = register_bytes / static_cast<int>(sizeof(T));
  static constexpr int count = G * width;

  /// @param k tangent vectors, as many as Tangent says.
  Lanes(int neurons, int inputs, int k)
      : neurons_(neurons),
        inputs_(inputs),
        spare_(std::max(inputs, 16)),
        k_(k),
        folded_(std::max(2, static_cast<int>(std::bit_ceil(static_cast<unsigned>(neurons))))),
        w_(lanes(static_cast<std::int64_t>(neurons) * inputs)),
        b_(lanes(neurons)),
        x_(lanes(neurons)),
        terms_(lanes(folded_)),
        slopes_(With == Tangent::frame ? lanes(neurons) : 0),
        gradient_(With == Tangent::frame ? lanes(static_cast<std::int64_t>(steps_at_once) * inputs)
                                         : 0),
        register_(lanes(spare_ + inputs)),
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
  /// Tangent vector c, in place: (inputs, count); the next one is stride() further.
  T* frame(int c) { return frame_.data() + c * stride() + lanes(top_); }
  /// NOTE: a row more than needed, lest the vectors lie a multiple of 4096 bytes apart, which
  /// caches take for one place.
  std::size_t stride() const { return lanes(spare_ + inputs_ + 1); }

  void advance(std::int64_t steps) {
    const auto unseen = [](const T*) {};
    advance(steps, unseen);
  }
  /// Advances and tells of every step: see(hidden units (neurons, count) of the state it leaves).
  template <class See>
  void advance(std::int64_t steps, const See& see) {
    if constexpr (With == Tangent::frame)
      advance_frames(steps, see);
    else
      advance_by(steps, see);
  }

  /// Product of |g_D|, the determinants of the steps, since the last call; frames alone have it.
  RunningProduct<T, count> volume() {
    const auto result = volume_;
    volume_ = {};
    return result;
  }

 private:
  using P = Pack<T, width>;
  using All = Pack<T, count>;
  static constexpr int units_at_once = 4, steps_at_once = 4,
                       vectors_at_once = register_bytes == 64 ? 4 : 2;  ///< as registers allow

  static std::size_t lanes(std::int64_t rows) { return static_cast<std::size_t>(rows * count); }
  static std::size_t at(std::int64_t row, int lane) {
    return static_cast<std::size_t>(row * count + lane);
  }

  /// Registers and frames grow downwards through spare rows, then are moved back; short ones too
  /// have enough of them that this is rare.
  void rewind() {
    top_ = spare_;
    std::copy_n(register_.data(), lanes(inputs_), register_.data() + lanes(spare_));
    for (int c = 0; c < k_; ++c) std::copy_n(frame(c) - lanes(spare_), lanes(inputs_), frame(c));
  }

  /// Orbits first, and then frames, some steps at once.
  template <class See>
  void advance_frames(std::int64_t steps, const See& see) {
    while (steps > 0) {
      if (top_ == 0) rewind();
      if (steps_at_once <= std::min({steps, top_, std::int64_t{inputs_}})) {
        advance_by(steps_at_once, see);
        turn_all<steps_at_once>();
        steps -= steps_at_once;
      } else {
        advance_by(1, see);
        turn_all<1>();
        --steps;
      }
    }
  }

  template <class See>
  void advance_by(std::int64_t steps, const See& see) {
    if (neurons_ <= units_at_once) {  // all in registers
      static_assert(units_at_once == 4);
      switch (neurons_) {
        case 1:
          return advance_few<1>(steps, see);
        case 2:
          return advance_few<2>(steps, see);
        case 3:
          return advance_few<3>(steps, see);
        default:
          return advance_few<4>(steps, see);
      }
    }
    for (; steps > 0; --steps) {
      if (top_ == 0) rewind();
      step_many();
      see(x_.data());
    }
  }

  /// Terms of the output and of g . v, of B units.
  template <int B>
  struct Terms {
    P output[B][G];
    P turned[G];
  };

  template <int N, class See>
  void advance_few(std::int64_t steps, const See& see) {
    for (; steps > 0; --steps) {
      if (top_ == 0) rewind();
      Terms<N> terms;
      ATTRACTORNET_UNROLL for (int g = 0; g < G; ++g) terms.turned[g] = P(T(0));
      units<N>(0, terms);
      if constexpr (With == Tangent::frame) write_gradient();
      --top_;
      ATTRACTORNET_UNROLL for (int g = 0; g < G; ++g) {
        const auto& t = terms.output;
        P sum = t[0][g] + P(T(0));
        if constexpr (N == 2) sum = t[0][g] + t[1][g];
        if constexpr (N == 3) sum = (t[0][g] + t[2][g]) + (t[1][g] + P(T(0)));
        if constexpr (N == 4) sum = (t[0][g] + t[2][g]) + (t[1][g] + t[3][g]);
        sum.store(register_.data() + lanes(top_) + g * width);
      }
      if constexpr (With == Tangent::vector) write_turned(terms.turned);
      see(x_.data());
    }
  }

  void step_many() {
    P turned[G];
    for (int g = 0; g < G; ++g) turned[g] = P(T(0));
    int i = 0;
    for (; i + units_at_once <= neurons_; i += units_at_once) keep_terms<units_at_once>(i, turned);
    for (; i < neurons_; ++i) keep_terms<1>(i, turned);
    if constexpr (With == Tangent::frame) write_gradient();
    --top_;
    fold_terms();
    if constexpr (With == Tangent::vector) write_turned(turned);
  }
  template <int B>
  void keep_terms(int first, P (&turned)[G]) {
    Terms<B> terms;
    std::copy_n(turned, G, terms.turned);
    units<B>(first, terms);
    std::copy_n(terms.turned, G, turned);
    for (int b = 0; b < B; ++b)
      for (int g = 0; g < G; ++g)
        terms.output[b][g].store(terms_.data() + lanes(first + b) + g * width);
  }
  /// The output, by halves as tree_sum, becomes the newest entry of the register.
  void fold_terms() {
    for (int i = neurons_; i < folded_; ++i) All(T(0)).store(terms_.data() + lanes(i));
    for (int half = folded_ / 2; half >= 1; half /= 2)
      for (int i = 0; i < half; ++i) (term(i) + term(i + half)).store(terms_.data() + lanes(i));
    term(0).store(register_.data() + lanes(top_));
  }
  All term(int i) const { return All::load(terms_.data() + lanes(i)); }

  /// B units from `first` on: x, and their terms; or their slopes.
  template <int B>
  ATTRACTORNET_INLINE void units(int first, Terms<B>& terms) {
    P u[B][G], du[B][G];
    ATTRACTORNET_UNROLL for (int b = 0; b < B; ++b) ATTRACTORNET_UNROLL for (int g = 0; g < G; ++g)
        u[b][g] = du[b][g] = P(T(0));
    const T* y = register_.data() + lanes(top_);
    const T* v = frame_.data() + lanes(top_);
    const T* w = w_.data() + lanes(first);
    for (std::int64_t j = inputs_ - 1; j >= 0; --j)
      ATTRACTORNET_UNROLL for (int g = 0; g < G; ++g) {
        const std::size_t row = lanes(j) + static_cast<std::size_t>(g * width);
        const P yj = P::load(y + row);
        P vj;
        if constexpr (With == Tangent::vector) vj = P::load(v + row);
        ATTRACTORNET_UNROLL for (int b = 0; b < B; ++b) {
          P weight = P::load(w + lanes(j * neurons_ + b) + g * width);
          if constexpr (With == Tangent::vector) keep_in_register(weight);
          u[b][g] = fma(weight, yj, u[b][g]);
          if constexpr (With == Tangent::vector) du[b][g] = fma(weight, vj, du[b][g]);
        }
      }
    ATTRACTORNET_UNROLL for (int b = 0; b < B; ++b)
        ATTRACTORNET_UNROLL for (int g = 0; g < G; ++g) {
      const std::size_t i = lanes(first + b) + static_cast<std::size_t>(g * width);
      const P out = P::load(b_.data() + i);
      P x;
      if constexpr (With == Tangent::none) {
        x = tanh(u[b][g]);
      } else {
        const auto t = tanh_sech2(u[b][g]);
        x = t.tanh;
        const P slope = out * t.sech2;
        if constexpr (With == Tangent::vector)
          terms.turned[g] = fma(slope, du[b][g], terms.turned[g]);
        else
          slope.store(slopes_.data() + i);
      }
      x.store(x_.data() + i);
      terms.output[b][g] = out * x;
    }
  }

  /// The new entry g . v of the only tangent vector; the others have moved down with the register.
  void write_turned(const P (&turned)[G]) {
    for (int g = 0; g < G; ++g) turned[g].store(frame(0) + g * width);
  }

  /// g, in the order of Rule::gradient, behind those of steps that the frame has not yet taken.
  void write_gradient() {
    T* to = gradient_.data() + lanes(waiting_++ * inputs_);
    All g(T(0));
    for (int j = 0; j < inputs_; ++j) {
      const T* w = w_.data() + lanes(static_cast<std::int64_t>(j) * neurons_);
      g = All(T(0));
      for (int i = 0; i < neurons_; ++i)
        g = fma(All::load(slopes_.data() + lanes(i)), All::load(w + lanes(i)), g);
      g.store(to + lanes(j));
    }
    volume_.multiply(magnitude(g));
  }

  /// The last S steps of the frame, whose register and gradients are there already: a frame is
  /// larger than a cache, and so is read once for S steps.
  template <int S>
  void turn_all() {
    int c = 0;
    for (; c + vectors_at_once <= k_; c += vectors_at_once) turn<S, vectors_at_once>(c);
    for (; c < k_; ++c) turn<S, 1>(c);
    waiting_ = 0;
  }
  /// The new entries g . v of C vectors, each summed from the oldest row on.
  template <int S, int C>
  void turn(int first) {
    All sum[S][C];
    ATTRACTORNET_UNROLL for (int s = 0; s < S; ++s) ATTRACTORNET_UNROLL for (int c = 0; c < C; ++c)
        sum[s][c] = All(T(0));
    T* fresh = frame(first);
    const T* v = fresh + lanes(S);  // the rows before these steps
    const auto g = [&](int s, std::int64_t j) {
      return All::load(gradient_.data() + lanes(s * inputs_ + j));
    };
    // Row j is entry j + s in step s, until it leaves.
    std::int64_t j = inputs_ - 1;
    for (; j > inputs_ - S; --j)
      ATTRACTORNET_UNROLL for (int s = 0; s < S; ++s)
          ATTRACTORNET_UNROLL for (int c = 0; c < C; ++c) if (j + s < inputs_) sum[s][c] =
              fma(g(s, j + s), All::load(v + c * stride() + lanes(j)), sum[s][c]);
    for (; j >= 0; --j) {
      All row[C];
      ATTRACTORNET_UNROLL for (int c = 0; c < C; ++c) row[c] =
          All::load(v + c * stride() + lanes(j));
      ATTRACTORNET_UNROLL for (int s = 0; s < S; ++s) {
        const All entry = g(s, j + s);
        ATTRACTORNET_UNROLL for (int c = 0; c < C; ++c) sum[s][c] = fma(entry, row[c], sum[s][c]);
      }
    }
    // The rows that these steps have made themselves.
    ATTRACTORNET_UNROLL for (int s = 0; s < S; ++s)
        ATTRACTORNET_UNROLL for (int c = 0; c < C; ++c) {
      ATTRACTORNET_UNROLL for (int made = 0; made < s; ++made) sum[s][c] =
          fma(g(s, s - 1 - made), sum[made][c], sum[s][c]);
      sum[s][c].store(fresh + c * stride() + lanes(S - 1 - s));
    }
  }

  int neurons_, inputs_, spare_, k_, folded_;
  std::int64_t top_ = 0, waiting_ = 0;
  AlignedVector<T> w_, b_, x_, terms_, slopes_, gradient_, register_, frame_;
  RunningProduct<T, count> volume_;
};

}  // namespace attractornet::feedback
