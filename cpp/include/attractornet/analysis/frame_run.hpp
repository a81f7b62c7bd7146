/// @file
/// Orthonormal frames carried along an orbit: the engine of Lyapunov spectra.
///
/// Between two orthonormalisations all vectors turn towards the fastest direction, which costs
/// digits: as many as the frame's condition number has. The loss shows in how far one Gram-Schmidt
/// pass is from orthogonal, so a second pass measures and repairs it. The interval is chosen from
/// that; one that loses too much, or whose volume is not that of the orbit, is taken back and
/// shortened.
#pragma once

#include <algorithm>
#include <attractornet/analysis/orthonormalise.hpp>
#include <attractornet/core/concepts.hpp>
#include <attractornet/core/math.hpp>
#include <attractornet/core/monitor.hpp>
#include <attractornet/core/rng.hpp>
#include <cmath>
#include <cstdint>
#include <limits>
#include <numeric>
#include <optional>
#include <vector>

namespace attractornet::detail {

/// A first frame: random, orthonormal, padded with zero columns.
inline std::vector<double> first_frame(int dimension, int k, std::int64_t seed, Monitor& monitor) {
  const int stride = frame_stride(k);
  std::vector<double> frame(static_cast<std::size_t>(dimension) * stride);
  for (int row = 0; row < dimension; ++row) {
    const Stream stream(static_cast<std::uint64_t>(seed), Purpose::tangent_frame,
                        static_cast<std::uint64_t>(row));
    for (int c = 0; c < k; ++c)
      frame[static_cast<std::size_t>(row) * stride + c] =
          stream.normal(static_cast<std::uint32_t>(c));
    monitor.tick(0);
  }
  Orthonormaliser(dimension, k, stride)(frame.data(), &monitor);
  return frame;
}

/// A frame on its way along an orbit, with the logarithms of its growth.
template <class Orbit>
class FrameRun {
 public:
  /// @param interval longest time between two orthonormalisations; none: chosen here.
  FrameRun(Orbit& orbit, int dimension, int k, std::optional<std::int64_t> interval,
           std::int64_t seed, Monitor& monitor)
      : orbit_(orbit),
        monitor_(monitor),
        complete_(k == dimension),
        longest_(std::min(interval.value_or(default_longest), most_steps(dimension, k))),
        interval_(interval ? longest_ : 1),
        seed_(seed),
        orthonormalise_(dimension, k, frame_stride(k)),
        state_(dimension),
        frame_(static_cast<std::size_t>(dimension) * frame_stride(k)),
        growth_(k),
        losses_(k),
        sums_(k) {}

  /// Logarithms of growth since the last reset (k,).
  const std::vector<double>& sums() const { return sums_; }
  /// What rounding may have added to the logarithms since the last reset of statistics.
  double defect() const { return defect_; }
  std::int64_t orthonormalisations() const { return count_; }
  /// How often direction c may have been lost: a single step left of it no more than rounding
  /// would, and no volume told otherwise.
  std::int64_t losses(std::size_t c) const { return losses_[c]; }

  void reset_sums() { std::fill(sums_.begin(), sums_.end(), 0.0); }
  void reset_statistics() {
    defect_ = 0;
    count_ = 0;
    std::fill(losses_.begin(), losses_.end(), 0);
  }

  /// Advances; false if the state or the frame left the finite numbers, after which it is of no
  /// use.
  bool advance(std::int64_t steps) {
    while (steps > 0) {
      const std::int64_t length = std::min(interval_, steps);
      orbit_.state(state_.data());
      if (!is_finite(state_)) return false;
      std::copy_n(orbit_.frame(), frame_.size(), frame_.begin());
      orbit_.advance(length);
      orthonormalise();
      const double volume = log_volume();
      if (!precise_enough(volume, length)) {
        if (length > 1) {
          orbit_.load(state_.data(), frame_.data());
          interval_ = length / 2;
          successes_ = 0;
          continue;
        }
        if (!is_finite(orthonormalise_.diagonal())) return false;
        renew(volume);
      }
      accept(volume);
      choose_interval(length);
      steps -= length;
      monitor_.tick(length);
    }
    return true;
  }

 private:
  static constexpr std::int64_t default_longest = 64;
  static constexpr std::size_t slow_frame =
      1 << 16;  ///< entries from which one Gram-Schmidt takes ms
  static constexpr double epsilon = std::numeric_limits<double>::epsilon();
  static constexpr double lost = 64 * epsilon;  ///< share that is nothing but rounding
  static constexpr double benign = 1e-4;        ///< shares' product that one pass bears
  static constexpr double most_skewed = 1e-9;   ///< first pass's distance from orthogonality

  /// Steps of a large frame that still answer Ctrl-C in time.
  static std::int64_t most_steps(std::int64_t dimension, std::int64_t k) {
    return std::max<std::int64_t>(1, (std::int64_t{1} << 27) / (dimension * k));
  }

