// Recall of Hopfield networks on a device.
#include <attractornet/dynamics/hopfield_cuda.hpp>
#include <vector>

#include "../fields.hpp"
#include "../monitor.hpp"
#include "bindings.hpp"

namespace attractornet::python {

namespace {

/// What HopfieldNetwork.recall asks for, which has looked at its arguments.
py::tuple recall(const py::object& weights, const py::object& limits, const py::object& states,
                 const hopfield::RecallOptions& options, Reporter progress) {
  const auto w = py::cast<py::array_t<std::int32_t, py::array::c_style>>(weights);
  const auto limit = py::cast<py::array_t<double, py::array::c_style>>(limits);
  const auto start = py::cast<py::array_t<std::int8_t, py::array::c_style>>(states);
  const std::int64_t count = start.shape(0), units = start.shape(1);
  py::array_t<std::int8_t> ended({count, units}, start.data());
  py::array_t<std::int64_t> sweeps(count), cycles(count);
  py::array_t<double> quadratic(count);
  std::vector<hopfield::Recalled> endings(static_cast<std::size_t>(count));
  PythonMonitor monitor(std::move(progress), "recall", "states");
  std::int8_t* to = ended.mutable_data();
  double* sums = quadratic.mutable_data();
  released([&] {
    const cuda::WholeRecall recall{w.data(), limit.data(), units, options};
    recall.run(to, count, endings.data(), sums, monitor);
    monitor.end();
  });
  for (std::int64_t k = 0; k < count; ++k) {
    sweeps.mutable_at(k) = endings[static_cast<std::size_t>(k)].sweeps;
    cycles.mutable_at(k) = endings[static_cast<std::size_t>(k)].cycle_length;
  }
  return py::make_tuple(ended, sweeps, cycles, quadratic);
}

}  // namespace

void bind_cuda_recall(py::module_& module) {
  define(module, "recall", "Recalls: states, sweeps, lengths of cycles, sum_ij w_ij s_i s_j.",
         "tuple[typing.Any, ...]", recall,
         Required<py::object>{"weights", "whole numbers (units, units), from unit j in row j"},
         Required<py::object>{"limits", "of twice the fields (units,)"},
         Required<py::object>{"states", "(count, units), -1 and 1"},
         Fields<hopfield::RecallOptions>{}, progress_argument);
}

}  // namespace attractornet::python
