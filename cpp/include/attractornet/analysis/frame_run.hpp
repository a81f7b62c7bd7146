/// @file
/// Orthonormal frames carried along an orbit: the engine of Lyapunov spectra.
///
/// Between two orthonormalisations all vectors turn towards the fastest direction, which costs
/// digits. The interval is therefore chosen from the digits that are left; one that loses too many
/// is taken back and shortened, and what cannot be helped at one step is mended where the volume is
/// known.
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
        dead_(k),
        sums_(k) {}

  /// Logarithms of growth since the last reset (k,).
  const std::vector<double>& sums() const { return sums_; }
  /// What rounding may have added to the sum of all logarithms since the last reset of statistics.
  double defect() const { return defect_; }
  /// Several directions were lost in one step: their exponents are known only together.
  bool unresolved() const { return unresolved_; }
  std::int64_t orthonormalisations() const { return count_; }

  void reset_sums() { std::fill(sums_.begin(), sums_.end(), 0.0); }
  void reset_statistics() {
    defect_ = 0;
    count_ = 0;
    unresolved_ = false;
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
        mend(volume);
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
      1 << 16;                            ///< entries from which one Gram-Schmidt takes ms
  static constexpr double enough = 1e-7;  ///< share of a column that an interval must leave
  static constexpr double lost =
      64 * std::numeric_limits<double>::epsilon();  ///< nothing but rounding

  /// Steps of a large frame that still answer Ctrl-C in time.
  static std::int64_t most_steps(std::int64_t dimension, std::int64_t k) {
    return std::max<std::int64_t>(1, (std::int64_t{1} << 27) / (dimension * k));
  }

  void orthonormalise() {
    orthonormalise_(orbit_.frame(), frame_.size() > slow_frame ? &monitor_ : nullptr);
    smallest_share_ = 1;
    for (std::size_t c = 0; c < growth_.size(); ++c) {
      growth_[c] = log(orthonormalise_.diagonal()[c]);
      const double share = orthonormalise_.shares()[c];
      if (!dead_[c] && !(share >= smallest_share_)) smallest_share_ = share;
    }
  }

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
    if (!(smallest_share_ >= enough)) return false;
    for (std::size_t c = 0; c < growth_.size(); ++c)
      if (!dead_[c] && !(std::abs(growth_[c]) < 230)) return false;  // within 1e-100 .. 1e100
    return !(std::abs(total_growth() - volume) > 1e-8 * static_cast<double>(length));
  }

  static bool is_finite(const std::vector<double>& values) {
    return std::all_of(values.begin(), values.end(),
                       [](double value) { return std::isfinite(value); });
  }

  /// One step was too much for some directions. If the volume is known, it tells what rounding has
  /// hidden in the direction that grew least; else directions of which nothing but rounding is left
  /// have died, and their exponent is -inf. The frame is made orthonormal once more, lost
  /// directions anew.
  void mend(double volume) {
    std::vector<std::size_t> gone;
    for (std::size_t c = 0; c < growth_.size(); ++c)
      if (!dead_[c] && !(orthonormalise_.shares()[c] >= lost)) gone.push_back(c);
    if (std::isfinite(volume)) {
      renew(gone);
      if (gone.empty())
        gone.push_back(std::min_element(growth_.begin(), growth_.end()) - growth_.begin());
      for (const auto c : gone) growth_[c] = 0;
      const double each = (volume - total_growth()) / static_cast<double>(gone.size());
      for (const auto c : gone) growth_[c] = each;
      unresolved_ = unresolved_ || gone.size() > 1;
    } else {
      for (const auto c : gone) {
        dead_[c] = true;
        growth_[c] = -std::numeric_limits<double>::infinity();
      }
      clear(gone);
    }
    orthonormalise_(orbit_.frame());
  }

  void renew(const std::vector<std::size_t>& columns) {
    for (const auto c : columns)
      for (std::size_t row = 0; row < state_.size(); ++row)
        orbit_.frame()[row * stride() + c] =
            Stream(static_cast<std::uint64_t>(seed_), Purpose::tangent_frame, row)
                .normal(static_cast<std::uint32_t>(c));
  }
  void clear(const std::vector<std::size_t>& columns) {
    for (const auto c : columns)
      for (std::size_t row = 0; row < state_.size(); ++row) orbit_.frame()[row * stride() + c] = 0;
  }
  std::size_t stride() const { return frame_.size() / state_.size(); }

  void accept(double volume) {
    for (std::size_t c = 0; c < growth_.size(); ++c) sums_[c] += growth_[c];
    if (std::isfinite(volume)) defect_ += total_growth() - volume;
    if (std::isnan(volume)) defect_ += std::numeric_limits<double>::epsilon() / smallest_share_;
    ++count_;
  }

  /// Longer by a quarter after a row of successes, while the digits at the longer interval suffice.
  void choose_interval(std::int64_t length) {
    if (length < interval_ || interval_ == longest_) return;
    const std::int64_t longer =
        std::min(longest_, interval_ + std::max<std::int64_t>(1, interval_ / 4));
    const double expected =
        log(smallest_share_) * static_cast<double>(longer) / static_cast<double>(length);
    successes_ = expected > log(10 * enough) ? successes_ + 1 : 0;
    if (successes_ < 4) return;
    interval_ = longer;
    successes_ = 0;
  }

  Orbit& orbit_;
  Monitor& monitor_;
  bool complete_, unresolved_ = false;
  std::int64_t longest_, interval_, seed_, successes_ = 0, count_ = 0;
  double defect_ = 0, smallest_share_ = 1;
  Orthonormaliser orthonormalise_;
  std::vector<double> state_, frame_, growth_;
  std::vector<bool> dead_;
  std::vector<double> sums_;
};

}  // namespace attractornet::detail
