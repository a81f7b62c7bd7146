/// @file
/// Gradients of Wilson-Cowan networks: what they are made of, and what follows from sums over
/// nodes.
#pragma once

#include <array>
#include <attractornet/dynamics/wilson_cowan_model.hpp>
#include <cstdint>
#include <vector>

namespace attractornet::wilson_cowan {

/// Derivatives of a loss.
template <class T>
struct Gradient {
  AlignedVector<T> coupling;             ///< by A, (nodes, stride)
  Params params;                         ///< by each scalar
  double scale = 0;                      ///< by Gamma
  std::vector<double> input_e, input_i;  ///< by the inputs of each node
  AlignedVector<T> x, y;                 ///< by the initial state, (samples, stride)
};

namespace detail {

/// Sums over nodes that the scalars' gradients are made of.
enum ScalarSum {
  alpha_e,
  w_ee,
  w_ei,
  amplitude_e,
  offset_e,
  alpha_i,
  w_ie,
  w_ii,
  amplitude_i,
  offset_i,
  by_tau_i,
  scalar_sums
};
using ScalarSums = std::array<double, scalar_sums>;

}  // namespace detail

/// Sums over steps, each sample's own.
template <class T>
struct SampleSums {
  std::vector<detail::ScalarSums> scalars;
  AlignedVector<T> u, v;  ///< (samples, stride)

  SampleSums(std::int64_t samples, std::int64_t size)
      : scalars(static_cast<std::size_t>(samples)), u(static_cast<std::size_t>(size)), v(u) {}
};

namespace detail {

/// Sums of rows, (nodes,).
template <class T>
std::vector<double> sum_of(const Model<T>& model, const AlignedVector<T>& rows) {
  std::vector<double> sums(static_cast<std::size_t>(model.nodes));
  for (const T* row = rows.data(); row < rows.data() + rows.size(); row += model.stride)
    for (std::size_t j = 0; j < sums.size(); ++j) sums[j] += static_cast<double>(row[j]);
  return sums;
}
/// sum_ij A_ij dw_ij, column by column; and dw becomes Gamma dw.
template <class T>
double scaled_product(const Model<T>& model, T* dw) {
  using Register = Pack<T, register_lanes<T>>;
  const Register scale(model.scale);
  double total = 0;
  each_panel<T>(model.coupling.adjoint.columns(), [&](std::int64_t first, int registers) {
    for (std::int64_t j = first; j < first + registers * register_lanes<T>;
         j += register_lanes<T>) {
      Register sum{};
      const Slices<T> a = model.coupling.adjoint.panel(first).at(j - first);
      for (std::int64_t i = 0; i < model.nodes; ++i) {
        T* place = dw + i * model.stride + j;
        const Register value = Register::load(place);
        sum = fma(Register::load(a.data + i * a.step), value, sum);
        (scale * value).store(place);
      }
      for (int lane = 0; lane < register_lanes<T>; ++lane) total += static_cast<double>(sum[lane]);
    }
  });
  return total;
}

}  // namespace detail

/// What follows from the sums: by Gamma and beta, since a rate is a function of beta s and s of
/// Gamma A x.
/// @param time_i what multiplies dy/dt's part in an increment, times gamma: dt, or 1 where
/// increments
///        are slopes.
template <class T>
void finish(const Model<T>& model, const SampleSums<T>& samples, double time_i,
            Gradient<T>& result) {
  using namespace detail;
  ScalarSums sum{};
  for (const ScalarSums& one : samples.scalars)
    for (std::size_t k = 0; k < sum.size(); ++k) sum[k] += one[k];
  result.input_e = sum_of(model, samples.u);
  result.input_i = sum_of(model, samples.v);
  const Params& p = model.params;
  const double coupled = scaled_product(model, result.coupling.data());
  double driven_e = 0, driven_i = 0, by_h_e = 0, by_h_i = 0;
  for (std::size_t k = 0; k < result.input_e.size(); ++k) {
    by_h_e += result.input_e[k];
    by_h_i += result.input_i[k];
    driven_e += result.input_e[k] * static_cast<double>(model.drive_e[k]);
    driven_i += result.input_i[k] * static_cast<double>(model.drive_i[k]);
  }
  const double scale = static_cast<double>(model.scale);
  const double tau_i = time_i / p.gamma;
  result.scale = coupled;
  result.params = {
      .alpha_e = sum[alpha_e],
      .alpha_i = sum[alpha_i],
      .w_ee = sum[w_ee],
      .w_ei = -sum[w_ei],
      .w_ie = sum[w_ie],
      .w_ii = -sum[w_ii],
      .h_e = by_h_e,
      .h_i = by_h_i,
      .beta_e = (p.w_ee * sum[w_ee] - p.w_ei * sum[w_ei] + driven_e + scale * coupled) / p.beta_e,
      .beta_i = (p.w_ie * sum[w_ie] - p.w_ii * sum[w_ii] + driven_i) / p.beta_i,
      .amplitude_e = sum[amplitude_e],
      .amplitude_i = sum[amplitude_i],
      .offset_e = sum[offset_e],
      .offset_i = sum[offset_i],
      .gamma = -tau_i / p.gamma * sum[by_tau_i],
  };
}

}  // namespace attractornet::wilson_cowan
