/// @file
/// The fast path of feedback networks: one network, its hidden units in the lanes.
///
/// Few units (up to 8): the register's sums are kept in transposed form. sum[m] is the part of w .
/// y that is already known m steps ahead, so a step is sum[m] = w[m] y_0 + sum[m + 1]: nothing is
/// shifted, and one fma is all that stands between y_0 and the next tanh. More units: rows of w y,
/// four steps at a time, so that each weight is read once for four steps.
#pragma once

#include <algorithm>
#include <attractornet/core/memory.hpp>
#include <attractornet/core/pack.hpp>
#include <attractornet/systems/feedback.hpp>
#include <bit>
#include <cstdint>
#include <vector>

namespace attractornet::feedback {

/// Watches an orbit step by step; the default sees nothing.
struct Silent {
  static constexpr bool wants_slopes = false;
  /// Before a step: slopes[i] = b_i sech^2(u_i) of the state that is left. Only if wants_slopes.
  void leave(const double* slopes) { (void)slopes; }
  /// After a step: hidden units and newest output of the state that is reached.
  void reach(const double* x, double y0) { (void)x, (void)y0; }
};

class Orbit {
 public:
  explicit Orbit(const Rule<>& rule)
      : neurons_(rule.weights.neurons),
        inputs_(rule.weights.inputs),
        few_(neurons_ <= 8 && inputs_ <= most_inputs_of_few),
        lanes_(std::max(few_ ? 2 : 16,
                        static_cast<int>(std::bit_ceil(static_cast<unsigned>(neurons_))))),
        rule_(rule),
        b_(lanes_),
        x_(lanes_),
        slopes_(lanes_),
        register_(inputs_ + spare) {
    const std::size_t rows = few_ ? lanes_ : wide_rows();
    const int panel = few_ ? lanes_ : group;
    w_.resize(static_cast<std::size_t>(inputs_) * rows);
    for (int i = 0; i < neurons_; ++i)
      for (int j = 0; j < inputs_; ++j)
        w_[(static_cast<std::size_t>(i / panel) * inputs_ + j) * panel + i % panel] =
            rule.weights.w[static_cast<std::size_t>(i) * inputs_ + j];
    std::copy_n(rule.weights.b, neurons_, b_.begin());
    sums_.resize(few_ ? (static_cast<std::size_t>(inputs_) + 1) * lanes_ : block * rows);
  }

  void load(const double* y) {
    top_ = spare;
    std::copy_n(y, inputs_, register_.begin() + top_);
    for (int i = 0; i < neurons_; ++i) sums_[i] = rule_.drive(i, y);
    if (few_) load_sums();
    for (int i = 0; i < neurons_; ++i) x_[i] = tanh(sums_[i]);
    slopes_known_ = false;
  }
  void state(double* y) const { std::copy_n(register_.begin() + top_, inputs_, y); }
  /// Hidden units of the present state.
  const double* hidden() const { return x_.data(); }
  double output() const { return register_[top_]; }

  void advance(std::int64_t steps) {
    Silent silent;
    advance(steps, silent);
  }
  /// Advances, writing the newest output of each state that is reached: all of the state is made of
  /// such outputs.
  void record(std::int64_t steps, double* out) {
    Outputs outputs{{}, out};
    advance(steps, outputs);
  }
  /// Advances and tells the watcher of every step (see Silent).
  template <class Watcher>
  void advance(std::int64_t steps, Watcher& watcher) {
    if constexpr (Watcher::wants_slopes) know_slopes();
    slopes_known_ = Watcher::wants_slopes;
    switch (few_ ? lanes_ : 0) {
      case 2:
        return advance_few<2>(steps, watcher);
      case 4:
        return advance_few<4>(steps, watcher);
      case 8:
        return advance_few<8>(steps, watcher);
      default:
        for (; steps >= block; steps -= block) advance_block<block>(watcher);
        for (; steps > 0; --steps) advance_block<1>(watcher);
    }
  }

 private:
  struct Outputs : Silent {
    double* out;
    void reach(const double*, double y0) { *out++ = y0; }
  };

  static constexpr int most_inputs_of_few = 4096;  ///< loading transposed sums costs inputs^2
  static constexpr int spare = 1024;  ///< outputs written before the register is moved back
  static constexpr int block = 4;     ///< steps that share a reading of the weights
  static constexpr int group = 2 * register_bytes / 8;  ///< rows worked on at a time

  std::size_t wide_rows() const { return (static_cast<std::size_t>(neurons_) + 15) / 16 * 16; }

  void push(double y0) {
    if (top_ == 0) {
      std::copy_backward(register_.begin(), register_.begin() + inputs_, register_.end());
      top_ = spare;
    }
    register_[--top_] = y0;
  }

