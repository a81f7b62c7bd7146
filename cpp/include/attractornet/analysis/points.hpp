/// @file
/// Sets of points: orbits, delay vectors, measured data.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <span>
#include <vector>

namespace attractornet {

/// Borrowed points in time order, row-major (count, dimension).
struct Points {
  const double* data;
  std::int64_t count;
  std::int64_t dimension;

  const double* operator[](std::int64_t i) const { return data + i * dimension; }

  /// Squared Euclidean distance of two points.
  double square_distance(std::int64_t i, std::int64_t j) const {
    const double *a = (*this)[i], *b = (*this)[j];
    double square = 0;
    for (std::int64_t c = 0; c < dimension; ++c) square += (a[c] - b[c]) * (a[c] - b[c]);
    return square;
  }

  /// Largest extent along an axis; of at least one point.
  double extent() const {
    double result = 0;
    for (std::int64_t c = 0; c < dimension; ++c) {
      double low = (*this)[0][c], high = low;
      for (std::int64_t i = 1; i < count; ++i) {
        low = std::min(low, (*this)[i][c]);
        high = std::max(high, (*this)[i][c]);
      }
      result = std::max(result, high - low);
    }
    return result;
  }
};

/// A copy of points by columns, (dimension, count), so that distances come in vector lanes.
class PointColumns {
 public:
  explicit PointColumns(const Points& points)
      : count_(points.count),
        dimension_(points.dimension),
        columns_(static_cast<std::size_t>(points.count * points.dimension)) {
    for (std::int64_t i = 0; i < count_; ++i)
      for (std::int64_t c = 0; c < dimension_; ++c) columns_[c * count_ + i] = points[i][c];
  }

  /// Squared distances of point i from `count` points, from `first` on.
  void square_distances(std::int64_t i, std::int64_t first, std::int64_t count, double* out) const {
    for (std::int64_t j = 0; j < count; ++j) out[j] = 0;
    for (std::int64_t c = 0; c < dimension_; ++c) {
      const double* column = columns_.data() + c * count_;
      const double here = column[i];
      for (std::int64_t j = 0; j < count; ++j) {
        const double d = here - column[first + j];
        out[j] += d * d;
      }
    }
  }

 private:
  std::int64_t count_, dimension_;
  std::vector<double> columns_;
};

/// The power of two that the largest of the values is once to twice as large as: divided by it,
/// they keep all digits, and their squares stay within the range of numbers. 1 where there is none.
inline double unit_of(std::span<const double> values) {
  double largest = 0;
  for (const double value : values) largest = std::max(largest, std::abs(value));
  if (!(largest > 0) || std::isinf(largest)) return 1;
  return std::ldexp(1.0, std::ilogb(largest));
}

}  // namespace attractornet
