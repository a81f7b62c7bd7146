/// @file
/// Classes, their patterns and labels, as arguments of what is in `_core.learn`.
#pragma once

#include <attractornet/learn/losses.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "../systems/wilson_cowan_couplings.hpp"

namespace attractornet::python {

inline py::module_ learn_module(py::module_& parent) {
  return parent.def_submodule("learn", "Training of Wilson-Cowan networks.");
}

constexpr const char* loss_meaning =
    "of where a state x ends, with target patterns T_k, d_k = |x - T_k|^2, and the classes' "
    "probabilities q_k of eq. 10 to 12: mean_square, d_y / nodes of the true class y, as in the "
    "authors' code; sum_of_squares, d_y, eq. 9; cross_entropy, -ln q_y; binary_cross_entropy, "
    "-(ln q_y + sum of the other ln(1 - q_k)) / classes; each the mean over a batch";

/// The patterns of all classes.
inline Patterns class_patterns(const Numbers& targets, std::int64_t nodes,
                               const std::string& where) {
  expect_shape(targets, {where, "targets"}, {-1, nodes},
               "(classes, " + std::to_string(nodes) + "), a value for each node");
  return patterns_of(targets, where);
}
template <class T>
learn::Targets<T> targets_of(const Patterns& patterns) {
  return {patterns.values, patterns.nodes};
}

/// Integers from 0 to below `end`. @param of what the end is that of, after a comma.
template <class T>
std::vector<T> indices_of(const ArrayLike& given, std::int64_t count, std::int64_t end,
                          const Place& place, std::string_view meaning, const std::string& of) {
  const py::array array = as_array(given.value, place);
  const char kind = array.dtype().kind();
  if (kind != 'i' && kind != 'u') wrong_type(place, given.value, "an array of integers");
  expect_shape(array, place, {count}, meaning);
  check_copy(array, place);
  const auto values = DenseArray<std::int64_t>::ensure(array);
  std::vector<T> result;
  for (const std::int64_t value : std::span(values.data(), static_cast<std::size_t>(values.size())))
    if (value >= 0 && value < end)
      result.push_back(static_cast<T>(value));
    else
      reject(place.where, place.name, value, "values from 0 to " + text(end - 1) + of);
  return result;
}

inline std::vector<std::int32_t> labels_of(const ArrayLike& given, std::int64_t count,
                                           std::int64_t classes, const std::string& where) {
  return indices_of<std::int32_t>(given, count, classes, {where, "labels"},
                                  "(" + std::to_string(count) + ",), one for each row of x",
                                  ", the classes of targets");
}

}  // namespace attractornet::python
