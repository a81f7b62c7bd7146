/// @file
/// Schemes that turn a flow into a map, so that every analysis of maps serves flows; tangent
/// vectors ride along as a larger flow (Tangent), of which the scheme knows nothing.
#pragma once

#include <algorithm>
#include <array>
#include <attractornet/core/concepts.hpp>
#include <attractornet/core/math.hpp>
#include <attractornet/dynamics/dormand_prince.hpp>
#include <limits>
#include <vector>

namespace attractornet {

/// Numbers that an integrator needs beside its arguments: on the stack where they are few.
class WorkSpace {
 public:
  static constexpr int few = 1024;

  explicit WorkSpace(int numbers) {
    if (numbers > few) many_.resize(static_cast<std::size_t>(numbers));
  }
  double* data() { return many_.empty() ? small_.data() : many_.data(); }

 private:
  std::array<double, few> small_;
  std::vector<double> many_;
};

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
struct EulerScheme {
  template <Flow F>
  void advance(const F& flow, int, double dt, const double* x, double* next) const {
    const int n = flow.dimension();
    flow.rhs(x, next);
    for (int i = 0; i < n; ++i) next[i] = fma(dt, next[i], x[i]);
  }
};

/// One step of the classical Runge-Kutta scheme of order 4.
struct RungeKutta4Scheme {
  template <Flow F>
  void advance(const F& flow, int, double dt, const double* x, double* next) const {
    const int n = flow.dimension();
    WorkSpace slopes(n), points(n);
    double *slope = slopes.data(), *point = points.data();
    const auto move = [&](double c) {
      for (int i = 0; i < n; ++i) point[i] = fma(c, slope[i], x[i]);
    };
    const auto add = [&](double c) {
      for (int i = 0; i < n; ++i) next[i] = fma(c, slope[i], next[i]);
    };
    std::copy_n(x, n, next);
    flow.rhs(x, slope);
    add(dt / 6);
    move(dt / 2);
    flow.rhs(point, slope);
    add(dt / 3);
    move(dt / 2);
    flow.rhs(point, slope);
    add(dt / 3);
    move(dt);
    flow.rhs(point, slope);
    add(dt / 6);
  }
};

/// As many steps of the pair of Dormand and Prince as the tolerance asks for within dt. The step
/// lengths depend on the state alone, so tangent vectors are the derivative of what is computed but
/// for the lengths' own dependence on the state, which is of the order of the tolerance. NaN where
/// no step keeps it.
struct DormandPrinceScheme {
  Tolerance tolerance{};

  template <Flow F>
  void advance(const F& flow, int controlled, double dt, const double* x, double* next) const {
    using Stepper = detail::DormandPrinceStepper<F>;
    const int n = flow.dimension();
    WorkSpace work(Stepper::arrays * n);
    Stepper stepper(flow, controlled, tolerance, work.data());
    stepper.load(x);
    double time = 0, h = dt, before = 1e-4;
    while (time < dt) {
      if (time + 1.01 * h >= dt) h = dt - time;
      const double error = stepper.attempt(h);
      const double length = h;
      h = Stepper::next_length(h, error, before);
      if (error <= 1) {
        time = time + length >= dt ? dt : time + length;
        before = error;
        stepper.accept();
      } else if (!(h > 1e-14 * dt)) {
        std::fill_n(next, n, std::numeric_limits<double>::quiet_NaN());
        return;
      }
    }
    std::copy_n(stepper.state(), n, next);
  }
};

/// A flow sampled every dt by a scheme: a map.
template <Flow F, class Scheme>
struct Discretised {
  static constexpr bool samples_flow = true;

  F flow;
  double dt;
  Scheme scheme{};

  int dimension() const { return flow.dimension(); }
  double observe(const double* state) const { return observable_of(flow, state); }
  double time_step() const { return dt; }
  void step(const double* state, double* next) const {
    scheme.advance(flow, dimension(), dt, state, next);
  }

  /// The exact derivative of the numerical step: the same scheme on Tangent<F>, a few columns a
  /// time.
  void jvp(const double* state, const double* tangents, int k, double* next,
           double* next_tangents) const
    requires HasTangent<F>
  {
    const int n = dimension();
    const int most = std::clamp(WorkSpace::few / n - 1, std::min(k, 16), k);
    WorkSpace before(n * (1 + most)), after(n * (1 + most));
    double *from = before.data(), *to = after.data();
    for (int first = 0; first < k; first += most) {
      const int columns = std::min(most, k - first);
      std::copy_n(state, n, from);
      for (int row = 0; row < n; ++row)
        std::copy_n(tangents + row * k + first, columns, from + n + row * columns);
      scheme.advance(Tangent<F>{flow, columns}, n, dt, from, to);
      std::copy_n(to, n, next);
      for (int row = 0; row < n; ++row)
        std::copy_n(to + n + row * columns, columns, next_tangents + row * k + first);
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
template <Flow F>
using DormandPrince = Discretised<F, DormandPrinceScheme>;

}  // namespace attractornet
