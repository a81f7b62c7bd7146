#include <doctest/doctest.h>

#include <attractornet/analysis/wilson_cowan_cycle.hpp>
#include <attractornet/analysis/wilson_cowan_node.hpp>
#include <attractornet/core/monitor.hpp>
#include <cmath>
#include <vector>

namespace attractornet::wilson_cowan {

namespace {

/// The rest states of the paper's node, by Newton's method in 30 digits.
constexpr double low = 0.213590341241998360, middle = 0.283960153188196072,
                 high = 0.373268984633266146, inhibition = 0.452562450770461772;

Monitor quiet;

}  // namespace

TEST_CASE("rest states of the paper's node") {
  const auto found = equilibria({});
  REQUIRE(found.size() == 3);
  const double x[] = {low, middle, high};
  // Where f x' = a + c Gamma lambda, and what it is stable below or above.
  const double a[] = {-1.60181776904666, 2.44194421337300, -2.17495738503375};
  const double c[] = {0.0424423680483972, 0.63011106910747, 0.0303352604276335};
  const double limit[] = {37.7410084003818, -3.87541868901291, 71.6973368408107};
  for (int i = 0; i < 3; ++i) {
    CHECK(found[i].x == doctest::Approx(x[i]).epsilon(1e-15));
    CHECK(found[i].y == doctest::Approx(inhibition).epsilon(1e-15));
    CHECK(found[i].jacobian.xx == doctest::Approx(a[i]).epsilon(1e-12));
    CHECK(found[i].jacobian.coupling == doctest::Approx(c[i]).epsilon(1e-12));
    CHECK(found[i].stable() == (i != 1));
    CHECK(found[i].stable_couplings().high == doctest::Approx(limit[i]).epsilon(1e-12));
    CHECK(std::isinf(found[i].stable_couplings().low));
    // s(Gamma lambda) of the paper is zero where the interval ends, and not above s_I = -3.892.
    CHECK(std::abs(found[i].exponent(limit[i])) < 1e-12);
    CHECK(found[i].exponent(-1000) == doctest::Approx(-3.89202134122500).epsilon(1e-9));
  }
  CHECK(euler_limit({}) == doctest::Approx(2 * 0.25 / 0.97300533530625).epsilon(1e-10));
}

TEST_CASE("a pole of the determinant bounds the interval from below") {
  // With w_ie > 0 a coupling can be too low as well as too high.
  NodeRule node{preset(Regime::excitable)};
  for (const Equilibrium& rest : equilibria(node)) {
    const auto [lowest, highest] = rest.stable_couplings();
    for (double k = -40; k < 40; k += 0.37)
      CHECK((rest.exponent(k) < 0) == (k > lowest && k < highest));
  }
}

TEST_CASE("no weight from inhibition, no weights at all, no steepness") {
  NodeRule node;
  node.w_ei = 0;
  for (const auto& rest : equilibria(node)) {
    const double state[] = {rest.x, rest.y};
    double slope[2];
    node.rhs(state, slope);
    CHECK(std::abs(slope[0]) + std::abs(slope[1]) < 1e-15);
  }
  CHECK(equilibria(node).size() == 1);
  node.w_ee = node.w_ie = node.w_ii = 0;
  REQUIRE(equilibria(node).size() == 1);
  node.beta_e = node.beta_i = 0;
  REQUIRE(equilibria(node).size() == 1);
  CHECK(equilibria(node)[0].x == doctest::Approx(0.65 / (1.5 + 0.65)));
}

TEST_CASE("rest states meet and vanish in a fold") {
  // Two of three vanish where h_e passes the fold; close to it both are still found.
  NodeRule node;
  double less = -1.2, more = -1.0;  // three states, one state
  for (int i = 0; i < 45; ++i) {
    const double between = 0.5 * (less + more);
    node.h_e = between;
    (equilibria(node).size() == 3 ? less : more) = between;
  }
  node.h_e = less;
  const auto found = equilibria(node);
  REQUIRE(found.size() == 3);
  CHECK(found[1].x - found[0].x < 1e-5);
  CHECK(std::abs(found[0].determinant()) < 1e-3);
}

TEST_CASE("rates that outgrow decay are refused") {
  NodeRule node;
  node.alpha_e = -0.5;
  CHECK_THROWS_WITH_AS(equilibria(node), doctest::Contains("alpha_e = -0.5"), InvalidValue);
}

TEST_CASE("nullclines go through the rest states") {
  for (const Regime regime : {Regime::bistable, Regime::limit_cycle, Regime::excitable}) {
    const NodeRule node{preset(regime)};
    const Nullclines curves = nullclines(node, 1000);
    for (std::size_t i = 0; i < curves.x.x.size(); ++i) {
      const double state[] = {curves.x.x[i], curves.x.y[i]};
      double slope[2];
      node.rhs(state, slope);
      CHECK(std::abs(slope[0]) < 1e-12);
    }
    for (std::size_t i = 0; i < curves.y.x.size(); ++i) {
      if (std::isnan(curves.y.x[i])) continue;
      const double state[] = {curves.y.x[i], curves.y.y[i]};
      double slope[2];
      node.rhs(state, slope);
      CHECK(std::abs(slope[1]) < 1e-12);
    }
  }
}

TEST_CASE("a cycle closes, and ends on a saddle and a node") {
  const NodeRule node{preset(Regime::limit_cycle)};
  const auto rest = equilibria(node);
  REQUIRE(rest.size() == 1);
  CHECK(rest[0].trace() > 0);
  const auto inside = cycle_around(node, rest[0], {rest[0].x + 1e-3, rest[0].y}, quiet);
  const auto outside = cycle_around(node, rest[0], {0.4, 0.0}, quiet);
  REQUIRE(inside);
  REQUIRE(outside);
  CHECK(inside->period == doctest::Approx(outside->period).epsilon(1e-8));
  CHECK(inside->x_high == doctest::Approx(outside->x_high).epsilon(1e-5));

  std::vector<double> values;
  for (double h = -3.2; h < -1.9; h += 0.05) values.push_back(h);
  const Bifurcation found = bifurcation(node, &NodeRule::h_e, values, quiet);
  for (std::size_t i = 0; i < values.size(); ++i) {
    int rests = 0;
    bool stable = false;
    for (const auto& each : found.rests) {
      rests += each.value == values[i];
      stable = stable || (each.value == values[i] && each.state.stable());
    }
    // Below it ends on a saddle and a node, above it shrinks onto a state that becomes stable.
    const double drive = values[i] + 4;
    CHECK(rests == (drive > 0.91 && drive < 1.07 ? 3 : 1));
    CHECK(found.cycles[i].has_value() == !stable);
  }
}

TEST_CASE("regimes are what they are called") {
  CHECK(equilibria(NodeRule{preset(Regime::bistable)}).size() == 3);
  const auto rest = equilibria(NodeRule{preset(Regime::excitable)});
  REQUIRE(rest.size() == 3);
  CHECK(rest[0].stable());
  CHECK(rest[1].determinant() < 0);
  CHECK_FALSE(rest[2].stable());
}

}  // namespace attractornet::wilson_cowan
