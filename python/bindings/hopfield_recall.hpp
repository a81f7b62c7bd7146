/// @file
/// What recall returns, of Hopfield networks and of dense memories.
#pragma once

#include <attractornet/dynamics/hopfield_recall.hpp>
#include <cstdint>
#include <vector>

#include "convert.hpp"

namespace attractornet::python {

/// Every array has the axes in front of the states that it was given.
struct RecallResult {
  py::array states;
  py::array_t<double> energies;
  py::array_t<std::int64_t> sweeps, cycle_length;
  py::array_t<bool> converged;
  py::object energy_trace = py::none(), overlap_trace = py::none(), state_trace = py::none();
  py::object trace_updates = py::none();

  void set(const std::vector<hopfield::Recalled>& endings, const std::vector<py::ssize_t>& shape) {
    sweeps = py::array_t<std::int64_t>(shape);
    cycle_length = py::array_t<std::int64_t>(shape);
    converged = py::array_t<bool>(shape);
    for (std::size_t k = 0; k < endings.size(); ++k) {
      sweeps.mutable_data()[k] = endings[k].sweeps;
      cycle_length.mutable_data()[k] = endings[k].cycle_length;
      converged.mutable_data()[k] = endings[k].cycle_length == 1;
    }
  }
};

}  // namespace attractornet::python
