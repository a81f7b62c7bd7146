/// @file
/// Adaptive integration: the embedded pair of orders 5 and 4 of J. R. Dormand and P. J. Prince, J.
/// Comput. Appl. Math. 6 (1980) 19, with the continuous extension of order 4 and the step-size
/// control of E. Hairer, S. P. Norsett, G. Wanner, "Solving Ordinary Differential Equations I",
/// 2nd ed., sections II.4 to II.6.
#pragma once

#include <algorithm>
#include <array>
#include <attractornet/core/concepts.hpp>
#include <attractornet/core/error.hpp>
#include <attractornet/core/fields.hpp>
#include <attractornet/core/math.hpp>
#include <attractornet/core/memory.hpp>
#include <attractornet/core/monitor.hpp>
#include <cmath>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <vector>

namespace attractornet {

/// What an adaptive integrator keeps its local error below: atol + rtol |x|, in the root mean
/// square over the variables.
struct Tolerance {
  double rtol = 1e-6, atol = 1e-9;
};

namespace detail {

struct DormandPrinceTable {
  static constexpr double a[7][6] = {
      {},
      {1.0 / 5},
      {3.0 / 40, 9.0 / 40},
      {44.0 / 45, -56.0 / 15, 32.0 / 9},
      {19372.0 / 6561, -25360.0 / 2187, 64448.0 / 6561, -212.0 / 729},
      {9017.0 / 3168, -355.0 / 33, 46732.0 / 5247, 49.0 / 176, -5103.0 / 18656},
      {35.0 / 384, 0, 500.0 / 1113, 125.0 / 192, -2187.0 / 6784, 11.0 / 84}};
  /// Order 5 minus order 4.
  static constexpr double e[7] = {71.0 / 57600,      0,          -71.0 / 16695, 71.0 / 1920,
                                  -17253.0 / 339200, 22.0 / 525, -1.0 / 40};
  /// Of the continuous extension.
  static constexpr double d[7] = {-12715105075.0 / 11282082432,  0,
                                  87487479700.0 / 32700410799,   -10690763975.0 / 1880347072,
                                  701980252875.0 / 199316789632, -1453857185.0 / 822651844,
                                  69997945.0 / 29380423};
};

/// Single steps of the pair. The last stage of a step is the first one of the next.
template <Flow F>
class DormandPrinceStepper {
 public:
  static constexpr int arrays = 9;  ///< of the flow's dimension, in the work space

  /// @param controlled leading variables whose error counts: all, or those of the state where
  /// tangent vectors ride along.
  DormandPrinceStepper(const F& flow, int controlled, Tolerance tolerance, double* work)
      : flow_(flow),
        n_(flow.dimension()),
        controlled_(controlled),
        tolerance_(tolerance),
        x_(work),
        next_(work + n_) {
    for (int s = 0; s < 7; ++s) stage_[s] = work + (2 + s) * n_;
  }

  void load(const double* x) {
    std::copy_n(x, n_, x_);
    flow_.rhs(x_, stage_[0]);
  }
  const double* state() const { return x_; }
  /// The state after the last attempt.
  const double* next() const { return next_; }
  const double* slope() const { return stage_[0]; }

  /// Tries a step; returns its error, at most 1 where the tolerance is kept.
  double attempt(double h) {
    for (int s = 1; s < 7; ++s) {
      combine(DormandPrinceTable::a[s], s, h, next_);  // the last sum is the step itself
      flow_.rhs(next_, stage_[s]);
    }
    double square = 0;
    for (int i = 0; i < controlled_; ++i) {
      if (!std::isfinite(next_[i])) return std::numeric_limits<double>::infinity();
      double error = 0;
      for (int s = 0; s < 7; ++s) error = fma(DormandPrinceTable::e[s], stage_[s][i], error);
      error = error * h / allowed(std::max(std::abs(x_[i]), std::abs(next_[i])));
      square = fma(error, error, square);
    }
    return std::sqrt(square / controlled_);
  }
  void accept() {
    std::swap(x_, next_);
    std::swap(stage_[0], stage_[6]);
  }

