/// @file
/// States of two-valued units: arrays of -1 and 1, or of 0 and 1, of any numeric type.
#pragma once

#include <pybind11/typing.h>

#include <algorithm>
#include <attractornet/core/memory.hpp>
#include <attractornet/core/pack.hpp>
#include <attractornet/core/parallel.hpp>
#include <attractornet/systems/hopfield.hpp>
#include <cstdint>
#include <cstring>
#include <initializer_list>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "convert.hpp"
#include "monitor.hpp"

namespace attractornet::python {

/// States as the core takes them, and what they looked like in Python.
struct States {
  UnfilledVector<std::int8_t> values;  ///< (count, units), -1 and 1
  std::vector<py::ssize_t> axes;       ///< in front of the units
  std::int64_t count, units;
  bool bytes;  ///< given as int8

  /// These axes, and others behind them.
  std::vector<py::ssize_t> shape(std::initializer_list<py::ssize_t> more = {}) const {
    std::vector<py::ssize_t> result = axes;
    result.insert(result.end(), more);
    return result;
  }
};

/// States as Python has them: of the type that was given.
using StatesArray = py::typing::Union<py::array_t<std::int8_t>, py::array_t<double>>;

/// The value of a unit that is not 1.
constexpr int lower_value(hopfield::Coding coding) {
  return coding == hopfield::Coding::binary ? 0 : -1;
}

namespace detail {

/// Writes -1 and 1 for the two values, and returns the index of the first other one, or size.
template <class T>
std::int64_t read_signs(const T* from, std::int64_t size, T lower, std::int8_t* to) {
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
void write_signs(const std::int8_t* from, std::int64_t size, T lower, T* to) {
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

/// read_signs() on several threads, and with signals answered where that takes long.
template <class T>
std::int64_t read_signs(const T* from, std::int64_t size, T lower, std::int8_t* to, int threads,
                        Monitor& monitor) {
  constexpr std::int64_t share = 1 << 16;  // values, of which a thread takes many
  if (size < (threads == 1 ? 64 : 4) * share) return read_signs(from, size, lower, to);
  std::vector<std::int64_t> bad(static_cast<std::size_t>((size + share - 1) / share));
  parallel_for(std::ssize(bad), threads, monitor, [&](std::int64_t task, Progress&) {
    const std::int64_t first = task * share, count = std::min(share, size - first);
    const std::int64_t found = read_signs(from + first, count, lower, to + first);
    bad[static_cast<std::size_t>(task)] = found < count ? first + found : size;
  });
  return *std::min_element(bad.begin(), bad.end());
}

/// Reads an array of that type; false: it is of another.
template <class T>
bool read_signs_of(const py::array& array, const Place& place, hopfield::Coding coding,
                   UnfilledVector<std::int8_t>& to, int threads, bool convert = false) {
  if (!convert && !py::isinstance<py::array_t<T>>(array)) return false;
  const auto dense = DenseArray<T>::ensure(array);
  if (!dense) wrong_value(place, array, "numbers that a double can hold");
  const T* values = dense.data();
  const std::int64_t size = dense.size();
  to.resize(static_cast<std::size_t>(size));
  const T lower = static_cast<T>(lower_value(coding));
  PythonMonitor signals({}, "states");
  const std::int64_t bad =
      released([&] { return read_signs(values, size, lower, to.data(), threads, signals); });
  if (bad == size) return true;
  throw py::value_error(place.where + ": " + std::string(place.name) + " holds " +
                        text(static_cast<double>(values[bad])) + " at flat index " +
                        std::to_string(bad) + ": expected " + std::to_string(lower_value(coding)) +
                        " and 1 only");
}

}  // namespace detail

/// An array of two-valued units along its last axis. @param units their number; -1: any but 0.
/// @param threads that read it.
inline States states_of(py::handle value, const Place& place, hopfield::Coding coding,
                        std::int64_t units, int threads = 1) {
  py::array array = as_array(value, place);
  const char kind = array.dtype().kind();
  // NOTE: False is a 0, which bipolar units have not: True alone would be no mistake.
  if (kind == 'b' && coding == hopfield::Coding::bipolar)
    wrong_type(place, value, "an array of -1 and 1: truth values stand for 0 and 1");
  if (kind != 'f' && kind != 'i' && kind != 'u' && kind != 'b')
    wrong_type(place, value, "an array of real numbers");
  const std::int64_t last = array.ndim() > 0 ? array.shape(array.ndim() - 1) : 0;
  if (last == 0 || (units >= 0 && last != units))
    wrong_shape(
        array, place,
        "(..., " + (units < 0 ? "units" : std::to_string(units)) + "), a value for each unit");
  States result;
  result.axes.assign(array.shape(), array.shape() + array.ndim() - 1);
  result.units = last;
  result.count = array.size() / last;
  result.bytes = kind == 'i' && array.itemsize() == 1;
  if (kind == 'b') array = array.attr("view")("uint8");
  check_copy(array, place, result.bytes ? 1 : 8);
  using detail::read_signs_of;
  auto& to = result.values;
  read_signs_of<std::int8_t>(array, place, coding, to, threads) ||
      read_signs_of<std::uint8_t>(array, place, coding, to, threads) ||
      read_signs_of<std::int64_t>(array, place, coding, to, threads) ||
      read_signs_of<double>(array, place, coding, to, threads, true);
  return result;
}

/// An array of states that is being written, in their coding, of int8 or of double.
class StatesOutput {
 public:
  StatesOutput(std::vector<py::ssize_t> shape, hopfield::Coding coding, bool bytes)
      : lower_(lower_value(coding)),
        array_(bytes ? py::array(py::array_t<std::int8_t>(std::move(shape)))
                     : py::array(unfilled_array(std::move(shape)))),
        bytes_(bytes ? static_cast<std::int8_t*>(array_.mutable_data()) : nullptr),
        doubles_(bytes ? nullptr : static_cast<double*>(array_.mutable_data())) {}

  const py::array& array() const { return array_; }
  /// Values from index `first` on. @param values -1 and 1.
  void write(std::int64_t first, const std::int8_t* values, std::int64_t count) const {
    if (bytes_)
      detail::write_signs(values, count, static_cast<std::int8_t>(lower_), bytes_ + first);
    else
      detail::write_signs(values, count, static_cast<double>(lower_), doubles_ + first);
  }

 private:
  int lower_;
  py::array array_;
  std::int8_t* bytes_;
  double* doubles_;
};

/// The values in their coding, of int8 or of double. @param values -1 and 1, of that shape.
inline py::array states_array(const std::int8_t* values, std::vector<py::ssize_t> shape,
                              hopfield::Coding coding, bool bytes) {
  const StatesOutput output(std::move(shape), coding, bytes);
  const std::int64_t size = output.array().size();
  released([&] { output.write(0, values, size); });
  return output.array();
}

/// work(k) for every state, and signals in between.
template <class Work>
void each_state(std::int64_t count, const char* method, Work work) {
  PythonMonitor monitor({}, method, "states");
  released([&] {
    for (std::int64_t k = 0; k < count; ++k) {
      work(k);
      monitor.tick(1);
    }
  });
}

}  // namespace attractornet::python
