/// @file
/// Dense associative memories: N units that fall into one of P stored patterns xi_mu, of which
/// there may be many more than units.
///
/// Of an order n = 2, 3, ..., with patterns and states of -1 and 1 (D. Krotov, J. J. Hopfield,
/// "Dense associative memory for pattern recognition", NIPS 29 (2016)):
///
///     E = -sum_mu F(xi_mu . s),   F(x) = x^n
///     s_i  ->  the sign of  sum_mu xi_mu,i (F(x_mu + 1) - F(x_mu - 1)),   i = 1..N
///
/// x_mu = sum_{j != i} xi_mu,j s_j. The sum is E(s_i = -1) - E(s_i = 1), so that E never rises when
/// one unit is updated at a time. Random patterns are fixed points up to P of about
/// N^(n-1) / (2 (2n-3)!! ln N). Order 2 is the Hebbian Hopfield network without its diagonal: E is
/// 2 N times that network's energy less N P, the diagonal kept there. Even orders hold -xi as well.
///
/// Of order infinity, with real patterns and states (H. Ramsauer et al., "Hopfield networks is all
/// you need", ICLR 2021): see softmax_memory.hpp.
///
/// All quantities are dimensionless.
#pragma once

#include <algorithm>
#include <attractornet/core/concepts.hpp>
#include <attractornet/core/fields.hpp>
#include <attractornet/core/math.hpp>
#include <attractornet/systems/hopfield_patterns.hpp>
#include <cstdint>
#include <optional>

namespace attractornet::hopfield {

/// The scalars of a dense associative memory.
struct DenseMemoryParams {
  double order = 3;
  std::optional<double> beta;
  static constexpr double default_beta = 1;

  static constexpr std::string_view label = "DenseAssociativeMemory";
  static constexpr auto fields() {
    using P = DenseMemoryParams;
    return std::tuple{
        field("order", &P::order, from(2), "",
              "n of the energy -sum x^n, an integer, for patterns of -1 and 1; inf: the softmax "
              "memory, for real patterns"),
        field("beta", &P::beta, above(0), "",
              "of order = inf alone: inverse temperature; the larger, the more one pattern "
              "outweighs the others; None: 1"),
    };
  }
};

/// x^n, n > 0: exact where the result is an integer below 2^53.
template <class T>
ATTRACTORNET_INLINE T power(T x, int n) {
  T result = n % 2 == 1 ? x : T(1.0);
  for (n /= 2; n > 0; n /= 2) {
    x = x * x;
    if (n % 2 == 1) result = result * x;
  }
  return result;
}

/// The map that updates all units at once. States are real: those units whose fields are not 0
/// become -1 or 1, the others keep their values.
struct PolynomialRule {
  const Patterns* patterns;  ///< borrowed
  int order;

  int dimension() const { return static_cast<int>(patterns->units()); }

  void step(const double* s, double* next) const {
    const int units = dimension();
    std::fill_n(next, units, 0.0);
    for (std::int64_t mu = 0; mu < patterns->count(); ++mu) {
      const std::int8_t* xi = patterns->pattern(mu);
      const double whole = overlap(xi, s);
      for (int i = 0; i < units; ++i) {
        const double others = whole - xi[i] * s[i];
        next[i] += xi[i] * (power(others + 1, order) - power(others - 1, order));
      }
    }
    for (int i = 0; i < units; ++i) next[i] = next[i] > 0 ? 1 : next[i] < 0 ? -1 : s[i];
  }

  double energy(const double* s) const {
    double sum = 0;
    for (std::int64_t mu = 0; mu < patterns->count(); ++mu)
      sum -= power(overlap(patterns->pattern(mu), s), order);
    return sum;
  }

  /// Values -1 and 1 without an order that shows.
  void start(double* s) const {
    for (int i = 0; i < dimension(); ++i) s[i] = generic_number(i) < 0 ? -1 : 1;
  }

 private:
  double overlap(const std::int8_t* xi, const double* s) const {
    double sum = 0;
    for (int i = 0; i < dimension(); ++i) sum += xi[i] * s[i];
    return sum;
  }
};

static_assert(Map<PolynomialRule> && HasStart<PolynomialRule>);

}  // namespace attractornet::hopfield