  /// One pass, and a second where the first may have left the columns skewed. With A = Q1 R1 and
  /// Q1 = Q2 R2 the growth is the diagonal of R2 R1.
  void orthonormalise() {
    pass();
    lost_.clear();
    double product = 1;
    for (std::size_t c = 0; c < growth_.size(); ++c) {
      growth_[c] = log(orthonormalise_.diagonal()[c]);
      const double share = orthonormalise_.shares()[c];
      product *= share;
      if (!(share >= lost)) lost_.push_back(c);
    }
    skew_ = epsilon / product;
    if (product >= benign) return;
    const std::vector<double> first = orthonormalise_.diagonal();
    pass();
    skew_ = epsilon;
    for (std::size_t c = 0; c < growth_.size(); ++c) {
      growth_[c] = log(first[c] * orthonormalise_.diagonal()[c]);
      const double share = orthonormalise_.shares()[c];
      if (first[c] > 0) skew_ = std::max(skew_, std::sqrt(std::max(0.0, 1 - share * share)));
    }
  }
  void pass() { orthonormalise_(orbit_.frame(), frame_.size() > slow_frame ? &monitor_ : nullptr); }

  /// ln|det| of the last steps where the orbit knows it and the frame is complete, else NaN.
  double log_volume() {
    if constexpr (requires { orbit_.log_volume(); }) {
      const double volume = orbit_.log_volume();
      if (complete_) return volume;
    }
    return std::numeric_limits<double>::quiet_NaN();
  }

  double total_growth() const { return std::accumulate(growth_.begin(), growth_.end(), 0.0); }

  /// Whether the last interval left enough digits in every direction, and in the volume.
  bool precise_enough(double volume, std::int64_t length) const {
    if (!lost_.empty() || !(skew_ <= most_skewed)) return false;
    for (const double growth : growth_)
      if (!(std::abs(growth) < 230)) return false;  // within 1e-100 .. 1e100
    return !(std::abs(total_growth() - volume) > 1e-8 * static_cast<double>(length));
  }

  static bool is_finite(const std::vector<double>& values) {
    return std::all_of(values.begin(), values.end(),
                       [](double value) { return std::isfinite(value); });
  }

  /// After a single step that was too much for some directions. What is left of them may be true or
  /// rounding: the volume tells, if it is known; where it is 0 they have died. A direction that is
  /// exactly 0 is replaced by a new one, orthogonal to all others.
  void renew(double volume) {
    if (volume == -std::numeric_limits<double>::infinity()) {
      const auto least = std::min_element(growth_.begin(), growth_.end()) - growth_.begin();
      growth_[least] = volume;
    }
    for (const auto c : lost_) {
      if (std::isnan(volume)) ++losses_[c];
      if (orthonormalise_.diagonal()[c] > 0) continue;
      growth_[c] = -std::numeric_limits<double>::infinity();
      for (std::size_t row = 0; row < state_.size(); ++row)
        entry(row, c) = Stream(static_cast<std::uint64_t>(seed_), Purpose::tangent_frame, row)
                            .normal(static_cast<std::uint32_t>(c));
      for (int twice = 0; twice < 2; ++twice) project_out_others(c);
    }
  }

  double& entry(std::size_t row, std::size_t c) { return orbit_.frame()[row * stride() + c]; }

  double product_of(std::size_t a, std::size_t b) {
    double sum = 0;
    for (std::size_t row = 0; row < state_.size(); ++row)
      sum = fma(entry(row, a), entry(row, b), sum);
    return sum;
  }

  /// Makes column c a unit vector orthogonal to the others, which are orthonormal or zero.
  void project_out_others(std::size_t c) {
    for (std::size_t other = 0; other < growth_.size(); ++other) {
      if (other == c) continue;
      const double part = product_of(other, c);
      for (std::size_t row = 0; row < state_.size(); ++row)
        entry(row, c) = fma(-part, entry(row, other), entry(row, c));
    }
    const double norm = std::sqrt(product_of(c, c));
    for (std::size_t row = 0; row < state_.size(); ++row) entry(row, c) /= norm;
  }

  std::size_t stride() const { return frame_.size() / state_.size(); }

  void accept(double volume) {
    for (std::size_t c = 0; c < growth_.size(); ++c) sums_[c] += growth_[c];
    if (std::isfinite(volume)) defect_ += std::abs(total_growth() - volume);
    if (std::isnan(volume) && lost_.empty()) defect_ += skew_;
    ++count_;
  }

  /// Longer by a quarter after a row of successes, while the digits at the longer interval suffice.
  void choose_interval(std::int64_t length) {
    if (length < interval_ || interval_ == longest_) return;
    const std::int64_t longer =
        std::min(longest_, interval_ + std::max<std::int64_t>(1, interval_ / 4));
    const double digits =
        log(skew_ / epsilon) * static_cast<double>(longer) / static_cast<double>(length);
    successes_ = digits < log(0.1 * most_skewed / epsilon) ? successes_ + 1 : 0;
    if (successes_ < 4) return;
    interval_ = longer;
    successes_ = 0;
  }

  Orbit& orbit_;
  Monitor& monitor_;
  bool complete_;
  std::int64_t longest_, interval_, seed_, successes_ = 0, count_ = 0;
  double defect_ = 0, skew_ = 0;
  Orthonormaliser orthonormalise_;
  std::vector<double> state_, frame_, growth_;
  std::vector<std::size_t> lost_;
  std::vector<std::int64_t> losses_;
  std::vector<double> sums_;
};

}  // namespace attractornet::detail
