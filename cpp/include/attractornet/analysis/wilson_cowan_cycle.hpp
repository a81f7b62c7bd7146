/// @file
/// Stable limit cycles of a Wilson-Cowan node, and how they and its rest states follow a parameter.
///
/// A cycle of a flow in the plane goes around a rest state whose Jacobian has a positive
/// determinant. So orbits are followed from one crossing of the ray to the next, on which x is that
/// of the rest state and grows, until they come back to where they were.
#pragma once

#include <array>
#include <attractornet/analysis/wilson_cowan_node.hpp>
#include <attractornet/core/monitor.hpp>
#include <attractornet/dynamics/integrate.hpp>
#include <cmath>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace attractornet::wilson_cowan {

/// A closed orbit.
struct Cycle {
  double x_low, x_high, y_low, y_high, period;
  double x, y;  ///< one of its states
};

namespace detail {

/// A step of the classical Runge-Kutta scheme.
inline std::array<double, 2> runge_kutta_step(const NodeRule& node, const std::array<double, 2>& s,
                                              double dt) {
  std::array<double, 2> next;
  RungeKutta4Scheme{}.advance(node, 0, dt, s.data(), next.data());
  return next;
}

/// Follows an orbit to where x next comes up to that of the ray, and notes its extremes and the
/// time on the way; false where it does not come there.
inline bool turn(const NodeRule& node, double ray, double dt, std::array<double, 2>& state,
                 Cycle& cycle) {
  constexpr int most_steps = 200'000;
  cycle = {state[0], state[0], state[1], state[1], 0, 0, 0};
  for (int step = 0; step < most_steps; ++step) {
    const auto next = runge_kutta_step(node, state, dt);
    if (state[0] < ray && next[0] >= ray) {
      double low = 0, high = dt;
      for (int i = 0; i < 50; ++i) {
        const double middle = 0.5 * (low + high);
        (runge_kutta_step(node, state, middle)[0] < ray ? low : high) = middle;
      }
      state = {ray, runge_kutta_step(node, state, high)[1]};
      cycle.period += high;
      return true;
    }
    state = next;
    cycle.period += dt;
    cycle.x_low = std::min(cycle.x_low, state[0]);
    cycle.x_high = std::max(cycle.x_high, state[0]);
    cycle.y_low = std::min(cycle.y_low, state[1]);
    cycle.y_high = std::max(cycle.y_high, state[1]);
  }
  return false;
}

}  // namespace detail

/// The stable cycle around a rest state to which the orbit of a state goes; none where it goes
/// elsewhere, or where 2000 turns do not bring it there.
/// Steps are 1/40 of the node's fastest time, for a period to 1e-7 of itself, and extremes to 1e-5.
inline std::optional<Cycle> cycle_around(const NodeRule& node, const Equilibrium& rest,
                                         std::array<double, 2> state, Monitor& monitor) {
  const double dt = 1 / (40 * fastest_rate(node));
  double last = std::numeric_limits<double>::quiet_NaN();
  Cycle cycle;
  for (int turns = 0; turns < 2000; ++turns) {
    if (!detail::turn(node, rest.x, dt, state, cycle)) return std::nullopt;
    monitor.tick(0);
    const double size = std::abs(state[1] - rest.y);
    if (size < 1e-6) return std::nullopt;  // into the rest state
    if (std::abs(state[1] - last) < 1e-10) {
      cycle.x = state[0];
      cycle.y = state[1];
      return cycle;
    }
    last = state[1];
  }
  return std::nullopt;
}

/// What a node does at each value of a parameter.
struct Bifurcation {
  struct Rest {
    double value;
    Equilibrium state;
  };
  std::vector<Rest> rests;                   ///< by values, then by x
  std::vector<std::optional<Cycle>> cycles;  ///< a stable one, for each value
};

/// @param parameter a field of the node; @param values of it, along which cycles are followed, both
///        ways: one that coexists with a stable rest state is found by those beside it.
inline Bifurcation bifurcation(NodeRule node, double NodeRule::* parameter,
                               std::span<const double> values, Monitor& monitor) {
  Bifurcation result;
  std::vector<std::vector<Equilibrium>> rests;
  const auto at = [&](std::size_t i) {
    node.*parameter = values[i];
    validate(node);
    return node;
  };
  // Around a rest state that is no saddle, from a start of one's own or, where it is unstable, from
  // close by.
  const auto cycle_at = [&](std::size_t i, const std::optional<Cycle>& start) {
    const NodeRule here = at(i);
    for (const Equilibrium& rest : rests[i]) {
      if (!(rest.determinant() > 0)) continue;
      if (start)
        if (auto found = cycle_around(here, rest, {start->x, start->y}, monitor)) return found;
      if (rest.trace() > 0)
        if (auto found = cycle_around(here, rest, {rest.x + 1e-4, rest.y}, monitor)) return found;
    }
    return std::optional<Cycle>();
  };
  monitor.begin(static_cast<std::int64_t>(values.size()));
  for (std::size_t i = 0; i < values.size(); ++i, monitor.tick(1)) {
    rests.push_back(equilibria(at(i)));
    for (const Equilibrium& state : rests.back()) result.rests.push_back({values[i], state});
    result.cycles.push_back(cycle_at(i, i > 0 ? result.cycles.back() : std::nullopt));
  }
  for (std::size_t i = values.size(); i-- > 1;)
    if (result.cycles[i] && !result.cycles[i - 1])
      result.cycles[i - 1] = cycle_at(i - 1, result.cycles[i]);
  monitor.end();
  return result;
}

}  // namespace attractornet::wilson_cowan
