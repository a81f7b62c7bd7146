#include <doctest/doctest.h>

#include <attractornet/dynamics/integrate.hpp>
#include <attractornet/systems/textbook_flows.hpp>
#include <attractornet/systems/textbook_maps.hpp>
#include <cmath>
#include <vector>

#include "../rules.hpp"

using namespace attractornet;
using namespace attractornet::textbook;

namespace {

/// Error of x(1) = exp(-1) for x' = -x with steps of 1/n.
template <class Scheme>
double decay_error(int n) {
  const Discretised<Decay, Scheme> map{{}, 1.0 / n};
  double x = 1, next = 0;
  for (int i = 0; i < n; ++i) {
    map.step(&x, &next);
    x = next;
  }
  return std::abs(x - std::exp(-1.0));
}

}  // namespace

TEST_CASE("schemes converge with their order") {
  CHECK(std::log2(decay_error<EulerScheme>(64) / decay_error<EulerScheme>(128)) ==
        doctest::Approx(1).epsilon(0.02));
  CHECK(std::log2(decay_error<RungeKutta4Scheme>(8) / decay_error<RungeKutta4Scheme>(16)) ==
        doctest::Approx(4).epsilon(0.05));
}

TEST_CASE(
    "the tangent of a step is the derivative of the numerical step, for any number of columns") {
  const RungeKutta4<Lorenz> map{{}, 0.01};
  const double state[] = {1.5, -2, 20};
  for (const int k : {1, 3, 8, 400}) {  // 400 columns do not fit the stack at once
    std::vector<double> v(3 * k), next(3), image(3 * k), plus(3), minus(3);
    for (int i = 0; i < 3 * k; ++i) v[i] = std::sin(1.0 + i);
    map.jvp(state, v.data(), k, next.data(), image.data());
    for (const int c : {0, k / 2, k - 1}) {
      constexpr double h = 1e-5;
      double forward[3], backward[3];
      for (int i = 0; i < 3; ++i) {
        forward[i] = state[i] + h * v[i * k + c];
        backward[i] = state[i] - h * v[i * k + c];
      }
      map.step(forward, plus.data());
      map.step(backward, minus.data());
      for (int i = 0; i < 3; ++i)
        CHECK(image[i * k + c] == doctest::Approx((plus[i] - minus[i]) / (2 * h)).epsilon(1e-8));
    }
    std::vector<double> stepped(3);
    map.step(state, stepped.data());
    CHECK(stepped == next);
  }
  CHECK(time_step_of(map) == 0.01);
  CHECK(time_step_of(Logistic{}) == 1);
}
