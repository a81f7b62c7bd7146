#include "../system.hpp"

#include <attractornet/core/memory.hpp>

#include "../bindings.hpp"
#include "../define.hpp"

namespace attractornet::python {

namespace {

constexpr std::string_view state_meaning = "state (dimension,)";

/// A state argument, checked against the system.
const double* state_of(const System& system, const Numbers& state, const char* method) {
  expect_state(state, system, {system.name() + "." + method, "state"});
  return state.data();
}

py::array_t<double> jacobian(const System& system, const double* state) {
  const int n = system.dimension();
  std::vector<double> identity(
      checked_size(system.name() + ".jacobian", "2 x dimension x dimension", {2, n, n}) / 2);
  std::vector<double> result(identity.size()), next(n);
  for (std::size_t i = 0; i < static_cast<std::size_t>(n); ++i) identity[i * n + i] = 1;
  released([&] { system.jvp(state, identity.data(), n, next.data(), result.data()); });
  return to_array(std::move(result), {n, n});
}

}  // namespace

void bind_system(py::module_& module) {
  py::class_<System> cls(module, "System",
                         "A dynamical system: a state of `dimension` numbers and a rule.");
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
      cls, "jacobian", "The derivative of one step, (dimension, dimension).",
      "numpy.typing.NDArray[numpy.float64]",
      [](const System& self, const Numbers& state) {
        return jacobian(self, state_of(self, state, "jacobian"));
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
        expect_state(cotangent, self, {self.name() + ".vjp", "cotangent"});
        std::vector<double> result(self.dimension());
        const double* y = state_of(self, state, "vjp");
        released([&] { self.vjp(y, cotangent.data(), result.data()); });
        return to_array(std::move(result));
      },
      Required<Numbers>{"state", state_meaning},
      Required<Numbers>{"cotangent", "vector (dimension,)"});
}

}  // namespace attractornet::python
