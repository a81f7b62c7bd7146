/// @file
/// From Python values to C++ and back, with errors that name the argument, what it got and what is
/// allowed: "lyapunov_spectrum: steps = 'x': expected an integer".
#pragma once

#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>

#include <algorithm>
#include <attractornet/core/error.hpp>
#include <attractornet/core/fields.hpp>
#include <attractornet/core/memory.hpp>
#include <cmath>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace attractornet::python {

namespace py = pybind11;

/// Which argument of which call is being read.
struct Place {
  std::string where;
  std::string_view name;
};

/// f() while other Python threads run.
template <class F>
auto released(F&& f) {
  const py::gil_scoped_release release;
  return f();
}

/// A Python string in UTF-8; what UTF-8 cannot hold (lone surrogates) is escaped.
inline std::string utf8(py::handle text) {
  const auto bytes = py::reinterpret_steal<py::bytes>(
      PyUnicode_AsEncodedString(text.ptr(), "utf-8", "backslashreplace"));
  if (!bytes) throw py::error_already_set();
  return bytes;
}

/// Forgets the error of a conversion that failed; what is no mistake of the value's (Ctrl-C, memory
/// that ran out) goes on.
inline void forget_error() {
  if (!PyErr_ExceptionMatches(PyExc_Exception) || PyErr_ExceptionMatches(PyExc_MemoryError))
    throw py::error_already_set();
  PyErr_Clear();
}

/// repr(value), cut to a length that a message can hold; a type's name where repr itself fails, or
/// would take long.
inline std::string shown(py::handle value) {
  constexpr py::ssize_t most = 60, most_items = 1000;
  if ((PyList_Check(value.ptr()) || PyTuple_Check(value.ptr()) || PyDict_Check(value.ptr()) ||
       PyAnySet_Check(value.ptr()) || PyUnicode_Check(value.ptr()) || PyBytes_Check(value.ptr())) &&
      PyObject_Size(value.ptr()) > most_items)
    return std::string("<") + Py_TYPE(value.ptr())->tp_name + " of length " +
           std::to_string(PyObject_Size(value.ptr())) + ">";
  auto text = py::reinterpret_steal<py::object>(PyObject_Repr(value.ptr()));
  if (!text) {
    forget_error();
    return std::string("<") + Py_TYPE(value.ptr())->tp_name + ">";
  }
  const bool cut = PyUnicode_GetLength(text.ptr()) > most;
  if (cut) text = py::reinterpret_steal<py::object>(PyUnicode_Substring(text.ptr(), 0, most - 3));
  std::string result = utf8(text) + (cut ? "..." : "");
  for (char& c : result)
    if (c == '\n') c = ' ';
  return result;
}

inline std::string message(const Place& place, py::handle value, std::string_view expected) {
  std::string result = place.where;
  return result.append(": ")
      .append(place.name)
      .append(" = ")
      .append(shown(value))
      .append(": expected ")
      .append(expected);
}
[[noreturn]] inline void wrong_type(const Place& place, py::handle value,
                                    std::string_view expected) {
  throw py::type_error(message(place, value, expected));
}
[[noreturn]] inline void wrong_value(const Place& place, py::handle value,
                                     std::string_view expected) {
  throw py::value_error(message(place, value, expected));
}

/// Throws where the object is not of the type, or one that __new__ made and no __init__ has filled:
/// that holds nothing, and pybind11 would hand out memory that was never written.
inline void expect_made(py::handle object, py::handle type, const Place& place) {
  const auto name = py::cast<std::string>(type.attr("__name__"));
  if (!py::isinstance(object, type)) wrong_type(place, object, "a " + name);
  auto* instance = reinterpret_cast<py::detail::instance*>(object.ptr());
  if (!instance->get_value_and_holder().holder_constructed())
    throw py::type_error(place.where + ": " + std::string(place.name) + " is a " + name +
                         " that was never initialised");
}

