/// @file
/// States of two-valued units: arrays of -1 and 1, or of 0 and 1, whatever their type.
#pragma once

#include <attractornet/core/pack.hpp>
#include <attractornet/systems/hopfield.hpp>
#include <cstdint>
#include <cstring>
#include <string>
#include <utility>
#include <vector>

#include "define.hpp"

namespace attractornet::python {

/// States as the core takes them, and what they looked like in Python.
struct States {
  std::vector<std::int8_t> values;  ///< (count, units), -1 and 1
  std::vector<py::ssize_t> axes;    ///< in front of the units
  std::int64_t count, units;
  bool bytes;  ///< given as int8

  /// These axes, and others behind them.
  std::vector<py::ssize_t> shape(std::initializer_list<std::int64_t> more = {}) const {
    std::vector<py::ssize_t> result = axes;
    result.insert(result.end(), more.begin(), more.end());
    return result;
  }
};

namespace detail {

/// Writes -1 and 1 for the two values, and returns the index of the first other one, or size.
template <class T>
std::int64_t read_states(const T* from, std::int64_t size, T lower, std::int8_t* to) {
  constexpr int lanes = register_bytes / static_cast<int>(sizeof(T)), block = 64;
  using Values = NativeVector<T, register_bytes>;
  using Bytes = NativeVector<std::int8_t, lanes>;
  const Bytes all = Bytes{} - std::int8_t{1};
  std::int64_t i = 0;
  for (Bytes known = all; i + block <= size; i += block) {
    for (std::int64_t k = i; k < i + block; k += lanes) {
      const auto value = load_vector<Values>(from + k);
      const auto up = __builtin_convertvector(value == T(1), Bytes);  // -1 where it is
      const auto down = __builtin_convertvector(value == lower, Bytes);
      known &= up | down;
      store_vector(to + k, down - up);
    }
    if (std::memcmp(&known, &all, sizeof all) != 0) break;  // found below
  }
  for (; i < size && (from[i] == T(1) || from[i] == lower); ++i)
    to[i] = from[i] == T(1) ? std::int8_t{1} : std::int8_t{-1};
  return i;
}

/// The other way: `lower` for -1.
template <class T>
void write_states(const std::int8_t* from, std::int64_t size, T lower, T* to) {
  constexpr int lanes = register_bytes / static_cast<int>(sizeof(T));
  using Values = NativeVector<T, register_bytes>;
  using Bytes = NativeVector<std::int8_t, lanes>;
  const T span = static_cast<T>(T(1) - lower);
  std::int64_t i = 0;
  for (; i + lanes <= size; i += lanes) {
    const auto up = __builtin_convertvector(load_vector<Bytes>(from + i) > 0, Values);  // -1
    store_vector(to + i, (Values{} + lower) - up * span);
  }
  for (; i < size; ++i) to[i] = from[i] > 0 ? T(1) : lower;
}

template <class T>
void read_states(const DenseArray<T>& array, hopfield::Coding coding, const Place& place,
                 std::vector<std::int8_t>& to) {
  const bool binary = coding == hopfield::Coding::binary;
  const T lower = binary ? T(0) : T(-1);
  const T* values = array.data();
  const std::int64_t size = array.size();
  to.resize(static_cast<std::size_t>(size));
  const std::int64_t bad = released([&] { return read_states(values, size, lower, to.data()); });
  if (bad == size) return;
  throw py::value_error(place.where + ": " + std::string(place.name) + " holds " +
                        attractornet::text(static_cast<double>(values[bad])) + " at flat index " +
                        std::to_string(bad) + ": expected " +
                        (binary ? "0 and 1 only" : "-1 and 1 only"));
}

}  // namespace detail

/// An array of two-valued units along its last axis. @param units their number; -1: any.
inline States states_of(py::handle value, const Place& place, hopfield::Coding coding,
                        std::int64_t units) {
  const py::array array = as_array(value, place);
  const char kind = array.dtype().kind();
  if (kind != 'f' && kind != 'i' && kind != 'u' && kind != 'b')
    wrong_type(place, value, "an array of real numbers");
  const std::string n = units < 0 ? "units" : std::to_string(units);
  if (array.ndim() == 0 || (units >= 0 && array.shape(array.ndim() - 1) != units))
    throw py::value_error(place.where + ": " + std::string(place.name) + " has shape " +
                          py::cast<std::string>(py::str(array.attr("shape"))) +
                          ": expected (..., " + n + ")");
  States result;
  result.axes.assign(array.shape(), array.shape() + array.ndim() - 1);
  result.units = array.shape(array.ndim() - 1);
  result.count = result.units > 0 ? array.size() / result.units : 0;
  result.bytes = kind == 'i' && array.itemsize() == 1;
  if (result.bytes)
    detail::read_states(DenseArray<std::int8_t>::ensure(array), coding, place, result.values);
  else
    detail::read_states(DenseArray<double>::ensure(array), coding, place, result.values);
  return result;
}

/// An array of such units in their coding, of int8 or of double. @param values -1 and 1.
inline py::array states_array(const std::int8_t* values, std::vector<py::ssize_t> shape,
                              hopfield::Coding coding, bool bytes) {
  const bool binary = coding == hopfield::Coding::binary;
  const auto write = [&]<class T>(T* to, std::int64_t size) {
    const T lower = binary ? T(0) : T(-1);
    released([&] { detail::write_states(values, size, lower, to); });
  };
  if (bytes) {
    py::array_t<std::int8_t> result(std::move(shape));
    write(result.mutable_data(), result.size());
    return result;
  }
  py::array_t<double> result = unfilled_array(std::move(shape));
  write(result.mutable_data(), result.size());
  return result;
}

}  // namespace attractornet::python
