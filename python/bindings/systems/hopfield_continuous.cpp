#include <attractornet/systems/hopfield_continuous_network.hpp>
#include <memory>

#include "../bindings.hpp"
#include "../fields.hpp"
#include "../model.hpp"
#include "../values.hpp"

namespace attractornet::python {

namespace {

using namespace hopfield;

constexpr std::string_view label = ContinuousParams::label;

class ContinuousHopfield : public SystemOf<ContinuousHopfield, Flow> {
 public:
  ContinuousHopfield(std::shared_ptr<const ContinuousNetwork> network,
                     const ContinuousParams& params)
      : network_(std::move(network)), rule_(network_->rule(params)) {}
  std::string name() const override { return std::string(label); }
  const ContinuousNetwork& network() const { return *network_; }
  const ContinuousRule& rule() const { return rule_; }
  const ContinuousParams& params() const { return rule_.params; }
  std::unique_ptr<System> with(const Values& values) const override {
    return std::make_unique<ContinuousHopfield>(
        network_, parameters_of<ContinuousParams>(replaced(values_of(params()), values, label)));
  }
  void expect_energy() const {
    if (!network_->symmetric()) lacks("energy: it was made with symmetric=False");
  }

 private:
  std::shared_ptr<const ContinuousNetwork> network_;  ///< of all that differ in parameters alone
  ContinuousRule rule_;
};

/// The argument `current`: what is not given is 0.
struct CurrentArgument {
  using Value = std::optional<Numbers>;
  static constexpr bool keyword_only = false;

