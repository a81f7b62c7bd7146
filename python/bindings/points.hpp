/// @file
/// Points and series as arguments.
#pragma once

#include <attractornet/analysis/points.hpp>

#include "convert.hpp"

namespace attractornet::python {

inline constexpr std::string_view points_meaning =
    "points in time order (count, dimension), or a series (count,)";

/// Points (count, dimension), or a series (count,) of numbers.
inline Points points_of(const Numbers& points, const std::string& where) {
  if (points.ndim() != 1)
    expect_shape(points, {where, "points"}, {-1, -1}, "(count,) or (count, dimension)");
  return {points.data(), points.shape(0), points.ndim() == 1 ? 1 : points.shape(1)};
}

}  // namespace attractornet::python
