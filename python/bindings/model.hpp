/// @file
/// Systems that own arrays: views of these, and model files.
#pragma once

#include <span>
#include <string>
#include <utility>
#include <vector>

#include "define.hpp"

namespace attractornet::python {

/// The Python object that a C++ one belongs to.
template <class T>
py::object owner(const T& self) {
  return py::cast(self, py::return_value_policy::reference);
}

/// A read-only view of a system's array, which keeps the system alive.
template <class T>
py::array_t<double> view(std::span<const double> values, std::vector<py::ssize_t> shape,
                         const T& self) {
  py::array_t<double> array(std::move(shape), values.data(), owner(self));
  array.attr("flags").attr("writeable") = false;
  return array;
}

/// Binds save and load, by way of the pickled state.
template <class Class>
[[gnu::cold]] void define_files(Class& cls) {
  using T = typename Class::type;
  define_method(
      cls, "save", "Writes it to a model file (safetensors), all or nothing.", "None",
      [](const T& self, const Path& path) {
        py::module_::import("attractornet._files").attr("save")(owner(self), path.value);
      },
      Required<Path>{"path", "file to write"});
  define_static(
      cls, "load", "Reads one from a model file.", py::cast<std::string>(cls.attr("__name__")),
      [](const Path& path) -> py::object {
        const py::object type = py::type::of<T>();
        return py::module_::import("attractornet._files").attr("load")(path.value, type);
      },
      Required<Path>{"path", "file that save wrote"});
}

}  // namespace attractornet::python
