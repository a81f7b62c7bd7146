/// @file
/// What each binding file adds to the module; module.cpp is the list of them.
///
/// Cold: code that runs once, at import, is compiled for size.
#pragma once

#include <pybind11/pybind11.h>

namespace attractornet::python {

[[gnu::cold]] void bind_errors(pybind11::module_& module);
[[gnu::cold]] void bind_fields(pybind11::module_& module);
[[gnu::cold]] void bind_info(pybind11::module_& module);
[[gnu::cold]] void bind_math(pybind11::module_& module);
[[gnu::cold]] void bind_system(pybind11::module_& module);
[[gnu::cold]] void bind_feedback(pybind11::module_& module);
[[gnu::cold]] void bind_dense_memory(pybind11::module_& module);
[[gnu::cold]] void bind_hopfield_recalls(pybind11::module_& module);
[[gnu::cold]] void bind_hopfield(pybind11::module_& module);
[[gnu::cold]] void bind_hopfield_continuous(pybind11::module_& module);
[[gnu::cold]] void bind_textbook(pybind11::module_& module);
[[gnu::cold]] void bind_wilson_cowan_runs(pybind11::module_& module);
[[gnu::cold]] void bind_wilson_cowan(pybind11::module_& module);
[[gnu::cold]] void bind_wilson_cowan_spectral(pybind11::module_& module);
[[gnu::cold]] void bind_wilson_cowan_projected(pybind11::module_& module);
[[gnu::cold]] void bind_wilson_cowan_node(pybind11::module_& module);
[[gnu::cold]] void bind_integrate(pybind11::module_& module);
[[gnu::cold]] void bind_lyapunov(pybind11::module_& module);
[[gnu::cold]] void bind_classify(pybind11::module_& module);
[[gnu::cold]] void bind_attractors(pybind11::module_& module);
[[gnu::cold]] void bind_correlation_dimension(pybind11::module_& module);
[[gnu::cold]] void bind_zero_one(pybind11::module_& module);
[[gnu::cold]] void bind_hopfield_mean_field(pybind11::module_& module);
[[gnu::cold]] void bind_recurrence(pybind11::module_& module);
[[gnu::cold]] void bind_learn_epoch(pybind11::module_& module);
[[gnu::cold]] void bind_learn_losses(pybind11::module_& module);
[[gnu::cold]] void bind_scan(pybind11::module_& module);

}  // namespace attractornet::python