/// The C++ object behind a Python one.
template <class T>
T& made(py::handle object, const Place& place) {
  expect_made(object, py::type::handle_of<T>(), place);
  return py::cast<T&>(object);
}

inline bool is_bool(py::handle value) {
  const std::string_view name = Py_TYPE(value.ptr())->tp_name;
  return name == "bool" || name == "numpy.bool" || name == "numpy.bool_";
}
/// Arrays convert to numbers with a deprecation warning at best.
inline bool is_array(py::handle value) {
  return py::isinstance<py::array>(value) && py::reinterpret_borrow<py::array>(value).ndim() > 0;
}

/// How a C++ type is read from Python (`from`), named in signatures (`type`) and written as a
/// default
/// (`text`). `allowed` says the bounds where there are some.
template <class T>
struct Convert;

template <>
struct Convert<std::int64_t> {
  static std::string type() { return "int"; }
  static std::string text(std::int64_t value) { return std::to_string(value); }
  static std::int64_t from(py::handle value, const Place& place, const std::string& allowed) {
    if (is_bool(value) || is_array(value) || !PyIndex_Check(value.ptr()))
      wrong_type(place, value, "an integer");
    const auto index = py::reinterpret_steal<py::object>(PyNumber_Index(value.ptr()));
    if (!index) {
      forget_error();
      wrong_type(place, value, "an integer");
    }
    int overflow = 0;
    const std::int64_t result = PyLong_AsLongLongAndOverflow(index.ptr(), &overflow);
    if (overflow != 0)
      wrong_value(place, value,
                  allowed.empty() ? "an integer of 64 bits" : "a value in " + allowed);
    return result;
  }
};

template <>
struct Convert<double> {
  static std::string type() { return "float"; }
  static std::string text(double value) {
    return py::cast<std::string>(py::repr(py::float_(value)));
  }
  static double from(py::handle value, const Place& place, const std::string&) {
    if (is_bool(value) || is_array(value)) wrong_type(place, value, "a number");
    const double result = PyFloat_AsDouble(value.ptr());
    if (result == -1.0 && PyErr_Occurred()) {
      const bool too_large = PyErr_ExceptionMatches(PyExc_OverflowError);
      forget_error();
      if (too_large) wrong_value(place, value, "a number that a double can hold");
      wrong_type(place, value, "a number");
    }
    return result;
  }
};

template <>
struct Convert<bool> {
  static std::string type() { return "bool"; }
  static std::string text(bool value) { return value ? "True" : "False"; }
  static bool from(py::handle value, const Place& place, const std::string&) {
    if (!is_bool(value)) wrong_type(place, value, "True or False");
    return py::cast<bool>(py::bool_(py::reinterpret_borrow<py::object>(value)));
  }
};

template <>
struct Convert<std::string> {
  static std::string type() { return "str"; }
  static std::string from(py::handle value, const Place& place, const std::string&) {
    if (!py::isinstance<py::str>(value)) wrong_type(place, value, "a string");
    return utf8(value);
  }
};

/// Enumerations are strings in Python.
template <class Enum>
  requires std::is_enum_v<Enum>
struct Convert<Enum> {
  static std::string choices(std::string_view separator) {
    std::string result;
    for (const auto name : Names<Enum>::list)
      result.append(result.empty() ? "" : separator).append("'").append(name).append("'");
    return result;
  }
  static std::string type() { return "typing.Literal[" + choices(", ") + "]"; }
  static std::string text(Enum value) { return attractornet::text(name_of(value)); }
  static Enum from(py::handle value, const Place& place, const std::string&) {
    if (!py::isinstance<py::str>(value)) wrong_type(place, value, choices(" or "));
    const std::string name = utf8(value);
    for (std::size_t i = 0; i < Names<Enum>::list.size(); ++i)
      if (Names<Enum>::list[i] == name) return static_cast<Enum>(i);
    wrong_value(place, value, choices(" or "));
  }
};

