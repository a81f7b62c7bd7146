#include <doctest/doctest.h>

#include <attractornet/analysis/birkhoff.hpp>
#include <attractornet/core/rng.hpp>
#include <cmath>
#include <initializer_list>
#include <limits>
#include <numeric>
#include <vector>

using namespace attractornet;

namespace {

constexpr double golden = 0.6180339887498949, turn = 6.283185307179586477;

template <class Value>
std::vector<double> series_of(std::size_t n, Value value) {
  std::vector<double> series(n);
  for (std::size_t t = 0; t < n; ++t) series[t] = value(static_cast<double>(t));
  return series;
}
double digits_of(const std::vector<double>& series) {
  return birkhoff_digits(series, BirkhoffAverager(series.size()));
}
std::vector<double> logistic(std::size_t n, double x = 0.123) {
  return series_of(n, [x](double) mutable { return x = 4 * x * (1 - x); });
}

}  // namespace

TEST_CASE("the weights add up to 1, are symmetric, and fall off smoothly at both ends") {
  for (const std::size_t n : {1, 2, 3, 7, 100, 1001, 100'000}) {
    const auto w = birkhoff_weights(n);
    CHECK(std::accumulate(w.begin(), w.end(), 0.0) == doctest::Approx(1).epsilon(1e-13));
    for (std::size_t i = 0; i < n / 2; ++i) {
      CHECK(w[i] == doctest::Approx(w[n - 1 - i]).epsilon(1e-9));
      if (i > 0) CHECK(w[i] >= w[i - 1]);
    }
  }
  CHECK(birkhoff_weights(1000).front() < 1e-300);
}

TEST_CASE("a trigonometric polynomial on a rotation averages to its mean") {
  const auto value = [](double t) {
    return 0.3 + std::cos(turn * golden * t) - 2 * std::sin(turn * 3 * golden * t) +
           0.1 * std::cos(turn * 5 * golden * t + 1);
  };
  for (const std::size_t n : {10'000, 10'001, 65'536}) {
    const auto series = series_of(n, value);
    const auto average = BirkhoffAverager(n)([&](std::size_t i) { return series[i]; });
    CHECK(std::abs(average.value - 0.3) < 1e-12);
    CHECK(average.spread < 1e-12);
    CHECK(digits_of(series) > 11);
  }
  // Ten times the length is worth more than three digits.
  const auto error = [&](std::size_t n) {
    const auto series = series_of(n, value);
    return std::abs(BirkhoffAverager(n)([&](std::size_t i) { return series[i]; }).value - 0.3);
  };
  CHECK(error(1000) < 1e-3 * error(100));
}

TEST_CASE("chaos shares two or three digits, like noise") {
  double least = 16, most = 0;
  for (int i = 1; i <= 20; ++i) {
    const double digits = digits_of(logistic(100'000, 0.0437 * i));
    least = std::min(least, digits);
    most = std::max(most, digits);
  }
  CHECK(least > 1.3);
  CHECK(most < 4.5);
}

TEST_CASE("digits of a series of one value, of cycles, of NaN, and of a few values") {
  CHECK(digits_of(std::vector<double>(1000, 0.7)) >= 15);
  CHECK(digits_of(std::vector<double>(1000, 0.0)) == 16);
  CHECK(digits_of(series_of(30'000, [](double t) { return std::cos(turn * t / 3); })) > 12);
  CHECK(digits_of(std::vector<double>(100, std::numeric_limits<double>::quiet_NaN())) == 0);
  CHECK(digits_of(std::vector<double>(100, INFINITY)) == 0);
  CHECK(std::isfinite(digits_of({1, 2})));
  CHECK(std::isfinite(digits_of({1, 2, 4})));
}

TEST_CASE("digits do not depend on the units") {
  for (const auto& series : {logistic(20'000), series_of(20'000, [](double t) {
                               return std::cos(turn * golden * t);
                             })}) {
    const double digits = digits_of(series);
    for (const double unit : {1e-300, 1e-200, 1e-100, 1e100, 1e160, 1e300}) {
      CAPTURE(unit);
      auto scaled = series;
      for (double& value : scaled) value *= unit;
      CHECK(digits_of(scaled) == doctest::Approx(digits).epsilon(0.1));
    }
  }
}
