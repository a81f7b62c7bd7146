#include <doctest/doctest.h>

#include <attractornet/core/monitor.hpp>
#include <attractornet/dynamics/integrate.hpp>
#include <attractornet/systems/hopfield_continuous_network.hpp>
#include <cmath>
#include <limits>
#include <vector>

#include "../contract.hpp"

using namespace attractornet;
using namespace attractornet::hopfield;
using contract::Vector;
using contract::wave;

namespace {

ContinuousNetwork network(std::size_t units, bool symmetric) {
  Vector w = wave(units * units, 0.3);
  for (std::size_t i = 0; symmetric && i < units; ++i)
    for (std::size_t j = 0; j < i; ++j) w[i * units + j] = w[j * units + i];
  return {w, wave(units, 1.1), symmetric};
}

/// The equation as it is written.
Vector slow_rhs(const ContinuousRule& rule, const Vector& u) {
  const auto [gain, tau] = rule.params;
  Vector result(u.size());
  for (std::size_t i = 0; i < u.size(); ++i) {
    result[i] = rule.weights.current[i] - u[i] / tau;
    for (std::size_t j = 0; j < u.size(); ++j)
      result[i] += rule.weights.w[i * u.size() + j] * std::tanh(gain * u[j]);
  }
  return result;
}

double energy(const ContinuousRule& rule, const Vector& u) {
  Vector work(u.size());
  return rule.energy(u.data(), work.data());
}

double slow_energy(const ContinuousRule& rule, const Vector& u) {
  const auto [gain, tau] = rule.params;
  double sum = 0;
  for (std::size_t i = 0; i < u.size(); ++i) {
    const double v = std::tanh(gain * u[i]);
    sum -= rule.weights.current[i] * v;
    sum += (v * std::atanh(v) + 0.5 * std::log1p(-v * v)) / gain / tau;
    for (std::size_t j = 0; j < u.size(); ++j)
      sum -= 0.5 * rule.weights.w[i * u.size() + j] * v * std::tanh(gain * u[j]);
  }
  return sum;
}

/// Of one unit without weights: the energy is G(u) / tau.
double stored(double u, const ContinuousParams& params) {
  return energy(ContinuousNetwork({0}, {0}).rule(params), {u});
}

}  // namespace

TEST_CASE("right-hand side and energy are the equations, on both sides of every block") {
  for (const std::size_t units : {1, 2, 3, 5, 7, 8, 9, 13, 16, 31, 100, 511, 512, 513, 1030}) {
    CAPTURE(units);
    const auto net = network(units, true);
    const auto rule = net.rule({.gain = 1.7, .tau = 0.6});
    const Vector u = wave(units, 0.4), found = contract::image(rule, u), slow = slow_rhs(rule, u);
    for (std::size_t i = 0; i < units; ++i)
      CHECK(std::abs(found[i] - slow[i]) <= 2e-15 * static_cast<double>(units + 10));
    CHECK(energy(rule, u) == doctest::Approx(slow_energy(rule, u)).epsilon(1e-12));
  }
}

TEST_CASE("a tangent vector's image does not depend on its company") {
  const auto net = network(37, false);
  const auto rule = net.rule({.gain = 0.8});
  constexpr std::size_t n = 37, k = 5;
  const Vector u = wave(n, 0.2), tangents = wave(n * k, 0.9);
  Vector next(n), images(n * k), tangent(n), image(n);
  rule.jvp(u.data(), tangents.data(), k, next.data(), images.data());
  for (std::size_t c = 0; c < k; ++c) {
    for (std::size_t i = 0; i < n; ++i) tangent[i] = tangents[i * k + c];
    rule.jvp(u.data(), tangent.data(), 1, next.data(), image.data());
    for (std::size_t i = 0; i < n; ++i) CHECK(image[i] == images[i * k + c]);
  }
}

