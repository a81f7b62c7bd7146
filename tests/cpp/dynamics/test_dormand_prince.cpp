#include <doctest/doctest.h>

#include <algorithm>
#include <attractornet/dynamics/integrate.hpp>
#include <attractornet/systems/textbook_flows.hpp>
#include <cmath>
#include <initializer_list>
#include <limits>
#include <numeric>
#include <stdexcept>
#include <vector>

#include "../rules.hpp"

using namespace attractornet;
using namespace attractornet::textbook;

namespace {

/// x' = y, y' = -x.
struct Oscillator {
  int dimension() const { return 2; }
  void rhs(const double* s, double* d) const {
    d[0] = s[1];
    d[1] = -s[0];
  }
};

/// The plane two-body problem, state (x, y, x', y').
struct Kepler {
  int dimension() const { return 4; }
  void rhs(const double* s, double* d) const {
    const double r = std::hypot(s[0], s[1]);
    d[0] = s[2];
    d[1] = s[3];
    d[2] = -s[0] / (r * r * r);
    d[3] = -s[1] / (r * r * r);
  }
};

/// A flow of one variable, from a function.
template <class Function>
struct Scalar {
  Function f;
  int dimension() const { return 1; }
  void rhs(const double* x, double* d) const { d[0] = f(x[0]); }
};
template <class Function>
Scalar(Function) -> Scalar<Function>;

template <class F>
Solution solve(const F& flow, double duration, std::vector<double> initial,
               const IntegrateOptions& options = {}) {
  Monitor monitor;
  return integrate(flow, duration, initial.data(), options, monitor);
}

double length_of(std::vector<double> a, const std::vector<double>& b) {
  double square = 0;
  for (std::size_t i = 0; i < a.size(); ++i) square += (a[i] - b[i]) * (a[i] - b[i]);
  return std::sqrt(square);
}
std::vector<double> last_of(const Solution& s) {
  return {s.states.end() - s.dimension, s.states.end()};
}
std::vector<double> at(const Solution& s, double time) {
  std::vector<double> state(s.dimension);
  s.at(time, state.data());
  return state;
}
double longest_step(const Solution& s) {
  double longest = 0;
  for (std::size_t i = 1; i < s.times.size(); ++i)
    longest = std::max(longest, std::abs(s.times[i] - s.times[i - 1]));
  return longest;
}

/// Steps of one length h, whatever their error.
IntegrateOptions steps_of(double h) {
  return {.rtol = 0.9, .atol = 1e3, .first_step = h, .max_step = h};
}

}  // namespace

TEST_CASE(
    "with steps of one length the error falls with order 5, in between with order 4 at least") {
  const std::vector<double> start{1, 0};
  double before_end = 0, before_middle = 0;
  for (const int n : {16, 32, 64}) {
    const Solution s = solve(Oscillator{}, 2, start, steps_of(2.0 / n));
    REQUIRE(s.steps() == n);
    const double end = length_of(last_of(s), {std::cos(2.0), -std::sin(2.0)});
    double middle = 0;
    for (int i = 0; i < 7 * n; ++i) {
      const double t = 2.0 * (i + 0.5) / (7 * n);
      middle = std::max(middle, length_of(at(s, t), {std::cos(t), -std::sin(t)}));
    }
    if (n > 16) {
      CHECK(std::log2(before_end / end) == doctest::Approx(5).epsilon(0.05));
      CHECK(std::log2(before_middle / middle) > 4);
    }
    before_end = end;
    before_middle = middle;
  }
}

TEST_CASE(
    "a step of the pair is exact for x' = polynomial of t up to degree 4, its extension up to 3") {
  // t is a variable: state (t, t^5/5, t^4/4).
  struct Powers {
    int dimension() const { return 3; }
    void rhs(const double* s, double* d) const {
      d[0] = 1;
      d[1] = s[0] * s[0] * s[0] * s[0];
      d[2] = s[0] * s[0] * s[0];
    }
  };
  const Solution s = solve(Powers{}, 2, {0, 0, 0}, steps_of(2));
  REQUIRE(s.steps() == 1);
  CHECK(last_of(s)[1] == doctest::Approx(32.0 / 5).epsilon(1e-14));
  CHECK(last_of(s)[2] == doctest::Approx(4).epsilon(1e-14));
  for (double t = 0; t <= 2; t += 0.125) CHECK(std::abs(at(s, t)[2] - t * t * t * t / 4) < 1e-13);
}

