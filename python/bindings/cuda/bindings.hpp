/// @file
/// What the module _cuda consists of.
#pragma once

#include <pybind11/pybind11.h>

namespace attractornet::python {

void bind_cuda_recall(pybind11::module_& module);
void bind_cuda_train(pybind11::module_& module);

}  // namespace attractornet::python
