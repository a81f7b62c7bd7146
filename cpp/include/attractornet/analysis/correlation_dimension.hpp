/// @file
/// The correlation dimension D2 (P. Grassberger, I. Procaccia, Physica D 9 (1983) 189): the slope
/// of ln C(r) over ln r, where C(r) is the share of pairs of points that are closer than r.
///
/// Pairs close in time are left out (J. Theiler, Phys. Rev. A 34 (1986) 2427). The slope means
/// something only where it is constant: the range of radii that was used is part of the result.
#pragma once

#include <algorithm>
#include <array>
#include <attractornet/analysis/points.hpp>
#include <attractornet/core/error.hpp>
#include <attractornet/core/fields.hpp>
#include <attractornet/core/math.hpp>
#include <attractornet/core/parallel.hpp>
#include <attractornet/core/status.hpp>
#include <cmath>
#include <cstdint>
#include <limits>
#include <mutex>
#include <optional>
#include <vector>

namespace attractornet {

struct CorrelationOptions {
  std::int64_t theiler = 100;
  std::optional<double> smallest = std::nullopt;
  std::optional<double> largest = std::nullopt;

  static constexpr std::string_view label = "correlation_dimension";
  static constexpr auto fields() {
    using O = CorrelationOptions;
    return std::tuple{
        field("theiler", &O::theiler, between(0, 1e9), "steps",
              "pairs at most this far apart in time are left out"),
        field("smallest", &O::smallest, above(0), "",
              "lower end of the scaling range; None: chosen by the code"),
        field("largest", &O::largest, above(0), "",
              "upper end of the scaling range; None: chosen by the code"),
    };
  }
};

struct CorrelationDimension {
  Status status = Status::ok;  ///< imprecise: no range is flat; the flattest was taken, if any
  double dimension = 0;        ///< mean slope over the scaling range; NaN where there is none
  double scatter = 0;          ///< of the slope over it: what the choice of range costs
  double smallest = 0, largest = 0;     ///< the scaling range
  std::vector<double> radii;            ///< (m,)
  std::vector<double> correlation_sum;  ///< (m,) C(r)
  std::vector<double> slopes;           ///< (m,) d ln C / d ln r, over about an octave
};

namespace detail {

/// Counts of squared distances, eight bins to an octave of it.
class DistanceHistogram {
 public:
  static constexpr int bins_per_octave = 8;

  /// NOTE: without the sign, which a NaN may have.
  void add(double square) { ++counts_[bits(square) << 1 >> (shift + 1)]; }
  void add(const DistanceHistogram& other) {
    for (std::size_t i = 0; i < counts_.size(); ++i) counts_[i] += other.counts_[i];
  }
  std::int64_t count(std::size_t bin) const { return counts_[bin]; }
  std::size_t size() const { return counts_.size(); }
  /// Distance below which the pairs of all bins up to this one are.
  static double radius(std::size_t bin) {
    return std::sqrt(from_bits(static_cast<std::uint64_t>(bin + 1) << shift));
  }

 private:
  static constexpr int shift = 49;  ///< leaves the exponent and three bits of the mantissa
  std::vector<std::int64_t> counts_ = std::vector<std::int64_t>(std::size_t{1} << 14);
};

/// The range of radii that is used: the longest one over which slopes keep within a twentieth of
/// their mean, of those where C(r) is neither too small to be known nor near the size of the set.
struct ScalingRange {
  std::size_t first = 0, last = 0;  ///< bins of the result
  double mean = std::numeric_limits<double>::quiet_NaN(), scatter = mean;

  static constexpr double flat = 0.05;
  static constexpr std::size_t least = 2 * DistanceHistogram::bins_per_octave;  ///< an octave of r

