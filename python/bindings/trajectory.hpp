/// @file
/// Recording orbits of one start or of a batch, whatever the system.
#pragma once

#include <attractornet/core/memory.hpp>
#include <attractornet/core/parallel.hpp>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "define.hpp"
#include "monitor.hpp"
#include "system.hpp"

namespace attractornet::python {

/// The arguments that every trajectory has.
struct TrajectoryArguments {
  std::int64_t steps, discard;
  std::optional<Numbers> initial;
  std::optional<std::int64_t> threads;
  Reporter progress;

  bool batch() const { return initial && initial->ndim() == 2; }
  std::int64_t walkers() const { return batch() ? initial->shape(0) : 1; }

  /// Steps of all walkers, for the progress bar; as many as can be counted.
  std::int64_t total_steps() const {
    std::int64_t total = 0;
    if (__builtin_mul_overflow(walkers(), steps + discard, &total))
      return std::numeric_limits<std::int64_t>::max();
    return total;
  }
};

inline const Required<std::int64_t> steps_argument{
    "steps", "steps recorded, a row each; row 0 is after one step"};
inline const Defaulted<std::int64_t, false> discard_argument{
    "discard", 0, "steps before them that are not recorded"};
inline void check(const TrajectoryArguments& a, const System& system, const std::string& where) {
  constexpr std::int64_t most = 1'000'000'000'000'000;
  if (a.steps < 1) reject(where, "steps", a.steps, "a value in [1, inf)");
  if (a.discard < 0 || a.discard > most)
    reject(where, "discard", a.discard, "a value in [0, 1e+15]");
  if (!a.initial) return;
  const std::string d = std::to_string(system.dimension());
  expect_shape(*a.initial, {where, "initial"},
               a.batch() ? std::vector<std::int64_t>{-1, system.dimension()}
                         : std::vector<std::int64_t>{system.dimension()},
               "(" + d + ",) or (batch, " + d + ")");
  system.expect_values(*a.initial, {where, "initial"});
}

/// Records a trajectory for each start: walk(initial or null, out, ticker) writes steps x width
/// values.
/// @param scalar whether a row is a single value, with no axis of its own.
template <class Walk>
py::array_t<double> record_trajectories(const System& system, const TrajectoryArguments& a,
                                        std::int64_t width, bool scalar, Walk walk) {
  const std::string where = system.name() + ".trajectory";
  check(a, system, where);
  const std::int64_t walkers = a.walkers();
  checked_size(where, "batch x steps x values", {walkers, a.steps, width});
  std::vector<py::ssize_t> shape{a.steps};
  if (a.batch()) shape.insert(shape.begin(), walkers);
  if (!scalar) shape.push_back(width);
  py::array_t<double> rows = unfilled_array(std::move(shape));
  double* out = rows.mutable_data();
  const int threads = thread_count(a.threads, where);
  PythonMonitor monitor(a.progress, "trajectory");
  {
    const py::gil_scoped_release release;
    monitor.begin(a.total_steps());
    const double* initial = a.initial ? a.initial->data() : nullptr;
    if (walkers == 1) {
      walk(initial, out, monitor);
    } else {
      parallel_for(walkers, threads, monitor, [&](std::int64_t i, Progress& progress) {
        walk(initial + i * system.dimension(), out + i * a.steps * width, progress);
      });
    }
    monitor.end();
  }
  return rows;
}

}  // namespace attractornet::python
