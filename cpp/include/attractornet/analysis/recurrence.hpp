/// @file
/// Recurrence plots and their quantification (J.-P. Eckmann, S. O. Kamphorst, D. Ruelle, Europhys.
/// Lett. 4 (1987) 973; N. Marwan, M. C. Romano, M. Thiel, J. Kurths, Phys. Rep. 438 (2007) 237).
///
/// R_ij = 1 where points i and j are closer than a threshold. Diagonal lines are stretches in which
/// two parts of the orbit run side by side, vertical ones stretches in which it rests.
#pragma once

#include <algorithm>
#include <attractornet/analysis/points.hpp>
#include <attractornet/core/error.hpp>
#include <attractornet/core/fields.hpp>
#include <attractornet/core/math.hpp>
#include <attractornet/core/parallel.hpp>
#include <cmath>
#include <cstdint>
#include <mutex>
#include <optional>
#include <vector>

namespace attractornet {

struct RecurrenceOptions {
  std::optional<double> threshold = std::nullopt;
  std::int64_t theiler = 1;
  std::int64_t least_line = 2;

  static constexpr std::string_view label = "recurrence";
  static constexpr auto fields() {
    using O = RecurrenceOptions;
    return std::tuple{
        field("threshold", &O::threshold, above(0), "",
              "Euclidean distance below which points recur; None: a tenth of the largest extent "
              "along an axis"),
        field("theiler", &O::theiler, between(1, 1e9), "steps",
              "pairs nearer in time than this are left out"),
        field("least_line", &O::least_line, between(2, 1e9), "points",
              "shortest line that counts as one"),
    };
  }
};

struct Recurrence {
  double threshold = 0;
  double rate = 0;           ///< share of pairs that recur
  double determinism = 0;    ///< share of recurring pairs on diagonal lines
  double mean_diagonal = 0;  ///< mean length of diagonal lines
  std::int64_t longest_diagonal = 0;
  double entropy = 0;        ///< of the lengths of diagonal lines, natural logarithm
  double laminarity = 0;     ///< share of recurring pairs on vertical lines
  double trapping_time = 0;  ///< mean length of vertical lines
  std::vector<std::int64_t> diagonal_lines;  ///< how many lines have each length, 0 to the longest
  std::vector<std::int64_t> vertical_lines;
};

/// Threshold that the options ask for.
inline double recurrence_threshold(const Points& points, const RecurrenceOptions& options) {
  return options.threshold.value_or(0.1 * points.extent());
}

namespace detail {

/// Lengths of the runs of recurring pairs, and how many there are of each.
class LineCounts {
 public:
  void add(bool recurs) {
    if (recurs) {
      ++run_;
    } else {
      finish();
    }
  }
  void finish() {
    if (run_ == 0) return;
    if (counts_.size() <= run_) counts_.resize(run_ + 1);
    ++counts_[run_];
    run_ = 0;
  }
  void add(const LineCounts& other) {
    counts_.resize(std::max(counts_.size(), other.counts_.size()));
    for (std::size_t i = 0; i < other.counts_.size(); ++i) counts_[i] += other.counts_[i];
  }
  const std::vector<std::int64_t>& counts() const { return counts_; }

  /// Pairs on lines of at least that length; lines of at least that length.
  std::int64_t points(std::int64_t least) const {
    std::int64_t sum = 0;
    for (auto l = static_cast<std::size_t>(least); l < counts_.size(); ++l)
      sum += counts_[l] * static_cast<std::int64_t>(l);
    return sum;
  }
  std::int64_t lines(std::int64_t least) const {
    std::int64_t sum = 0;
    for (auto l = static_cast<std::size_t>(least); l < counts_.size(); ++l) sum += counts_[l];
    return sum;
  }
  /// Shannon entropy of the lengths.
  double entropy(std::int64_t least) const {
    const auto all = static_cast<double>(lines(least));
    double sum = 0;
    for (auto l = static_cast<std::size_t>(least); l < counts_.size(); ++l)
      if (counts_[l] > 0) {
        const double share = static_cast<double>(counts_[l]) / all;
        sum -= share * log(share);
      }
    return sum;
  }

 private:
  std::vector<std::int64_t> counts_;
  std::size_t run_ = 0;
};

/// Counts lines side by side: task(k, counts) walks the k-th of `count` lines of pairs.
template <class Walk>
LineCounts count_lines(std::int64_t count, int threads, Monitor& monitor, Walk walk) {
  const std::int64_t tasks = std::min<std::int64_t>(count, 256);
  LineCounts total;
  std::mutex mutex;
  parallel_for(tasks, threads, monitor, [&](std::int64_t task, Progress& progress) {
    LineCounts part;
    for (std::int64_t k = task; k < count; k += tasks) {
      walk(k, part);
      part.finish();
      progress.tick(1);
    }
    const std::lock_guard lock(mutex);
    total.add(part);
  });
  return total;
}

inline double ratio(std::int64_t a, std::int64_t b) {
  return b == 0 ? 0 : static_cast<double>(a) / static_cast<double>(b);
}

}  // namespace detail

/// Recurrence quantification of points in time order; takes a time that grows with the square of
/// their count.
/// @param threads a result does not depend on it.
inline Recurrence recurrence(const Points& points, const RecurrenceOptions& options, int threads,
                             Monitor& monitor) {
  validate(options);
  const std::int64_t count = points.count, diagonals = count - options.theiler;
  if (diagonals < 2)
    reject(RecurrenceOptions::label, "points", count,
           "at least theiler + 2 = " + text(options.theiler + 2) + " points");
  Recurrence result;
  result.threshold = recurrence_threshold(points, options);
  const double square = result.threshold * result.threshold;
  monitor.begin(diagonals + count);
  const detail::LineCounts diagonal =
      detail::count_lines(diagonals, threads, monitor, [&](std::int64_t k, auto& lines) {
        const std::int64_t lag = k + options.theiler;
        for (std::int64_t i = 0; i + lag < count; ++i)
          lines.add(points.square_distance(i, i + lag) <= square);
      });
  Relay rest(monitor, diagonals);
  const detail::LineCounts vertical =
      detail::count_lines(count, threads, rest, [&](std::int64_t i, auto& lines) {
        for (std::int64_t j = 0; j < count; ++j)
          lines.add(std::abs(i - j) >= options.theiler && points.square_distance(i, j) <= square);
      });
  monitor.end();
  const std::int64_t recurring = diagonal.points(1), least = options.least_line;
  result.rate = static_cast<double>(recurring) /
                (0.5 * static_cast<double>(diagonals) * static_cast<double>(diagonals + 1));
  result.determinism = detail::ratio(diagonal.points(least), recurring);
  result.mean_diagonal = detail::ratio(diagonal.points(least), diagonal.lines(least));
  result.longest_diagonal =
      std::max<std::int64_t>(0, static_cast<std::int64_t>(diagonal.counts().size()) - 1);
  result.entropy = diagonal.entropy(least);
  result.laminarity = detail::ratio(vertical.points(least), vertical.points(1));
  result.trapping_time = detail::ratio(vertical.points(least), vertical.lines(least));
  result.diagonal_lines = diagonal.counts();
  result.vertical_lines = vertical.counts();
  return result;
}

}  // namespace attractornet
