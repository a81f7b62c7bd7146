#include <attractornet/core/error.hpp>
#include <exception>

#include "bindings.hpp"

namespace attractornet::python {

void bind_errors(pybind11::module_& module) {
  namespace py = pybind11;
  py::register_exception<InternalError>(module, "InternalError", PyExc_RuntimeError)
      .attr("__doc__") = "A bug in attractornet; please report it.";
  py::register_exception<BackendUnavailable>(module, "BackendUnavailable", PyExc_RuntimeError)
      .attr("__doc__") = "A part that this build of attractornet does not have.";
  py::register_exception_translator([](std::exception_ptr pointer) {
    try {
      if (pointer) std::rethrow_exception(pointer);
    } catch (const InvalidValue& error) {
      PyErr_SetString(PyExc_ValueError, error.what());
    } catch (const MemoryLimit& error) {
      PyErr_SetString(PyExc_MemoryError, error.what());
    }
  });
}

}  // namespace attractornet::python
