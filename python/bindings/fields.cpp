#include "fields.hpp"

#include <pybind11/stl.h>
#include <pybind11/typing.h>

#include <vector>

#include "bindings.hpp"
#include "define.hpp"

namespace attractornet::python {

namespace {

struct Registered {
  py::object subject;  ///< class or function
  py::tuple fields;
};

/// Never destroyed: it holds Python objects, and may outlive Python.
std::vector<Registered>& registry() {
  static auto& lists = *new std::vector<Registered>;
  return lists;
}

/// The function within a method, of a class or of an instance; anything else as it is.
py::object function_of(const py::object& subject) {
  return py::getattr(subject, "__func__", subject);
}

}  // namespace

py::tuple to_python(std::vector<FieldInfo> fields) { return py::cast(std::move(fields)); }

void register_fields(const py::object& subject, py::tuple fields) {
  registry().push_back({function_of(subject), std::move(fields)});
}

void bind_fields(py::module_& module) {
  using F = FieldInfo;
  auto cls = define_class<F>(
      module, "Field",
      "One parameter of a system, an ensemble or an analysis, as the core defines it.");
  define_property(cls, "name", "", [](const F& f) { return f.name; });
  define_property(cls, "type", "'int', 'float', 'bool' or 'str'",
                  [](const F& f) { return f.type; });
  define_property(cls, "optional", "whether None is allowed",
                  [](const F& f) { return f.optional; });
  define_property(cls, "default", "", [](const F& f) { return f.default_value; });
  define_property(cls, "minimum", "-inf where there is none",
                  [](const F& f) { return f.bounds.minimum; });
  define_property(cls, "maximum", "inf where there is none",
                  [](const F& f) { return f.bounds.maximum; });
  define_property(cls, "minimum_open", "whether the minimum itself is not allowed",
                  [](const F& f) { return f.bounds.minimum_open; });
  define_property(cls, "maximum_open", "whether the maximum itself is not allowed",
                  [](const F& f) { return f.bounds.maximum_open; });
  define_property(cls, "choices", "allowed strings, where type is 'str'",
                  [](const F& f) -> py::typing::Tuple<py::str, py::ellipsis> {
                    return py::tuple(py::cast(f.choices));
                  });
  define_property(cls, "unit", "empty where the quantity has none",
                  [](const F& f) { return f.unit; });
  define_property(cls, "meaning", "", [](const F& f) { return f.meaning; });
  define_repr(cls, [](const F& f) {
    return "Field(" + f.name + ": " + f.type + " = " + shown(f.default_value) + ")";
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
        // A function of Python that hands its options on names the core's function that has them.
        const py::object owner = function_of(py::getattr(subject, "__fields_of__", subject));
        for (const auto& each : registry())
          if (each.subject.is(owner)) return each.fields;
        wrong_type({"fields", "subject"}, subject,
                   "a class or function of attractornet that has parameters, such as "
                   "FeedbackNetwork, lyapunov_spectrum or HopfieldNetwork.recall");
      },
      Required<py::object>{
          "subject", "a class such as FeedbackNetwork, or a function such as lyapunov_spectrum"});
}

}  // namespace attractornet::python
