#include <doctest/doctest.h>

#include <algorithm>
#include <attractornet/analysis/correlation_dimension.hpp>
#include <attractornet/core/rng.hpp>
#include <attractornet/dynamics/trajectory.hpp>
#include <attractornet/systems/textbook_maps.hpp>
#include <cmath>
#include <initializer_list>
#include <limits>
#include <stdexcept>
#include <vector>

using namespace attractornet;
using namespace attractornet::textbook;

namespace {

constexpr double golden = 0.6180339887498949;

CorrelationDimension dimension_of(const std::vector<double>& points, std::int64_t dimension,
                                  const CorrelationOptions& options = {}, int threads = 2) {
  Monitor monitor;
  return correlation_dimension(
      {points.data(), static_cast<std::int64_t>(points.size()) / dimension, dimension}, options,
      threads, monitor);
}
template <Map R>
std::vector<double> orbit_of(const R& rule, std::int64_t count) {
  Monitor monitor;
  std::vector<double> start(rule.dimension()),
      rows(static_cast<std::size_t>(count * rule.dimension()));
  rule.start(start.data());
  trajectory(rule, count, 10'000, start.data(), rows.data(), monitor);
  return rows;
}
std::vector<double> noise(std::size_t count) {
  const Stream stream(5, Purpose::sampling);
  std::vector<double> values(count);
  for (std::size_t i = 0; i < count; ++i) values[i] = stream.uniform(static_cast<std::uint32_t>(i));
  return values;
}
std::vector<double> circle(std::size_t count) {
  std::vector<double> points;
  for (std::size_t i = 0; i < count; ++i) {
    points.push_back(std::cos(turn * golden * static_cast<double>(i)));
    points.push_back(std::sin(turn * golden * static_cast<double>(i)));
  }
  return points;
}
void check_dimension(const CorrelationDimension& d, double truth, double margin) {
  CAPTURE(truth);
  CAPTURE(d.dimension);
  CAPTURE(d.scatter);
  CAPTURE(d.smallest);
  CAPTURE(d.largest);
  CHECK(std::abs(d.dimension - truth) < margin);
  CHECK(std::abs(d.dimension - truth) < 3 * d.scatter + 0.02);
  CHECK(d.largest >= 1.9 * d.smallest);
  CHECK(d.radii.size() == d.correlation_sum.size());
  CHECK(d.radii.size() == d.slopes.size());
  CHECK(std::is_sorted(d.radii.begin(), d.radii.end()));
  CHECK(std::is_sorted(d.correlation_sum.begin(), d.correlation_sum.end()));
  CHECK(d.correlation_sum.back() == 1);
}

}  // namespace

TEST_CASE("sets of known dimension: a circle, a square, a cube, an interval") {
  check_dimension(dimension_of(circle(4000), 2), 1, 0.02);
  check_dimension(dimension_of(noise(5000), 1), 1, 0.03);
  check_dimension(dimension_of(noise(2 * 5000), 2), 2, 0.1);
  check_dimension(dimension_of(noise(3 * 5000), 3), 3, 0.3);
}

TEST_CASE("Henon 1.22, the Feigenbaum attractor 0.50, the Arnold cat 2") {
  check_dimension(dimension_of(orbit_of(Henon{}, 6000), 2), 1.22, 0.06);
  check_dimension(dimension_of(orbit_of(Logistic{3.569945671870944}, 6000), 1), 0.4976, 0.03);
  check_dimension(dimension_of(orbit_of(ArnoldCat{}, 5000), 2), 2, 0.1);
}

TEST_CASE("C(r) is the share of pairs closer than r, those near in time left out") {
  const auto points = noise(2 * 300);
  const auto d = dimension_of(points, 2, {.theiler = 7});
  for (std::size_t k = 0; k < d.radii.size(); k += 5) {
    std::int64_t closer = 0, pairs = 0;
    for (std::size_t i = 0; i < 300; ++i)
      for (std::size_t j = i + 8; j < 300; ++j, ++pairs) {
        const double x = points[2 * i] - points[2 * j], y = points[2 * i + 1] - points[2 * j + 1];
        if (x * x + y * y < d.radii[k] * d.radii[k] * (1 - 1e-15)) ++closer;
      }
    CHECK(d.correlation_sum[k] ==
          doctest::Approx(static_cast<double>(closer) / static_cast<double>(pairs)).epsilon(1e-12));
  }
}

TEST_CASE("a range that is given is used") {
  const auto points = circle(2000);
  const auto d = dimension_of(points, 2, {.smallest = 0.05, .largest = 0.5});
  CHECK(d.smallest == doctest::Approx(0.05).epsilon(0.1));
  CHECK(d.largest == doctest::Approx(0.5).epsilon(0.1));
  CHECK(d.dimension == doctest::Approx(1).epsilon(0.03));
  CHECK(dimension_of(points, 2, {.smallest = 0.05}).smallest == doctest::Approx(0.05).epsilon(0.1));
  CHECK(dimension_of(points, 2, {.largest = 0.5}).largest == doctest::Approx(0.5).epsilon(0.1));
  CHECK(std::isnan(dimension_of(points, 2, {.smallest = 100}).dimension));
  CHECK(std::isnan(dimension_of(points, 2, {.largest = 1e-100}).dimension));
}

TEST_CASE("no range, no number: equal points, two points, few points") {
  const auto check_none = [](const CorrelationDimension& d) {
    CHECK(std::isnan(d.dimension));
    CHECK(std::isnan(d.scatter));
    CHECK(std::isnan(d.smallest));
    CHECK(std::isnan(d.largest));
  };
  check_none(dimension_of(std::vector<double>(1000, 0.7), 1));
  check_none(dimension_of(std::vector<double>(1000, 0.0), 2));
  check_none(dimension_of(std::vector<double>(1000, 0.7), 1, {.smallest = 0.1, .largest = 1}));
  std::vector<double> two(1000);
  for (std::size_t i = 0; i < two.size(); ++i) two[i] = static_cast<double>(i % 2);
  check_none(dimension_of(two, 1));
  check_none(dimension_of(noise(200), 1));
}

TEST_CASE("units and extremes: a circle of any size; what overflows or is no number does no harm") {
  const double truth = dimension_of(circle(2000), 2).dimension;
  for (const double unit : {1e-140, 1e-30, 1e30, 1e150}) {
    CAPTURE(unit);
    auto points = circle(2000);
    for (double& x : points) x *= unit;
    CHECK(dimension_of(points, 2).dimension == doctest::Approx(truth).epsilon(0.03));
  }
  constexpr double infinity = std::numeric_limits<double>::infinity();
  for (const double strange : {infinity, -infinity, std::nan(""), -std::nan(""), 1e308}) {
    auto points = noise(400);
    points[13] = points[350] = strange;
    const auto d = dimension_of(points, 1);
    CHECK(d.radii.size() == d.slopes.size());
  }
}

TEST_CASE("threads do not change the dimension; too few points and bad ranges are refused") {
  const auto points = orbit_of(Henon{}, 1500);
  const auto one = dimension_of(points, 2, {}, 1);
  for (const int threads : {2, 3, 7}) {
    const auto other = dimension_of(points, 2, {}, threads);
    CHECK(one.dimension == other.dimension);
    CHECK(one.correlation_sum == other.correlation_sum);
    CHECK(one.slopes == other.slopes);
  }
  CHECK_THROWS_AS(dimension_of(noise(199), 1), InvalidValue);
  CHECK_THROWS_AS(dimension_of(noise(1000), 1, {.theiler = 901}), InvalidValue);
  CHECK_THROWS_AS(dimension_of(noise(1000), 1, {.theiler = -1}), InvalidValue);
  CHECK_THROWS_AS(dimension_of(noise(1000), 1, {.smallest = 0}), InvalidValue);
  CHECK_THROWS_AS(dimension_of(noise(1000), 1, {.smallest = 2, .largest = 1}), InvalidValue);
  struct Stop : Monitor {
    void report(std::int64_t, std::int64_t) override { throw std::runtime_error("stop"); }
  } stop;
  CHECK_THROWS_AS(correlation_dimension({points.data(), 1500, 2}, {}, 2, stop), std::runtime_error);
}
