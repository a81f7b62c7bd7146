/// @file
/// Softmax memories, or modern Hopfield networks: dense associative memories (dense_memory.hpp) of
/// real patterns and states, in which a state is replaced by a mean of the patterns like it (H.
/// Ramsauer et al., "Hopfield networks is all you need", ICLR 2021).
///
///     x  ->  sum_mu p_mu xi_mu,   p = softmax(beta xi x),   mu = 1..P
///     E  =   -ln(sum_mu exp(beta xi_mu . x)) / beta + x.x / 2 + ln(P) / beta + M^2 / 2
///
/// M is the length of the longest pattern. No step raises E, which is never below 0. The Jacobian
/// is beta times the covariance of the patterns under p: symmetric, and small near a pattern that
/// is alone.
///
/// Order of summation: products over units eight a pack, the packs in turn, by fma, folded, then
/// what is less than eight in turn. Patterns come in blocks of 64; weights are taken relative to
/// the largest product of the blocks so far, those below 2^-100 as 0, and are summed in a block
/// eight a pack, folded; sums over patterns by fma, pattern by pattern. Those of tangents go over
/// units in turn.
#pragma once

#include <algorithm>
#include <attractornet/core/concepts.hpp>
#include <attractornet/core/math.hpp>
#include <attractornet/core/pack.hpp>
#include <cstdint>
#include <limits>
#include <type_traits>

namespace attractornet::hopfield {

/// Borrowed arrays of a memory: patterns row-major (count, units).
struct SoftmaxWeights {
  const double* patterns;
  int count;
  int units;
  double longest;  ///< M^2
};

/// The map of the states.
class SoftmaxRule {
 public:
  SoftmaxRule(const SoftmaxWeights& weights, double beta) : weights_(weights), beta_(beta) {}

  int dimension() const { return weights_.units; }
  double beta() const { return beta_; }

  void step(const double* x, double* next) const { steps(x, 1, next); }

  /// Steps of so many states, row-major (count, units), each with the bits of `step`: patterns are
  /// read once for several of them.
  void steps(const double* x, std::int64_t count, double* next) const {
    for (std::int64_t first = 0; first < count; first += panel)
      advance(x + first * weights_.units, static_cast<int>(std::min(count - first, panel)),
              next + first * weights_.units);
  }

  void jvp(const double* x, const double* tangents, int k, double* next, double* images) const {
    step(x, next);
    multiply(x, tangents, k, images);
  }
  void vjp(const double* x, const double* a, double* result) const { multiply(x, a, 1, result); }

  double energy(const double* x) const {
    const Sum sum = weigh(x);
    const double logarithms = log(static_cast<double>(weights_.count)) - log(sum.total);
    return 0.5 * (square(x) + weights_.longest) - sum.largest + logarithms / beta_;
  }
  /// x . x, in the order of the products with patterns.
  double square(const double* x) const {
    double result;
    product<1, 1>(x, x, &result);
    return result;
  }
  /// m_mu = (1/N) xi_mu . x.
  void overlaps(const double* x, double* m) const {
    each_block([&](int first, int count) { products<1>(x, first, count, m + first); });
    for (int mu = 0; mu < weights_.count; ++mu) m[mu] /= weights_.units;
  }

  /// Small numbers, no two alike.
  void start(double* x) const {
    for (int i = 0; i < weights_.units; ++i) x[i] = 0.1 * generic_number(i);
  }

 private:
  static constexpr int block = 64;             ///< patterns whose weights lie on the stack
  static constexpr double nothing = 0x1p-100;  ///< a weight, next to that of the nearest pattern
  static constexpr std::int64_t panel = 16;    ///< states for which a block is read once

  /// Weights of the patterns so far: their sum, in units of the largest one.
  struct Sum {
    double largest = -std::numeric_limits<double>::infinity();  ///< of the products xi_mu . x
    double total = 0;
    int nearest = 0;  ///< the pattern that has it
  };

  const double* pattern(int mu) const {
    return weights_.patterns + std::int64_t{mu} * weights_.units;
  }
  template <class F>
  void each_block(F f) const {
    for (int first = 0; first < weights_.count; first += block)
      f(first, std::min(block, weights_.count - first));
  }
  /// f(i, R) for the rows from i to i + R - 1, four at a time.
  template <class F>
  static void each_rows(int count, F f) {
    int i = 0;
    for (; i + 4 <= count; i += 4) f(i, std::integral_constant<int, 4>{});
    for (; i < count; ++i) f(i, std::integral_constant<int, 1>{});
  }

  // ------------------------------------------------------------------------------------ products

