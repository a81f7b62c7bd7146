#include <doctest/doctest.h>

#include <attractornet/analysis/recurrence.hpp>
#include <attractornet/core/rng.hpp>
#include <cmath>
#include <initializer_list>
#include <limits>
#include <map>
#include <numeric>
#include <stdexcept>
#include <vector>

using namespace attractornet;

namespace {

Recurrence recurrence_of(const std::vector<double>& points, std::int64_t dimension = 1,
                         const RecurrenceOptions& options = {}, int threads = 2) {
  Monitor monitor;
  return recurrence(
      {points.data(), static_cast<std::int64_t>(points.size()) / dimension, dimension}, options,
      threads, monitor);
}
std::vector<double> noise(std::size_t count) {
  const Stream stream(5, Purpose::sampling);
  std::vector<double> values(count);
  for (std::size_t i = 0; i < count; ++i) values[i] = stream.uniform(static_cast<std::uint32_t>(i));
  return values;
}

}  // namespace

TEST_CASE("period 4: every recurrence lies on a diagonal, and their rate is exact") {
  std::vector<double> series;
  for (int i = 0; i < 100; ++i) series.insert(series.end(), {0.0, 1.0, 3.0, 0.5});
  const auto r = recurrence_of(series, 1, {.threshold = 0.01});
  // Lags 4, 8, ..., 396, on each 400 - lag pairs, of 400 * 399 / 2 = 79800.
  double pairs = 0;
  for (int lag = 4; lag < 400; lag += 4) pairs += 400 - lag;
  CHECK(r.rate == pairs / 79'800);
  CHECK(r.determinism == 1);
  CHECK(r.longest_diagonal == 396);
  CHECK(r.mean_diagonal == doctest::Approx(pairs / 99));
  CHECK(r.entropy == doctest::Approx(std::log(99.0)));  // 99 lines of as many lengths
  CHECK(r.laminarity == 0);
  CHECK(r.trapping_time == 0);
  CHECK(r.diagonal_lines[4] == 1);
  CHECK(r.diagonal_lines[5] == 0);
  CHECK(r.vertical_lines[1] == 2 * static_cast<std::int64_t>(pairs));
}

TEST_CASE("white noise: the rate for uniform numbers is 2 e - e^2, and lines are short by chance") {
  const auto series = noise(1500);
  for (const double e : {0.01, 0.1, 0.3}) {
    CAPTURE(e);
    const auto r = recurrence_of(series, 1, {.threshold = e});
    const double p = 2 * e - e * e;
    CHECK(r.rate == doctest::Approx(p).epsilon(0.03));
    CHECK(r.threshold == e);
  }
  // Pairs on a diagonal are nearly independent: 1 - (1 - p)^2 of them have a neighbour.
  const auto r = recurrence_of(series, 1, {.threshold = 0.05});
  const double p = 2 * 0.05 - 0.05 * 0.05;
  CHECK(r.determinism == doctest::Approx(1 - (1 - p) * (1 - p)).epsilon(0.1));
  CHECK(r.mean_diagonal == doctest::Approx(2 + p / (1 - p)).epsilon(0.05));
}

TEST_CASE("the counts of lines are those of the matrix") {
  const auto points = noise(2 * 60);
  for (const std::int64_t theiler : {1, 2, 5})
    for (const double threshold : {0.2, 0.5, 2.0})
      for (const std::int64_t least : {2, 4}) {
        constexpr int n = 60;
        std::vector<std::vector<bool>> matrix(n, std::vector<bool>(n));
        for (int i = 0; i < n; ++i)
          for (int j = 0; j < n; ++j)
            matrix[i][j] = std::abs(i - j) >= theiler &&
                           std::hypot(points[2 * i] - points[2 * j],
                                      points[2 * i + 1] - points[2 * j + 1]) <= threshold;
        std::map<int, int> diagonal, vertical;
        double pairs = 0, all = 0;
        for (int i = 0; i < n; ++i)
          for (int j = 0; j < n; ++j) {
            if (j - i >= theiler) {
              ++all;
              pairs += matrix[i][j];
              if (matrix[i][j] && (i == 0 || !matrix[i - 1][j - 1])) {
                int length = 0;
                while (j + length < n && matrix[i + length][j + length]) ++length;
                ++diagonal[length];
              }
            }
            if (matrix[i][j] && (j == 0 || !matrix[i][j - 1])) {
              int length = 0;
              while (j + length < n && matrix[i][j + length]) ++length;
              ++vertical[length];
            }
          }
        const auto r = recurrence_of(
            points, 2, {.threshold = threshold, .theiler = theiler, .least_line = least});
        const auto check_counts = [](const std::vector<std::int64_t>& counts,
                                     std::map<int, int>& truth) {
          for (std::size_t l = 0; l < counts.size(); ++l)
            CHECK(counts[l] == truth[static_cast<int>(l)]);
          CHECK((truth.empty() || truth.rbegin()->first < static_cast<int>(counts.size())));
        };
        CHECK(r.rate == doctest::Approx(pairs / all).epsilon(1e-14));
        double on_lines = 0, lines = 0, entropy = 0, resting = 0, rests = 0, up = 0;
        for (const auto& [length, count] : diagonal)
          if (length >= least) on_lines += length * count, lines += count;
        for (const auto& [length, count] : diagonal)
          if (length >= least) entropy -= count / lines * std::log(count / lines);
        for (const auto& [length, count] : vertical) {
          up += length * count;
          if (length >= least) resting += length * count, rests += count;
        }
        CHECK(r.determinism == doctest::Approx(on_lines / pairs));
        CHECK(r.mean_diagonal == doctest::Approx(lines > 0 ? on_lines / lines : 0));
        CHECK(r.entropy == doctest::Approx(entropy));
        CHECK(r.laminarity == doctest::Approx(resting / up));
        CHECK(r.trapping_time == doctest::Approx(rests > 0 ? resting / rests : 0));
        check_counts(r.diagonal_lines, diagonal);
        check_counts(r.vertical_lines, vertical);
      }
}

TEST_CASE("a constant series recurs everywhere; a growing one nowhere") {
  const auto rest = recurrence_of(std::vector<double>(100, 0.7));
  CHECK(rest.threshold == 0);
  CHECK(rest.rate == 1);
  CHECK(rest.determinism == doctest::Approx(1).epsilon(1e-3));  // all but one pair in the corner
  CHECK(rest.longest_diagonal == 99);
  CHECK(rest.laminarity > 0.99);
  std::vector<double> ramp(100);
  std::iota(ramp.begin(), ramp.end(), 0.0);
  const auto none = recurrence_of(ramp, 1, {.threshold = 0.5});
  CHECK(none.rate == 0);
  CHECK(none.determinism == 0);
  CHECK(none.longest_diagonal == 0);
  CHECK(none.entropy == 0);
  CHECK(none.laminarity == 0);
  CHECK(none.diagonal_lines.empty());
  // The default: a tenth of the largest extent, 9.9, so lags 1 to 9.
  const auto band = recurrence_of(ramp);
  CHECK(band.threshold == doctest::Approx(9.9));
  double pairs = 0;
  for (int lag = 1; lag <= 9; ++lag) pairs += 100 - lag;
  CHECK(band.rate == doctest::Approx(pairs / 4950));
  CHECK(band.determinism == 1);
}

TEST_CASE("recurrence: the smallest sets, values that are no numbers, large and small units") {
  const auto three = recurrence_of({0, 1, 0}, 1, {.threshold = 0.1});
  CHECK(three.rate == doctest::Approx(1.0 / 3));
  CHECK(three.determinism == 0);
  constexpr double nan = std::numeric_limits<double>::quiet_NaN();
  CHECK(recurrence_of({nan, nan, nan, nan}, 1, {.threshold = 1}).rate == 0);
  CHECK(recurrence_of({0, INFINITY, 0, 0}, 1, {.threshold = 1}).rate == doctest::Approx(0.5));
  const auto truth = recurrence_of(noise(200));
  for (const double unit : {1e-140, 1e-30, 1e30, 1e150}) {
    auto series = noise(200);
    for (double& x : series) x *= unit;
    CHECK(recurrence_of(series).rate == doctest::Approx(truth.rate).epsilon(1e-3));
  }
}

TEST_CASE("recurrence: threads do not matter; errors and a monitor that stops") {
  const auto series = noise(500);
  const auto one = recurrence_of(series, 1, {}, 1), three = recurrence_of(series, 1, {}, 3);
  CHECK(one.diagonal_lines == three.diagonal_lines);
  CHECK(one.vertical_lines == three.vertical_lines);
  CHECK(one.entropy == three.entropy);
  CHECK_THROWS_AS(recurrence_of({1, 2}), InvalidValue);
  CHECK_THROWS_AS(recurrence_of(series, 1, {.theiler = 499}), InvalidValue);
  CHECK_NOTHROW(recurrence_of(series, 1, {.theiler = 498}));
  CHECK_THROWS_AS(recurrence_of(series, 1, {.theiler = 0}), InvalidValue);
  CHECK_THROWS_AS(recurrence_of(series, 1, {.threshold = 0}), InvalidValue);
  CHECK_THROWS_AS(recurrence_of(series, 1, {.least_line = 1}), InvalidValue);
  struct Stop : Monitor {
    void report(std::int64_t, std::int64_t) override { throw std::runtime_error("stop"); }
  } stop;
  CHECK_THROWS_AS(recurrence({series.data(), 500, 1}, {}, 2, stop), std::runtime_error);

  struct Watch : Monitor {
    std::int64_t last = 0;
    bool grows = true;
    void report(std::int64_t done, std::int64_t total) override {
      grows = grows && done >= last && done <= total;
      last = done;
    }
  } watch;
  const auto many = noise(9000);
  recurrence({many.data(), 9000, 1}, {}, 2, watch);
  CHECK(watch.grows);
}
