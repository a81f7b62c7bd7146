#include <doctest/doctest.h>

#include <attractornet/dynamics/integrate.hpp>
#include <attractornet/systems/textbook_flows.hpp>
#include <attractornet/systems/textbook_maps.hpp>
#include <cmath>
#include <vector>

#include "../contract.hpp"

using namespace attractornet;
using namespace attractornet::textbook;

namespace {

/// The contract at the start and at a later state, which must still be on the attractor.
template <Map R>
void holds_along(const R& rule) {
  std::vector<double> state(rule.dimension());
  rule.start(state.data());
  contract::holds(rule, state);
  StepOrbit<R> orbit(rule);
  orbit.load(state.data());
  orbit.advance(1000);
  orbit.state(state.data());
  for (const double x : state) CHECK(std::abs(x) < 1000);
  contract::holds(rule, state);
}

template <class... Maps>
void maps_hold() {
  (..., [] {
    CAPTURE(Maps::label);
    validate(Maps{});
    holds_along(Maps{});
  }());
}

template <class... Flows>
void flows_hold() {
  (..., [] {
    CAPTURE(Flows::label);
    validate(Flows{});
    std::vector<double> state(Flows{}.dimension());
    Flows{}.start(state.data());
    contract::holds(Flows{}, state);
    holds_along(RungeKutta4<Flows>{{}, 0.01});
  }());
}

/// `observe` knows no seam: it is the same on both sides of every coordinate's period.
template <class R>
void is_seamless(const R& rule, double period) {
  CAPTURE(R::label);
  const auto n = static_cast<std::size_t>(rule.dimension());
  std::vector<double> left(n, 0.3), right(n, 0.3);
  for (std::size_t i = 0; i < n; ++i) {
    left[i] = 0;
    right[i] = period;
    CHECK(rule.observe(left.data()) == doctest::Approx(rule.observe(right.data())));
    right[i] = period / 2;
    CHECK(std::abs(rule.observe(left.data()) - rule.observe(right.data())) > 0.1);
    left[i] = right[i] = 0.3;
  }
}

}  // namespace

TEST_CASE("textbook maps keep the contract") {
  maps_hold<Logistic, SineMap, CubicMap, Ricker, GaussMap, CuspMap, PinchersMap, TwoNeurons,
            SineCircle>();
  maps_hold<Henon, Lozi, DelayedLogistic, Tinkerbell, Burgers, HolmesCubic, DissipativeStandard,
            Ikeda, PredatorPrey, ArnoldCat, CoupledCircles>();
}

TEST_CASE("textbook flows and their discretisations keep the contract") {
  flows_hold<Lorenz, Rossler, Chen, Halvorsen, Thomas, Rucklidge, DiffusionlessLorenz,
             SimplestQuadratic, MooreSpiegel, Lorenz84, RigidBody, VanDerPol>();
  contract::holds(Euler<Lorenz>{{}, 0.001}, {1.0, 2.0, 20.0});
}

TEST_CASE("a flow is no map, and who has no adjoint promises none") {
  static_assert(!Map<Lorenz> && !Flow<Henon> && !HasAdjoint<Henon> && !HasAdjoint<Lorenz>);
}

TEST_CASE("parameters are finite") {
  CHECK_THROWS_WITH_AS(validate(Henon{.a = std::nan("")}),
                       "Henon: a = nan: expected a value in (-inf, inf)", InvalidValue);
  CHECK_THROWS_AS(validate(Lorenz{.rho = -INFINITY}), InvalidValue);
  CHECK_THROWS_AS(validate(PredatorPrey{.k = 0}), InvalidValue);
  validate(Lorenz{.rho = -1e300});
}

TEST_CASE("angles stay within their period") {
  CHECK(wrap(1.25) == 0.25);
  CHECK(wrap(-0.25) == 0.75);
  CHECK(wrap(-1e-300) == 0);
  CHECK(wrap(7, turn) == doctest::Approx(7 - turn));
  CHECK(std::isnan(wrap(INFINITY)));
  is_seamless(SineCircle{}, 1);
  is_seamless(ArnoldCat{}, 1);
  is_seamless(CoupledCircles{}, 1);
  is_seamless(DissipativeStandard{}, turn);
}
