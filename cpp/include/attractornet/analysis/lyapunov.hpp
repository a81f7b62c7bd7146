/// @file
/// Lyapunov spectra by propagated orthonormal frames (Benettin, Galgani, Giorgilli, Strelcyn,
/// Meccanica 15 (1980) 9 and 21; Shimada, Nagashima, Prog. Theor. Phys. 61 (1979) 1605).
///
/// k tangent vectors are carried along the orbit and made orthonormal now and then; the k-th
/// exponent is the mean logarithm of how much the k-th vector grows beyond the ones before it.
/// Between two orthonormalisations all vectors turn towards the fastest direction, which costs
/// digits: the interval is therefore chosen by the code from the digits that are left, an interval
/// that loses too many is taken back and shortened, and what cannot be helped at one step is
/// reported as a status.
#pragma once

#include <algorithm>
#include <attractornet/analysis/orthonormalise.hpp>
#include <attractornet/core/concepts.hpp>
#include <attractornet/core/error.hpp>
#include <attractornet/core/fields.hpp>
#include <attractornet/core/memory.hpp>
#include <attractornet/core/monitor.hpp>
#include <attractornet/core/rng.hpp>
#include <attractornet/core/status.hpp>
#include <attractornet/dynamics/orbit.hpp>
#include <cmath>
#include <cstdint>
#include <limits>
#include <numeric>
#include <optional>
#include <span>
#include <vector>

namespace attractornet {

struct LyapunovOptions {
  std::optional<std::int64_t> k = std::nullopt;
  std::int64_t steps = 100'000;
  std::int64_t discard = 10'000;
  std::optional<std::int64_t> interval = std::nullopt;
  std::int64_t blocks = 32;
  std::int64_t seed = 0;

  static constexpr std::string_view label = "lyapunov_spectrum";
  static constexpr auto fields() {
    constexpr double most = 9007199254740992.0;
    using O = LyapunovOptions;
    return std::tuple{
        field("k", &O::k, between(1, 1 << 20), "", "number of exponents, largest first; None: all"),
        field("steps", &O::steps, between(1, most), "steps", "steps that are averaged"),
        field("discard", &O::discard, between(0, most), "steps",
              "steps before them, in which orbit and frame settle"),
        field("interval", &O::interval, between(1, 1024), "steps",
              "longest time between two orthonormalisations; None: chosen by the code"),
        field("blocks", &O::blocks, between(2, 1 << 16), "",
              "blocks of equal length whose scatter gives the standard error"),
        field("seed", &O::seed, between(0, most), "", "seed of the first frame"),
    };
  }
};

struct LyapunovSpectrum {
  std::vector<double> exponents;       ///< (k,) per unit time, largest first
  std::vector<double> standard_error;  ///< (k,) of the mean over the blocks
  std::vector<double> history;         ///< (blocks, k) row-major: running means at the blocks' ends
  std::vector<std::int64_t> history_steps;  ///< (blocks,) steps that each running mean covers
  double kaplan_yorke_dimension = 0;        ///< NaN where k exponents are too few to tell
  double entropy = 0;                       ///< sum of the positive exponents (Pesin's bound)
  double mean_interval = 0;                 ///< steps between two orthonormalisations, on average
  double volume_defect = 0;  ///< |sum of exponents - <ln|det J|>|, or its bound from rounding
  std::int64_t steps = 0;    ///< steps averaged: fewer than asked for only if diverged
  Status status = Status::ok;
};

/// Kaplan-Yorke dimension of exponents in descending order; a partial sum within `tolerance[i]` of
/// zero counts as zero, so that a neutral direction does not make the result jump with rounding.
/// @param complete whether these are all exponents of the system.
inline double kaplan_yorke_dimension(std::span<const double> exponents,
                                     std::span<const double> tolerance, bool complete) {
  double sum = 0, slack = 0;
  for (std::size_t i = 0; i < exponents.size(); ++i) {
    const double next = sum + exponents[i];
    slack += tolerance[i];
    if (!(next >= -slack))
      return static_cast<double>(i) + (i == 0 || std::abs(sum) <= slack - tolerance[i]
                                           ? 0.0
                                           : std::max(0.0, sum) / std::abs(exponents[i]));
    sum = next;
  }
  return complete ? static_cast<double>(exponents.size())
                  : std::numeric_limits<double>::quiet_NaN();
}

namespace detail {

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
  FrameRun(Orbit& orbit, int dimension, int k, const LyapunovOptions& options, Monitor& monitor)
      : orbit_(orbit),
        monitor_(monitor),
        complete_(k == dimension),
        longest_(std::min(options.interval.value_or(default_longest), most_steps(dimension, k))),
        interval_(options.interval ? longest_ : 1),
        seed_(options.seed),
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
        if (!finite()) return false;
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

