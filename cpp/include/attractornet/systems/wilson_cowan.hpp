/// @file
/// Wilson-Cowan networks: N nodes of excitatory and inhibitory populations, of activities x and y,
/// coupled through the excitatory ones (R. Marino et al., "Learning in Wilson-Cowan model for
/// metapopulation", arXiv 2406.16453, eq. 1 and 2; H. R. Wilson, J. D. Cowan, Biophys. J. 12 (1972)
/// 1).
///
///     dx/dt =            -alpha_e x + (1 - x) f,   f = amplitude_e tanh(beta_e s_e) + offset_e
///     dy/dt = (1/gamma) (-alpha_i y + (1 - y) g),  g = amplitude_i tanh(beta_i s_i) + offset_i
///     s_e = w_ee x - w_ei y + h_e + input_e + Gamma A x
///     s_i = w_ie x - w_ii y + h_i + input_i
///
/// State: x, then y. Rates are in units of 1 over the time of the excitatory populations; gamma is
/// the inhibitory one's time in units of that. A_ij leads from node j to node i.
///
/// Order of summation: (A x)_i and (u A)_j are chains of fma, of ascending j and i; Gamma
/// multiplies the sum.
#pragma once

#include <algorithm>
#include <attractornet/core/concepts.hpp>
#include <attractornet/core/fields.hpp>
#include <attractornet/core/matrix_tiles.hpp>
#include <cstdint>
#include <span>
#include <vector>

namespace attractornet::wilson_cowan {

/// The scalars; by default a bistable node (Fig. 3 of the paper).
struct Params {
  double alpha_e = 1.5, alpha_i = 0.4;
  double w_ee = 7.2, w_ei = 2, w_ie = 0, w_ii = 1;
  double h_e = -1.2, h_i = 0.1;
  double beta_e = 3.7, beta_i = 1;
  double amplitude_e = 0.25, amplitude_i = 0.5;
  double offset_e = 0.65, offset_i = 0.5;
  double gamma = 0.25;

  static constexpr std::string_view label = "WilsonCowanNetwork";
  static constexpr auto fields() {
    using P = Params;
    return std::tuple{
        field("alpha_e", &P::alpha_e, finite(), "1/time", "decay of excitation"),
        field("alpha_i", &P::alpha_i, finite(), "1/time", "decay of inhibition"),
        field("w_ee", &P::w_ee, finite(), "", "weight within a node, excitation to excitation"),
        field("w_ei", &P::w_ei, finite(), "", "how much inhibition takes from excitation"),
        field("w_ie", &P::w_ie, finite(), "", "how much excitation adds to inhibition"),
        field("w_ii", &P::w_ii, finite(), "", "how much inhibition takes from itself"),
        field("h_e", &P::h_e, finite(), "", "input to all excitatory populations"),
        field("h_i", &P::h_i, finite(), "", "input to all inhibitory populations"),
        field("beta_e", &P::beta_e, finite(), "", "steepness of the excitatory rate"),
        field("beta_i", &P::beta_i, finite(), "", "steepness of the inhibitory rate"),
        field("amplitude_e", &P::amplitude_e, finite(), "1/time",
              "half of what the excitatory rate spans, f^(1) of the paper's code"),
        field("amplitude_i", &P::amplitude_i, finite(), "1/time",
              "half of what the inhibitory rate spans"),
        field("offset_e", &P::offset_e, finite(), "1/time",
              "excitatory rate at no input, f^(2) of the paper's code"),
        field("offset_i", &P::offset_i, finite(), "1/time", "inhibitory rate at no input"),
        field("gamma", &P::gamma, above(0), "", "time scale of inhibition over that of excitation"),
    };
  }
};

/// What happens in a node, for numbers and for packs.
template <class P>
struct Node {
  P alpha_e, alpha_i, w_ee, w_ei, w_ie, w_ii, beta_e, beta_i;
  P amplitude_e, amplitude_i, offset_e, offset_i;
  P one = P(1);

  explicit Node(const Params& p)
      : alpha_e(of(p.alpha_e)),
        alpha_i(of(p.alpha_i)),
        w_ee(of(p.w_ee)),
        w_ei(of(p.w_ei)),
        w_ie(of(p.w_ie)),
        w_ii(of(p.w_ii)),
        beta_e(of(p.beta_e)),
        beta_i(of(p.beta_i)),
        amplitude_e(of(p.amplitude_e)),
        amplitude_i(of(p.amplitude_i)),
        offset_e(of(p.offset_e)),
        offset_i(of(p.offset_i)) {}

