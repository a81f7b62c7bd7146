#include <Eigen/Core>
#include <attractornet/core/memory.hpp>
#include <attractornet/core/parallel.hpp>
#include <attractornet/core/platform.hpp>
#include <attractornet/version.hpp>

#include "bindings.hpp"
#include "define.hpp"

namespace attractornet::python {

void bind_info(py::module_& module) {
  module.attr("__version__") = version;
  define(module, "info",
         "What this installation is and runs on: version, instruction set, compiler, threads.",
         "dict[str, typing.Any]", [] {
           using namespace py::literals;
           const std::string eigen = std::to_string(EIGEN_WORLD_VERSION) + "." +
                                     std::to_string(EIGEN_MAJOR_VERSION) + "." +
                                     std::to_string(EIGEN_MINOR_VERSION);
#if defined(__clang__)
           const std::string compiler = std::string("clang ") + __clang_version__;
#else
           const std::string compiler = std::string("g++ ") + __VERSION__;
#endif
           return py::dict(
               "version"_a = version, "isa_level"_a = ATTRACTORNET_ISA_LEVEL,
               "cpu_level"_a = py::module_::import("attractornet._loader").attr("cpu_level")(),
               "vector_bits"_a = register_bytes * 8, "fma"_a = has_fma, "compiler"_a = compiler,
               "eigen"_a = eigen, "threads"_a = thread_count(), "memory_limit"_a = memory_limit());
         });
}

}  // namespace attractornet::python