  void load_sums() {
    const double* y = register_.data() + top_;
    for (int m = 1; m <= inputs_; ++m)
      for (int i = 0; i < lanes_; ++i) {
        double sum = 0;
        for (int j = inputs_ - 1; j >= m; --j)
          sum = fma(w_[static_cast<std::size_t>(j) * lanes_ + i], y[j - m], sum);
        sums_[static_cast<std::size_t>(m) * lanes_ + i] = sum;
      }
  }

  /// Slopes of the present state, where the last steps did not ask for them.
  void know_slopes() {
    if (slopes_known_) return;
    for (int i = 0; i < neurons_; ++i)
      slopes_[i] = b_[i] * tanh_sech2(rule_.drive(i, register_.data() + top_)).sech2;
  }

  template <int L, class Watcher>
  void advance_few(std::int64_t steps, Watcher& watcher) {
    using P = Pack<double, L>;
    const double* w = w_.data();
    double* sums = sums_.data();
    const P b = P::load(b_.data()), w0 = P::load(w);
    P x = P::load(x_.data());
    for (; steps > 0; --steps) {
      if constexpr (Watcher::wants_slopes) watcher.leave(slopes_.data());
      const P y0 = fold(b * x);
      const P u = fma(w0, y0, P::load(sums + L));
      if constexpr (Watcher::wants_slopes) {
        const auto t = tanh_sech2(u);
        x = t.tanh;
        (b * t.sech2).store(slopes_.data());
      } else {
        x = tanh(u);
      }
      // NOTE: after the tanh, whose latency hides this loop.
      for (std::int64_t m = 1; m < inputs_; ++m)
        fma(P::load(w + m * L), y0, P::load(sums + (m + 1) * L)).store(sums + m * L);
      push(y0[0]);
      x.store(x_.data());
      watcher.reach(x_.data(), y0[0]);
    }
  }

  template <int Steps, class Watcher>
  void advance_block(Watcher& watcher) {
    const int width = static_cast<int>(wide_rows());
    for (int row = 0; row < width; row += group) known_part<Steps>(row);
    for (int s = 1; s <= Steps; ++s) {
      if constexpr (Watcher::wants_slopes) watcher.leave(slopes_.data());
      const double y0 = wide_output();
      push(y0);
      finish<Watcher::wants_slopes>(s, sums_.data() + static_cast<std::size_t>(s - 1) * width);
      watcher.reach(x_.data(), y0);
    }
  }

  /// The weights of one group of rows: (inputs, group), contiguous.
  const double* panel(int row) const { return w_.data() + static_cast<std::size_t>(row) * inputs_; }

  /// The part of the next Steps drives that rests on outputs already known, for one group of rows.
  template <int Steps>
  void known_part(int row) {
    using P = Pack<double, group>;
    const double* w = panel(row);
    const double* y = register_.data() + top_;
    P sum[Steps];
    ATTRACTORNET_UNROLL for (int s = 0; s < Steps; ++s) sum[s] = P(0.0);
    std::int64_t j = inputs_ - 1;
    for (; j >= Steps; --j) {
      const P column = P::load(w + j * group);
      ATTRACTORNET_UNROLL for (int s = 0; s < Steps; ++s) sum[s] =
          fma(column, P(y[j - s - 1]), sum[s]);
    }
    for (; j >= 1; --j) {
      const P column = P::load(w + j * group);
      ATTRACTORNET_UNROLL for (int s = 0; s < Steps; ++s) if (s < j) sum[s] =
          fma(column, P(y[j - s - 1]), sum[s]);
    }
    ATTRACTORNET_UNROLL for (int s = 0; s < Steps; ++s) sum[s].store(sums_.data() +
                                                                     s * wide_rows() + row);
  }

  /// Adds the newest s outputs to the s-th drive of a block, then x and slopes.
  template <bool Slopes>
  void finish(int s, double* u) {
    using P = Pack<double, group>;
    const double* y = register_.data() + top_;
    for (int row = 0; row < neurons_; row += group) {
      P sum = P::load(u + row);
      for (std::int64_t j = std::min(s, inputs_) - 1; j >= 0; --j)
        sum = fma(P::load(panel(row) + j * group), P(y[j]), sum);
      if constexpr (Slopes) {
        const auto t = tanh_sech2(sum);
        t.tanh.store(x_.data() + row);
        (P::load(b_.data() + row) * t.sech2).store(slopes_.data() + row);
      } else {
        tanh(sum).store(x_.data() + row);
      }
    }
  }