TEST_CASE("the integral of the inverse output keeps its digits, however small or large u") {
  for (const double gain : {0.01, 1.0, 30.0})
    for (double x = 1e-9; x < 300; x *= 1.01) {
      const long double e = std::exp(-2 * static_cast<long double>(x));
      // x tanh x - ln cosh x; its series where that cancels.
      const long double large = std::log(2.0L) - std::log1p(e) - 2 * x * e / (1 + e);
      const long double small = x * x * (0.5L - x * x * (0.25L - x * x / 6));
      const double truth = static_cast<double>(x < 1e-3 ? small : large) / gain / 0.7;
      CHECK(stored(x / gain, {gain, 0.7}) == doctest::Approx(truth).epsilon(2e-15));
      CHECK(stored(-x / gain, {gain, 0.7}) == stored(x / gain, {gain, 0.7}));
    }
  CHECK(stored(0, {}) == 0);
  CHECK(stored(1e300, {1e10, 1}) == doctest::Approx(std::log(2.0) / 1e10).epsilon(1e-15));
  CHECK(std::isnan(stored(std::nan(""), {})));
}

TEST_CASE("the energy falls at the rate of its equation, and never rises") {
  const auto net = network(20, true);
  const ContinuousParams params{.gain = 2.5, .tau = 1.4};
  const auto rule = net.rule(params);
  const RungeKutta4<ContinuousRule> map{rule, 0.01};
  Vector u = wave(20, 2.0), next(20), slope(20);
  for (int step = 0; step < 500; ++step) {
    rule.rhs(u.data(), slope.data());
    double rate = 0;
    for (std::size_t i = 0; i < 20; ++i)
      rate -= params.gain * tanh_sech2(params.gain * u[i]).sech2 * slope[i] * slope[i];
    map.step(u.data(), next.data());
    const double before = energy(rule, u), after = energy(rule, next);
    CHECK(after <= before + 1e-13);
    rule.rhs(next.data(), slope.data());
    double rate_after = 0;
    for (std::size_t i = 0; i < 20; ++i)
      rate_after -= params.gain * tanh_sech2(params.gain * next[i]).sech2 * slope[i] * slope[i];
    CHECK(std::abs((after - before) / 0.01 - 0.5 * (rate + rate_after)) <=
          2e-2 * std::abs(rate) + 1e-9);
    u.swap(next);
  }
}

TEST_CASE("weights, currents and parameters out of bounds are refused by name") {
  const auto refused = [](const Vector& w, const Vector& current, const char* message) {
    CHECK_THROWS_WITH_AS(ContinuousNetwork(w, current), doctest::Contains(message), InvalidValue);
  };
  refused({}, {}, "ContinuousHopfield: rows of weights = 0: expected 1 to 1048576");
  refused({1, 2, 3}, {1, 2}, "ContinuousHopfield: weights = 3: expected units x units values");
  refused({1, std::nan(""), 0, 1}, {1, 2}, "weights = nan: expected finite values");
  refused({1}, {std::numeric_limits<double>::infinity()}, "current = inf: expected finite");
  refused({0, 1, 2, 0}, {0, 0},
          "ContinuousHopfield: weights[0, 1] = 1: expected weights[1, 0], which is 2, but for "
          "1e-10 of the largest weight: the energy needs symmetric weights (symmetric=False: any)");
  refused({0, 1e290, -1e290, 0}, {0, 0}, "weights[0, 1] = 1e+290");
  refused({0, 1e308, 1e308, 0}, {0, 0},
          "weights = 1e+308: expected finite values of at most 1e+290 in magnitude");
  CHECK_FALSE(ContinuousNetwork({0, 1, 2, 0}, {0, 0}, false).symmetric());
  CHECK(ContinuousNetwork({0, 1, 1 + 1e-11, 0}, {0, 0}).symmetric());  // rounding
  const ContinuousNetwork net({0}, {0});
  CHECK_THROWS_WITH_AS(net.rule({.gain = 0}),
                       "ContinuousHopfield: gain = 0: expected a value in (0, inf)", InvalidValue);
  CHECK_THROWS_WITH_AS(net.rule({.tau = std::numeric_limits<double>::infinity()}),
                       "ContinuousHopfield: tau = inf: expected a value in (0, inf)", InvalidValue);
}