TEST_CASE("the error is proportional to the tolerance") {
  const double pi2 = 2 * pi;
  for (const double factor : {1.0, 10.0}) {  // a circle and an ellipse of eccentricity 0.6
    double before = 0;
    for (double rtol = 1e-6; rtol > 1e-13; rtol *= 1e-2) {
      const IntegrateOptions options{.rtol = rtol, .atol = rtol * 1e-2};
      const Solution s = factor == 1 ? solve(Oscillator{}, 5 * pi2, {1, 0}, options)
                                     : solve(Kepler{}, 5 * pi2, {0.4, 0, 0, 2}, options);
      REQUIRE(s.status == IntegrationStatus::ok);
      const double error = length_of(
          last_of(s), factor == 1 ? std::vector<double>{1, 0} : std::vector<double>{0.4, 0, 0, 2});
      CAPTURE(rtol);
      CHECK(error < 1e4 * rtol);
      if (before > 0) {  // 100 times less, but for how the step lengths fall
        CHECK(before / error > 25);
        CHECK(before / error < 1000);
      }
      before = error;
    }
  }
}

TEST_CASE("a Kepler orbit takes short steps at its pericentre, and few altogether") {
  const Solution s =
      solve(Kepler{}, 2 * pi, {0.1, 0, 0, std::sqrt(19.0)}, {.rtol = 1e-8, .atol = 1e-10});
  REQUIRE(s.status == IntegrationStatus::ok);
  CHECK(longest_step(s) > 20 * (s.times[1] - s.times[0]));
  CHECK(s.steps() < 200);
  CHECK(length_of(last_of(s), {0.1, 0, 0, std::sqrt(19.0)}) < 1e-4);
}

TEST_CASE("the continuous extension meets the step ends, and is as exact as the steps") {
  const Solution s = solve(Oscillator{}, 10, {0.1, 0.7}, {.rtol = 1e-9, .atol = 1e-12});
  for (std::size_t i = 0; i < s.times.size(); ++i) {
    const auto x = at(s, s.times[i]);
    CHECK(x[0] == s.states[2 * i]);
    CHECK(x[1] == s.states[2 * i + 1]);
  }
  double worst = 0, jump = 0;
  for (double t = 0; t < 10; t += 0.0037) {
    const std::vector<double> truth{0.1 * std::cos(t) + 0.7 * std::sin(t),
                                    0.7 * std::cos(t) - 0.1 * std::sin(t)};
    worst = std::max(worst, length_of(at(s, t), truth));
  }
  CHECK(worst < 1e-7);
  // It is continuous across the ends, with its slope.
  for (std::size_t i = 1; i + 1 < s.times.size(); ++i) {
    constexpr double h = 1e-5;
    const auto left = at(s, s.times[i] - h), middle = at(s, s.times[i]),
               right = at(s, s.times[i] + h);
    jump = std::max(jump, std::abs(right[0] - 2 * middle[0] + left[0]));
  }
  CHECK(jump < 1e-9);
}

TEST_CASE("backwards is forwards undone") {
  const IntegrateOptions options{.rtol = 1e-11, .atol = 1e-12};
  const std::vector<double> start{1, 1, 1};
  const Solution forth = solve(Lorenz{}, 1, start, options);
  const Solution back = solve(Lorenz{}, -1, last_of(forth), options);
  REQUIRE(back.status == IntegrationStatus::ok);
  CHECK(back.times.back() == -1);
  CHECK(std::is_sorted(back.times.rbegin(), back.times.rend()));
  // Errors grow backwards, here by exp(14.6) = 2e6.
  CHECK(length_of(last_of(back), start) < 1e-4);
  const Solution decay = solve(Decay{}, -3, {1}, options);
  CHECK(last_of(decay)[0] == doctest::Approx(std::exp(3.0)).epsilon(1e-9));
  for (const double t : {0.0, -0.3, -1.7, -3.0})
    CHECK(at(decay, t)[0] == doctest::Approx(std::exp(-t)).epsilon(1e-8));
}

