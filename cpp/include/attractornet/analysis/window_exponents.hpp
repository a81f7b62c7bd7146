/// @file
/// Leading exponents over a window of an orbit, as weighted Birkhoff averages of local growth: on a
/// torus they are known to many digits where plain averages err like one over the time.
#pragma once

#include <attractornet/analysis/birkhoff.hpp>
#include <attractornet/analysis/frame_run.hpp>
#include <attractornet/analysis/lyapunov.hpp>
#include <attractornet/core/math.hpp>
#include <attractornet/core/monitor.hpp>
#include <cmath>
#include <cstdint>
#include <limits>
#include <optional>
#include <vector>

namespace attractornet::detail {

/// Leading exponents per step over a window, as weighted Birkhoff averages.
struct WindowExponents {
  std::vector<BirkhoffAverage> averages;  ///< (k,)
  double mean = 0, standard_error = 0;    ///< of the first, unweighted
  std::int64_t steps = 0;

  /// Whether exponent c is 0 as far as can be told.
  bool neutral(std::size_t c) const {
    const double value = std::abs(averages[c].value);
    return value <= tolerance(c) || (sheared() && value <= shear());
  }
  /// Whether tangent vectors grow like the time, as they do where the circles of an area-preserving
  /// map slide along one another: the exponents are 0 then, but their averages fall like ln t / t.
  bool sheared() const { return averages[0].value > tolerance(0) && averages[0].value <= shear(); }
  std::int64_t neutral_count() const {
    std::int64_t count = 0;
    while (count < static_cast<std::int64_t>(averages.size()) && neutral(count)) ++count;
    return count;
  }

  /// Whether the largest exponent is positive beyond doubt: by five standard errors, and so that a
  /// difference has grown e^20 times.
  bool clearly_positive() const {
    return mean > 5 * standard_error && mean * static_cast<double>(steps) > 20;
  }

 private:
  double tolerance(std::size_t c) const { return 3 * averages[c].spread + 1e-6; }
  double shear() const { return 2 * log(static_cast<double>(steps)) / static_cast<double>(steps); }
};

/// Mean growth of the first direction and its standard error, from 32 blocks of the samples.
inline void add_block_error(WindowExponents& result, const std::vector<double>& growth, int k,
                            std::int64_t interval) {
  constexpr std::int64_t blocks = 32;
  const auto count = static_cast<std::int64_t>(growth.size()) / k;
  std::vector<std::vector<double>> sums;
  std::vector<std::int64_t> lengths;
  double total = 0;
  for (std::int64_t b = 0; b < blocks; ++b) {
    const std::int64_t from = block_end(b, blocks, count), to = block_end(b + 1, blocks, count);
    double sum = 0;
    for (std::int64_t i = from; i < to; ++i) sum += growth[i * k];
    sums.push_back({sum});
    lengths.push_back((to - from) * interval);
    total += sum;
  }
  result.mean = total / static_cast<double>(result.steps);
  result.standard_error = block_error(sums, lengths, 0, result.mean);
}

/// k exponents along an orbit that is loaded, over a window whose first quarter aligns the vectors.
/// None if the orbit or its tangent leaves the finite numbers.
/// @param averager averager(length) gives a BirkhoffAverager.
template <class Orbit, class Averager>
std::optional<WindowExponents> window_exponents(Orbit& orbit, int dimension, int k,
                                                std::int64_t window, std::int64_t seed,
                                                Monitor& monitor, Averager&& averager) {
  constexpr std::int64_t interval = 8;  // steps of a sample of local growth
  const std::int64_t settle = window / 4, count = (window - settle) / interval;
  FrameRun<Orbit> run(orbit, dimension, k, std::nullopt, seed, monitor);
  if (!run.advance(settle)) return std::nullopt;
  std::vector<double> growth;  // (count, k)
  growth.reserve(static_cast<std::size_t>(count * k));
  for (std::int64_t i = 0; i < count; ++i) {
    run.reset_sums();
    if (!run.advance(interval)) return std::nullopt;
    growth.insert(growth.end(), run.sums().begin(), run.sums().end());
  }
  WindowExponents result;
  result.steps = count * interval;
  const BirkhoffAverager& average = averager(static_cast<std::size_t>(count));
  for (int c = 0; c < k; ++c) {
    const auto a = average([&](std::size_t i) { return growth[i * k + c] / interval; });
    const bool dies = std::isnan(a.value) || std::isinf(a.value);  // one sample of -inf is enough
    result.averages.push_back(dies ? BirkhoffAverage{-std::numeric_limits<double>::infinity(), 0}
                                   : a);
  }
  add_block_error(result, growth, k, interval);
  return result;
}

}  // namespace attractornet::detail
