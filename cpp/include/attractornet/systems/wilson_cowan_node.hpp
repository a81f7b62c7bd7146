/// @file
/// One Wilson-Cowan node, coupled to nothing: the network of wilson_cowan.hpp with N = 1 and A = 0,
/// and parameters with which it does what nodes are known for.
#pragma once

#include <array>
#include <attractornet/core/concepts.hpp>
#include <attractornet/core/fields.hpp>
#include <attractornet/core/math.hpp>
#include <attractornet/systems/wilson_cowan.hpp>
#include <string_view>

namespace attractornet {

namespace wilson_cowan {

/// The Jacobian of a node, at some state.
struct NodeJacobian {
  double xx, xy, yx, yy;
  double coupling;  ///< derivative of dx/dt by what excites the node
};

/// The flow of (x, y).
struct NodeRule : Params {
  static constexpr std::string_view label = "WilsonCowanNode";

  int dimension() const { return 2; }

  void rhs(const double* s, double* d) const {
    const Node<double> node(*this);
    d[0] = node.slope(s[0], alpha_e, node.rate_e(node.tanh_e(s[0], s[1], h_e)));
    d[1] = node.slope(s[1], alpha_i, node.rate_i(node.tanh_i(s[0], s[1], h_i))) / gamma;
  }
  NodeJacobian jacobian(double x, double y) const {
    const Node<double> node(*this);
    const double e = node.tanh_e(x, y, h_e), i = node.tanh_i(x, y, h_i);
    const double gain_e = (1 - x) * node.steepness_e(e);
    const double gain_i = (1 - y) * node.steepness_i(i) / gamma;
    return {.xx = fma(gain_e, w_ee, -(alpha_e + node.rate_e(e))),
            .xy = -gain_e * w_ei,
            .yx = gain_i * w_ie,
            .yy = fma(-gain_i, w_ii, -(alpha_i + node.rate_i(i)) / gamma),
            .coupling = gain_e};
  }
  void jvp(const double* s, const double* v, int columns, double* d, double* images) const {
    rhs(s, d);
    const NodeJacobian j = jacobian(s[0], s[1]);
    for (int c = 0; c < columns; ++c) {
      const double x = v[c], y = v[columns + c];
      images[c] = fma(j.xx, x, j.xy * y);
      images[columns + c] = fma(j.yx, x, j.yy * y);
    }
  }
  void vjp(const double* s, const double* a, double* result) const {
    const NodeJacobian j = jacobian(s[0], s[1]);
    result[0] = fma(j.xx, a[0], j.yx * a[1]);
    result[1] = fma(j.xy, a[0], j.yy * a[1]);
  }
  /// As a network of one node.
  void start(double* s) const {
    for (int i = 0; i < 2; ++i) s[i] = 0.5 + 0.25 * generic_number(i);
  }
};

static_assert(Flow<NodeRule> && HasTangent<NodeRule> && HasAdjoint<NodeRule> && HasStart<NodeRule>);

/// What a node can do.
enum class Regime { bistable, limit_cycle, excitable };

}  // namespace wilson_cowan

template <>
struct Names<wilson_cowan::Regime> {
  static constexpr std::array<std::string_view, 3> list = {"bistable", "limit_cycle", "excitable"};
};

namespace wilson_cowan {

/// Parameters of a regime. Bistable: Fig. 3 of R. Marino et al. Limit cycle: Fig. 11 of Wilson and
/// Cowan 1972 (with k = 1), whose logistic rates 1 / (1 + e^(-a (s - theta))) - 1 / (1 + e^(a
/// theta)) are tanh of half the argument. Excitable: the same with less input, where the cycle has
/// ended on a saddle and a node, and a push past the saddle makes one pulse.
inline Params preset(Regime regime) {
  Params p;
  if (regime == Regime::bistable) return p;
  constexpr double a_e = 1.3, theta_e = 4, a_i = 2, theta_i = 3.7;
  p.alpha_e = p.alpha_i = p.gamma = 1;
  p.w_ee = 16;
  p.w_ei = 12;
  p.w_ie = 15;
  p.w_ii = 3;
  p.h_e = (regime == Regime::limit_cycle ? 1.25 : 1) - theta_e;
  p.h_i = -theta_i;
  p.beta_e = a_e / 2;
  p.beta_i = a_i / 2;
  p.amplitude_e = p.amplitude_i = 0.5;
  p.offset_e = 0.5 * tanh(a_e * theta_e / 2);
  p.offset_i = 0.5 * tanh(a_i * theta_i / 2);
  return p;
}

}  // namespace wilson_cowan

}  // namespace attractornet