TEST_CASE("a singularity, a state out of bounds and too many steps have names") {
  const Solution blow = solve(Scalar{[](double x) { return x * x; }}, 2, {1});
  CHECK(blow.status == IntegrationStatus::step_too_small);
  CHECK(blow.times.back() == doctest::Approx(1).epsilon(1e-4));
  CHECK(at(blow, 0.5)[0] == doctest::Approx(2).epsilon(1e-5));

  const Solution overflow = solve(Scalar{[](double x) { return x; }}, 1000, {1});
  CHECK(overflow.status == IntegrationStatus::diverged);
  CHECK(overflow.times.back() ==
        doctest::Approx(std::log(std::numeric_limits<double>::max())).epsilon(1e-2));
  for (const double x : overflow.states) CHECK(std::isfinite(x));

  // Slopes that stay finite while the state does not.
  const Solution straight = solve(Scalar{[](double) { return 1e300; }}, 1e12, {1});
  CHECK(straight.status == IntegrationStatus::diverged);
  for (const double x : straight.states) CHECK(std::isfinite(x));

  const Solution few = solve(Oscillator{}, 1e3, {1, 0}, {.max_steps = 10});
  CHECK(few.status == IntegrationStatus::too_many_steps);
  CHECK(few.steps() == 10);

  constexpr double nan = std::numeric_limits<double>::quiet_NaN();
  CHECK(solve(Decay{}, 1, {nan}).status == IntegrationStatus::diverged);
  CHECK(solve(Scalar{[](double x) { return 1 / x; }}, 1, {0}).status != IntegrationStatus::ok);
  CHECK(solve(Scalar{[](double x) { return x < 1.5 ? 1.0 : nan; }}, 1, {1}).times.back() ==
        doctest::Approx(0.5).epsilon(1e-3));
}

TEST_CASE("first_step and max_step are kept") {
  const Solution s = solve(Oscillator{}, 1, {1, 0}, {.first_step = 1e-3});
  CHECK(s.times[1] == 1e-3);
  CHECK(s.rejected == 0);
  const Solution wide = solve(Oscillator{}, 1, {1, 0}, {.rtol = 1e-9, .first_step = 1});
  CHECK(wide.rejected > 0);
  for (const double most : {0.1, 0.0995, 0.09995, 0.3, 1.0 / 3, 0.07, 1.0, 50.0}) {
    CAPTURE(most);
    const Solution short_steps =
        solve(Oscillator{}, 1, {1, 0}, {.rtol = 1e-2, .atol = 1, .max_step = most});
    CHECK(longest_step(short_steps) <= most * (1 + 1e-8));
    CHECK(short_steps.times.back() == 1);
  }
}

TEST_CASE(
    "every tolerance and state is served: a rest, zeros without atol, large and small units") {
  const Solution rest = solve(Oscillator{}, 100, {0, 0});
  CHECK(rest.status == IntegrationStatus::ok);
  CHECK(rest.steps() < 30);
  for (const double x : rest.states) CHECK(x == 0);

  const IntegrateOptions relative{.rtol = 1e-8, .atol = 0};
  const Solution zero = solve(Oscillator{}, 1, {1, 0}, relative);  // one variable is 0
  CHECK(zero.status == IntegrationStatus::ok);
  CHECK(zero.steps() < 100);
  CHECK(last_of(zero)[0] == doctest::Approx(std::cos(1.0)).epsilon(1e-7));
  const Solution axis = solve(Lorenz{}, 1, {0, 0, 5}, relative);  // two variables stay 0
  CHECK(axis.status == IntegrationStatus::ok);
  CHECK(last_of(axis)[2] == doctest::Approx(5 * std::exp(-8.0 / 3)).epsilon(1e-6));

  for (const double unit : {1e-300, 1e-150, 1e-20, 1e20, 1e150, 1e300}) {
    CAPTURE(unit);
    const Solution scaled = solve(Oscillator{}, 1, {unit, 0}, relative);
    CHECK(scaled.status == IntegrationStatus::ok);
    CHECK(last_of(scaled)[0] / unit == doctest::Approx(std::cos(1.0)).epsilon(1e-7));
    const Solution fast =
        solve(Scalar{[&](double x) { return -unit * x; }}, 1 / unit, {1}, relative);
    CHECK(fast.status == IntegrationStatus::ok);
    CHECK(last_of(fast)[0] == doctest::Approx(std::exp(-1.0)).epsilon(1e-7));
    CHECK(fast.steps() < 400);
  }
  const Solution nothing = solve(Oscillator{}, 0, {1, 0});
  CHECK(nothing.steps() == 0);
  CHECK(at(nothing, 0) == std::vector<double>{1, 0});
}

