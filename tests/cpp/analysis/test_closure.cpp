#include <doctest/doctest.h>

#include <attractornet/analysis/closure.hpp>
#include <attractornet/core/rng.hpp>
#include <cmath>
#include <initializer_list>
#include <vector>

using namespace attractornet;

namespace {

template <class Value>
std::vector<double> series_of(std::size_t n, Value value) {
  std::vector<double> series(n);
  for (std::size_t t = 0; t < n; ++t) series[t] = value(t);
  return series;
}

}  // namespace

TEST_CASE("the least period is found, not a multiple of it") {
  const Stream stream(3, Purpose::sampling);
  for (const std::int64_t period : {1, 2, 3, 4, 12, 60, 97, 499, 500}) {
    const auto series = series_of(1000, [&](std::size_t t) {
      return stream.uniform(static_cast<std::uint32_t>(t % period));
    });
    CHECK(least_period(series, 500, 0) == period);
    CHECK(least_period(series, period, 0) == period);
    CHECK(least_period(series, period - 1, 0) == 0);
    if (period < 500) CHECK(closest_return(series, 900).lag == period);
  }
}

TEST_CASE("only the second half has to repeat itself, all of it, within the tolerance") {
  auto series = series_of(
      1000, [](std::size_t t) { return static_cast<double>(t % 5) + (t < 480 ? 7.0 : 0.0); });
  CHECK(least_period(series, 20, 0) == 5);
  series[700] += 0.01;
  CHECK(least_period(series, 20, 0) == 0);
  CHECK(least_period(series, 20, 0.0101) == 5);
  CHECK(return_distance(series, 5, 500) == doctest::Approx(0.01));
  CHECK(return_distance(series, 5, 200) == 0);
}

TEST_CASE("a rotation by the golden ratio has no period, and returns after Fibonacci numbers") {
  const auto series = series_of(5000, [](std::size_t t) {
    return std::cos(6.283185307179586 * 0.6180339887498949 * static_cast<double>(t));
  });
  CHECK(least_period(series, 2500, 1e-8) == 0);
  CHECK(closest_return(series, 100).lag == 89);
  CHECK(closest_return(series, 1000).lag == 987);
  CHECK(closest_return(series, 986).lag == 610);
  // |cos a - cos b| is at most the angle that 987 turns miss.
  CHECK(closest_return(series, 1000).distance <= 6.2832 * std::abs(987 * 0.6180339887498949 - 610));
}

TEST_CASE("constant and short series") {
  const std::vector<double> constant(200, 0.3), few{1, 2, 1, 2, 1}, none;
  CHECK(extent_of(constant) == 0);
  CHECK(least_period(constant, 50, 0) == 1);
  CHECK(closest_return(constant, 50).lag == 1);
  CHECK(closest_return(constant, 50).distance == 0);
  CHECK(least_period(few, 10, 0) == 2);
  CHECK(closest_return(few, 10).lag == 0);  // fewer values than stand for a state
  CHECK(std::isinf(closest_return(few, 10).distance));
  CHECK(least_period(none, 10, 0) == 0);
}
