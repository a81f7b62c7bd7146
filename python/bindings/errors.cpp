#include "errors.hpp"

#include "bindings.hpp"

namespace attractornet::python {

void bind_errors(pybind11::module_& module) {
  namespace py = pybind11;
  py::register_exception<InternalError>(module, "InternalError", PyExc_RuntimeError)
      .attr("__doc__") = "A bug in attractornet; please report it.";
  py::register_exception<BackendUnavailable>(module, "BackendUnavailable", PyExc_RuntimeError)
      .attr("__doc__") = "A part that this build of attractornet does not have.";
  py::register_exception_translator(raise_builtin);
}

}  // namespace attractornet::python
