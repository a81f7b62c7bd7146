/// @file
/// Whether a series repeats itself: closest returns, and closure after a whole period.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <span>

namespace attractornet {

/// Difference of a series' largest and smallest value.
inline double extent_of(std::span<const double> series) {
  const auto [low, high] = std::minmax_element(series.begin(), series.end());
  return *high - *low;
}

/// Largest |s_t - s_(t - lag)| over the last `count` values; stops where `enough` is passed.
inline double return_distance(std::span<const double> series, std::int64_t lag, std::int64_t count,
                              double enough = std::numeric_limits<double>::infinity()) {
  const auto end = static_cast<std::int64_t>(series.size());
  double distance = 0;
  for (std::int64_t t = end - 1; t >= end - count && distance <= enough; --t)
    distance = std::max(distance, std::abs(series[t] - series[t - lag]));
  return distance;
}

/// The lag of the closest return, and how close it comes.
struct ClosestReturn {
  std::int64_t lag = 0;
  double distance = std::numeric_limits<double>::infinity();
};

/// The lag in [1, most] after which the last values return closest to themselves. The last 64
/// values together stand for a state (F. Takens, Lect. Notes Math. 898 (1981) 366).
inline ClosestReturn closest_return(std::span<const double> series, std::int64_t most) {
  constexpr std::int64_t delays = 64;
  ClosestReturn best;
  for (std::int64_t lag = 1;
       lag <= std::min(most, static_cast<std::int64_t>(series.size()) - delays); ++lag) {
    const double distance = return_distance(series, lag, delays, best.distance);
    if (distance < best.distance) best = {lag, distance};
  }
  return best;
}

/// The least lag in [1, most] after which the whole second half of the series repeats itself within
/// `tolerance`; 0 where none does.
inline std::int64_t least_period(std::span<const double> series, std::int64_t most,
                                 double tolerance) {
  const auto half = static_cast<std::int64_t>(series.size() / 2);
  for (std::int64_t lag = 1; lag <= std::min(most, half); ++lag)
    if (return_distance(series, lag, half, tolerance) <= tolerance) return lag;
  return 0;
}

}  // namespace attractornet
