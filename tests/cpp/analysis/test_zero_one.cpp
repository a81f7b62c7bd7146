#include <doctest/doctest.h>

#include <algorithm>
#include <attractornet/analysis/zero_one.hpp>
#include <cmath>
#include <initializer_list>
#include <limits>
#include <stdexcept>
#include <vector>

using namespace attractornet;

namespace {

constexpr double turn = 6.283185307179586477;

ZeroOne test_of(const std::vector<double>& series, const ZeroOneOptions& options = {},
                int threads = 2) {
  Monitor monitor;
  return zero_one_test(series, options, threads, monitor);
}
std::vector<double> logistic(double r, std::size_t count) {
  std::vector<double> series(count);
  double x = 0.123;
  for (int t = 0; t < 2000; ++t) x = r * x * (1 - x);
  for (double& value : series) value = x = r * x * (1 - x);
  return series;
}
std::vector<double> rotation(std::size_t count) {
  std::vector<double> series(count);
  for (std::size_t t = 0; t < count; ++t)
    series[t] = std::cos(turn * 0.6180339887498949 * static_cast<double>(t)) +
                0.3 * std::cos(turn * 0.41421356237309515 * static_cast<double>(t));
  return series;
}
std::vector<double> noise(std::size_t count) {
  const Stream stream(5, Purpose::sampling);
  std::vector<double> values(count);
  for (std::size_t i = 0; i < count; ++i) values[i] = stream.normal(static_cast<std::uint32_t>(i));
  return values;
}

}  // namespace

TEST_CASE("0-1 test: regular series near 0, chaos and noise near 1") {
  CHECK(std::abs(test_of(logistic(3.55, 2000)).k) < 0.05);
  CHECK(std::abs(test_of(logistic(3.83, 2000)).k) < 0.05);
  CHECK(std::abs(test_of(rotation(2000)).k) < 0.1);
  CHECK(test_of(logistic(3.97, 2000)).k > 0.95);
  CHECK(test_of(logistic(4, 2000)).k > 0.95);
  CHECK(test_of(noise(2000)).k > 0.95);
}

TEST_CASE("K_c is the correlation of the mean square displacement with time, by the definition") {
  const auto series = logistic(3.7, 300);
  const auto z = test_of(series, {.angles = 3});
  double mean = 0;
  for (const double x : series) mean += x / 300;
  for (std::size_t a = 0; a < 3; ++a) {
    const double c = z.angles[a];
    CHECK(c > turn / 10);
    CHECK(c < 0.4 * turn);
    std::vector<double> p(301), q(301), d;
    for (std::size_t j = 1; j <= 300; ++j) {
      p[j] = p[j - 1] + series[j - 1] * std::cos(static_cast<double>(j) * c);
      q[j] = q[j - 1] + series[j - 1] * std::sin(static_cast<double>(j) * c);
    }
    for (std::size_t n = 1; n <= 30; ++n) {
      double sum = 0;
      for (std::size_t j = 1; j <= 270; ++j)
        sum += std::pow(p[j + n] - p[j], 2) + std::pow(q[j + n] - q[j], 2);
      d.push_back(sum / 270 -
                  mean * mean * (1 - std::cos(static_cast<double>(n) * c)) / (1 - std::cos(c)));
    }
    const double mx = 15.5;
    double my = 0, xx = 0, yy = 0, xy = 0;
    for (const double y : d) my += y / 30;
    for (std::size_t n = 0; n < 30; ++n) {
      const double x = static_cast<double>(n + 1) - mx, y = d[n] - my;
      xx += x * x, yy += y * y, xy += x * y;
    }
    CHECK(z.values[a] == doctest::Approx(xy / std::sqrt(xx * yy)).epsilon(1e-9));
  }
}

TEST_CASE("k is the median of the values") {
  for (const std::int64_t angles : {1, 2, 5, 8}) {
    auto z = test_of(noise(100), {.angles = angles});
    REQUIRE(z.values.size() == static_cast<std::size_t>(angles));
    std::sort(z.values.begin(), z.values.end());
    const auto middle = static_cast<std::size_t>(angles / 2);
    CHECK(z.k == (angles % 2 ? z.values[middle] : 0.5 * (z.values[middle - 1] + z.values[middle])));
  }
}

TEST_CASE("a constant series is regular, in whatever units; so are the units of chaos no matter") {
  for (const double value : {0.0, 0.7, -3.0, 1e-300, 1e10, 1e150, 1e300}) {
    CAPTURE(value);
    CHECK(std::abs(test_of(std::vector<double>(1000, value)).k) < 0.3);
  }
  const double chaotic = test_of(logistic(3.97, 1000)).k, regular = test_of(rotation(1000)).k;
  for (const double unit : {1e-300, 1e-160, 1e-100, 1e-50, 1e50, 1e100, 1e150, 1e300}) {
    CAPTURE(unit);
    auto series = logistic(3.97, 1000), quiet = rotation(1000);
    for (double& x : series) x *= unit;
    for (double& x : quiet) x *= unit;
    CHECK(test_of(series).k == doctest::Approx(chaotic));
    CHECK(test_of(quiet).k == doctest::Approx(regular));
  }
}

TEST_CASE("0-1 test: a value that is no number gives none") {
  auto series = noise(200);
  series[77] = std::numeric_limits<double>::quiet_NaN();
  CHECK(std::isnan(test_of(series).k));
  series[77] = INFINITY;
  CHECK(std::isnan(test_of(series).k));
}

TEST_CASE("0-1 test: seeds choose the angles, threads nothing; errors") {
  const auto series = logistic(3.97, 500);
  const auto a = test_of(series, {}, 1), b = test_of(series, {}, 3),
             c = test_of(series, {.seed = 1});
  CHECK(a.values == b.values);
  CHECK(a.k == b.k);
  CHECK(a.angles != c.angles);
  CHECK_THROWS_AS(test_of(noise(99)), InvalidValue);
  CHECK_NOTHROW(test_of(noise(100)));
  CHECK_THROWS_AS(test_of(noise(200), {.angles = 0}), InvalidValue);
  CHECK_THROWS_AS(test_of(noise(200), {.seed = -1}), InvalidValue);
  struct Stop : Monitor {
    void report(std::int64_t, std::int64_t) override { throw std::runtime_error("stop"); }
  } stop;
  CHECK_THROWS_AS(zero_one_test(series, {}, 2, stop), std::runtime_error);
}
