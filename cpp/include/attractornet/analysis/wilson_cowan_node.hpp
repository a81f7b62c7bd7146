/// @file
/// What a Wilson-Cowan node can do at rest: all its rest states with their stability, alone and in
/// a network, and its nullclines.
///
/// With s = s_e as parameter, dx/dt = 0 is the curve
///
///     x(s) = f(s) / (alpha_e + f(s)),   y(s) = (w_ee x(s) + h_e - s) / w_ei
///
/// so rest states are the zeros of dy/dt along it, a function of one variable on a bounded interval
/// (y lies between the least and the largest g / (alpha_i + g)). Where w_ei = 0, x decides for
/// itself, and y for each x.
///
/// In a network at a state in A's kernel that all nodes share, a perturbation along an eigenvector
/// of A, with eigenvalue lambda, obeys the node's Jacobian with Gamma lambda (1 - x) f' added to
/// its first entry (R. Marino et al., arXiv 2406.16453, eq. 7 and 8): trace and determinant are
/// linear in Gamma lambda, so that a rest state is stable in an interval of it. At states that
/// differ from node to node this is a guide; what counts is the spectrum of the network's Jacobian.
#pragma once

#include <algorithm>
#include <array>
#include <attractornet/core/error.hpp>
#include <attractornet/core/fields.hpp>
#include <attractornet/systems/wilson_cowan_node.hpp>
#include <cmath>
#include <complex>
#include <cstdint>
#include <limits>
#include <vector>

namespace attractornet::wilson_cowan {

/// A rest state.
struct Equilibrium {
  double x, y;
  NodeJacobian jacobian;

  double trace(double coupling = 0) const {
    return fma(jacobian.coupling, coupling, jacobian.xx) + jacobian.yy;
  }
  double determinant(double coupling = 0) const {
    return fma(jacobian.coupling, coupling, jacobian.xx) * jacobian.yy - jacobian.xy * jacobian.yx;
  }
  /// Both eigenvalues, that of the larger real part first. @param coupling Gamma lambda.
  std::array<std::complex<double>, 2> eigenvalues(double coupling = 0) const {
    // Of the entries, since trace and determinant lose the digits of what they have in common.
    const double xx = fma(jacobian.coupling, coupling, jacobian.xx);
    const double mean = 0.5 * (xx + jacobian.yy), half = 0.5 * (xx - jacobian.yy);
    const double square = fma(half, half, jacobian.xy * jacobian.yx);
    const std::complex<double> root = std::sqrt(std::complex<double>(square));
    return {mean + root, mean - root};
  }
  /// Largest real part of both: s(Gamma lambda).
  double exponent(double coupling = 0) const { return eigenvalues(coupling)[0].real(); }
  bool stable() const { return exponent() < 0; }

