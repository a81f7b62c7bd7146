/// @file
/// Feedback networks: one hidden layer of tanh units whose single output is fed back through a
/// shift register (J. C. Sprott, "Artificial neural net attractors", Comput. & Graphics 22 (1998)
/// 143).
///
///     x_i = tanh(sum_j w_ij y_j),   i = 1..N
///     y_0 = sum_i b_i x_i
///     (y_1, ..., y_D)  ->  (y_0, y_1, ..., y_{D-1})
///
/// State: the register y, newest output first. All quantities are dimensionless. The Jacobian is a
/// companion matrix: first row g_j = sum_i b_i sech^2(w_i . y) w_ij, ones below the diagonal.
///
/// Order of summation, the same on every path: over j from D down to 1 by fma; outputs
/// over i by tree_sum, gradients over i from 1 up by fma.
#pragma once

#include <array>
#include <attractornet/core/concepts.hpp>
#include <attractornet/core/fields.hpp>
#include <attractornet/core/math.hpp>
#include <attractornet/core/sum.hpp>
#include <cstdint>

namespace attractornet::feedback {

/// How Ensemble draws.
enum class Distribution {
  uniform,   ///< w in [-1, 1], b in [0, scale]: NumPy's legacy stream, bit for bit the article's
             ///< networks
  gaussian,  ///< w = scale N(0, 1), b in [0, 1] rescaled to sum b^2 = N (Albers, Sprott, Dechert
             ///< 1998)
};

}  // namespace attractornet::feedback

template <>
struct attractornet::Names<attractornet::feedback::Distribution> {
  static constexpr std::array<std::string_view, 2> list{"uniform", "gaussian"};
};

namespace attractornet::feedback {

/// The scalars that a random network is drawn from.
struct Ensemble {
  std::int64_t neurons = 4;
  std::int64_t inputs = 16;
  double scale = 0.75;
  std::int64_t seed = 0;
  Distribution distribution = Distribution::uniform;

  static constexpr std::string_view label = "FeedbackNetwork.random";
  static constexpr auto fields() {
    return std::tuple{
        field("neurons", &Ensemble::neurons, between(1, 1 << 20), "", "hidden units N"),
        field("inputs", &Ensemble::inputs, between(1, 1 << 20), "", "length D of the register"),
        field("scale", &Ensemble::scale, finite_from(0), "",
              "spread s of the output weights b (uniform) or of w (gaussian)"),
        field("seed", &Ensemble::seed, between(0, 4294967295.0), "", "seed of the random stream"),
        field("distribution", &Ensemble::distribution, {}, "",
              "uniform: w in [-1, 1], b in [0, s], the article's networks; "
              "gaussian: w = s N(0, 1), b uniform with sum b^2 = N"),
    };
  }
};

/// Borrowed arrays of a network: w row-major (neurons, inputs), b (neurons,).
template <class T>
struct Weights {
  const T* w;
  const T* b;
  int neurons;
  int inputs;
};

class Orbit;
class TangentOrbit;

/// The feedback map on T = float, double or a Pack of them (a network a lane).
template <class T = double>
struct Rule {
  using Orbit = feedback::Orbit;
  using TangentOrbit = feedback::TangentOrbit;

  Weights<T> weights;

  ATTRACTORNET_HD int dimension() const { return weights.inputs; }

  /// u_i = w_i . y.
  ATTRACTORNET_HD T drive(int i, const T* y) const {
    const T* row = weights.w + static_cast<std::int64_t>(i) * weights.inputs;
    T sum(0);
    for (int j = weights.inputs - 1; j >= 0; --j) sum = fma(row[j], y[j], sum);
    return sum;
  }
  /// x_i = tanh u_i.
  ATTRACTORNET_HD T hidden(int i, const T* y) const { return tanh(drive(i, y)); }
  /// y_0 = b . x.
  ATTRACTORNET_HD T output(const T* y) const {
    return tree_sum<T>(weights.neurons, [&](int i) { return weights.b[i] * hidden(i, y); });
  }
  /// g, the derivative of the output by the register (inputs,).
  ATTRACTORNET_HD void gradient(const T* y, T* g) const {
    for (int j = 0; j < weights.inputs; ++j) g[j] = T(0);
    for (int i = 0; i < weights.neurons; ++i) {
      const T* row = weights.w + static_cast<std::int64_t>(i) * weights.inputs;
      const T slope = weights.b[i] * tanh_sech2(drive(i, y)).sech2;
      for (int j = 0; j < weights.inputs; ++j) g[j] = fma(slope, row[j], g[j]);
    }
  }

  ATTRACTORNET_HD void step(const T* y, T* next) const {
    for (int j = weights.inputs - 1; j > 0; --j) next[j] = y[j - 1];
    next[0] = output(y);
  }
  ATTRACTORNET_HD void jvp(const T* y, const T* v, int k, T* next, T* v_next) const {
    T* g = next;  // free until the step is written
    gradient(y, g);
    for (int c = 0; c < k; ++c) {
      T sum(0);
      for (std::int64_t j = weights.inputs - 1; j >= 0; --j) sum = fma(g[j], v[j * k + c], sum);
      v_next[c] = sum;
    }
    for (std::int64_t i = 0; i < static_cast<std::int64_t>(weights.inputs - 1) * k; ++i)
      v_next[k + i] = v[i];
    step(y, next);
  }
  ATTRACTORNET_HD void vjp(const T* y, const T* a, T* result) const {
    gradient(y, result);
    for (int j = 0; j < weights.inputs; ++j)
      result[j] = fma(a[0], result[j], j + 1 < weights.inputs ? a[j + 1] : T(0));
  }

  /// The newest output.
  ATTRACTORNET_HD T observe(const T* y) const { return y[0]; }

  /// The state after the article's first step from x = 0.001, y = 0. @tparam S of the state.
  template <class S>
  ATTRACTORNET_HD void start(S* y) const {
    for (int j = 0; j < weights.inputs; ++j) y[j] = S(0);
    y[0] = static_cast<S>(
        tree_sum<T>(weights.neurons, [&](int i) { return weights.b[i] * T(0.001); }));
  }
};

static_assert(Map<Rule<>> && HasTangent<Rule<>> && HasAdjoint<Rule<>> && HasStart<Rule<>>);

}  // namespace attractornet::feedback
