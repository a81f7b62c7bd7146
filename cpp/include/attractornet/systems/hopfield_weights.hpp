/// @file
/// Weights that are given to Hopfield networks: what is asked of them.
#pragma once

#include <algorithm>
#include <attractornet/core/error.hpp>
#include <cmath>
#include <cstdint>
#include <numeric>
#include <span>
#include <string>
#include <string_view>

namespace attractornet::hopfield {

/// No weight, threshold or current is larger: sums of so many, and of their products with states,
/// are finite numbers.
inline constexpr double most_weight = 1e290;

/// Throws unless all values are at most `most_weight` in magnitude; NaN is not.
inline void check_magnitude(std::string_view where, std::string_view name,
                            std::span<const double> values) {
  for (const double value : values)
    if (!(std::abs(value) <= most_weight))
      reject(where, name, value,
             "finite values of at most " + text(most_weight) +
                 " in magnitude, so that sums of them are finite");
}

/// Throws unless w_ij = w_ji but for rounding, 1e-10 of the largest weight; returns whether they
/// are equal to the bit. @param weights row-major (units, units), of at most `most_weight`.
inline bool check_symmetry(std::string_view where, std::span<const double> weights,
                           std::int64_t units) {
  constexpr double rounding = 1e-10;
  const auto n = static_cast<std::size_t>(units);
  double largest = 0;
  for (const double value : weights) largest = std::max(largest, std::abs(value));
  const auto entry = [](std::size_t i, std::size_t j) {
    return "weights[" + std::to_string(i) + ", " + std::to_string(j) + "]";
  };
  bool equal = true;
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t j = i + 1; j < n; ++j) {
      const double one = weights[i * n + j], other = weights[j * n + i];
      equal = equal && one == other;
      if (std::abs(one - other) > rounding * largest)
        reject(where, entry(i, j), one,
               entry(j, i) + ", which is " + text(other) + ", but for " + text(rounding) +
                   " of the largest weight: the energy needs symmetric weights (symmetric=False: "
                   "any)");
    }
  return equal;
}

/// Takes the mean of w_ij and w_ji for both. @param weights row-major (units, units).
inline void make_symmetric(std::span<double> weights, std::int64_t units) {
  const auto n = static_cast<std::size_t>(units);
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t j = i + 1; j < n; ++j)
      weights[i * n + j] = weights[j * n + i] =
          std::midpoint(weights[i * n + j], weights[j * n + i]);
}

}  // namespace attractornet::hopfield