  /// Gamma lambda between which it is stable; both NaN where it never is.
  struct Interval {
    double low, high;
  };
  Interval stable_couplings() const {
    constexpr double inf = std::numeric_limits<double>::infinity();
    Interval result{-inf, inf};
    // value + slope c < 0
    const auto below_zero = [&](double value, double slope) {
      if (slope > 0) result.high = std::min(result.high, -value / slope);
      if (slope < 0) result.low = std::max(result.low, -value / slope);
      if (slope == 0 && !(value < 0)) result = {inf, -inf};
    };
    below_zero(trace(), jacobian.coupling);
    below_zero(-determinant(), -jacobian.coupling * jacobian.yy);
    if (result.low < result.high) return result;
    constexpr double nan = std::numeric_limits<double>::quiet_NaN();
    return {nan, nan};
  }
};

namespace detail {

/// The interval of a population's activities at rest, rate / (alpha + rate).
inline Bounds activities(double alpha, double amplitude, double offset) {
  const double low = offset - std::abs(amplitude), high = offset + std::abs(amplitude);
  const double a = low / (alpha + low), b = high / (alpha + high);
  return {std::min(a, b), std::max(a, b)};
}

/// Least that a population decays at, whatever it sees.
inline double least_decay(double alpha, double amplitude, double offset) {
  return alpha + offset - std::abs(amplitude);
}
/// Rest states are bounded where both populations decay.
inline void expect_decay(const Params& p) {
  const auto check = [](std::string_view name, double alpha, double amplitude, double offset) {
    if (!(least_decay(alpha, amplitude, offset) > 0))
      reject(NodeRule::label, name, alpha,
             "a value above " + text(std::abs(amplitude) - offset) +
                 ", |amplitude| - offset: else there is nothing that activities stay within");
  };
  check("alpha_e", p.alpha_e, p.amplitude_e, p.offset_e);
  check("alpha_i", p.alpha_i, p.amplitude_i, p.offset_i);
}

/// Points of an interval, even and, where tanh(beta s) bends, as close as that needs.
inline std::vector<double> search_grid(double low, double high, double beta) {
  constexpr int cells = 4096;
  std::vector<double> grid;
  for (int i = 0; i <= cells; ++i) grid.push_back(low + (high - low) * i / cells);
  if (beta != 0)
    for (int i = 0; i <= cells; ++i) {
      const double s = 20 * (2.0 * i / cells - 1) / std::abs(beta);
      if (s > low && s < high) grid.push_back(s);
    }
  std::sort(grid.begin(), grid.end());
  return grid;
}

/// Zeros of a continuous function, also those that it only touches. @param grid ascending.
template <class F>
std::vector<double> zeros(F f, const std::vector<double>& grid) {
  std::vector<double> found, values;
  const auto bisect = [&](double a, double b, double at_a) {
    for (int i = 0; i < 200; ++i) {
      const double middle = a + 0.5 * (b - a);
      if (middle == a || middle == b) break;
      const double value = f(middle);
      if ((value < 0) == (at_a < 0))
        a = middle;
      else
        b = middle;
    }
    found.push_back(b);
  };
  // The least of |f| between a and b, by sections.
  const auto nearest = [&](double a, double b, double sign) {
    constexpr double golden = 0.6180339887498949;
    double c = b - golden * (b - a), d = a + golden * (b - a);
    double at_c = sign * f(c), at_d = sign * f(d);
    for (int i = 0; i < 80; ++i) {
      if (at_c < at_d) {
        b = d, d = c, at_d = at_c;
        c = b - golden * (b - a), at_c = sign * f(c);
      } else {
        a = c, c = d, at_c = at_d;
        d = a + golden * (b - a), at_d = sign * f(d);
      }
    }
    return 0.5 * (a + b);
  };
  for (const double s : grid) values.push_back(f(s));
  for (std::size_t i = 0; i < grid.size(); ++i) {
    const double value = values[i];
    if (value == 0) {
      found.push_back(grid[i]);
    } else if (i > 0 && value * values[i - 1] < 0) {
      bisect(grid[i - 1], grid[i], values[i - 1]);
    } else if (i > 0 && i + 1 < grid.size() && value * values[i - 1] > 0 &&
               value * values[i + 1] > 0 && std::abs(value) <= std::abs(values[i - 1]) &&
               std::abs(value) < std::abs(values[i + 1])) {
      const double sign = value < 0 ? -1 : 1;
      const double s = nearest(grid[i - 1], grid[i + 1], sign), least = sign * f(s);
      if (least < 0) {
        bisect(grid[i - 1], s, sign);
        bisect(s, grid[i + 1], -sign);
      } else if (least < 1e-15) {
        found.push_back(s);
      }
    }
  }
  return found;
}

/// The rest state near a point, to the last bits that Newton's method can give.
inline Equilibrium polished(const NodeRule& node, double x, double y) {
  const auto size_at = [&](double u, double v) {
    const double state[] = {u, v};
    double d[2];
    node.rhs(state, d);
    return std::array{d[0], d[1], std::abs(d[0]) + std::abs(d[1])};
  };
  auto slope = size_at(x, y);
  for (int i = 0; i < 8 && slope[2] > 0; ++i) {
    const NodeJacobian j = node.jacobian(x, y);
    const double determinant = j.xx * j.yy - j.xy * j.yx;
    const double u = x - (slope[0] * j.yy - slope[1] * j.xy) / determinant;
    const double v = y - (slope[1] * j.xx - slope[0] * j.yx) / determinant;
    const auto next = size_at(u, v);
    if (!(next[2] < slope[2])) break;
    x = u, y = v, slope = next;
  }
  return {x, y, node.jacobian(x, y)};
}

}  // namespace detail

/// All rest states, x ascending. A search on 4096 intervals: two states closer than that, of a node
/// of which tanh is steeper than 1000, may be missed.
/// Throws where rates may exceed decay, so that activities are not bounded.
inline std::vector<Equilibrium> equilibria(const NodeRule& node) {
  detail::expect_decay(node);
  const Node<double> rates(node);
  const Bounds x = detail::activities(node.alpha_e, node.amplitude_e, node.offset_e);
  const Bounds y = detail::activities(node.alpha_i, node.amplitude_i, node.offset_i);
  const auto rest_of = [](double rate, double alpha) { return rate / (alpha + rate); };
  const auto x_at = [&](double s) {
    return rest_of(rates.rate_e(tanh(node.beta_e * s)), node.alpha_e);
  };
  const auto y_at = [&](double s) {
    return rest_of(rates.rate_i(tanh(node.beta_i * s)), node.alpha_i);
  };
  // Least and largest of a x - b y + h, a little more at both ends.
  const auto range = [&](double a, double b, double h) {
    const auto [x_low, x_high] = std::minmax({a * x.minimum, a * x.maximum});
    const auto [y_low, y_high] = std::minmax({b * y.minimum, b * y.maximum});
    const double low = h + x_low - y_high, high = h + x_high - y_low;
    const double more = 1e-3 * (high - low) + 1e-9 * (1 + std::abs(h));
    return Bounds{low - more, high + more};
  };
  std::vector<Equilibrium> found;
  const Bounds s_e = range(node.w_ee, node.w_ei, node.h_e);
  const auto grid_e = detail::search_grid(s_e.minimum, s_e.maximum, node.beta_e);
  if (node.w_ei != 0) {
    const auto y_of = [&](double s) { return (fma(node.w_ee, x_at(s), node.h_e) - s) / node.w_ei; };
    const auto slope = [&](double s) {
      const double state[] = {x_at(s), y_of(s)};
      double d[2];
      node.rhs(state, d);
      return d[1];
    };
    for (const double s : detail::zeros(slope, grid_e))
      found.push_back(detail::polished(node, x_at(s), y_of(s)));
  } else {
    const Bounds s_i = range(node.w_ie, node.w_ii, node.h_i);
    const auto grid_i = detail::search_grid(s_i.minimum, s_i.maximum, node.beta_i);
    const auto own = [&](double s) { return fma(node.w_ee, x_at(s), node.h_e) - s; };
    for (const double e : detail::zeros(own, grid_e)) {
      const double drive = fma(node.w_ie, x_at(e), node.h_i);
      const auto other = [&](double s) { return drive - node.w_ii * y_at(s) - s; };
      for (const double i : detail::zeros(other, grid_i))
        found.push_back(detail::polished(node, x_at(e), y_at(i)));
    }
  }
  std::sort(found.begin(), found.end(), [](const Equilibrium& a, const Equilibrium& b) {
    return a.x < b.x || (a.x == b.x && a.y < b.y);
  });
  const auto same = [](const Equilibrium& a, const Equilibrium& b) {
    return std::abs(a.x - b.x) + std::abs(a.y - b.y) < 1e-10;
  };
  found.erase(std::unique(found.begin(), found.end(), same), found.end());
  return found;
}

/// The largest rate at which anything in a node changes.
inline double fastest_rate(const Params& p) {
  const double e = p.alpha_e + p.offset_e + std::abs(p.amplitude_e) +
                   std::abs(p.amplitude_e * p.beta_e) * (std::abs(p.w_ee) + std::abs(p.w_ei));
  const double i = p.alpha_i + p.offset_i + std::abs(p.amplitude_i) +
                   std::abs(p.amplitude_i * p.beta_i) * (std::abs(p.w_ie) + std::abs(p.w_ii));
  return std::max(e, i / p.gamma);
}

/// The longest step of explicit Euler at which no rest state that is stable is overshot, 2 over its
/// fastest decay; of nodes without any, 2 over the largest that there can be.
inline double euler_limit(const Params& params) {
  const NodeRule node{params};
  double fastest = 0;
  for (const Equilibrium& state : equilibria(node))
    if (state.stable()) fastest = std::max(fastest, -state.eigenvalues()[1].real());
  if (fastest == 0)
    fastest = std::max(node.alpha_e + node.offset_e + std::abs(node.amplitude_e),
                       (node.alpha_i + node.offset_i + std::abs(node.amplitude_i)) / node.gamma);
  return 2 / fastest;
}

/// Throws where a step of explicit Euler is beyond the limit; no limit is known of nodes whose
/// activities have no bounds.
inline void expect_euler_step(const Params& p, double dt, std::string_view where) {
  const bool bounded = detail::least_decay(p.alpha_e, p.amplitude_e, p.offset_e) > 0 &&
                       detail::least_decay(p.alpha_i, p.amplitude_i, p.offset_i) > 0;
  if (dt * fastest_rate(p) <= 2 || !bounded) return;  // a bound, for much less work
  const double limit = euler_limit(p);
  if (dt > limit)
    reject(where, "dt", dt,
           "at most " + text(limit) +
               ": explicit Euler overshoots a node's rest state by steps above 2 over its fastest "
               "decay (gamma = " +
               text(p.gamma) + "); scheme = 'exponential_euler' does not");
}

/// Points of a curve; NaN parts pieces.
struct Curve {
  std::vector<double> x, y;
};

/// Where dx/dt = 0 and where dy/dt = 0, for activities from 0 to 1.
struct Nullclines {
  Curve x, y;
};

/// @param points of each curve.
inline Nullclines nullclines(const NodeRule& node, std::int64_t points) {
  detail::expect_decay(node);
  constexpr double nan = std::numeric_limits<double>::quiet_NaN();
  const Node<double> rates(node);
  // A population's own activity against its drive s, and the other's that makes the drive s:
  // `other` = (own_weight activity + h - s) / weight. Without a weight, pieces at the zeros of the
  // rest.
  const auto curve = [&](auto rate, double alpha, double beta, double own_weight, double weight,
                         double h) {
    Curve result;
    const auto activity = [&](double s) {
      const double r = rate(tanh(beta * s));
      return r / (alpha + r);
    };
    const double reach = std::abs(own_weight) + std::abs(weight) + 1e-3;
    const auto drive = [&](double s) { return fma(own_weight, activity(s), h) - s; };
    if (weight == 0) {
      for (const double s : detail::zeros(drive, detail::search_grid(h - reach, h + reach, beta))) {
        for (const double other : {0.0, 1.0, nan}) {
          result.x.push_back(std::isnan(other) ? nan : activity(s));
          result.y.push_back(other);
        }
      }
      return result;
    }
    // Even in both s and tanh, so that neither bends nor straight parts lack points.
    const double low = h - reach, high = h + reach;
    std::vector<double> at;
    for (std::int64_t i = 0; i < points; ++i) {
      const double share = static_cast<double>(i) / static_cast<double>(points - 1);
      at.push_back(i % 2 == 0 || beta == 0 ? low + (high - low) * share
                                           : (4 * share - 2) * 3 / std::abs(beta));
    }
    std::sort(at.begin(), at.end());
    for (const double s : at) {
      result.x.push_back(activity(s));
      result.y.push_back(drive(s) / weight);
    }
    return result;
  };
  const auto f = [&](double t) { return rates.rate_e(t); };
  const auto g = [&](double t) { return rates.rate_i(t); };
  Nullclines result{curve(f, node.alpha_e, node.beta_e, node.w_ee, node.w_ei, node.h_e),
                    curve(g, node.alpha_i, node.beta_i, -node.w_ii, -node.w_ie, node.h_i)};
  std::swap(result.y.x, result.y.y);
  return result;
}

}  // namespace attractornet::wilson_cowan
