/// @file
/// What a scan is told from Python, and what it tells: points, measurements, arrays.
#pragma once

#include <algorithm>
#include <attractornet/scan/measurement.hpp>
#include <attractornet/scan/table.hpp>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "../define.hpp"
#include "../fields.hpp"

namespace attractornet::python {

using Names = std::vector<std::string>;

/// Parameters by name, each one value or an array of them.
struct Points {
  py::dict values;
};

template <>
struct Convert<Points> {
  static std::string type() { return "dict[str, typing.Any]"; }
  static Points from(py::handle value, const Place& place, const std::string&) {
    if (!PyDict_Check(value.ptr())) wrong_type(place, value, "a dictionary of parameters");
    return {py::reinterpret_borrow<py::dict>(value)};
  }
};

template <>
struct Convert<Names> {
  static std::string type() { return "collections.abc.Sequence[str]"; }
  static Names from(py::handle value, const Place& place, const std::string&) {
    if (!PyList_Check(value.ptr()) && !PyTuple_Check(value.ptr()))
      wrong_type(place, value, "a list of names");
    Names names;
    for (const py::handle name : value) {
      if (!py::isinstance<py::str>(name)) wrong_type(place, name, "a name");
      names.push_back(utf8(name));
    }
    if (names.empty()) wrong_value(place, value, "one name at least");
    return names;
  }
};

/// One parameter at every point.
template <class T>
class Parameter {
 public:
  Parameter(py::handle value, const Place& place) {
    if constexpr (!std::is_enum_v<T>) {
      if (is_array(value)) {
        array_ = DenseArray<T>::ensure(value);
        if (!array_) {
          forget_error();
          wrong_type(place, value, "an array of numbers");
        }
        if (array_.ndim() != 1) wrong_value(place, value, "an array of one axis");
        values_ = array_.data();
        size_ = array_.size();
        return;
      }
    } else if (PyList_Check(value.ptr()) || is_array(value)) {
      const py::list items(py::reinterpret_borrow<py::object>(value));
      own_ = std::make_unique<T[]>(items.size());
      std::transform(items.begin(), items.end(), own_.get(),
                     [&](py::handle item) { return Convert<T>::from(item, place, ""); });
      values_ = own_.get();
      size_ = static_cast<std::int64_t>(items.size());
      return;
    }
    own_ = std::make_unique<T[]>(1);
    own_[0] = Convert<T>::from(value, place, "");
    values_ = own_.get();
  }

  /// Points that it has values for; -1: any number.
  std::int64_t size() const { return size_; }
  T operator[](std::int64_t point) const { return values_[size_ < 0 ? 0 : point]; }

 private:
  DenseArray<std::conditional_t<std::is_enum_v<T>, double, T>> array_;
  std::unique_ptr<T[]> own_;  ///< no vector: one of bools has no array
  const T* values_ = nullptr;
  std::int64_t size_ = -1;
};

/// The number of points, which every array agrees on; 1 where there is none.
class Count {
 public:
  void add(std::int64_t size, const Place& place) {
    if (size < 0) return;
    if (size_ >= 0 && size != size_)
      reject(place.where, place.name, size, "as many values as the others, " + text(size_));
    size_ = size;
  }
  std::int64_t value() const { return size_ < 0 ? 1 : size_; }

 private:
  std::int64_t size_ = -1;
};

/// Points, each with its parameters; those that are not given have their defaults.
/// @param family whose parameters they are, by name.
template <class Point>
std::vector<Point> points_of(const Points& points, const std::string& where,
                             const std::string& family) {
  Count count;
  std::vector<Point> result(1);
  std::size_t taken = 0;
  for_each_field<Point>([&](const auto& field) {
    using T = typename std::decay_t<decltype(field)>::Value;
    const py::str key(std::string(field.name));
    if (!points.values.contains(key)) return;
    ++taken;
    const Parameter<T> parameter(points.values[key], {where, field.name});
    count.add(parameter.size(), {where, field.name});
    const auto size = static_cast<std::size_t>(count.value());
    if (result.size() != size) result.resize(size, Point(result.front()));
    for (std::size_t i = 0; i < size; ++i)
      result[i].*(field.member) = parameter[static_cast<std::int64_t>(i)];
  });
  if (taken != points.values.size())
    throw py::value_error(where + ": points = " + shown(points.values) +
                          ": expected parameters of " + family + " only");
  for (const auto& point : result) validate(point, where);
  return result;
}

inline std::optional<std::vector<double>> initial_of(const std::optional<Numbers>& initial,
                                                     std::int64_t dimension) {
  if (!initial) return std::nullopt;
  expect_shape(*initial, {std::string(scan::Options::label), "initial"}, {dimension},
               "(" + text(dimension) + ",), the dimension of every point");
  return std::vector<double>(initial->data(), initial->data() + dimension);
}

template <class T>
py::array cast_array(const std::vector<double>& values, std::vector<py::ssize_t> shape) {
  py::array_t<T> result(std::move(shape));
  std::transform(values.begin(), values.end(), result.mutable_data(),
                 [](double value) { return static_cast<T>(value); });
  return result;
}

inline py::typing::Dict<py::str, py::array> arrays_of(const scan::Table& table) {
  py::typing::Dict<py::str, py::array> result;
  const auto points = static_cast<py::ssize_t>(table.status().size());
  for (std::size_t c = 0; c < table.columns().size(); ++c) {
    const scan::Column& column = table.columns()[c];
    std::vector<py::ssize_t> shape{points};
    if (!column.axis.empty()) shape.push_back(column.width);
    const auto& values = table.values(c);
    const auto make = column.type == scan::ColumnType::float64   ? cast_array<double>
                      : column.type == scan::ColumnType::float32 ? cast_array<float>
                                                                 : cast_array<std::int8_t>;
    result[std::string(column.name).c_str()] = make(values, std::move(shape));
  }
  result["status"] = py::array_t<std::int8_t>(points, table.status().data());
  return result;
}

}  // namespace attractornet::python
