/// What the core's errors become in Python, in each of its modules.
#pragma once

#include <pybind11/pybind11.h>

#include <attractornet/core/error.hpp>
#include <exception>

namespace attractornet::python {

/// The errors that Python has a class of its own for; others are thrown on.
inline void raise_builtin(std::exception_ptr pointer) {
  try {
    if (pointer) std::rethrow_exception(pointer);
  } catch (const InvalidValue& error) {
    PyErr_SetString(PyExc_ValueError, error.what());
  } catch (const MemoryLimit& error) {
    PyErr_SetString(PyExc_MemoryError, error.what());
  }
}

}  // namespace attractornet::python