template <class T>
struct Convert<std::optional<T>> {
  static std::string type() { return Convert<T>::type() + " | None"; }
  static std::string text(const std::optional<T>& value) {
    if constexpr (requires { Convert<T>::text(*value); })
      if (value) return Convert<T>::text(*value);
    return "None";
  }
  static std::optional<T> from(py::handle value, const Place& place, const std::string& allowed) {
    if (value.is_none()) return std::nullopt;
    return Convert<T>::from(value, place, allowed);
  }
};

/// Any Python object, as it is.
template <>
struct Convert<py::object> {
  static std::string type() { return "typing.Any"; }
  static std::string text(const py::object& value) {
    return py::cast<std::string>(py::repr(value));
  }
  static py::object from(py::handle value, const Place&, const std::string&) {
    return py::reinterpret_borrow<py::object>(value);
  }
};

/// Anything that NumPy makes an array of, to be read where it is known what it has to hold.
struct ArrayLike {
  py::object value;
};

template <>
struct Convert<ArrayLike> {
  static std::string type() { return "numpy.typing.ArrayLike"; }
  static ArrayLike from(py::handle value, const Place&, const std::string&) {
    return {py::reinterpret_borrow<py::object>(value)};
  }
};

/// A file's name: a string or an os.PathLike of one.
struct Path {
  py::object value;
};

template <>
struct Convert<Path> {
  static std::string type() { return "str | os.PathLike[str]"; }
  static Path from(py::handle value, const Place& place, const std::string&) {
    auto path = py::reinterpret_steal<py::object>(PyOS_FSPath(value.ptr()));
    if (!path) forget_error();
    if (!path || !py::isinstance<py::str>(path)) wrong_type(place, value, "a path");
    const auto bytes = py::reinterpret_steal<py::bytes>(PyUnicode_EncodeFSDefault(path.ptr()));
    if (!bytes) forget_error();
    if (!bytes || std::string_view(bytes).find('\0') != std::string_view::npos)
      wrong_value(place, value, "a path that the file system can hold");
    return {std::move(path)};
  }
};

constexpr int aligned = py::detail::npy_api::NPY_ARRAY_ALIGNED_;

/// An array as C has it: contiguous, and aligned, which views into bytes need not be.
template <class T>
using DenseArray = py::array_t<T, py::array::c_style | py::array::forcecast | aligned>;

/// A contiguous array of finite doubles, converted from anything that NumPy reads as real numbers.
struct Numbers {
  DenseArray<double> array;

  const double* data() const { return array.data(); }
  std::int64_t ndim() const { return array.ndim(); }
  std::int64_t shape(int axis) const { return array.shape(axis); }
};

/// Index of the first value that is not finite, or the size.
inline std::int64_t first_not_finite(const double* values, std::int64_t size) {
  return released([=] {
    return std::find_if(values, values + size, [](double v) { return !std::isfinite(v); }) - values;
  });
}

/// numpy.asarray(value).
inline py::array as_array(py::handle value, const Place& place) {
  try {
    return py::module_::import("numpy").attr("asarray")(value);
  } catch (py::error_already_set& error) {
    if (error.matches(PyExc_MemoryError))
      throw MemoryLimit(message(place, value, "an array that fits into memory"));
    if (!error.matches(PyExc_ValueError) && !error.matches(PyExc_TypeError)) throw;
    wrong_value(place, value, "an array of numbers");
  }
}

/// Throws where a copy would pass the memory limit: a view of one number may be of any shape.
/// @param element bytes that a value takes in the copy: 8 for doubles, 1 for int8.
inline void check_copy(const py::array& array, const Place& place, int element = 8) {
  const double bytes = element * static_cast<double>(array.size());
  if (bytes > static_cast<double>(memory_limit()))
    throw MemoryLimit(place.where + ": " + std::string(place.name) + " has shape " +
                      py::cast<std::string>(py::str(array.attr("shape"))) + ", as " +
                      (element == 8 ? "doubles " : "int8 ") + gibibytes(bytes) +
                      ", more than the memory limit of " +
                      gibibytes(static_cast<double>(memory_limit())) +
                      " (environment: ATTRACTORNET_MEMORY_LIMIT)");
}