  void measure(const std::vector<double>& slopes, std::size_t from, std::size_t to) {
    double sum = 0, square = 0;
    for (std::size_t i = from; i <= to; ++i) sum += slopes[i];
    const double average = sum / static_cast<double>(to - from + 1);
    for (std::size_t i = from; i <= to; ++i) {
      const double deviation = slopes[i] - average;
      square += deviation * deviation;
    }
    first = from;
    last = to;
    mean = average;
    scatter = std::sqrt(square / static_cast<double>(to - from + 1));
  }
  bool is_flat(const std::vector<double>& slopes) const {
    for (std::size_t i = first; i <= last; ++i)
      if (!(std::abs(slopes[i] - mean) <= flat * mean)) return false;
    return true;
  }
};

inline ScalingRange longest_flat_range(const std::vector<double>& slopes, std::size_t first,
                                       std::size_t last) {
  ScalingRange best, flattest;
  std::size_t length = 0;
  for (std::size_t from = first; from + ScalingRange::least <= last; ++from)
    for (std::size_t to = from + ScalingRange::least; to <= last; ++to) {
      ScalingRange range;
      range.measure(slopes, from, to);
      if (to == from + ScalingRange::least && !(range.scatter >= flattest.scatter))
        flattest = range;
      if (to - from <= length || !range.is_flat(slopes)) continue;
      length = to - from;
      best = range;
    }
  return length > 0 ? best : flattest;
}

}  // namespace detail

/// The correlation dimension of a set of points; takes a time that grows with the square of their
/// count.
/// @param threads a result does not depend on it.
inline CorrelationDimension correlation_dimension(const Points& points,
                                                  const CorrelationOptions& options, int threads,
                                                  Monitor& monitor) {
  validate(options);
  constexpr std::string_view label = CorrelationOptions::label;
  if (points.count < options.theiler + 100)
    reject(label, "points", points.count,
           "at least theiler + 100 = " + text(options.theiler + 100) + " points");
  if (options.smallest && options.largest && !(*options.smallest < *options.largest))
    reject(label, "smallest", *options.smallest, "less than largest = " + text(*options.largest));

  // Task b takes every tasks-th row, so that all have about as much to do.
  const std::int64_t tasks = std::min<std::int64_t>(points.count, 256);
  constexpr std::int64_t at_once = 256;
  const PointColumns columns(points);
  detail::DistanceHistogram histogram;
  std::mutex mutex;
  monitor.begin(points.count);
  parallel_for(tasks, threads, monitor, [&](std::int64_t task, Progress& progress) {
    detail::DistanceHistogram part;
    std::array<double, at_once> squares;
    for (std::int64_t i = task; i < points.count; i += tasks) {
      for (std::int64_t j = i + options.theiler + 1; j < points.count; j += at_once) {
        const std::int64_t count = std::min(at_once, points.count - j);
        columns.square_distances(i, j, count, squares.data());
        for (std::int64_t b = 0; b < count; ++b) part.add(squares[b]);
      }
      progress.tick(1);
    }
    const std::lock_guard lock(mutex);
    histogram.add(part);
  });
  monitor.end();

  CorrelationDimension result;
  std::int64_t pairs = 0, below = 0;
  for (std::size_t bin = 0; bin < histogram.size(); ++bin) pairs += histogram.count(bin);
  std::size_t first = 0, last = 0;  // bins where C(r) can be used
  for (std::size_t bin = 1; bin < histogram.size() && below < pairs; ++bin) {
    below += histogram.count(bin) + (bin == 1 ? histogram.count(0) : 0);
    if (below == 0) continue;
    const double share = static_cast<double>(below) / static_cast<double>(pairs);
    result.radii.push_back(detail::DistanceHistogram::radius(bin));
    result.correlation_sum.push_back(share);
    if (below < 200) first = result.radii.size();
    if (share < 0.05) last = result.radii.size() - 1;
  }
  const std::size_t m = result.radii.size();
  constexpr std::size_t half = detail::DistanceHistogram::bins_per_octave;  // half an octave of r
  for (std::size_t i = 0; i < m; ++i) {
    const std::size_t low = i < half ? 0 : i - half, high = std::min(i + half, m - 1);
    result.slopes.push_back(high > low
                                ? log(result.correlation_sum[high] / result.correlation_sum[low]) /
                                      log(result.radii[high] / result.radii[low])
                                : std::numeric_limits<double>::quiet_NaN());
  }
  detail::ScalingRange range;
  if (options.smallest || options.largest) {
    const auto index = [&](double r) {
      return static_cast<std::size_t>(
          std::lower_bound(result.radii.begin(), result.radii.end(), r) - result.radii.begin());
    };
    first = options.smallest ? index(*options.smallest) : first;
    last = options.largest ? std::min(index(*options.largest), m - 1) : last;
    if (first < last) range.measure(result.slopes, first, last);
  } else if (last >= first + detail::ScalingRange::least + 2 * half) {
    range = detail::longest_flat_range(result.slopes, first + half, last - half);
  }
  if (std::isnan(range.mean) || !range.is_flat(result.slopes)) result.status = Status::imprecise;
  result.dimension = range.mean;
  result.scatter = range.scatter;
  constexpr double nan = std::numeric_limits<double>::quiet_NaN();
  result.smallest = std::isnan(range.mean) ? nan : result.radii[range.first];
  result.largest = std::isnan(range.mean) ? nan : result.radii[range.last];
  return result;
}

}  // namespace attractornet
