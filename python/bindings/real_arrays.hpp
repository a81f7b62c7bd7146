/// @file
/// Arrays of float32 or float64: what is computed in the type that the argument has.
#pragma once

#include <pybind11/numpy.h>

#include <cmath>
#include <limits>

#include "convert.hpp"

namespace attractornet::python {

/// An array of the type that something was computed in.
using RealArray = py::typing::Union<py::array_t<double>, py::array_t<float>>;

enum class Real { float32, float64 };

/// float32 where the array is of that; float64 of all other numbers.
inline Real real_of(const py::array& array) {
  return array.dtype().kind() == 'f' && array.itemsize() == 4 ? Real::float32 : Real::float64;
}

/// Throws unless the array holds real numbers.
inline void expect_reals(const py::array& array, py::handle value, const Place& place) {
  const char kind = array.dtype().kind();
  if (kind != 'f' && kind != 'i' && kind != 'u') wrong_type(place, value, "an array of numbers");
}

template <class T>
bool all_finite(const T* numbers, std::size_t size) {
  int unbounded = 0;  // NOTE: a loop that ends early is not vectorised.
  for (std::size_t i = 0; i < size; ++i)
    unbounded |= !(std::abs(numbers[i]) <= std::numeric_limits<T>::max());
  return !unbounded;
}

/// The numbers as T, finite ones only.
template <class T>
DenseArray<T> finite_reals(const py::array& array, py::handle value, const Place& place) {
  check_copy(array, place);
  auto dense = DenseArray<T>::ensure(array);
  if (!dense) wrong_value(place, value, "numbers that fit its type");
  const T* numbers = dense.data();
  const py::ssize_t size = dense.size();
  if (all_finite(numbers, static_cast<std::size_t>(size))) return dense;
  for (py::ssize_t i = 0; i < size; ++i)
    if (!std::isfinite(numbers[i]))
      throw py::value_error(place.where + ": " + std::string(place.name) + " holds " +
                            text(static_cast<double>(numbers[i])) + " at flat index " +
                            std::to_string(i) + ": expected finite values only");
  return dense;
}

}  // namespace attractornet::python

namespace attractornet {

template <>
struct Names<python::Real> {
  static constexpr std::array<std::string_view, 2> list = {"float32", "float64"};
};

}  // namespace attractornet
