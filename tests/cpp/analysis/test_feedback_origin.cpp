#include <doctest/doctest.h>

#include <attractornet/analysis/feedback_origin.hpp>
#include <attractornet/systems/feedback_network.hpp>
#include <cmath>
#include <limits>

using namespace attractornet;
using feedback::Network;

namespace {

feedback::OriginStability origin(const Network& net) {
  Monitor silent;
  return feedback::origin_stability(net.rule(), silent);
}

feedback::OriginStability origin(std::vector<double> c) {
  const auto inputs = static_cast<std::int64_t>(c.size());
  const Network net(std::move(c), {1}, inputs);
  return origin(net);
}

}  // namespace

TEST_CASE("the article's networks lose the origin at the reference's scales") {
  const auto one = origin(Network::random({4, 32, 0.22, 174658140}));
  CHECK(one.critical_factor * 0.22 == doctest::Approx(0.173144683).epsilon(1e-8));
  CHECK(one.rotation == doctest::Approx(0.14334475).epsilon(1e-7));
  CHECK(one.unstable == 8);
  CHECK(one.exponents[0] == doctest::Approx(0.012295).epsilon(1e-4));
  const auto two = origin(Network::random({4, 32, 0.55, 3160697950}));
  CHECK(two.critical_factor * 0.55 == doctest::Approx(0.191207844).epsilon(1e-8));
  CHECK(two.unstable == 12);
}

TEST_CASE("one input: y' = c y is lost at |c| = 1, by a fold or a flip") {
  CHECK(origin({0.5}).critical_factor == doctest::Approx(2));
  CHECK(origin({0.5}).rotation == 0);
  CHECK(origin({-0.25}).critical_factor == doctest::Approx(4));
  CHECK(origin({-0.25}).rotation == 0.5);
  CHECK(origin({0.5}).exponents[0] == doctest::Approx(std::log(0.5)));
}

TEST_CASE("a network without any linear part never loses the origin") {
  const auto never = origin({0, 0, 0});
  CHECK(std::isinf(never.critical_factor));
  CHECK(std::isnan(never.rotation));
  CHECK(std::isinf(never.exponents[0]));
}

TEST_CASE("tiny weights keep their exponents") {
  // z^4 = 1e-20 (z^3 + z^2 + z + 1): |z| = 1e-5 up to a relative 1e-5.
  for (const double e : origin({1e-20, 1e-20, 1e-20, 1e-20}).exponents)
    CHECK(e == doctest::Approx(std::log(1e-5)).epsilon(1e-5));
}

TEST_CASE("it is the first of several crossings that counts") {
  const auto first = origin({3, -3, 2, -2, 2, -1});  // stable again at 0.72
  CHECK(first.critical_factor == doctest::Approx(0.503).epsilon(2e-3));
}
