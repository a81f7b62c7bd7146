#include "bindings.hpp"

PYBIND11_MODULE(_core, module) {
  using namespace attractornet::python;
  module.doc() = "The compiled core of attractornet.";
  bind_errors(module);
  bind_fields(module);
  bind_info(module);
  bind_math(module);
  bind_system(module);
  bind_feedback(module);
  bind_hopfield_mean_field(module);
  bind_hopfield_recalls(module);
  bind_hopfield(module);
  bind_hopfield_continuous(module);
  bind_dense_memory(module);
  bind_textbook(module);
  bind_wilson_cowan_runs(module);
  bind_wilson_cowan(module);
  bind_wilson_cowan_spectral(module);
  bind_wilson_cowan_projected(module);
  bind_wilson_cowan_node(module);
  bind_integrate(module);
  bind_lyapunov(module);
  bind_classify(module);
  bind_attractors(module);
  bind_correlation_dimension(module);
  bind_zero_one(module);
  bind_recurrence(module);
  bind_learn_epoch(module);
  bind_learn_losses(module);
  bind_scan(module);
}