TEST_CASE("a monitor that throws stops the integration; bad options are refused") {
  struct Stop : Monitor {
    void report(std::int64_t, std::int64_t) override { throw std::runtime_error("stop"); }
  } stop;
  const double start[] = {1, 0};
  CHECK_THROWS_AS(integrate(Oscillator{}, 1e9, start, {.max_steps = 1'000'000'000}, stop),
                  std::runtime_error);
  CHECK_THROWS_AS(solve(Decay{}, INFINITY, {1}), InvalidValue);
  CHECK_THROWS_AS(solve(Decay{}, 1, {1}, {.rtol = 0}), InvalidValue);
  CHECK_THROWS_AS(solve(Decay{}, 1, {1}, {.rtol = 1e-14, .atol = 0}), InvalidValue);
  CHECK_THROWS_AS(solve(Decay{}, 1, {1}, {.atol = -1}), InvalidValue);
  CHECK_THROWS_AS(solve(Decay{}, 1, {1}, {.first_step = 0}), InvalidValue);
  CHECK_THROWS_AS(solve(Decay{}, 1, {1}, {.max_step = -1}), InvalidValue);
  CHECK_THROWS_AS(solve(Decay{}, 1, {1}, {.max_steps = 0}), InvalidValue);
}

TEST_CASE("as a map: the flow over dt, as fine steps of Runge and Kutta give it") {
  const DormandPrince<Lorenz> map{{}, 0.1, {{1e-12, 1e-12}}};
  const RungeKutta4<Lorenz> fine{{}, 1e-4};
  double state[] = {1, 1, 1}, slow[] = {1, 1, 1}, next[3];
  for (int i = 0; i < 20; ++i) {
    map.step(state, next);
    std::copy_n(next, 3, state);
    for (int j = 0; j < 1000; ++j) {
      fine.step(slow, next);
      std::copy_n(next, 3, slow);
    }
  }
  for (int i = 0; i < 3; ++i) CHECK(state[i] == doctest::Approx(slow[i]).epsilon(1e-8));
  CHECK(time_step_of(map) == 0.1);
  static_assert(samples_flow<DormandPrince<Lorenz>>);

  const DormandPrince<Scalar<double (*)(double)>> blow{{[](double x) { return x * x; }}, 2};
  const double one = 1;
  blow.step(&one, next);
  CHECK(!std::isfinite(next[0]));
}

TEST_CASE("as a map: the tangent is the derivative, and rides along without changing the state") {
  for (const double tolerance : {1e-6, 1e-12}) {
    const DormandPrince<Lorenz> map{{}, 0.25, {{tolerance, tolerance}}};
    const double state[] = {1.5, -2, 20};
    constexpr int k = 400;
    std::vector<double> v(3 * k), next(3), image(3 * k), plus(3), minus(3), stepped(3);
    for (int i = 0; i < 3 * k; ++i) v[i] = std::sin(1.0 + i);
    map.jvp(state, v.data(), k, next.data(), image.data());
    map.step(state, stepped.data());
    CHECK(stepped == next);
    for (const int c : {0, 1, k / 2, k - 1}) {
      // NOTE: far enough apart that the tolerance of the two steps is small beside it.
      const double h = tolerance > 1e-9 ? 1e-2 : 1e-4;
      double forward[3], backward[3];
      for (int i = 0; i < 3; ++i) {
        forward[i] = state[i] + h * v[i * k + c];
        backward[i] = state[i] - h * v[i * k + c];
      }
      map.step(forward, plus.data());
      map.step(backward, minus.data());
      for (int i = 0; i < 3; ++i)
        CHECK(std::abs(image[i * k + c] - (plus[i] - minus[i]) / (2 * h)) <
              (tolerance > 1e-9 ? 2e-2 : 1e-6));
    }
  }
}