  static P of(double value) { return P(static_cast<typename ElementOf<P>::type>(value)); }

  /// tanh(beta_e s_e). @param drive h_e + input_e + Gamma A x.
  ATTRACTORNET_INLINE P tanh_e(P x, P y, P drive) const {
    return tanh(beta_e * fma(w_ee, x, drive - w_ei * y));
  }
  /// tanh(beta_i s_i). @param drive h_i + input_i.
  ATTRACTORNET_INLINE P tanh_i(P x, P y, P drive) const {
    return tanh(beta_i * fma(w_ie, x, drive - w_ii * y));
  }
  ATTRACTORNET_INLINE P rate_e(P tanh_e) const { return fma(amplitude_e, tanh_e, offset_e); }
  ATTRACTORNET_INLINE P rate_i(P tanh_i) const { return fma(amplitude_i, tanh_i, offset_i); }
  /// Derivatives of the rates by s_e and s_i.
  ATTRACTORNET_INLINE P steepness_e(P e) const { return amplitude_e * beta_e * (one - e * e); }
  ATTRACTORNET_INLINE P steepness_i(P i) const { return amplitude_i * beta_i * (one - i * i); }
  /// -alpha z + (1 - z) rate, of either population.
  ATTRACTORNET_INLINE P slope(P z, P alpha, P rate) const {
    return fma(one - z, rate, P{} - alpha * z);
  }
};

/// A, as products with states and with cotangents read it.
template <class T>
struct Coupling {
  PackedColumns<T> forward, adjoint;

  /// @param a row-major (nodes, nodes); row i starts at i times the step.
  Coupling(const T* a, std::int64_t nodes, std::int64_t step)
      : forward(nodes, nodes), adjoint(nodes, nodes) {
    forward.fill_transposed(a, step);
    adjoint.fill(a, step);
  }
  Coupling(const T* a, std::int64_t nodes) : Coupling(a, nodes, nodes) {}
};

/// Borrowed arrays: the coupling A with its scale Gamma, and inputs (nodes,) beside h_e and h_i.
struct Weights {
  const Coupling<double>* coupling;
  double scale;
  const double* input_e;
  const double* input_i;
  int nodes;
};

/// The flow of a network's state.
struct Rule {
  Params params;
  Weights weights;

  int dimension() const { return 2 * weights.nodes; }

  void rhs(const double* state, double* derivative) const {
    each_panel_of(state, [&](std::int64_t first, const Panel& p) {
      for (std::int64_t i = 0; i < p.count; ++i) {
        derivative[first + i] = p.slope_x[i];
        derivative[weights.nodes + first + i] = p.slope_y[i];
      }
    });
  }

  void jvp(const double* state, const double* tangents, int k, double* derivative,
           double* images) const {
    const std::int64_t n = weights.nodes;
    const RowTiles tiles{k};
    each_panel_of(state, [&](std::int64_t first, const Panel& p) {
      for (std::int64_t i = 0; i < p.count; ++i) {
        derivative[first + i] = p.slope_x[i];
        derivative[n + first + i] = p.slope_y[i];
      }
      for (std::int64_t t = 0; t < tiles.count(); ++t) {
        const std::int64_t from = tiles.first(t);
        double sums[tile_rows * width] = {};
        add_tile_product<double>(tiles.height(t), p.registers, {tangents + from, k},
                                 weights.coupling->forward.panel(first), n, {sums, width});
        for (std::int64_t i = 0; i < p.count; ++i) {
          const double *x = tangents + (first + i) * k, *y = x + n * k;
          double *to_x = images + (first + i) * k, *to_y = to_x + n * k;
          for (std::int64_t c = from; c < tiles.first(t + 1); ++c) {
            const double sum =
                fma(params.w_ee, x[c],
                    fma(-params.w_ei, y[c], weights.scale * sums[(c - from) * width + i]));
            to_x[c] = fma(p.gain_e[i], sum, p.own_x[i] * x[c]);
            to_y[c] =
                fma(p.gain_i[i], fma(params.w_ie, x[c], -params.w_ii * y[c]), p.own_y[i] * y[c]);
          }
        }
      }
    });
  }