  bool finite() {
    orbit_.state(state_.data());
    const auto is_finite = [](double value) { return std::isfinite(value); };
    return std::all_of(state_.begin(), state_.end(), is_finite) &&
           std::all_of(orthonormalise_.diagonal().begin(), orthonormalise_.diagonal().end(),
                       is_finite);
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

/// Means, errors and what follows from them, from the blocks' sums (blocks, k).
inline void summarise(LyapunovSpectrum& result, std::vector<std::vector<double>> sums,
                      const std::vector<std::int64_t>& lengths, double time_step, bool complete) {
  const std::size_t k = sums.front().size(), blocks = sums.size();
  const auto steps =
      static_cast<double>(std::accumulate(lengths.begin(), lengths.end(), std::int64_t{0}));
  std::vector<double> total(k);
  for (const auto& block : sums)
    for (std::size_t c = 0; c < k; ++c) total[c] += block[c];
  std::vector<std::size_t> order(k);
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](auto a, auto b) { return total[a] > total[b]; });

  std::int64_t covered = 0;
  std::vector<double> running(k);
  for (std::size_t block = 0; block < blocks; ++block) {
    covered += lengths[block];
    result.history_steps.push_back(covered);
    for (const auto c : order) {
      running[c] += sums[block][c];
      result.history.push_back(running[c] / (static_cast<double>(covered) * time_step));
    }
  }
  std::vector<double> tolerance;
  for (const auto c : order) {
    const double mean = total[c] / (steps * time_step);
    double square = 0;
    for (std::size_t block = 0; block < blocks; ++block) {
      const double deviation =
          sums[block][c] / (static_cast<double>(lengths[block]) * time_step) - mean;
      square += deviation * deviation;
    }
    const double error = std::sqrt(square / static_cast<double>(blocks * (blocks - 1)));
    result.exponents.push_back(mean);
    result.standard_error.push_back(error);
    tolerance.push_back(std::isfinite(error) ? 3 * error + 1e-12 : 0.0);
    if (mean > tolerance.back()) result.entropy += mean;
  }
  result.kaplan_yorke_dimension = kaplan_yorke_dimension(result.exponents, tolerance, complete);
}

}  // namespace detail

/// Throws unless k tangent vectors of that dimension make sense and fit into memory.
inline void check_frame(int dimension, std::int64_t k) {
  if (k < 1 || k > dimension)
    reject(LyapunovOptions::label, "k", k, "1 to the dimension " + text(std::int64_t{dimension}));
  checked_size(LyapunovOptions::label, "5 x dimension x k", {5, dimension, k});
}

/// The spectrum along a tangent orbit (see StepTangentOrbit) of a system of that dimension.
/// @param initial state to start from (dimension,).
template <class Orbit>
LyapunovSpectrum lyapunov_spectrum_along(Orbit& orbit, int dimension, double time_step,
                                         const double* initial, const LyapunovOptions& options,
                                         Monitor& monitor) {
  validate(options);
  if (options.blocks > options.steps)
    reject(LyapunovOptions::label, "blocks", options.blocks, "at most the number of steps");
  const int k = static_cast<int>(options.k.value_or(dimension));
  monitor.begin(options.discard + options.steps);
  const auto frame = detail::first_frame(dimension, k, options.seed, monitor);
  orbit.load(initial, frame.data());
  detail::FrameRun<Orbit> run(orbit, dimension, k, options, monitor);

  LyapunovSpectrum result;
  std::vector<std::vector<double>> sums;
  std::vector<std::int64_t> lengths;
  bool alive = run.advance(options.discard);
  run.reset_statistics();
  const std::int64_t share = options.steps / options.blocks, rest = options.steps % options.blocks;
  for (std::int64_t block = 0; alive && block < options.blocks; ++block) {
    run.reset_sums();
    lengths.push_back(share + (block < rest ? 1 : 0));
    alive = run.advance(lengths.back());
    sums.push_back(run.sums());
    if (alive) result.steps += lengths.back();
  }
  monitor.end();
  if (!alive) {
    constexpr double nan = std::numeric_limits<double>::quiet_NaN();
    result.status = Status::diverged;
    result.exponents.assign(k, nan);
    result.standard_error.assign(k, nan);
    result.kaplan_yorke_dimension = result.entropy = result.volume_defect = nan;
    return result;
  }
  detail::summarise(result, std::move(sums), lengths, time_step, k == dimension);
  const auto steps = static_cast<double>(options.steps);
  result.mean_interval = steps / static_cast<double>(run.orthonormalisations());
  result.volume_defect = std::abs(run.defect()) / (steps * time_step);
  if (run.unresolved() || run.defect() > 1e-6 * steps) result.status = Status::imprecise;
  return result;
}

/// The k largest Lyapunov exponents of a rule, with errors.
/// @param initial state to start from (dimension,), before `discard`.
template <class R>
  requires HasTangent<R>
LyapunovSpectrum lyapunov_spectrum(const R& rule, const double* initial,
                                   const LyapunovOptions& options, Monitor& monitor) {
  const int dimension = rule.dimension();
  const std::int64_t k = options.k.value_or(dimension);
  check_frame(dimension, k);
  TangentOrbitOf<R> orbit(rule, static_cast<int>(k));
  return lyapunov_spectrum_along(orbit, dimension, time_step_of(rule), initial, options, monitor);
}

}  // namespace attractornet
