/// @file
/// Sets of points: orbits, delay vectors, measured data.
#pragma once

#include <cmath>
#include <cstdint>

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
};

}  // namespace attractornet