template <>
struct Convert<Numbers> {
  static std::string type() { return "numpy.typing.ArrayLike"; }
  static Numbers from(py::handle value, const Place& place, const std::string&) {
    const py::array array = as_array(value, place);
    const char kind = array.dtype().kind();
    if (kind != 'f' && kind != 'i' && kind != 'u')
      wrong_type(place, value, "an array of real numbers");
    if (!DenseArray<double>::check_(array) || !(array.flags() & aligned)) check_copy(array, place);
    auto doubles = DenseArray<double>::ensure(array);
    if (!doubles) wrong_value(place, value, "numbers that a double can hold");
    Numbers numbers{std::move(doubles)};
    const double* values = numbers.data();
    const std::int64_t size = numbers.array.size();
    const std::int64_t bad = first_not_finite(values, size);
    if (bad < size)
      throw py::value_error(place.where + ": " + std::string(place.name) + " holds " +
                            attractornet::text(values[bad]) + " at flat index " +
                            std::to_string(bad) + ": expected finite values only");
    return numbers;
  }
};

[[noreturn]] inline void wrong_shape(const py::array& array, const Place& place,
                                     std::string_view expected) {
  throw py::value_error(place.where + ": " + std::string(place.name) + " has shape " +
                        py::cast<std::string>(py::str(array.attr("shape"))) + ": expected " +
                        std::string(expected));
}

/// Throws unless the array has that shape; -1 stands for any length.
inline void expect_shape(const py::array& array, const Place& place,
                         const std::vector<std::int64_t>& shape, std::string_view meaning) {
  bool fits = array.ndim() == static_cast<py::ssize_t>(shape.size());
  for (std::size_t axis = 0; fits && axis < shape.size(); ++axis)
    fits = shape[axis] == -1 || shape[axis] == array.shape(static_cast<py::ssize_t>(axis));
  if (!fits) wrong_shape(array, place, meaning);
}
inline void expect_shape(const Numbers& numbers, const Place& place,
                         const std::vector<std::int64_t>& shape, std::string_view meaning) {
  expect_shape(numbers.array, place, shape, meaning);
}

/// The size of a square matrix of `units`, of one at least; throws where it is none.
inline std::int64_t expect_square(const Numbers& matrix, const Place& place) {
  const std::int64_t size = std::max<std::int64_t>(matrix.ndim() > 0 ? matrix.shape(0) : 0, 1);
  expect_shape(matrix, place, {size, size}, "(units, units), neither 0");
  return size;
}

/// A NumPy array that owns `values`, without a copy.
template <class T, class Allocator>
py::array_t<T> to_array(std::vector<T, Allocator> values, std::vector<py::ssize_t> shape) {
  using Values = std::vector<T, Allocator>;
  auto* owner = new Values(std::move(values));
  const py::capsule base(owner, [](void* pointer) { delete static_cast<Values*>(pointer); });
  return py::array_t<T>(std::move(shape), owner->data(), base);
}

/// A NumPy array of memory that is not filled: filling gigabytes with zeros takes seconds in which
/// no signal is answered.
inline py::array_t<double> unfilled_array(std::vector<py::ssize_t> shape) {
  std::size_t size = 1;
  for (const auto length : shape) size *= static_cast<std::size_t>(length);
  return to_array(UnfilledVector<double>(size), std::move(shape));
}

inline py::array_t<double> to_array(std::vector<double> values) {
  const auto size = static_cast<py::ssize_t>(values.size());
  return to_array(std::move(values), {size});
}

}  // namespace attractornet::python
