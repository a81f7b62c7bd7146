/// @file
/// How much a Hopfield network remembers: the replica-symmetric mean field of Amit, Gutfreund and
/// Sompolinsky, Phys. Rev. Lett. 55 (1985) 1530.
///
/// N bipolar units that store P = alpha N random patterns by the Hebbian rule, N large. At
/// temperature T the overlap m with a pattern that is recalled obeys
///     m = <tanh((m + s z) / T)>,  q = <tanh^2>,  s^2 = alpha r,  r = q / (1 - C)^2,
/// over normal z, with C = (1 - q) / T = dm/d(field); s is the noise of the other patterns. Given
/// y = m / (s sqrt 2), m and then alpha follow: alpha(y) has a largest value, the critical load,
/// and retrieval is the branch of larger y. At T = 0 m = erf y.
#pragma once

#include <attractornet/core/error.hpp>
#include <cmath>
#include <numbers>
#include <string_view>

namespace attractornet::hopfield {

/// The largest load with retrieval.
struct CriticalLoad {
  double alpha;    ///< patterns a unit, P / N
  double overlap;  ///< m there; it falls to 0 beyond
};

namespace detail {

/// A root of f between a and b, where f has different signs: the secant, kept from one-sided steps
/// (Illinois).
template <class F>
double root(const F& f, double a, double b) {
  double fa = f(a), fb = f(b);
  for (int i = 0; i < 200 && fa != 0 && fb != 0; ++i) {
    const double x = (a * fb - b * fa) / (fb - fa);
    if (x == a || x == b || std::abs(b - a) <= 1e-15 * std::abs(x)) break;
    const double fx = f(x);
    if ((fx > 0) != (fb > 0)) {
      a = b;
      fa = fb;
    } else {
      fa *= 0.5;
    }
    b = x;
    fb = fx;
  }
  return fa == 0 ? a : b;
}

/// Where f, which rises and then falls, is largest between a and b: the golden section.
template <class F>
double summit(const F& f, double a, double b) {
  constexpr double ratio = 1 / std::numbers::phi;
  double left = b - ratio * (b - a), right = a + ratio * (b - a);
  double fl = f(left), fr = f(right);
  while (b - a > 1e-9 * b) {
    if (fl < fr) {
      a = left;
      left = right;
      fl = fr;
      fr = f(right = a + ratio * (b - a));
    } else {
      b = right;
      right = left;
      fr = fl;
      fl = f(left = b - ratio * (b - a));
    }
  }
  return 0.5 * (a + b);
}

/// <tanh((m + s z) / T)> over normal z, and its derivative by m.
struct Response {
  double mean, slope;
};
inline Response response(double m, double s, double temperature) {
  constexpr double h = 0.25;  // sums of so smooth functions are exact to rounding
  Response sum{0, 0};
  if (s < temperature) {
    for (int i = -38; i <= 38; ++i) {
      const double z = i * h, weight = h * std::exp(-0.5 * z * z) / std::sqrt(2 * std::numbers::pi);
      const double t = std::tanh((m + s * z) / temperature);
      sum.mean += weight * t;
      sum.slope += weight * (1 - t * t) / temperature;
    }
    return sum;
  }
  // NOTE: tanh would be too steep to sum; it is the mean of sign(x - T u) over u with the density
  // sech^2(u) / 2, and the normal average of that is an erf.
  for (int i = -80; i <= 80; ++i) {
    const double u = i * h, sech = 1 / std::cosh(u), weight = 0.5 * h * sech * sech;
    const double x = (m - temperature * u) / (std::numbers::sqrt2 * s);
    sum.mean += weight * std::erf(x);
    sum.slope += weight * std::exp(-x * x) * std::sqrt(2 / std::numbers::pi) / s;
  }
  return sum;
}

/// The state at a given ratio of overlap and noise. Its load is 0 where there is none.
inline CriticalLoad state_at(double y, double temperature) {
  const auto noise = [&](double m) { return m / (std::numbers::sqrt2 * y); };
  const auto excess = [&](double m) { return response(m, noise(m), temperature).mean / m - 1; };
  constexpr double least = 1e-6;  // smaller overlaps, just below T = 1, are taken for none
  if (!(excess(least) > 0)) return {0, 0};
  const double m = root(excess, least, 1.0), s = noise(m);
  const double slope = response(m, s, temperature).slope, q = 1 - temperature * slope;
  return {slope < 1 ? s * s * (1 - slope) * (1 - slope) / q : 0, m};
}

/// The ratio at the critical load.
inline double critical_ratio(double temperature) {
  if (temperature > 0)
    return summit([&](double y) { return state_at(y, temperature).alpha; }, 0.5, 4.0);
  // Where the derivative of sqrt(2 alpha) = (erf y - 2 y exp(-y^2) / sqrt(pi)) / y is zero.
  return root(
      [](double y) {
        const double density = 2 * y * std::exp(-y * y) * std::numbers::inv_sqrtpi;
        return (2 * y * y + 1) * density - std::erf(y);
      },
      1.0, 2.0);
}

inline void expect_not_negative(std::string_view where, std::string_view name, double value) {
  if (!(value >= 0 && std::isfinite(value))) reject(where, name, value, "a value in [0, inf)");
}

}  // namespace detail

/// The load beyond which nothing is remembered; 0 for T >= 1. At T = 0 alpha = 0.137905566 and
/// m = 0.967417116.
/// NOTE: in this theory it rises a little at first with T, to 0.13818 at T = 0.022; with broken
/// replica symmetry it is believed not to.
inline CriticalLoad critical_load(double temperature = 0) {
  detail::expect_not_negative("critical_load", "temperature", temperature);
  if (temperature >= 1) return {0, 0};
  return detail::state_at(detail::critical_ratio(temperature), temperature);
}

/// The overlap m of a pattern that is recalled; 0 beyond the critical load.
inline double mean_field_overlap(double alpha, double temperature = 0) {
  constexpr std::string_view where = "mean_field_overlap";
  detail::expect_not_negative(where, "alpha", alpha);
  detail::expect_not_negative(where, "temperature", temperature);
  if (temperature >= 1) return 0;
  if (alpha < 1e-15) {  // no noise
    if (temperature == 0) return 1;
    return detail::root([&](double m) { return std::tanh(m / temperature) / m - 1; }, 1e-9, 1.0);
  }
  const auto beyond = [&](double y) { return detail::state_at(y, temperature).alpha / alpha - 1; };
  const double near = detail::critical_ratio(temperature);
  if (beyond(near) < 0) return 0;
  double far = 2 * near;
  while (beyond(far) > 0) far *= 2;
  return detail::state_at(detail::root(beyond, near, far), temperature).overlap;
}

/// The temperature at which retrieval ends; 1 without load, 0 beyond critical_load().
inline double retrieval_temperature(double alpha) {
  detail::expect_not_negative("retrieval_temperature", "alpha", alpha);
  if (alpha == 0) return 1;
  const auto room = [&](double temperature) { return critical_load(temperature).alpha - alpha; };
  if (!(room(0) > 0)) return 0;
  return detail::root(room, 0.0, 1.0);
}

}  // namespace attractornet::hopfield