  /// Step length that the tolerance allows after one of length h and that error.
  /// @param before error of the step accepted before it.
  static double next_length(double h, double error, double before) {
    if (!(error < 1e18)) return 0.2 * h;  // NaN too
    const double wanted =
        0.9 * std::pow(std::max(error, 1e-10), -0.17) * std::pow(std::max(before, 1e-4), 0.04);
    return h * std::clamp(wanted, 0.2, error > 1 ? 1.0 : 10.0);
  }

  /// A first step length (Hairer, Norsett, Wanner, section II.4).
  double first_length(double direction) {
    const double size = norm(x_), slope = norm(stage_[0]);
    const double guess =
        size < 1e-5 || slope < 1e-5 || !std::isfinite(slope) ? 1e-6 : 0.01 * size / slope;
    for (int i = 0; i < n_; ++i) next_[i] = fma(direction * guess, stage_[0][i], x_[i]);
    flow_.rhs(next_, stage_[1]);
    for (int i = 0; i < n_; ++i) stage_[1][i] -= stage_[0][i];
    const double curvature = norm(stage_[1]) / guess, steepest = std::max(slope, curvature);
    const double longest =
        steepest <= 1e-15 ? std::max(1e-6, 1e-3 * guess) : std::pow(0.01 / steepest, 0.2);
    return longest > 0 ? std::min(100 * guess, longest) : guess;
  }

  /// Coefficients of the continuous extension over the step just attempted: 3 n numbers. With
  /// them, x(theta) = x + theta (d + (1 - theta) (c0 + theta (c1 + (1 - theta) c2))), d = next - x.
  void extension(double h, double* out) const {
    for (int i = 0; i < n_; ++i) {
      const double difference = next_[i] - x_[i];
      double last = 0;
      for (int s = 0; s < 7; ++s) last = fma(DormandPrinceTable::d[s], stage_[s][i], last);
      out[i] = h * stage_[0][i] - difference;
      out[n_ + i] = difference - h * stage_[6][i] - out[i];
      out[2 * n_ + i] = h * last;
    }
  }

 private:
  /// x + h sum of the first `count` stages.
  void combine(const double* factors, int count, double h, double* out) const {
    for (int i = 0; i < n_; ++i) {
      double sum = 0;
      for (int s = 0; s < count; ++s) sum = fma(factors[s], stage_[s][i], sum);
      out[i] = fma(h, sum, x_[i]);
    }
  }
  /// Error that a variable of that size may have; never 0, so that one that stays 0 has none.
  double allowed(double size) const {
    return std::max(fma(tolerance_.rtol, size, tolerance_.atol),
                    std::numeric_limits<double>::denorm_min());
  }
  double norm(const double* v) const {
    double square = 0;
    for (int i = 0; i < controlled_; ++i) {
      const double part = v[i] / allowed(std::abs(x_[i]));
      square = fma(part, part, square);
    }
    return std::sqrt(square / controlled_);
  }

  const F& flow_;
  int n_, controlled_;
  Tolerance tolerance_;
  double *x_, *next_;
  double* stage_[7];
};

}  // namespace detail

struct IntegrateOptions {
  double rtol = 1e-6;
  double atol = 1e-9;
  std::optional<double> first_step = std::nullopt;
  std::optional<double> max_step = std::nullopt;
  std::int64_t max_steps = 1'000'000;

  static constexpr std::string_view label = "integrate";
  static constexpr auto fields() {
    using O = IntegrateOptions;
    return std::tuple{
        field("rtol", &O::rtol, Bounds{1e-14, 1, false, true}, "",
              "allowed local error relative to the state"),
        field("atol", &O::atol, finite_from(0), "", "allowed local error where the state is small"),
        field("first_step", &O::first_step, above(0), "time", "None: chosen by the code"),
        field("max_step", &O::max_step, above(0), "time", "longest step; None: the duration"),
        field("max_steps", &O::max_steps, between(1, 1e9), "", "steps after which to give up"),
    };
  }
};

enum class IntegrationStatus {
  ok,
  diverged,        ///< the state left the finite numbers
  step_too_small,  ///< no step that a double can tell from 0 keeps the tolerance: a singularity
  too_many_steps,  ///< max_steps were not enough
};

template <>
struct Names<IntegrationStatus> {
  static constexpr std::array<std::string_view, 4> list{"ok", "diverged", "step too small",
                                                        "too many steps"};
};

/// A solution that is known at all times between its first and last one.
struct Solution {
  int dimension = 0;
  std::vector<double> times;    ///< (steps + 1,) ends of the accepted steps, from 0
  std::vector<double> states;   ///< (steps + 1, dimension) row-major
  std::vector<double> between;  ///< (steps, 3, dimension): the continuous extension
  std::int64_t rejected = 0;    ///< steps that were tried again, shorter
  IntegrationStatus status = IntegrationStatus::ok;

