/// @file
/// Lyapunov spectra by propagated orthonormal frames (Benettin, Galgani, Giorgilli, Strelcyn,
/// Meccanica 15 (1980) 9 and 21; Shimada, Nagashima, Prog. Theor. Phys. 61 (1979) 1605).
///
/// k tangent vectors are carried along the orbit and made orthonormal now and then; the k-th
/// exponent is the mean logarithm of how much the k-th vector grows beyond the ones before it.
/// How the interval between two orthonormalisations is chosen and judged: frame_run.hpp.
#pragma once

#include <algorithm>
#include <attractornet/analysis/frame_run.hpp>
#include <attractornet/core/concepts.hpp>
#include <attractornet/core/error.hpp>
#include <attractornet/core/fields.hpp>
#include <attractornet/core/memory.hpp>
#include <attractornet/core/monitor.hpp>
#include <attractornet/core/quantile.hpp>
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
    constexpr double most = 1e15;
    using O = LyapunovOptions;
    return std::tuple{
        field("k", &O::k, between(1, 1 << 20), "", "number of exponents, largest first; None: all"),
        field("steps", &O::steps, between(1, most), "steps", "steps that are averaged"),
        field("discard", &O::discard, between(0, most), "steps",
              "steps before them, in which orbit and frame settle"),
        field("interval", &O::interval, between(1, 1024), "steps",
              "longest time between two orthonormalisations; None: chosen by the code"),
        field("blocks", &O::blocks, between(2, 1 << 16), "",
              "blocks whose scatter gives the standard error"),
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

  /// Half widths of the exponents' confidence intervals (k,): standard errors times the quantile of
  /// Student's distribution, since the scatter is itself known from the blocks alone.
  std::vector<double> error_bars(double level = 0.95) const {
    if (!(level > 0 && level < 1)) reject("error_bars", "level", level, "a value in (0, 1)");
    const auto blocks = static_cast<double>(history_steps.size());
    const double factor =
        blocks > 1 ? student_quantile(level, blocks - 1) : std::numeric_limits<double>::quiet_NaN();
    std::vector<double> result;
    for (const double error : standard_error) result.push_back(factor * error);
    return result;
  }
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

/// Steps up to the end of the first `block` of all blocks. The lengths vary by up to a half: on a
/// quasi-periodic orbit, blocks of equal length may be in step with the rotation, and would then
/// all err alike.
inline std::int64_t block_end(std::int64_t block, std::int64_t blocks, std::int64_t steps) {
  const std::int64_t share = steps / blocks, rest = steps % blocks;
  const std::int64_t even = block * share + std::min(block, rest);
  if (block == 0 || block == blocks) return even;
  const double golden = static_cast<double>(block) * 0.6180339887498949;
  const double shift = 0.5 * (golden - std::floor(golden) - 0.5);
  return even + static_cast<std::int64_t>(shift * static_cast<double>(share));
}

/// Standard error of the mean of direction c, from the scatter of its blocks, each weighted by its
/// length; NaN where the mean is not finite.
inline double block_error(const std::vector<std::vector<double>>& sums,
                          const std::vector<std::int64_t>& lengths, std::size_t c, double mean) {
  if (!std::isfinite(mean)) return std::numeric_limits<double>::quiet_NaN();
  double square = 0, steps = 0;
  for (std::size_t block = 0; block < sums.size(); ++block) {
    const double deviation = sums[block][c] - mean * static_cast<double>(lengths[block]);
    square += deviation * deviation;
    steps += static_cast<double>(lengths[block]);
  }
  const auto blocks = static_cast<double>(sums.size());
  return std::sqrt(square * blocks / (blocks - 1)) / steps;
}

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
    result.standard_error.push_back(block_error(sums, lengths, c, mean * time_step) / time_step);
    const double error = result.standard_error.back();
    result.exponents.push_back(mean);
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
    reject(LyapunovOptions::label, "steps", options.steps,
           "at least blocks = " + text(options.blocks));
  const int k = static_cast<int>(options.k.value_or(dimension));
  monitor.begin(options.discard + options.steps);
  const auto frame = detail::first_frame(dimension, k, options.seed, monitor);
  orbit.load(initial, frame.data());
  detail::FrameRun<Orbit> run(orbit, dimension, k, options.interval, options.seed, monitor);

  LyapunovSpectrum result;
  std::vector<std::vector<double>> sums;
  std::vector<std::int64_t> lengths;
  bool alive = run.advance(options.discard);
  run.reset_statistics();
  for (std::int64_t block = 0; alive && block < options.blocks; ++block) {
    run.reset_sums();
    const auto end = [&](std::int64_t b) {
      return detail::block_end(b, options.blocks, options.steps);
    };
    lengths.push_back(end(block + 1) - end(block));
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
  bool lost_at_times = false;
  for (int c = 0; c < k; ++c) {
    if (run.losses(c) == run.orthonormalisations())
      for (auto& block : sums) block[c] = -std::numeric_limits<double>::infinity();
    else
      lost_at_times = lost_at_times || run.losses(c) > 0;
  }
  detail::summarise(result, std::move(sums), lengths, time_step, k == dimension);
  const auto steps = static_cast<double>(options.steps);
  result.mean_interval = steps / static_cast<double>(run.orthonormalisations());
  result.volume_defect = run.defect() / (steps * time_step);
  if (lost_at_times || run.defect() > 1e-6 * steps) result.status = Status::imprecise;
  return result;
}

/// The k largest Lyapunov exponents of a rule, with errors.
/// @param initial state to start from (dimension,), before `discard`.
template <class R>
  requires Map<R> && HasTangent<R>
LyapunovSpectrum lyapunov_spectrum(const R& rule, const double* initial,
                                   const LyapunovOptions& options, Monitor& monitor) {
  const int dimension = rule.dimension();
  const std::int64_t k = options.k.value_or(dimension);
  check_frame(dimension, k);
  TangentOrbitOf<R> orbit(rule, static_cast<int>(k));
  return lyapunov_spectrum_along(orbit, dimension, time_step_of(rule), initial, options, monitor);
}

}  // namespace attractornet
