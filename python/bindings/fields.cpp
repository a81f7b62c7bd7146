#include "fields.hpp"

#include <pybind11/stl.h>
#include <pybind11/typing.h>

#include <map>

#include "bindings.hpp"
#include "define.hpp"

namespace attractornet::python {

namespace {

/// By name of the class or function. Never destroyed: it holds Python objects, and may outlive Python.
std::map<std::string, py::tuple>& registry() {
  static auto& lists = *new std::map<std::string, py::tuple>;
  return lists;
}

}  // namespace

void register_fields(const std::string& subject, std::vector<FieldInfo> fields) {
  registry()[subject] = py::tuple(py::cast(std::move(fields)));
}

void bind_fields(py::module_& module) {
  py::class_<FieldInfo>(
      module, "Field",
      "One parameter of a system, an ensemble or an analysis, as the core defines it.")
      .def_readonly("name", &FieldInfo::name)
      .def_readonly("type", &FieldInfo::type, "'int', 'float', 'bool' or 'str'")
      .def_readonly("optional", &FieldInfo::optional, "whether None is allowed")
      .def_readonly("default", &FieldInfo::default_value)
      .def_readonly("minimum", &FieldInfo::minimum, "-inf where there is none")
      .def_readonly("maximum", &FieldInfo::maximum, "inf where there is none")
      .def_readonly("minimum_open", &FieldInfo::minimum_open,
                    "whether the minimum itself is not allowed")
      .def_readonly("maximum_open", &FieldInfo::maximum_open,
                    "whether the maximum itself is not allowed")
      .def_property_readonly(
          "choices", [](const FieldInfo& field) -> py::typing::Tuple<py::str, py::ellipsis> {
            return py::tuple(py::cast(field.choices));
          },
          "allowed strings, where type is 'str'")
      .def_readonly("unit", &FieldInfo::unit)
      .def_readonly("meaning", &FieldInfo::meaning)
      .def("__repr__", [](const FieldInfo& field) {
        return "Field(" + field.name + ": " + field.type + " = " + shown(field.default_value) + ")";
      });
  define(
      module, "fields",
      "The parameters of a class or function of attractornet: names, defaults, bounds, units, "
      "meanings.\n\n"
      "Returns\n-------\ntuple of Field\n\nExamples\n--------\n"
      ">>> [field.name for field in fields(FeedbackNetwork)]\n"
      "['neurons', 'inputs', 'scale', 'seed', 'distribution']",
      "tuple[Field, ...]",
      [](const py::object& subject) -> py::tuple {
        const py::object name = py::getattr(subject, "__name__", py::none());
        const auto found = py::isinstance<py::str>(name)
                               ? registry().find(py::cast<std::string>(name))
                               : registry().end();
        if (found != registry().end()) return found->second;
        std::string known;
        for (const auto& [key, value] : registry())
          known.append(known.empty() ? "" : ", ").append(key);
        wrong_type({"fields", "subject"}, subject, "one of " + known);
      },
      Required<py::object>{
          "subject", "a class such as FeedbackNetwork, or a function such as lyapunov_spectrum"});
}

}  // namespace attractornet::python
