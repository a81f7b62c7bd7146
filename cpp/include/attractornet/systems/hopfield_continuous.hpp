/// @file
/// Continuous Hopfield networks: N units of graded output, each driven by the others (J. J.
/// Hopfield, "Neurons with graded response have collective computational properties like those of
/// two-state neurons", PNAS 81 (1984) 3088).
///
///     du_i/dt = -u_i / tau + sum_j w_ij v_j + I_i,   v_j = tanh(gain u_j),   i = 1..N
///
/// State: the potentials u. tau is in units of time, w and I are in those of u over time, gain is
/// in those of 1/u. The Jacobian is -delta_ij / tau + w_ij gain sech^2(gain u_j).
///
/// With symmetric w the dynamics never raise
///
///     E = -1/2 sum_ij w_ij v_i v_j - sum_i I_i v_i + (1/tau) sum_i G(u_i),
///
/// G(u) the integral of artanh(x) / gain from 0 to v, which is u v - ln(cosh(gain u)) / gain:
/// dE/dt = -sum_i (dv_i/du_i) (du_i/dt)^2. Without symmetry there may be cycles and chaos.
///
/// Order of summation: a row of w times a vector in blocks of 512 columns, each of them eight
/// columns a pack, the packs in turn, by fma, folded, then what is less than eight columns in turn;
/// transposed products over rows in turn by fma.
#pragma once

#include <algorithm>
#include <attractornet/core/concepts.hpp>
#include <attractornet/core/fields.hpp>
#include <attractornet/core/math.hpp>
#include <attractornet/core/pack.hpp>
#include <cstdint>
#include <type_traits>

namespace attractornet::hopfield {

/// The scalars of a continuous network.
struct ContinuousParams {
  double gain = 1;
  double tau = 1;

  static constexpr std::string_view label = "ContinuousHopfield";
  static constexpr auto fields() {
    using P = ContinuousParams;
    return std::tuple{
        field("gain", &P::gain, above(0), "", "steepness of a unit's output, v = tanh(gain u)"),
        field("tau", &P::tau, above(0), "time",
              "time in which the potential of a unit without drive falls to 1/e"),
    };
  }
};

/// Borrowed arrays of a network: w row-major (units, units), current (units,).
struct ContinuousWeights {
  const double* w;
  const double* current;
  int units;
};

/// The flow of the potentials.
struct ContinuousRule {
  ContinuousParams params;
  ContinuousWeights weights;

  int dimension() const { return weights.units; }

  /// v = tanh(gain u) of so many units.
  void outputs(const double* u, std::int64_t count, double* v) const {
    by_eights(u, count, v, [](auto x) { return tanh(x); });
  }

  void rhs(const double* u, double* derivative) const {
    drive(u, derivative);
    for (int i = 0; i < weights.units; ++i) derivative[i] -= u[i] / params.tau;
  }
  void jvp(const double* u, const double* tangents, int k, double* derivative,
           double* images) const {
    rhs(u, derivative);
    for (std::int64_t i = 0; i < std::int64_t{weights.units} * k; ++i)
      images[i] = -tangents[i] / params.tau;
    double slope[block], column[block];
    each_block([&](int first, int count) {
      slopes(u + first, count, slope);
      for (int c = 0; c < k; ++c) {
        const double* tangent = tangents + std::int64_t{first} * k + c;
        for (int j = 0; j < count; ++j) column[j] = slope[j] * tangent[std::int64_t{j} * k];
        add_product(first, count, column, images + c, k);
      }
    });
  }
  void vjp(const double* u, const double* a, double* result) const {
    std::fill_n(result, weights.units, 0.0);
    each_rows([&](int i, auto rows) { add_rows<rows>(i, a, result); });
    double slope[block];
    each_block([&](int first, int count) {
      slopes(u + first, count, slope);
      for (int j = 0; j < count; ++j)
        result[first + j] = fma(slope[j], result[first + j], -a[first + j] / params.tau);
    });
  }

  /// E of a state; that it never rises is true where w is symmetric.
  /// @param work (units,), written over.
  double energy(const double* u, double* work) const {
    drive(u, work);
    double sum = 0;
    for (int i = 0; i < weights.units; ++i) {
      const double v = tanh(params.gain * u[i]);
      sum = fma(-0.5 * v, work[i] + weights.current[i], sum) + stored(u[i]) / params.tau;
    }
    return sum;
  }

  /// Potentials within 0.1 of 0, no two alike: a state that no exchange of units leaves as it is.
  void start(double* u) const {
    for (int i = 0; i < weights.units; ++i) u[i] = 0.1 * generic_number(i);
  }