  /// R rows times S states: to[s * block + r]; a single one: to[0].
  template <int R, int S>
  void product(const double* rows, const double* x, double* to) const {
    using P = Pack<double, 8>;
    const int units = weights_.units;
    P sum[R * S];
    ATTRACTORNET_UNROLL for (int n = 0; n < R * S; ++n) sum[n] = P(0.0);
    int i = 0;
    for (; i + 8 <= units; i += 8) {
      P row[R];
      ATTRACTORNET_UNROLL for (int r = 0; r < R; ++r) row[r] = P::load(rows + r * units + i);
      ATTRACTORNET_UNROLL for (int s = 0; s < S; ++s) {
        const P state = P::load(x + s * units + i);
        ATTRACTORNET_UNROLL for (int r = 0; r < R; ++r) sum[s * R + r] =
            fma(row[r], state, sum[s * R + r]);
      }
    }
    ATTRACTORNET_UNROLL for (int s = 0; s < S; ++s)
        ATTRACTORNET_UNROLL for (int r = 0; r < R; ++r) {
      double total = fold(sum[s * R + r])[0];
      for (int rest = i; rest < units; ++rest)
        total = fma(rows[r * units + rest], x[s * units + rest], total);
      to[s * block + r] = total;
    }
  }
  /// Of the patterns of a block: to[s * block + mu - first].
  template <int S>
  void products(const double* x, int first, int count, double* to) const {
    each_rows(count, [&](int mu, auto rows) { product<rows, S>(pattern(first + mu), x, to + mu); });
  }

  // ------------------------------------------------------------------------------------- weights

  /// Takes a block into the sum, and writes weights for the products; what is behind them, up to
  /// the next multiple of eight, as well. Returns by what the sums so far have to be multiplied.
  double weigh(int first, int count, double* products, Sum& sum) const {
    using P = Pack<double, 8>;
    std::fill(products + count, products + (count + 7) / 8 * 8,
              -std::numeric_limits<double>::infinity());
    const double* largest = std::max_element(products, products + count);
    double factor = 1;
    if (*largest > sum.largest || first == 0) {
      factor = first == 0 ? 0 : exp_of_minus(beta_ * (*largest - sum.largest));
      sum.largest = *largest;
      sum.nearest = first + static_cast<int>(largest - products);
    }
    P total(0.0);
    for (int mu = 0; mu < count; mu += 8) {
      const P less = P(sum.largest) - P::load(products + mu);
      const P any = exp_of_minus(P(beta_) * less), weight = select(any > P(nothing), any, P(0.0));
      weight.store(products + mu);
      total = total + weight;
    }
    sum.total = fma(factor, sum.total, fold(total)[0]);
    return factor;
  }
  /// The weights' sum alone.
  Sum weigh(const double* x) const {
    Sum sum;
    double weight[block];
    each_block([&](int first, int count) {
      products<1>(x, first, count, weight);
      weigh(first, count, weight, sum);
    });
    return sum;
  }

  // --------------------------------------------------------------------------------------- steps

  /// A panel of states or fewer.
  void advance(const double* x, int count, double* next) const {
    constexpr int together = register_bytes == 64 ? 4 : 2;
    Sum sums[panel];
    std::fill_n(next, count * weights_.units, 0.0);
    each_block([&](int first, int patterns) {
      int s = 0;
      for (; s + together <= count; s += together)
        add_block<together>(first, patterns, x + s * weights_.units, sums + s,
                            next + s * weights_.units);
      for (; s < count; ++s)
        add_block<1>(first, patterns, x + s * weights_.units, sums + s, next + s * weights_.units);
    });
    for (int s = 0; s < count; ++s)
      change(next + s * weights_.units,
             [total = sums[s].total](auto value) { return value / decltype(value)(total); });
  }
  /// Adds the patterns of a block to the means of S states.
  template <int S>
  void add_block(int first, int count, const double* x, Sum* sums, double* next) const {
    double weight[S * block];
    products<S>(x, first, count, weight);
    for (int s = 0; s < S; ++s) {
      const double factor = weigh(first, count, weight + s * block, sums[s]);
      if (factor != 1 && first > 0)
        change(next + s * weights_.units, [=](auto value) {  // NOTE: and -0 becomes 0
          return fma(decltype(value)(factor), value, decltype(value)(0.0));
        });
    }
    // Most patterns are far from a state: those without weight in any are not read.
    int active[block], number = 0;
    for (int mu = 0; mu < count; ++mu) {
      double any = 0;
      for (int k = 0; k < S; ++k) any += weight[k * block + mu];
      active[number] = mu;
      number += any > 0;
    }
    add_rows<S>(pattern(first), active, number, weight, next);
  }
  /// f of every unit's value, in packs while there are eight.
  template <class F>
  void change(double* values, F f) const {
    using P = Pack<double, 8>;
    int i = 0;
    for (; i + 8 <= weights_.units; i += 8) f(P::load(values + i)).store(values + i);
    for (; i < weights_.units; ++i) values[i] = f(values[i]);
  }
  /// Adds the active rows, weighted, to S states.
  template <int S>
  void add_rows(const double* rows, const int* active, int number, const double* weight,
                double* next) const {
    const int units = weights_.units;
    int i = 0;
    for (; i + 32 <= units; i += 32) add_columns<S, 4>(rows + i, active, number, weight, next + i);
    for (; i + 8 <= units; i += 8) add_columns<S, 1>(rows + i, active, number, weight, next + i);
    for (; i < units; ++i)
      for (int s = 0; s < S; ++s)
        for (int n = 0; n < number; ++n)
          next[s * units + i] = fma(weight[s * block + active[n]],
                                    rows[std::int64_t{active[n]} * units + i], next[s * units + i]);
  }
  /// The same of C packs of columns, which stay in registers.
  template <int S, int C>
  void add_columns(const double* rows, const int* active, int number, const double* weight,
                   double* next) const {
    using P = Pack<double, 8>;
    const int units = weights_.units;
    P sum[S * C];
    ATTRACTORNET_UNROLL for (int s = 0; s < S; ++s) ATTRACTORNET_UNROLL for (int c = 0; c < C; ++c)
        sum[s * C + c] = P::load(next + s * units + 8 * c);
    for (int n = 0; n < number; ++n) {
      const double* row = rows + std::int64_t{active[n]} * units;
      P values[C];
      ATTRACTORNET_UNROLL for (int c = 0; c < C; ++c) values[c] = P::load(row + 8 * c);
      ATTRACTORNET_UNROLL for (int s = 0; s < S; ++s) {
        const P times(weight[s * block + active[n]]);
        ATTRACTORNET_UNROLL for (int c = 0; c < C; ++c) sum[s * C + c] =
            fma(times, values[c], sum[s * C + c]);
      }
    }
    ATTRACTORNET_UNROLL for (int s = 0; s < S; ++s) ATTRACTORNET_UNROLL for (int c = 0; c < C; ++c)
        sum[s * C + c]
            .store(next + s * units + 8 * c);
  }

