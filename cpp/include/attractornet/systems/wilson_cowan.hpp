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
#include <attractornet/core/matrix_tiles.hpp>
#include <attractornet/systems/wilson_cowan_params.hpp>
#include <cstdint>
#include <span>
#include <vector>

namespace attractornet::wilson_cowan {

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
