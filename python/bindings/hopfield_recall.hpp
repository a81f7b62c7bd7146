/// @file
/// What recall returns, of Hopfield networks and of dense memories.
#pragma once

#include <attractornet/dynamics/hopfield_recall.hpp>
#include <cstdint>
#include <optional>
#include <vector>

#include "hopfield_states.hpp"

namespace attractornet::python {

/// Every array has the axes in front of the states that it was given.
struct RecallResult {
  StatesArray states;
  py::array_t<double> energies;
  py::array_t<std::int64_t> sweeps, cycle_length;
  py::array_t<bool> converged;
  std::optional<py::array_t<double>> energy_trace, overlap_trace;
  std::optional<py::array_t<std::int8_t>> state_trace;
  std::optional<py::array_t<std::int64_t>> trace_updates;

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