  // ------------------------------------------------------------------------------------- tangents

  /// The Jacobian times each of k columns. With u_mu = xi_mu - xi_nearest it is
  /// beta sum_mu p_mu u_mu (u_mu - mean of u)^T: nothing cancels where p is nearly that pattern's.
  void multiply(const double* x, const double* tangents, int k, double* images) const {
    const Sum sum = weigh(x);
    std::fill_n(images, std::int64_t{weights_.units} * k, 0.0);
    int column = 0;
    for (; column + 8 <= k; column += 8)
      multiply<Pack<double, 8>>(x, sum, tangents + column, k, images + column);
    for (; column < k; ++column) multiply<double>(x, sum, tangents + column, k, images + column);
  }
  /// As many columns as T has lanes.
  template <class T>
  void multiply(const double* x, const Sum& sum, const double* tangents, int k,
                double* images) const {
    T mean(0.0), along[block];
    double p[block];
    const auto each = [&](auto use) {
      each_block([&](int first, int count) {
        products<1>(x, first, count, p);
        for (int mu = 0; mu < count; ++mu)
          p[mu] = exp_of_minus(beta_ * (sum.largest - p[mu])) / sum.total;
        each_rows(count, [&](int mu, auto rows) {
          project<T, rows>(first + mu, sum.nearest, tangents, k, along + mu);
        });
        use(first, count);
      });
    };
    each([&](int, int count) {
      for (int mu = 0; mu < count; ++mu) mean = fma(T(p[mu]), along[mu], mean);
    });
    each([&](int first, int count) {
      for (int mu = 0; mu < count; ++mu) along[mu] = T(beta_ * p[mu]) * (along[mu] - mean);
      each_rows(count, [&](int mu, auto rows) {
        add_columns<T, rows>(first + mu, sum.nearest, along + mu, k, images);
      });
    });
  }
  /// u_mu . v of R patterns.
  template <class T, int R>
  void project(int mu, int nearest, const double* tangents, int k, T* along) const {
    T sum[R];
    ATTRACTORNET_UNROLL for (int r = 0; r < R; ++r) sum[r] = T(0.0);
    for (int i = 0; i < weights_.units; ++i) {
      const T v = load<T>(tangents + std::int64_t{i} * k);
      ATTRACTORNET_UNROLL for (int r = 0; r < R; ++r) sum[r] =
          fma(T(pattern(mu + r)[i] - pattern(nearest)[i]), v, sum[r]);
    }
    for (int r = 0; r < R; ++r) along[r] = sum[r];
  }
  /// Adds u_mu of R patterns, weighted, to the images.
  template <class T, int R>
  void add_columns(int mu, int nearest, const T* weight, int k, double* images) const {
    for (int i = 0; i < weights_.units; ++i) {
      T sum = load<T>(images + std::int64_t{i} * k);
      ATTRACTORNET_UNROLL for (int r = 0; r < R; ++r) sum =
          fma(T(pattern(mu + r)[i] - pattern(nearest)[i]), weight[r], sum);
      store(sum, images + std::int64_t{i} * k);
    }
  }
  template <class T>
  static T load(const double* from) {
    if constexpr (std::is_same_v<T, double>)
      return *from;
    else
      return T::load(from);
  }
  static void store(double value, double* to) { *to = value; }
  template <class P>
  static void store(const P& value, double* to) {
    value.store(to);
  }

  SoftmaxWeights weights_;
  double beta_;
};

static_assert(Map<SoftmaxRule> && HasTangent<SoftmaxRule> && HasAdjoint<SoftmaxRule> &&
              HasStart<SoftmaxRule>);

}  // namespace attractornet::hopfield