  void vjp(const double* state, const double* a, double* result) const {
    const std::int64_t n = weights.nodes;
    std::vector<double> u(static_cast<std::size_t>(n));
    each_panel_of(state, [&](std::int64_t first, const Panel& p) {
      for (std::int64_t i = 0; i < p.count; ++i) {
        const std::int64_t x = first + i, y = n + x;
        u[static_cast<std::size_t>(x)] = p.gain_e[i] * a[x];
        const double v = p.gain_i[i] * a[y];
        result[x] = fma(params.w_ee, u[static_cast<std::size_t>(x)],
                        fma(params.w_ie, v, p.own_x[i] * a[x]));
        result[y] = fma(-params.w_ei, u[static_cast<std::size_t>(x)],
                        fma(-params.w_ii, v, p.own_y[i] * a[y]));
      }
    });
    each_panel<double>(weights.coupling->adjoint.columns(), [&](std::int64_t first, int registers) {
      double sums[width] = {};
      add_tile_product<double>(1, registers, {u.data(), 1}, weights.coupling->adjoint.panel(first),
                               n, {sums, width});
      for (std::int64_t i = 0; i < std::min<std::int64_t>(width, n - first); ++i)
        result[first + i] = fma(weights.scale, sums[i], result[first + i]);
    });
  }

  /// Activities around a half, no two alike: a state that no exchange of nodes leaves as it is.
  void start(double* state) const {
    for (int i = 0; i < dimension(); ++i) state[i] = 0.5 + 0.25 * generic_number(i);
  }

 private:
  static constexpr std::int64_t width = tile_columns<double>;

  /// What one panel of nodes does: slopes, and the Jacobian's entries but for the weights.
  struct Panel {
    int registers;
    std::int64_t count;
    double slope_x[width], slope_y[width], gain_e[width], gain_i[width], own_x[width], own_y[width];
  };

  template <class F>
  void each_panel_of(const double* state, F f) const {
    using P = Pack<double, register_lanes<double>>;
    const std::int64_t n = weights.nodes;
    const Node<P> node(params);
    const P scale(weights.scale), time_scale(1 / params.gamma);
    each_panel<double>(weights.coupling->forward.columns(), [&](std::int64_t first, int registers) {
      Panel p;
      p.registers = registers;
      p.count = std::min<std::int64_t>(width, n - first);
      double x[width] = {}, y[width] = {}, drive_e[width] = {}, drive_i[width] = {};
      double sums[width] = {};
      std::copy_n(state + first, p.count, x);
      std::copy_n(state + n + first, p.count, y);
      for (std::int64_t i = 0; i < p.count; ++i) {
        drive_e[i] = params.h_e + weights.input_e[first + i];
        drive_i[i] = params.h_i + weights.input_i[first + i];
      }
      add_tile_product<double>(1, registers, {state, 1}, weights.coupling->forward.panel(first), n,
                               {sums, width});
      for (std::int64_t c = 0; c < registers * register_lanes<double>;
           c += register_lanes<double>) {
        const P px = P::load(x + c), py = P::load(y + c);
        const P e = node.tanh_e(px, py, fma(scale, P::load(sums + c), P::load(drive_e + c)));
        const P i = node.tanh_i(px, py, P::load(drive_i + c));
        const P rate_e = node.rate_e(e), rate_i = node.rate_i(i);
        node.slope(px, node.alpha_e, rate_e).store(p.slope_x + c);
        (time_scale * node.slope(py, node.alpha_i, rate_i)).store(p.slope_y + c);
        ((node.one - px) * node.steepness_e(e)).store(p.gain_e + c);
        (time_scale * (node.one - py) * node.steepness_i(i)).store(p.gain_i + c);
        (P{} - (node.alpha_e + rate_e)).store(p.own_x + c);
        (P{} - time_scale * (node.alpha_i + rate_i)).store(p.own_y + c);
      }
      f(first, p);
    });
  }
};

static_assert(Flow<Rule> && HasTangent<Rule> && HasAdjoint<Rule> && HasStart<Rule>);

}  // namespace attractornet::wilson_cowan
