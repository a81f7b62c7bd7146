/// @file
/// What the textbook systems share (textbook_maps.hpp, textbook_flows.hpp).
///
/// NOTE: exp, sin and cos are the standard library's, so the last bits of the systems that use them
/// depend on it.
#pragma once

#include <attractornet/core/math.hpp>
#include <cmath>

namespace attractornet::textbook {

inline constexpr double pi = 3.14159265358979323846;
inline constexpr double turn = 2 * pi;

/// x modulo the period, in [0, period).
inline double wrap(double x, double period = 1) {
  const double rest = x - period * std::floor(x / period);
  return rest == period ? 0 : rest;  // where x is a rounding below 0
}

/// images = J tangents, both row-major (N, columns): with it a system says its Jacobian once, row
/// by row.
template <int N>
void multiply(const double (&jacobian)[N][N], const double* tangents, int columns, double* images) {
  for (int i = 0; i < N; ++i)
    for (int c = 0; c < columns; ++c) {
      double sum = 0;
      for (int j = N - 1; j >= 0; --j) sum = fma(jacobian[i][j], tangents[j * columns + c], sum);
      images[i * columns + c] = sum;
    }
}

}  // namespace attractornet::textbook
