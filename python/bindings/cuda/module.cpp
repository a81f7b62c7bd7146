// attractornet._cuda: what runs on a CUDA device. A module of its own, since it is built where nvcc
// is, and once for all instruction sets.
#include <attractornet/cuda.hpp>
#include <attractornet/scan/feedback_cuda.hpp>

#include "../errors.hpp"
#include "../monitor.hpp"
#include "../scan/arguments.hpp"
#include "bindings.hpp"

namespace attractornet::python {

namespace {

/// Errors as the core's module raises them.
void translate_errors() {
  py::register_local_exception_translator([](std::exception_ptr pointer) {
    const auto raise = [](const char* name, const std::exception& error) {
      const auto core = py::module_::import("attractornet._core");
      PyErr_SetString(core.attr(name).ptr(), error.what());
    };
    try {
      raise_builtin(pointer);
    } catch (const BackendUnavailable& error) {
      raise("BackendUnavailable", error);
    } catch (const InternalError& error) {
      raise("InternalError", error);
    }
  });
}

py::typing::Tuple<py::str, py::ellipsis> devices() {
  py::typing::List<py::str> names;
  for (const auto& device : cuda::devices()) names.append(device.name);
  return py::tuple(names);
}

py::typing::Dict<py::str, py::array> points(const Points& given, const Names& measure,
                                            const scan::Options& options,
                                            const std::optional<Numbers>& initial,
                                            const std::optional<std::int64_t>& threads,
                                            Reporter progress) {
  const std::string where(scan::Options::label);
  const int workers = thread_count(threads, where);
  const auto ensembles = points_of<feedback::Ensemble>(given, where, "FeedbackNetwork");
  std::optional<std::vector<double>> start;
  for (const auto& ensemble : ensembles) start = initial_of(initial, ensemble.inputs);
  const cuda::Ensembles source(ensembles, start ? start->data() : nullptr);
  PythonMonitor monitor(std::move(progress), where, "points");
  return arrays_of(
      released([&] { return scan::measure(source, measure, options, workers, monitor); }));
}

void bind(py::module_& module) {
  translate_errors();
  define(module, {"devices", "cuda"}, "Names of the devices of this machine; never none.",
         "tuple[str, ...]", devices);
  define(module, {"scan_points", scan::Options::label.data()},
         "Measures points of a scan of feedback networks.",
         "dict[str, numpy.typing.NDArray[typing.Any]]", points,
         Required<Points>{"points", "parameters, each a value or an array (points,)"},
         Required<Names>{"measure", "names of measurements"}, Fields<scan::Options>{},
         Defaulted<std::optional<Numbers>>{
             "initial", std::nullopt, "state (dimension,) that all start from; None: their own"},
         threads_argument, progress_argument);
  bind_cuda_recall(module);
  bind_cuda_train(module);
}

}  // namespace

}  // namespace attractornet::python

PYBIND11_MODULE(_cuda, module) {
  module.doc() = "What of attractornet runs on a CUDA device.";
  attractornet::python::bind(module);
}
