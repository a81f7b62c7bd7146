#include <attractornet/analysis/feedback_origin.hpp>
#include <attractornet/dynamics/feedback_trajectory.hpp>
#include <attractornet/systems/feedback_network.hpp>

#include "../bindings.hpp"
#include "../define.hpp"
#include "../fields.hpp"
#include "../model.hpp"
#include "../record.hpp"
#include "../trajectory.hpp"

namespace attractornet::python {

namespace {

using namespace feedback;

class FeedbackNetwork : public SystemOf<FeedbackNetwork> {
 public:
  explicit FeedbackNetwork(Network network) : network_(std::move(network)) {}
  std::string name() const override { return "FeedbackNetwork"; }
  const Network& network() const { return network_; }
  Rule<> rule() const { return network_.rule(); }

 private:
  Network network_;
};

std::unique_ptr<FeedbackNetwork> from_arrays(const Numbers& w, const Numbers& b) {
  expect_shape(w, {"FeedbackNetwork", "w"}, {-1, -1}, "(neurons, inputs)");
  expect_shape(b, {"FeedbackNetwork", "b"}, {w.shape(0)},
               "(" + std::to_string(w.shape(0)) + ",), one weight for each row of w");
  const std::int64_t inputs = w.shape(1);
  const double *weights = w.data(), *outputs = b.data();
  const std::int64_t neurons = b.shape(0);
  return released([=] {
    return std::make_unique<FeedbackNetwork>(
        Network({weights, weights + neurons * inputs}, {outputs, outputs + neurons}, inputs));
  });
}

py::array_t<double> trajectory(const FeedbackNetwork& net, const TrajectoryArguments& a,
                               Observable observe) {
  const Rule<> rule = net.rule();
  return record_trajectories(net, a, width_of(rule, observe), observe == Observable::y0,
                             [&](const double* initial, double* out, auto& ticker) {
                               feedback::trajectory(rule, a.steps, a.discard, initial, observe, out,
                                                    ticker);
                             });
}

void bind_origin(py::module_& module) {
  using O = OriginStability;
  Record<O>(module, "OriginStability", "The origin of a feedback network, a fixed point of each.")
      .member("exponents", &O::exponents,
              "ln|eigenvalue| of the Jacobian there, largest first, (inputs,).")
      .member("unstable", &O::unstable, "Number of positive exponents.")
      .member("critical_factor", &O::critical_factor,
              "Factor on b at which the origin loses stability; inf if it never does. A network "
              "drawn at "
              "scale s loses it at s times this factor.")
      .member("rotation", &O::rotation,
              "Angle of the eigenvalue that crosses the unit circle there, in turns (0: fold, 0.5: "
              "flip, else Neimark-Sacker); nan if none does.")
      .repr([](const O& o) {
        return "OriginStability(largest exponent " + text(o.exponents.front()) + ", " +
               std::to_string(o.unstable) + " unstable, critical_factor " +
               text(o.critical_factor) + ")";
      })
      .finish();
}

}  // namespace

void bind_feedback(py::module_& module) {
  bind_origin(module);
  auto cls = define_class<FeedbackNetwork, System>(
      module, "FeedbackNetwork",
      "One hidden layer of tanh units whose output is fed back through a shift register.\n\n"
      "x_i = tanh(sum_j w_ij y_j), y_0 = sum_i b_i x_i, then the register y takes y_0 in front and "
      "drops its\n"
      "last entry. The state is y, newest first; the start state is that after the article's first "
      "step from\n"
      "x = 0.001, y = 0. After J. C. Sprott, Comput. & Graphics 22 (1998) 143.");
  define_init(cls, "A network of given weights, which are copied.", from_arrays,
              Required<Numbers>{"w", "input weights (neurons, inputs), finite"},
              Required<Numbers>{"b", "output weights (neurons,), finite"});
  register_fields<Ensemble>(cls);
  define_static(
      cls, "random",
      "A network drawn at random; with the uniform distribution the article's own, bit for bit.",
      "FeedbackNetwork",
      [](const Ensemble& ensemble) {
        return released(
            [&] { return std::make_unique<FeedbackNetwork>(Network::random(ensemble)); });
      },
      Fields<Ensemble>{});
  define_property(cls, "w", "Input weights (neurons, inputs), read-only.",
                  [](const FeedbackNetwork& self) {
                    const Network& net = self.network();
                    return view(net.w(), {net.neurons(), net.inputs()}, self);
                  });
  define_property(cls, "b", "Output weights (neurons,), read-only.",
                  [](const FeedbackNetwork& self) {
                    return view(self.network().b(), {self.network().neurons()}, self);
                  });
  define_property(cls, "neurons", "Hidden units N.",
                  [](const FeedbackNetwork& self) { return self.network().neurons(); });
  define_property(cls, "inputs", "Length D of the register.",
                  [](const FeedbackNetwork& self) { return self.network().inputs(); });
  define_method(
      cls, "hidden", "Hidden units of a state, x = tanh(w y), (neurons,).",
      "numpy.typing.NDArray[numpy.float64]",
      [](const FeedbackNetwork& self, const Numbers& state) {
        expect_state(state, self, {"FeedbackNetwork.hidden", "state"});
        std::vector<double> x(self.network().neurons());
        released([&] {
          for (int i = 0; i < self.network().neurons(); ++i)
            x[i] = self.rule().hidden(i, state.data());
        });
        return to_array(std::move(x));
      },
      Required<Numbers>{"state", "register y (inputs,), newest first"});
  define_method(
      cls, "trajectory",
      "Iterates the network and records every step.\n\n"
      "Returns\n-------\nndarray\n    (steps, neurons), (steps,) or (steps, inputs) for observe "
      "'x', 'y0', 'y'; "
      "with a batch axis in front\n    where initial has one",
      "numpy.typing.NDArray[numpy.float64]",
      [](const FeedbackNetwork& self, std::int64_t steps, std::int64_t discard,
         std::optional<Numbers> initial, Observable observe, std::optional<std::int64_t> threads,
         Reporter progress) {
        return trajectory(self, {steps, discard, std::move(initial), threads, std::move(progress)},
                          observe);
      },
      steps_argument, discard_argument,
      Defaulted<std::optional<Numbers>, false>{
          "initial", std::nullopt,
          "register (inputs,) or (batch, inputs), newest first; None: the article's start"},
      Defaulted<Observable, false>{
          "observe", Observable::x,
          "'x': hidden units; 'y0': newest output; 'y': the whole register"},
      threads_argument, progress_argument);
  define_method(cls, "one_step_stretch",
                "ln(|b_1| |w_(.,1)|): the number that the article prints as lambda.\n\n"
                "It tells how far one step stretches a small change of the first hidden unit at "
                "the origin, and is\n"
                "not a Lyapunov exponent: see lyapunov_spectrum.",
                "float",
                [](const FeedbackNetwork& self) { return self.network().one_step_stretch(); });
  define_method(
      cls, "origin",
      "Exponents of the fixed point at the origin, and the scale at which it loses stability.",
      "OriginStability", [](const FeedbackNetwork& self) {
        PythonMonitor monitor({}, "origin");
        return released([&] { return origin_stability(self.rule(), monitor); });
      });
  define_files(cls);
  define_repr(cls, [](const FeedbackNetwork& self) {
    return "FeedbackNetwork(neurons=" + std::to_string(self.network().neurons()) +
           ", inputs=" + std::to_string(self.network().inputs()) + ")";
  });
  define_pickle(
      cls,
      [](const py::object& self) {
        py::typing::Dict<py::str, py::object> state;
        state["w"] = self.attr("w");
        state["b"] = self.attr("b");
        return state;
      },
      [](const py::typing::Dict<py::str, py::object>& state) {
        const auto read = [&](const char* name) {
          return Convert<Numbers>::from(state_item("FeedbackNetwork", state, name),
                                        {"FeedbackNetwork", name}, "");
        };
        return from_arrays(read("w"), read("b"));
      });
}

}  // namespace attractornet::python
