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
  bind_lyapunov(module);
}