  std::int64_t steps() const { return static_cast<std::int64_t>(times.size()) - 1; }

  /// The state at a time in [first, last] (dimension,).
  void at(double time, double* out) const {
    if (steps() == 0 || time == times.back()) {
      std::copy(states.end() - dimension, states.end(), out);
      return;
    }
    const bool forward = times.back() >= times.front();
    const auto after =
        std::upper_bound(times.begin() + 1, times.end() - 1, time,
                         [forward](double t, double end) { return forward ? t < end : t > end; });
    const auto step = static_cast<std::size_t>(after - times.begin()) - 1;
    const auto n = static_cast<std::size_t>(dimension);
    const double *x = states.data() + step * n, *c = between.data() + 3 * step * n;
    const double theta = (time - times[step]) / (times[step + 1] - times[step]), rest = 1 - theta;
    for (std::size_t i = 0; i < n; ++i)
      out[i] = x[i] +
               theta * (x[n + i] - x[i] + rest * (c[i] + theta * (c[n + i] + rest * c[2 * n + i])));
  }
};

/// Integrates a flow from time 0 to `duration`, which may be negative, with steps of varying
/// length.
/// @param initial state to start from (dimension,).
template <Flow F>
Solution integrate(const F& flow, double duration, const double* initial,
                   const IntegrateOptions& options, Monitor& monitor) {
  validate(options);
  constexpr std::string_view label = IntegrateOptions::label;
  if (!std::isfinite(duration)) reject(label, "duration", duration, "a finite value");
  if (options.atol == 0 && options.rtol < 1e-13)
    reject(label, "rtol", options.rtol, "at least 1e-13 where atol is 0");
  const int n = flow.dimension();
  using Stepper = detail::DormandPrinceStepper<F>;
  std::vector<double> work(static_cast<std::size_t>(Stepper::arrays) * n);
  Stepper stepper(flow, n, {options.rtol, options.atol}, work.data());
  const double direction = duration < 0 ? -1 : 1, end = std::abs(duration);
  const double longest = std::min(end, options.max_step.value_or(end));

  Solution result;
  result.dimension = n;
  result.times.push_back(0);
  result.states.assign(initial, initial + n);
  stepper.load(initial);
  monitor.begin(1000);
  double time = 0, before = 1e-4;
  double h = options.first_step ? *options.first_step : stepper.first_length(direction);
  while (time < end) {
    if (result.steps() >= options.max_steps) {
      result.status = IntegrationStatus::too_many_steps;
      break;
    }
    h = std::min(h, longest);
    // A rest that is hardly more than a step is taken in one, or in two where max_step is less.
    if (const double rest = end - time; rest <= 1.01 * h)
      h = rest <= (1 + 1e-9) * longest ? rest : 0.5 * rest;
    const double error = stepper.attempt(direction * h);
    monitor.done_at(static_cast<std::int64_t>(1000 * (time / end)));
    const double next = Stepper::next_length(h, error, before);
    if (!(error <= 1)) {
      ++result.rejected;
      h = next;
      if (h > 4 * std::numeric_limits<double>::epsilon() * std::max(time, 1e-290 * end)) continue;
      result.status =
          std::isfinite(error) ? IntegrationStatus::step_too_small : IntegrationStatus::diverged;
      break;
    }
    checked_size(label, "4 x steps x dimension (by duration, max_step, max_steps, tolerance)",
                 {4, result.steps() + 2, n});
    const std::size_t filled = result.between.size();
    result.between.resize(filled + 3 * static_cast<std::size_t>(n));
    stepper.extension(direction * h, result.between.data() + filled);
    stepper.accept();
    time = time + h >= end ? end : time + h;
    before = error;
    h = next;
    result.times.push_back(direction * time);
    result.states.insert(result.states.end(), stepper.state(), stepper.state() + n);
  }
  monitor.end();
  return result;
}

}  // namespace attractornet