  /// b . x by halves, as tree_sum.
  double wide_output() {
    using P = Pack<double, 8>;
    products_.resize(lanes_);
    for (int i = 0; i < lanes_; i += 8)
      (P::load(b_.data() + i) * P::load(x_.data() + i)).store(products_.data() + i);
    for (int half = lanes_ / 2; half >= 8; half /= 2)
      for (int i = 0; i < half; i += 8)
        (P::load(products_.data() + i) + P::load(products_.data() + i + half))
            .store(products_.data() + i);
    return fold(P::load(products_.data()))[0];
  }

  int neurons_, inputs_;
  bool few_;
  int lanes_;
  int top_ = spare;
  bool slopes_known_ = false;
  Rule<> rule_;
  AlignedVector<double> b_, x_, slopes_, register_, w_, sums_, products_;
};

/// k tangent vectors along an orbit. The Jacobian is a companion matrix, so a step writes one new
/// row g . v above the frame; rows are moved only when the space above is used up.
class TangentOrbit {
 public:
  TangentOrbit(const Rule<>& rule, int k)
      : neurons_(rule.weights.neurons),
        inputs_(rule.weights.inputs),
        padded_(frame_stride(inputs_)),
        stride_(frame_stride(k)),
        orbit_(rule),
        rows_(static_cast<std::size_t>(neurons_) * padded_),
        gradient_(padded_),
        frame_(static_cast<std::size_t>(inputs_ + spare()) * stride_) {
    for (int i = 0; i < neurons_; ++i)
      std::copy_n(rule.weights.w + static_cast<std::size_t>(i) * inputs_, inputs_,
                  rows_.data() + static_cast<std::size_t>(i) * padded_);
  }

  void load(const double* y, const double* frame) {
    orbit_.load(y);
    top_ = spare();
    std::copy_n(frame, static_cast<std::size_t>(inputs_) * stride_, this->frame());
    log_volume();
  }
  void state(double* y) const { orbit_.state(y); }
  double* frame() { return frame_.data() + top_ * stride_; }
  void advance(std::int64_t steps) {
    Watcher watcher{{}, *this};
    orbit_.advance(steps, watcher);
  }
  /// ln|det| of the steps since the last call: the sum of ln|g_D|.
  double log_volume() {
    const double result = log_volume_ + log(volume_);
    volume_ = 1;
    log_volume_ = 0;
    return result;
  }

 private:
  struct Watcher : Silent {
    static constexpr bool wants_slopes = true;
    TangentOrbit& tangent;
    void leave(const double* slopes) { tangent.push(slopes); }
  };

  int spare() const { return std::max(64, inputs_); }

  void push(const double* slopes) {
    using P = Pack<double, 8>;
    for (int j = 0; j < padded_; j += 8) {
      P sum(0.0);
      for (int i = 0; i < neurons_; ++i)
        sum = fma(P(slopes[i]), P::load(rows_.data() + static_cast<std::size_t>(i) * padded_ + j),
                  sum);
      sum.store(gradient_.data() + j);
    }
    volume_ *= std::abs(gradient_[inputs_ - 1]);
    if (!(volume_ > 1e-200 && volume_ < 1e200)) {
      log_volume_ += log(volume_);
      volume_ = 1;
    }
    if (top_ == 0) {
      const std::size_t size = static_cast<std::size_t>(inputs_) * stride_;
      std::copy_backward(frame_.data(), frame_.data() + size, frame_.data() + frame_.size());
      top_ = spare();
    }
    const double* old = frame();
    --top_;
    for (int c = 0; c < stride_;) c = stride_ - c >= 32 ? new_row<4>(old, c) : new_row<1>(old, c);
  }

  /// 8 G columns of g . v, from the oldest row to the newest; returns the next column.
  template <int G>
  int new_row(const double* old, int column) {
    using P = Pack<double, 8>;
    P sum[G];
    ATTRACTORNET_UNROLL for (int p = 0; p < G; ++p) sum[p] = P(0.0);
    for (std::size_t j = inputs_; j-- > 0;) {
      const P g(gradient_[j]);
      ATTRACTORNET_UNROLL for (int p = 0; p < G; ++p) sum[p] =
          fma(g, P::load(old + j * stride_ + column + 8 * p), sum[p]);
    }
    ATTRACTORNET_UNROLL for (int p = 0; p < G; ++p) sum[p].store(frame() + column + 8 * p);
    return column + 8 * G;
  }

  int neurons_, inputs_, padded_, stride_;
  std::size_t top_ = 0;
  Orbit orbit_;
  AlignedVector<double> rows_, gradient_, frame_;
  double volume_ = 1, log_volume_ = 0;
};

}  // namespace attractornet::feedback
