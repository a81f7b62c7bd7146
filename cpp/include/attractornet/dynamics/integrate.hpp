/// @file
/// Fixed-step integrators. Each turns a flow into a map, so that every analysis of maps serves
/// flows; tangent vectors ride along as a larger flow (Tangent), of which the integrator knows
/// nothing.
#pragma once

#include <algorithm>
#include <array>
#include <attractornet/core/concepts.hpp>
#include <attractornet/core/error.hpp>
#include <attractornet/core/math.hpp>

namespace attractornet {

/// Numbers that an integrator's work arrays on the stack hold: a flow's state, with at least one
/// tangent vector where these are asked for.
inline constexpr int most_flow_variables = 1024;

/// Throws where `count` numbers are too many for the work arrays.
inline void check_flow_size(int count) {
  if (count > most_flow_variables)
    reject("Discretised", "flow.dimension (with a tangent vector)", std::int64_t{count},
           "at most 1024 numbers");
}

/// A flow with k tangent vectors as one flow: state (x, v), where v' = Df(x) v.
template <Flow F>
  requires HasTangent<F>
struct Tangent {
  F flow;
  int k;

  int dimension() const { return flow.dimension() * (1 + k); }
  void rhs(const double* state, double* derivative) const {
    const int n = flow.dimension();
    flow.jvp(state, state + n, k, derivative, derivative + n);
  }
};

/// One explicit Euler step of length dt: x + dt f(x).
template <Flow F>
struct EulerScheme {
  static void advance(const F& flow, double dt, const double* x, double* next) {
    const int n = flow.dimension();
    flow.rhs(x, next);
    for (int i = 0; i < n; ++i) next[i] = fma(dt, next[i], x[i]);
  }
};

/// One step of the classical Runge-Kutta scheme of order 4.
template <Flow F>
struct RungeKutta4Scheme {
  static void advance(const F& flow, double dt, const double* x, double* next) {
    const int n = flow.dimension();
    std::array<double, most_flow_variables> slope, point;
    const auto move = [&](double c) {
      for (int i = 0; i < n; ++i) point[i] = fma(c, slope[i], x[i]);
    };
    const auto add = [&](double c) {
      for (int i = 0; i < n; ++i) next[i] = fma(c, slope[i], next[i]);
    };
    std::copy_n(x, n, next);
    flow.rhs(x, slope.data());
    add(dt / 6);
    move(dt / 2);
    flow.rhs(point.data(), slope.data());
    add(dt / 3);
    move(dt / 2);
    flow.rhs(point.data(), slope.data());
    add(dt / 3);
    move(dt);
    flow.rhs(point.data(), slope.data());
    add(dt / 6);
  }
};

/// A flow sampled every dt by a scheme: a map.
template <Flow F, template <class> class Scheme>
struct Discretised {
  static constexpr bool samples_flow = true;

  F flow;
  double dt;

  int dimension() const { return flow.dimension(); }
  double observe(const double* state) const { return observable_of(flow, state); }
  double time_step() const { return dt; }
  void step(const double* state, double* next) const {
    check_flow_size(dimension());
    Scheme<F>::advance(flow, dt, state, next);
  }

  /// The exact derivative of the numerical step: the same scheme on Tangent<F>, a few columns a
  /// time.
  void jvp(const double* state, const double* tangents, int k, double* next,
           double* next_tangents) const
    requires HasTangent<F>
  {
    const int n = dimension();
    check_flow_size(2 * n);
    const int most = most_flow_variables / n - 1;
    std::array<double, most_flow_variables> from, to;
    for (int first = 0; first < k; first += most) {
      const int columns = std::min(most, k - first);
      std::copy_n(state, n, from.begin());
      for (int row = 0; row < n; ++row)
        std::copy_n(tangents + row * k + first, columns, from.begin() + n + row * columns);
      Scheme<Tangent<F>>::advance(Tangent<F>{flow, columns}, dt, from.data(), to.data());
      std::copy_n(to.begin(), n, next);
      for (int row = 0; row < n; ++row)
        std::copy_n(to.begin() + n + row * columns, columns, next_tangents + row * k + first);
    }
  }
  void start(double* state) const
    requires HasStart<F>
  {
    flow.start(state);
  }
};

template <Flow F>
using Euler = Discretised<F, EulerScheme>;
template <Flow F>
using RungeKutta4 = Discretised<F, RungeKutta4Scheme>;

}  // namespace attractornet
