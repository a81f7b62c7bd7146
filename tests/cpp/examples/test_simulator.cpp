// The simulator of cpp/examples: its rule keeps what every rule promises, and where network and
// cart do not touch, the spectrum is that of each.
#include <doctest/doctest.h>

#include <algorithm>
#include <attractornet/analysis/lyapunov.hpp>
#include <attractornet/systems/feedback_network.hpp>
#include <attractornet/systems/feedback_orbit.hpp>
#include <cmath>

#include "../../../cpp/examples/simulator/cart.hpp"
#include "../contract.hpp"

using namespace attractornet;

namespace {

feedback::Network network() {
  return feedback::Network::random({.neurons = 8, .inputs = 12, .scale = 1.5, .seed = 3});
}

std::vector<double> exponents(const auto& rule) {
  std::vector<double> start(rule.dimension());
  rule.start(start.data());
  Monitor silent;
  return lyapunov_spectrum(rule, start.data(), {.steps = 20'000}, silent).exponents;
}

}  // namespace

TEST_CASE("the coupled rule keeps the contract") {
  const auto net = network();
  contract::holds(CartRule{net.rule(), {}}, contract::wave(14, 0.4));
}

TEST_CASE("a cart that feels nothing adds its own two exponents to the network's") {
  const auto net = network();
  const Cart cart{.feel = 0};
  std::vector<double> expected = exponents(net.rule());
  for (double& value : expected) value /= cart.dt;  // of a step: of a second
  // The cart's map has the determinant 1 - dt friction / mass and complex eigenvalues.
  const double decay = std::log(1 - cart.dt * cart.friction / cart.mass) / (2 * cart.dt);
  expected.insert(expected.end(), 2, decay);
  std::sort(expected.rbegin(), expected.rend());
  const auto got = exponents(CartRule{net.rule(), cart});
  REQUIRE(got.size() == expected.size());
  for (std::size_t i = 0; i < got.size(); ++i)
    CHECK(got[i] == doctest::Approx(expected[i]).epsilon(0.02));
}

TEST_CASE("parameters are checked by their list") {
  CHECK_THROWS_WITH_AS(validate(Cart{.mass = 0}), "Cart: mass = 0: expected a value in (0, inf)",
                       InvalidValue);
}
