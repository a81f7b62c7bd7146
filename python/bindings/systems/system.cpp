#include "../system.hpp"

#include <attractornet/core/memory.hpp>
#include <attractornet/dynamics/trajectory.hpp>

#include "../bindings.hpp"
#include "../define.hpp"
#include "../trajectory.hpp"

namespace attractornet::python {

py::array_t<double> jacobian_of(const System& system, const double* state) {
  const int n = system.dimension();
  std::vector<double> identity(
      checked_size(system.name() + ".jacobian", "2 x dimension x dimension", {2, n, n}) / 2);
  std::vector<double> result(identity.size()), next(n);
  for (std::size_t i = 0; i < static_cast<std::size_t>(n); ++i) identity[i * n + i] = 1;
  released([&] { system.jvp(state, identity.data(), n, next.data(), result.data()); });
  return to_array(std::move(result), {n, n});
}

namespace {

constexpr std::string_view state_meaning = "state (dimension,)";

/// A state argument, checked against the system.
const double* state_of(const System& system, const Numbers& state, const char* method) {
  expect_state(state, system, {system.name() + "." + method, "state"});
  return state.data();
}

py::array_t<double> trajectory(const System& system, const TrajectoryArguments& a) {
  const int dimension = system.dimension();
  system.orbit();  // a system without one says so before anything is allocated
  std::vector<double> start(dimension);
  if (!a.initial) system.start(start.data());
  return record_trajectories(system, a, dimension, false,
                             [&](const double* initial, double* out, auto& ticker) {
                               const auto orbit = system.orbit();
                               trajectory_along(*orbit, dimension, a.steps, a.discard,
                                                initial ? initial : start.data(), out, ticker);
                             });
}

}  // namespace

void bind_system(py::module_& module) {
  auto cls = define_class<System>(module, "System",
                                  "A dynamical system: a state of `dimension` numbers and a rule.");
  auto flow = define_class<Flow, System>(
      module, "Flow",
      "A system in continuous time. `integrate` solves it; Discretised(flow, dt) is the map that "
      "samples it, which every analysis takes.");
  define_property(cls, "dimension", "Length of the state.",
                  [](const System& self) { return self.dimension(); });
  define_method(cls, "start",
                "The state from which analyses start when no initial one is given, (dimension,).",
                "numpy.typing.NDArray[numpy.float64]", [](const System& self) {
                  std::vector<double> state(self.dimension());
                  self.start(state.data());
                  return to_array(std::move(state));
                });
  define_method(
      cls, "step", "The state one step later, (dimension,).", "numpy.typing.NDArray[numpy.float64]",
      [](const System& self, const Numbers& state) {
        std::vector<double> next(self.dimension());
        const double* y = state_of(self, state, "step");
        released([&] { self.step(y, next.data()); });
        return to_array(std::move(next));
      },
      Required<Numbers>{"state", state_meaning});
  define_method(
      cls, "jacobian",
      "The derivative of one step (of a flow: of its right-hand side), (dimension, dimension).",
      "numpy.typing.NDArray[numpy.float64]",
      [](const System& self, const Numbers& state) {
        return jacobian_of(self, state_of(self, state, "jacobian"));
      },
      Required<Numbers>{"state", state_meaning});
  define_method(
      cls, "jvp",
      "Tangent arrow: the Jacobian times each tangent vector.\n\n"
      "Returns\n-------\nndarray\n    of the shape of tangents",
      "numpy.typing.NDArray[numpy.float64]",
      [](const System& self, const Numbers& state, const Numbers& tangents) {
        const int n = self.dimension();
        const Place place{self.name() + ".jvp", "tangents"};
        const std::string meaning =
            "(" + std::to_string(n) + ",) or (" + std::to_string(n) + ", k)";
        expect_shape(
            tangents, place,
            tangents.ndim() == 1 ? std::vector<std::int64_t>{n} : std::vector<std::int64_t>{n, -1},
            meaning);
        std::vector<double> next(n), image(static_cast<std::size_t>(tangents.array.size()));
        const auto k = static_cast<int>(tangents.ndim() == 1 ? 1 : tangents.shape(1));
        const double* y = state_of(self, state, "jvp");
        released([&] { self.jvp(y, tangents.data(), k, next.data(), image.data()); });
        return to_array(std::move(image),
                        {tangents.array.shape(), tangents.array.shape() + tangents.ndim()});
      },
      Required<Numbers>{"state", state_meaning},
      Required<Numbers>{"tangents", "one vector (dimension,), or k as columns (dimension, k)"});
  define_method(
      cls, "vjp", "Adjoint arrow: the transposed Jacobian times a cotangent, (dimension,).",
      "numpy.typing.NDArray[numpy.float64]",
      [](const System& self, const Numbers& state, const Numbers& cotangent) {
        expect_vector(cotangent, self, {self.name() + ".vjp", "cotangent"});
        std::vector<double> result(self.dimension());
        const double* y = state_of(self, state, "vjp");
        released([&] { self.vjp(y, cotangent.data(), result.data()); });
        return to_array(std::move(result));
      },
      Required<Numbers>{"state", state_meaning},
      Required<Numbers>{"cotangent", "vector (dimension,)"});
  define_method(
      cls, "observe",
      "The number by which analyses tell states apart: smooth, and different for generic states.",
      "float",
      [](const System& self, const Numbers& state) {
        return self.observe(state_of(self, state, "observe"));
      },
      Required<Numbers>{"state", state_meaning});
  define_property(cls, "time_step", "Time that one step takes; nan for a flow, which has none.",
                  [](const System& self) { return self.time_step(); });
  define_method(
      cls, "trajectory",
      "Iterates the system and records every state.\n\n"
      "Returns\n-------\nndarray\n    (steps, dimension), with a batch axis in front where initial "
      "has one",
      "numpy.typing.NDArray[numpy.float64]",
      [](const System& self, std::int64_t steps, std::int64_t discard,
         std::optional<Numbers> initial, std::optional<std::int64_t> threads, Reporter progress) {
        return trajectory(self, {steps, discard, std::move(initial), threads, std::move(progress)});
      },
      steps_argument, discard_argument,
      Defaulted<std::optional<Numbers>, false>{
          "initial", std::nullopt, "state (dimension,) or (batch, dimension); None: start()"},
      threads_argument, progress_argument);
  define_method(
      flow, "rhs", "The right-hand side: the time derivative of a state, (dimension,).",
      "numpy.typing.NDArray[numpy.float64]",
      [](const Flow& self, const Numbers& state) {
        std::vector<double> derivative(self.dimension());
        const double* x = state_of(self, state, "rhs");
        released([&] { self.rhs(x, derivative.data()); });
        return to_array(std::move(derivative));
      },
      Required<Numbers>{"state", state_meaning});
}

}  // namespace attractornet::python