 private:
  static constexpr int block = 512;  ///< columns whose outputs lie on the stack

  const double* row(int i) const { return weights.w + std::int64_t{i} * weights.units; }

  /// f(first, count) for every block of columns.
  template <class F>
  void each_block(F f) const {
    for (int first = 0; first < weights.units; first += block)
      f(first, std::min(block, weights.units - first));
  }
  /// f(i, R) for the rows from i to i + R - 1: four at a time, whose sums do not wait for one
  /// another.
  template <class F>
  void each_rows(F f) const {
    int i = 0;
    for (; i + 4 <= weights.units; i += 4) f(i, std::integral_constant<int, 4>{});
    for (; i < weights.units; ++i) f(i, std::integral_constant<int, 1>{});
  }
  /// to = f(gain u), in packs while there are eight.
  template <class F>
  void by_eights(const double* u, std::int64_t count, double* to, F f) const {
    using P = Pack<double, 8>;
    std::int64_t i = 0;
    for (; i + 8 <= count; i += 8) f(P(params.gain) * P::load(u + i)).store(to + i);
    for (; i < count; ++i) to[i] = f(params.gain * u[i]);
  }
  /// dv/du of so many units.
  void slopes(const double* u, int count, double* slope) const {
    by_eights(u, count, slope,
              [gain = params.gain](auto x) { return decltype(x)(gain) * tanh_sech2(x).sech2; });
  }

  /// h_i = I_i + sum_j w_ij v_j.
  void drive(const double* u, double* h) const {
    std::copy_n(weights.current, weights.units, h);
    double v[block];
    each_block([&](int first, int count) {
      outputs(u + first, count, v);
      add_product(first, count, v, h, 1);
    });
  }
  /// sums[i stride] += sum over `count` columns from `first` on of w_ij x_j.
  void add_product(int first, int count, const double* x, double* sums, int stride) const {
    each_rows([&](int i, auto rows) {
      add_product_of_rows<rows>(i, first, count, x, sums + std::int64_t{i} * stride, stride);
    });
  }
  template <int R>
  void add_product_of_rows(int i, int first, int count, const double* x, double* sums,
                           int stride) const {
    using P = Pack<double, 8>;
    P sum[R];
    ATTRACTORNET_UNROLL for (int r = 0; r < R; ++r) sum[r] = P(0.0);
    int j = 0;
    for (; j + 8 <= count; j += 8) {
      const P values = P::load(x + j);
      ATTRACTORNET_UNROLL for (int r = 0; r < R; ++r) sum[r] =
          fma(P::load(row(i + r) + first + j), values, sum[r]);
    }
    for (int r = 0; r < R; ++r) {
      double total = fold(sum[r])[0];
      for (int rest = j; rest < count; ++rest)
        total = fma(row(i + r)[first + rest], x[rest], total);
      sums[std::int64_t{r} * stride] += total;
    }
  }
  /// sums_j += sum over R rows from i on of a_i w_ij.
  template <int R>
  void add_rows(int i, const double* a, double* sums) const {
    using P = Pack<double, 8>;
    int j = 0;
    for (; j + 8 <= weights.units; j += 8) {
      P sum = P::load(sums + j);
      ATTRACTORNET_UNROLL for (int r = 0; r < R; ++r) sum =
          fma(P(a[i + r]), P::load(row(i + r) + j), sum);
      sum.store(sums + j);
    }
    for (; j < weights.units; ++j)
      for (int r = 0; r < R; ++r) sums[j] = fma(a[i + r], row(i + r)[j], sums[j]);
  }

  /// G, the integral of artanh(x) / gain from 0 to tanh(gain u), with all digits for every u.
  double stored(double u) const {
    const double x = at_most(magnitude(params.gain * u), 350.0);
    if (x < 1) {
      const double v = tanh(x);
      return fma(x, v, 0.5 * log1p(-v * v)) / params.gain;
    }
    // x tanh x - ln cosh x in terms of e^-2x: x itself, which is large, cancels beforehand.
    constexpr double ln2 = 0.69314718055994530942;
    const double e = exp(-2 * x);
    return (ln2 - log1p(e) - 2 * x * e / (1 + e)) / params.gain;
  }
};

static_assert(Flow<ContinuousRule> && HasTangent<ContinuousRule> && HasAdjoint<ContinuousRule> &&
              HasStart<ContinuousRule>);

}  // namespace attractornet::hopfield