  Value take(Call& call) const {
    const py::handle value = call.take("current", keyword_only);
    if (!value) return std::nullopt;
    return Convert<Numbers>::from(value, {call.where(), "current"}, "");
  }
  std::vector<Description> describe() const {
    return {describe_argument(
        "current", Convert<Numbers>::type(), "0.0",
        "input I of every unit, a number, or of each, (units,), at most 1e290 in magnitude")};
  }
};

std::vector<double> currents_of(const std::optional<Numbers>& current, std::int64_t units) {
  const auto size = static_cast<std::size_t>(units);
  if (!current) return std::vector<double>(size);
  if (current->ndim() == 0) return std::vector<double>(size, *current->data());
  const std::string n = std::to_string(units);
  expect_shape(*current, {std::string(label), "current"}, {units},
               "a number or (" + n + ",), one for each row of weights");
  return {current->data(), current->data() + size};
}

std::unique_ptr<ContinuousHopfield> from_arrays(const Numbers& weights,
                                                const std::optional<Numbers>& current,
                                                const ContinuousParams& params, bool symmetric) {
  const std::int64_t units = expect_square(weights, {std::string(label), "weights"});
  std::vector<double> currents = currents_of(current, units);
  const double* w = weights.data();
  return released([&] {
    return std::make_unique<ContinuousHopfield>(
        std::make_shared<const ContinuousNetwork>(std::vector<double>(w, w + units * units),
                                                  std::move(currents), symmetric),
        params);
  });
}

const Required<Numbers> states_argument{
    "states", "state u (dimension,), or states along axes in front, (..., dimension)"};

py::array_t<double> outputs(const ContinuousHopfield& self, const Numbers& states) {
  expect_states(states, self, {"ContinuousHopfield.outputs", "states"});
  py::array_t<double> result =
      unfilled_array({states.array.shape(), states.array.shape() + states.ndim()});
  double* v = result.mutable_data();
  released([&] { self.rule().outputs(states.data(), states.array.size(), v); });
  return result;
}

py::array_t<double> energy(const ContinuousHopfield& self, const Numbers& states) {
  self.expect_energy();
  const std::int64_t count = expect_states(states, self, {"ContinuousHopfield.energy", "states"});
  py::array_t<double> result =
      unfilled_array({states.array.shape(), states.array.shape() + states.ndim() - 1});
  double* out = result.mutable_data();
  released([&] {
    std::vector<double> work(self.dimension());
    for (std::int64_t i = 0; i < count; ++i)
      out[i] = self.rule().energy(states.data() + i * self.dimension(), work.data());
  });
  return result;
}

}  // namespace

void bind_hopfield_continuous(py::module_& module) {
  auto cls = define_class<ContinuousHopfield, Flow>(
      module, "ContinuousHopfield",
      "A Hopfield network of units with graded output: a flow.\n\n"
      "du_i/dt = -u_i / tau + sum_j w_ij v_j + I_i with v = tanh(gain u). The state is u; the "
      "start state has\nsmall potentials, no two alike. With symmetric weights every orbit goes "
      "downhill in `energy`, to a fixed\npoint; others may also run into cycles and chaos. Without "
      "input u = 0 is stable, and nothing is remembered,\nwhere gain tau times the largest "
      "eigenvalue of symmetric weights is below 1.\n\n"
      "References\n----------\n"
      "J. J. Hopfield, Proc. Natl. Acad. Sci. USA 81 (1984) 3088.\n\n"
      "Examples\n--------\n"
      ">>> network = ContinuousHopfield(HopfieldNetwork.store(patterns).weights, gain=4.0)\n"
      ">>> network.energy(integrate(network, 20.0, initial=0.1 * noisy).states)");
  define_init(
      cls, "A network of given weights, which are copied.", from_arrays,
      Required<Numbers>{
          "weights",
          "w (units, units), at most 1e290 in magnitude; w_ij is the weight from unit j to i"},
      CurrentArgument{}, Fields<ContinuousParams>{},
      Defaulted<bool>{
          "symmetric", true,
          "whether w_ij = w_ji, as the energy needs it, but for rounding: they may "
          "differ by 1e-10 of the largest weight, and the mean of both is taken. False: "
          "any weights, and no energy"});
  register_fields<ContinuousParams>(cls);
  define_property(cls, "weights", "Weights w (units, units), read-only.",
                  [](const ContinuousHopfield& self) {
                    const int units = self.dimension();
                    return view(self.network().weights(), {units, units}, self);
                  });
  define_property(cls, "current", "Inputs I (units,), read-only.",
                  [](const ContinuousHopfield& self) {
                    return view(self.network().current(), {self.dimension()}, self);
                  });
  for_each_field<ContinuousParams>([&](const auto& field) {
    define_property(
        cls, std::string(field.name).c_str(), std::string(field.meaning).c_str(),
        [member = field.member](const ContinuousHopfield& self) { return self.params().*member; });
  });
  define_property(cls, "symmetric", "Whether the weights were promised to be symmetric.",
                  [](const ContinuousHopfield& self) { return self.network().symmetric(); });
  define_method(cls, "outputs",
                "Outputs of the units, v = tanh(gain u).\n\n"
                "Returns\n-------\nndarray\n    of the shape of states",
                "numpy.typing.NDArray[numpy.float64]", outputs, states_argument);
  define_method(
      cls, "energy",
      "The energy, which never rises along an orbit.\n\n"
      "E = -1/2 v.W v - I.v + (1/tau) sum_i G(u_i), G(u) the integral of artanh(x) / gain from 0 "
      "to v, and\ndE/dt = -sum_i (dv_i/du_i) (du_i/dt)^2.\n\n"
      "Returns\n-------\nndarray\n    of the shape of states without the last axis\n\n"
      "Raises\n------\nTypeError\n    if the network was made with symmetric=False",
      "numpy.typing.NDArray[numpy.float64]", energy, states_argument);
  define_files(cls);
  define_repr(cls, [](const ContinuousHopfield& self) {
    Values values = values_of(self.params());
    values.insert(values.begin(), {"units", self.dimension()});
    std::string result = described(label, values);
    if (!self.network().symmetric()) result.insert(result.size() - 1, ", symmetric=False");
    return result;
  });
  define_pickle(
      cls,
      [](const py::object& self) {
        State state;
        for (const char* name : {"weights", "current", "gain", "tau", "symmetric"})
          state[name] = self.attr(name);
        return state;
      },
      [](const State& state) {
        const std::string type(label);
        const auto item = [&](const char* name) { return state_item(type, state, name); };
        const auto read = [&](const char* name) {
          return Convert<Numbers>::from(item(name), {type, name}, "");
        };
        const auto params =
            parameters_of<ContinuousParams>(values_in(state, values_of(ContinuousParams{}), type));
        return from_arrays(read("weights"), read("current"), params,
                           Convert<bool>::from(item("symmetric"), {type, "symmetric"}, ""));
      });
}

}  // namespace attractornet::python
