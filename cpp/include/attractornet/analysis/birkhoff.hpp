/// @file
/// Weighted Birkhoff averages (S. Das, Y. Saiki, E. Sander, J. A. Yorke, Nonlinearity 30 (2017)
/// 4111).
///
/// Time averages whose weights w(u) = exp(-1 / (u (1 - u))), u in (0, 1), vanish smoothly at both
/// ends. On a quasi-periodic orbit they converge faster than any power of the length, on a chaotic
/// one like its square root: how many digits the averages over the two halves of a window share
/// tells the two apart (E. Sander, J. D. Meiss, Physica D 411 (2020) 132569).
#pragma once

#include <algorithm>
#include <attractornet/analysis/points.hpp>
#include <attractornet/core/math.hpp>
#include <cmath>
#include <cstddef>
#include <limits>
#include <span>
#include <vector>

namespace attractornet {

/// The weights of n values, which add up to 1.
inline std::vector<double> birkhoff_weights(std::size_t n) {
  std::vector<double> weights(n);
  double sum = 0;
  for (std::size_t i = 0; i < n; ++i) {
    const double u = (static_cast<double>(i) + 0.5) / static_cast<double>(n);
    weights[i] = exp(-1 / (u * (1 - u)));
    sum += weights[i];
  }
  for (double& weight : weights) weight /= sum;
  return weights;
}

/// A time average, and how far those over the two halves of its window are apart.
struct BirkhoffAverage {
  double value = 0;
  double spread = 0;
};

/// Averages over windows of one length, whose weights are made once.
class BirkhoffAverager {
 public:
  /// @param length values of a window; at least 2.
  explicit BirkhoffAverager(std::size_t length)
      : whole_(birkhoff_weights(length)), half_(birkhoff_weights(length / 2)) {}

  std::size_t length() const { return whole_.size(); }

  /// The average of value(i), i in [0, length).
  template <class Value>
  BirkhoffAverage operator()(Value&& value) const {
    double sum = 0, first = 0, second = 0;
    const std::size_t half = half_.size(), offset = whole_.size() - half;
    for (std::size_t i = 0; i < whole_.size(); ++i) sum = fma(whole_[i], value(i), sum);
    for (std::size_t i = 0; i < half; ++i) {
      first = fma(half_[i], value(i), first);
      second = fma(half_[i], value(offset + i), second);
    }
    return {sum, std::abs(first - second)};
  }

 private:
  std::vector<double> whole_, half_;
};

/// Decimal digits that the averages of a series and of its square share between the two halves of
/// the window, relative to the standard deviation; 16 where the series is constant.
inline double birkhoff_digits(std::span<const double> series, const BirkhoffAverager& average) {
  const double unit = unit_of(series);
  const double mean = average([&](std::size_t i) { return series[i] / unit; }).value;
  const auto centred = [&](std::size_t i) { return series[i] / unit - mean; };
  const auto square = [&](std::size_t i) { return centred(i) * centred(i); };
  const BirkhoffAverage first = average(centred), second = average(square);
  const double variance = second.value;
  if (!(variance > 0)) return variance == 0 ? 16 : 0;
  const double apart = std::max(first.spread / std::sqrt(variance), second.spread / variance);
  return std::min(16.0, -log(apart) / log(10.0));
}

}  // namespace attractornet
