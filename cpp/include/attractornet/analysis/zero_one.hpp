/// @file
/// The 0-1 test for chaos (G. A. Gottwald, I. Melbourne, SIAM J. Appl. Dyn. Syst. 8 (2009) 129).
///
/// A series phi drives a rotation by a fixed angle c: p(n) = sum phi_j cos(j c), q(n) = sum phi_j
/// sin(j c). The point (p, q) stays bounded where the series is regular and walks like Brownian
/// motion where it is chaotic; K_c, the correlation of its mean square displacement (less an
/// oscillation that is known) with time, is then near 0 or near 1. K is the median over many c.
#pragma once

#include <algorithm>
#include <attractornet/analysis/points.hpp>
#include <attractornet/core/error.hpp>
#include <attractornet/core/fields.hpp>
#include <attractornet/core/math.hpp>
#include <attractornet/core/pack.hpp>
#include <attractornet/core/parallel.hpp>
#include <attractornet/core/rng.hpp>
#include <cmath>
#include <cstdint>
#include <span>
#include <vector>

namespace attractornet {

struct ZeroOneOptions {
  std::int64_t angles = 100;
  std::int64_t seed = 0;

  static constexpr std::string_view label = "zero_one_test";
  static constexpr auto fields() {
    using O = ZeroOneOptions;
    return std::tuple{
        field("angles", &O::angles, between(1, 1 << 16), "", "angles c whose median is taken"),
        field("seed", &O::seed, between(0, 1e15), "",
              "seed of the angles, which are uniform in (pi/5, 4 pi/5)"),
    };
  }
};

struct ZeroOne {
  double k = 0;                ///< median: near 0 regular, near 1 chaotic
  std::vector<double> angles;  ///< (angles,) c in radians
  std::vector<double> values;  ///< (angles,) K_c
};

namespace detail {

/// Sum over j in [0, terms) of the squared displacement from (p, q)_j to (p, q)_(j + lag).
inline double square_displacement(const double* p, const double* q, std::size_t lag,
                                  std::size_t terms) {
  using P = Pack<double, 8>;
  P sums(0.0);
  std::size_t j = 0;
  for (; j + 8 <= terms; j += 8) {
    const P dp = P::load(p + j + lag) - P::load(p + j), dq = P::load(q + j + lag) - P::load(q + j);
    sums = fma(dp, dp, fma(dq, dq, sums));
  }
  double rest = 0;
  for (; j < terms; ++j) {
    const double dp = p[j + lag] - p[j], dq = q[j + lag] - q[j];
    rest = fma(dp, dp, fma(dq, dq, rest));
  }
  return fold(sums)[0] + rest;
}

/// K_c of a series for one angle, in turns.
template <class Ticker>
double zero_one_of(std::span<const double> series, double mean, double turns, Ticker& ticker) {
  const std::size_t count = series.size(), lags = count / 10, terms = count - lags;
  std::vector<double> p(count), q(count);
  double sum_p = 0, sum_q = 0;
  for (std::size_t j = 0; j < count; ++j) {
    const CosSin angle = cos_sin_turns(turns * static_cast<double>(j + 1));
    p[j] = sum_p = fma(series[j], angle.cos, sum_p);
    q[j] = sum_q = fma(series[j], angle.sin, sum_q);
  }
  const double step = cos_sin_turns(turns).cos;
  double sx = 0, sy = 0, sxx = 0, syy = 0, sxy = 0;
  for (std::size_t n = 1; n <= lags; ++n) {
    const double square = square_displacement(p.data(), q.data(), n, terms);
    const double x = static_cast<double>(n),
                 y = square / static_cast<double>(terms) -
                     mean * mean * (1 - cos_sin_turns(turns * x).cos) / (1 - step);
    sx += x, sy += y, sxx += x * x, syy += y * y, sxy += x * y;
    ticker.tick(0);
  }
  const auto n = static_cast<double>(lags);
  const double spread = (sxx - sx * sx / n) * (syy - sy * sy / n);
  return spread <= 0 ? 0 : (sxy - sx * sy / n) / std::sqrt(spread);
}

}  // namespace detail

/// The 0-1 test of a series; takes a time that grows with the square of its length. A flow has to
/// be sampled rarely enough that neighbouring values are no longer alike.
/// @param threads a result does not depend on it.
inline ZeroOne zero_one_test(std::span<const double> values, const ZeroOneOptions& options,
                             int threads, Monitor& monitor) {
  validate(options);
  if (values.size() < 100)
    reject(ZeroOneOptions::label, "series", static_cast<std::int64_t>(values.size()),
           "at least 100 values");
  std::vector<double> series(values.begin(), values.end());
  const double unit = unit_of(values);
  for (double& value : series) value /= unit;
  double mean = 0;
  for (const double value : series) mean += value / static_cast<double>(series.size());
  ZeroOne result;
  const Stream stream(static_cast<std::uint64_t>(options.seed), Purpose::angles);
  std::vector<double> turns;
  for (std::int64_t i = 0; i < options.angles; ++i) {
    turns.push_back(0.1 + 0.3 * stream.uniform(static_cast<std::uint32_t>(i)));
    result.angles.push_back(6.283185307179586477 * turns.back());
  }
  result.values.resize(turns.size());
  monitor.begin(options.angles);
  parallel_for(options.angles, threads, monitor, [&](std::int64_t i, Progress& progress) {
    result.values[i] = detail::zero_one_of(series, mean, turns[i], progress);
    progress.tick(1);
  });
  monitor.end();
  std::vector<double> sorted = result.values;
  std::sort(sorted.begin(), sorted.end());
  const std::size_t middle = sorted.size() / 2;
  result.k = sorted.size() % 2 ? sorted[middle] : 0.5 * (sorted[middle - 1] + sorted[middle]);
  return result;
}

}  // namespace attractornet
