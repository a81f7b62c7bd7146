#include <attractornet/dynamics/hopfield_recalls.hpp>
#include <attractornet/systems/hopfield_network.hpp>
#include <cmath>
#include <limits>

#include "../bindings.hpp"
#include "../fields.hpp"
#include "../hopfield_states.hpp"
#include "../model.hpp"
#include "../monitor.hpp"
#include "../record.hpp"
#include "../system.hpp"

namespace attractornet::python {

namespace {

using namespace hopfield;

constexpr const char* label = "HopfieldNetwork";

class HopfieldNetwork : public SystemOf<HopfieldNetwork> {
 public:
  explicit HopfieldNetwork(Network network) : network_(std::move(network)) {}
  std::string name() const override { return label; }
  const Network& network() const { return network_; }
  Rule rule() const { return Rule(network_); }

 private:
  Network network_;
};

// --------------------------------------------------------------------------------------- arguments

/// The argument `center`: a number, or the mean of the patterns.
struct Center {
  bool mean = false;
  double value = 0;
};

/// A number for all units or one for each; none: what the storage rule needs.
using Thresholds = std::optional<Numbers>;

/// Which traces are wanted.
struct Wanted {
  TraceOptions options;
};

}  // namespace

template <>
struct Convert<Center> {
  static std::string type() { return "float | typing.Literal['mean']"; }
  static std::string text(const Center& center) { return Convert<double>::text(center.value); }
  static Center from(py::handle value, const Place& place, const std::string& allowed) {
    if (!py::isinstance<py::str>(value))
      return {false, Convert<double>::from(value, place, allowed)};
    if (utf8(value) != "mean") wrong_value(place, value, "a number or 'mean'");
    return {.mean = true};
  }
};

template <>
struct Convert<Wanted> {
  static std::string type() {
    return "collections.abc.Sequence[typing.Literal['energy', 'overlap', 'state']]";
  }
  static std::string text(const Wanted&) { return "()"; }
  static Wanted from(py::handle value, const Place& place, const std::string&) {
    constexpr std::string_view expected = "'energy', 'overlap' and 'state', or some of them";
    Wanted result;
    const auto add = [&](py::handle name) {
      const std::string text = py::isinstance<py::str>(name) ? utf8(name) : "";
      if (text == "energy")
        result.options.energy = true;
      else if (text == "overlap")
        result.options.overlap = true;
      else if (text == "state")
        result.options.state = true;
      else
        wrong_value(place, name, expected);
    };
    if (py::isinstance<py::str>(value)) {
      add(value);
      return result;
    }
    if (!PyList_Check(value.ptr()) && !PyTuple_Check(value.ptr()))
      wrong_type(place, value, expected);
    for (const py::handle name : value) add(name);
    return result;
  }
};

namespace {

Network::Thresholds thresholds_of(const Thresholds& thresholds, std::int64_t units,
                                  const std::string& where) {
  if (!thresholds) return std::nullopt;
  const auto size = static_cast<std::size_t>(units);
  if (thresholds->ndim() == 0) return std::vector<double>(size, *thresholds->data());
  expect_shape(*thresholds, {where, "thresholds"}, {units},
               "a number or (" + std::to_string(units) + ",), one for each unit");
  return std::vector<double>(thresholds->data(), thresholds->data() + size);
}

constexpr std::string_view thresholds_meaning =
    "theta, a number for all units or one for each, (units,); None: 0 for bipolar units, half the "
    "sum of its weights for a binary one (so that both codings have one trajectory), 1/2 - b of "
    "low_activity";

// ----------------------------------------------------------------------------------------- storing

/// Binary if the first value that is not 1 is a 0. A block at a time: a view may be without end.
Coding coding_of(const py::array& patterns) {
  constexpr py::ssize_t block = 4096;
  const py::object flat = patterns.attr("flat");
  for (py::ssize_t first = 0; first < patterns.size(); first += block) {
    const auto some = DenseArray<double>::ensure(flat[py::slice(first, first + block, 1)]);
    const double *values = some.data(), *end = values + some.size();
    const double* other = std::find_if(values, end, [](double value) { return value != 1; });
    if (other != end) return *other == 0 ? Coding::binary : Coding::bipolar;
  }
  return patterns.dtype().kind() == 'b' ? Coding::binary : Coding::bipolar;
}

States patterns_of(py::handle value, const Place& place, const std::optional<Coding>& coding,
                   Coding* found, std::int64_t units = -1) {
  const py::array array = as_array(value, place);
  const char kind = array.dtype().kind();
  if (kind != 'f' && kind != 'i' && kind != 'u' && kind != 'b')
    wrong_type(place, value, "an array of real numbers");
  if (array.ndim() != 2 || array.size() == 0)
    throw py::value_error(place.where + ": " + std::string(place.name) + " has shape " +
                          py::cast<std::string>(py::str(array.attr("shape"))) +
                          ": expected (patterns, units), neither 0");
  check_copy(array, place, array.itemsize() == 1 ? 1 : 8);
  *found = coding ? *coding : coding_of(array);
  return states_of(array, place, *found, units);
}

std::unique_ptr<HopfieldNetwork> store(const ArrayLike& patterns, StorageRule rule,
                                       const Thresholds& thresholds,
                                       const std::optional<Coding>& coding, bool diagonal,
                                       const Center& center, const std::optional<double>& a,
                                       const std::optional<double>& b) {
  const std::string where = std::string(label) + ".store";
  Storage storage{.rule = rule, .diagonal = diagonal, .center = center.value};
  States xi = patterns_of(patterns.value, {where, "patterns"}, coding, &storage.coding);
  const bool low = rule == StorageRule::low_activity;
  for (const auto& [name, value] : {std::pair{"a", a}, {"b", b}})
    if (value && !low) reject(where, name, *value, "None but for rule = 'low_activity'");
  const double active = static_cast<double>(std::count(xi.values.begin(), xi.values.end(), 1)) /
                        static_cast<double>(xi.values.size());
  if (low) {
    storage.a = a.value_or(active);
    storage.b = b.value_or(storage.a);
  }
  if (center.mean && rule != StorageRule::hebbian)
    reject(where, "center", std::string_view("mean"), "0 but for rule = 'hebbian'");
  if (center.mean) storage.center = 2 * active - 1;
  auto theta = thresholds_of(thresholds, xi.units, where);
  PythonMonitor monitor({}, "store");
  return released([&] {
    return std::make_unique<HopfieldNetwork>(
        Network(std::move(xi.values), xi.units, storage, std::move(theta), &monitor));
  });
}

std::unique_ptr<HopfieldNetwork> from_weights(const Numbers& weights, const Thresholds& thresholds,
                                              Coding coding, bool symmetric) {
  const std::int64_t units = weights.ndim() > 0 ? weights.shape(0) : 0;
  expect_shape(weights, {label, "weights"}, {units, units}, "(units, units)");
  auto theta = thresholds_of(thresholds, units, label);
  const std::span<const double> w(weights.data(), static_cast<std::size_t>(units * units));
  return released([&] {
    return std::make_unique<HopfieldNetwork>(
        Network(w, units, coding, symmetric, std::move(theta)));
  });
}

/// add and remove.
template <class Change>
std::unique_ptr<HopfieldNetwork> changed(const HopfieldNetwork& self, const ArrayLike& patterns,
                                         const char* method, Change change) {
  const Network& net = self.network();
  const std::string where = std::string(label) + "." + method;
  Coding coding;
  const States xi =
      patterns_of(patterns.value, {where, "patterns"}, net.coding(), &coding, net.units());
  PythonMonitor monitor({}, method);
  return released(
      [&] { return std::make_unique<HopfieldNetwork>(change(net, xi.values, &monitor)); });
}

// ---------------------------------------------------------------------------------------- energies

States own_states(const HopfieldNetwork& self, const ArrayLike& states, const char* method) {
  const std::string where = std::string(label) + "." + method;
  return states_of(states.value, {where, "states"}, self.network().coding(),
                   self.network().units());
}

py::array_t<double> energy(const HopfieldNetwork& self, const ArrayLike& argument) {
  const States states = own_states(self, argument, "energy");
  py::array_t<double> result = unfilled_array(states.shape());
  double* out = result.mutable_data();
  released([&] {
    self.network().couplings().with_fields([&](auto fields) {
      for (std::int64_t k = 0; k < states.count; ++k) {
        const std::int8_t* state = states.values.data() + k * states.units;
        fields.load(state);
        out[k] = self.network().energy(state, fields.quadratic());
      }
    });
  });
  return result;
}

py::array_t<double> fields(const HopfieldNetwork& self, const ArrayLike& argument) {
  const States states = own_states(self, argument, "fields");
  py::array_t<double> result = unfilled_array(states.shape({states.units}));
  double* out = result.mutable_data();
  released([&] {
    const Limits limits = self.network().limits();
    const double half = self.network().coding() == Coding::binary ? 0.25 : 0.5;
    self.network().couplings().with_fields([&](auto workspace) {
      for (std::int64_t k = 0; k < states.count; ++k) {
        workspace.load(states.values.data() + k * states.units);
        for (std::int64_t i = 0; i < states.units; ++i)
          *out++ = half * (workspace.doubled_field(i) - limits.limit[i]) / limits.scale;
      }
    });
  });
  return result;
}

py::array_t<double> overlaps(const HopfieldNetwork& self, const ArrayLike& argument) {
  const States states = own_states(self, argument, "overlaps");
  const Network& net = self.network();
  if (net.count() == 0)
    throw py::value_error(std::string(label) +
                          ".overlaps: a network of given weights has no patterns: compare states "
                          "with some by patterns @ state / units");
  py::array_t<double> result = unfilled_array(states.shape({net.count()}));
  double* out = result.mutable_data();
  released([&] {
    for (std::int64_t k = 0; k < states.count; ++k)
      net.overlaps(states.values.data() + k * states.units, out + k * net.count());
  });
  return result;
}

// ------------------------------------------------------------------------------------------ recall

/// What recall returns; every array has the axes in front of the states that it was given.
struct RecallResult {
  py::array states;
  py::array_t<double> energies;
  py::array_t<std::int64_t> sweeps, cycle_length;
  py::array_t<bool> converged;
  py::object energy_trace = py::none(), overlap_trace = py::none(), state_trace = py::none();
  py::object trace_updates = py::none();
};

/// Traces of several lengths as one array, (count, longest, width).
template <class T, class Of>
py::array_t<T> joined(const States& states, const std::vector<Trace>& traces, std::int64_t longest,
                      std::int64_t width, bool scalar, T filler, Of&& values_of) {
  // Counted in doubles.
  constexpr std::int64_t in_double = sizeof(double) / sizeof(T);
  checked_size("HopfieldNetwork.recall", "states x records x values",
               {states.count, longest, (width + in_double - 1) / in_double});
  auto shape = states.shape({longest});
  if (!scalar) shape.push_back(width);
  py::array_t<T> result(std::move(shape));
  T* out = result.mutable_data();
  for (const Trace& trace : traces) {
    const auto& values = values_of(trace);
    T* end = std::copy(values.begin(), values.end(), out);
    out += longest * width;
    while (end < out) {  // states stay as they ended, numbers end
      const bool last = std::is_integral_v<T> && width > 0;
      end = last ? std::copy(values.end() - width, values.end(), end)
                 : std::fill_n(end, width, filler);
    }
  }
  return result;
}

void set_traces(RecallResult& result, const Network& net, const States& states,
                const std::vector<Trace>& traces, const TraceOptions& options) {
  std::int64_t longest = 0;
  for (const Trace& trace : traces) longest = std::max(longest, trace.length);
  constexpr double none = std::numeric_limits<double>::quiet_NaN();
  if (options.energy)
    result.energy_trace = joined<double>(states, traces, longest, 1, true, none,
                                         [](const Trace& t) -> auto& { return t.energies; });
  if (options.overlap)
    result.overlap_trace = joined<double>(states, traces, longest, net.count(), false, none,
                                          [](const Trace& t) -> auto& { return t.overlaps; });
  if (options.state) {
    const auto all = joined<std::int8_t>(states, traces, longest, net.units(), false, 0,
                                         [](const Trace& t) -> auto& { return t.states; });
    const std::vector<py::ssize_t> shape(all.shape(), all.shape() + all.ndim());
    result.state_trace = states_array(all.data(), shape, net.coding(), true);
  }
  py::array_t<std::int64_t> updates(longest);
  for (std::int64_t row = 0; row < longest; ++row) updates.mutable_at(row) = row * options.every;
  result.trace_updates = updates;
}

RecallResult recall(const HopfieldNetwork& self, const ArrayLike& argument,
                    const RecallOptions& options, Wanted wanted,
                    const std::optional<std::int64_t>& trace_every,
                    const std::optional<std::int64_t>& threads, Reporter progress) {
  const Network& net = self.network();
  const std::string where(RecallOptions::label);
  const States states = own_states(self, argument, "recall");
  TraceOptions& tracing = wanted.options;
  tracing.every = trace_every.value_or(net.units());
  if (tracing.every < 1) reject(where, "trace_every", tracing.every, "a value in [1, inf)");
  if (trace_every && !tracing.any())
    reject(where, "trace_every", *trace_every, "None where `trace` asks for nothing");
  if (tracing.overlap && net.count() == 0)
    reject(where, "trace", std::string_view("overlap"),
           "others: a network of given weights has no patterns");
  const int workers = thread_count(threads, where);
  RecallResult result;
  result.energies = unfilled_array(states.shape());
  std::vector<std::int8_t> ends(states.values.size());
  std::vector<Recalled> endings(static_cast<std::size_t>(states.count));
  std::vector<Trace> traces(tracing.any() ? endings.size() : 0);
  {
    double* energies = result.energies.mutable_data();
    PythonMonitor monitor(std::move(progress), "recall");
    released([&] {
      hopfield::recall(
          net, states.values.data(), states.count, options, tracing, workers, monitor,
          {ends.data(), energies, endings.data(), tracing.any() ? traces.data() : nullptr});
    });
  }
  result.states =
      states_array(ends.data(), states.shape({states.units}), net.coding(), states.bytes);
  result.sweeps = py::array_t<std::int64_t>(states.shape());
  result.cycle_length = py::array_t<std::int64_t>(states.shape());
  result.converged = py::array_t<bool>(states.shape());
  for (std::size_t k = 0; k < endings.size(); ++k) {
    result.sweeps.mutable_data()[k] = endings[k].sweeps;
    result.cycle_length.mutable_data()[k] = endings[k].cycle_length;
    result.converged.mutable_data()[k] = endings[k].cycle_length == 1;
  }
  if (tracing.any()) set_traces(result, net, states, traces, tracing);
  return result;
}

void bind_result(py::module_& module) {
  using R = RecallResult;
  Record<R>(module, "Recall",
            "Where recalls ended. Arrays have the axes (...) in front of the units of the states.")
      .member("states", &R::states,
              "(..., units) in the network's coding; int8 if the states were, else float64.")
      .member("energies", &R::energies, "Energy of each of them, (...).")
      .member("sweeps", &R::sweeps,
              "Sweeps (synchronous: steps) that were made, the last one without a flip if it "
              "converged, (...).")
      .member("converged", &R::converged, "Whether the state is a fixed point, (...).")
      .member("cycle_length", &R::cycle_length,
              "1: a fixed point; 2 and more: a cycle of synchronous updates; 0: neither was found, "
              "(...).")
      .member("energy_trace", &R::energy_trace,
              "Energies on the way, (..., records), nan after the end; None if not asked for.")
      .member("overlap_trace", &R::overlap_trace,
              "Overlaps on the way, (..., records, patterns), nan after the end; or None.")
      .member("state_trace", &R::state_trace,
              "States on the way, (..., records, units), int8; the last one is repeated; or None.")
      .member("trace_updates", &R::trace_updates,
              "Updates of single units before each record, (records,); or None.")
      .repr([](const R& r) {
        const auto count = static_cast<std::int64_t>(r.converged.size());
        const auto done = std::count(r.converged.data(), r.converged.data() + count, true);
        return "Recall(" + std::to_string(count) + (count == 1 ? " state, " : " states, ") +
               std::to_string(done) + " converged)";
      })
      .finish();
}

// ----------------------------------------------------------------------------------------- pickles

using PickledState = py::typing::Dict<py::str, py::object>;

PickledState state_of(const HopfieldNetwork& self) {
  const Network& net = self.network();
  PickledState state;
  state["coding"] = std::string(name_of(net.coding()));
  if (net.own_thresholds())
    state["thresholds"] = py::array_t<double>(net.units(), net.thresholds().data());
  if (net.count() == 0) {
    state["weights"] = owner(self).attr("weights");
    state["symmetric"] = net.couplings().symmetric();
    return state;
  }
  const Storage& s = net.storage();
  state["patterns"] =
      states_array(net.values().data(), {net.count(), net.units()}, net.coding(), true);
  state["rule"] = std::string(name_of(s.rule));
  state["diagonal"] = s.diagonal;
  state["center"] = s.center;
  state["a"] = s.a;
  state["b"] = s.b;
  // NOTE: made anew they would differ by roundings from those that learned one by one.
  if (s.rule == StorageRule::storkey) state["weights"] = owner(self).attr("weights");
  return state;
}

std::unique_ptr<HopfieldNetwork> network_of(const PickledState& state) {
  const auto item = [&](const char* name) { return state_item(label, state, name); };
  const auto coding = Convert<Coding>::from(item("coding"), {label, "coding"}, "");
  Thresholds thresholds;
  if (state.contains("thresholds"))
    thresholds = Convert<Numbers>::from(item("thresholds"), {label, "thresholds"}, "");
  const auto weights = [&] {
    return Convert<Numbers>::from(item("weights"), {label, "weights"}, "");
  };
  if (!state.contains("patterns"))
    return from_weights(weights(), thresholds, coding,
                        Convert<bool>::from(item("symmetric"), {label, "symmetric"}, ""));
  const auto number = [&](const char* name) {
    return Convert<double>::from(item(name), {label, name}, "");
  };
  const auto rule = Convert<StorageRule>::from(item("rule"), {label, "rule"}, "");
  const bool low = rule == StorageRule::low_activity;
  const auto of_low = [&](const char* name) {
    return low ? std::optional(number(name)) : std::nullopt;
  };
  const bool diagonal = Convert<bool>::from(item("diagonal"), {label, "diagonal"}, "");
  if (rule == StorageRule::storkey) {
    Coding same;
    States xi = patterns_of(item("patterns"), {label, "patterns"}, coding, &same);
    const Numbers w = weights();
    expect_shape(w, {label, "weights"}, {xi.units, xi.units}, "(units, units)");
    return std::make_unique<HopfieldNetwork>(Network::restored(
        std::move(xi.values), xi.units, {.rule = rule, .coding = coding, .diagonal = diagonal},
        {w.data(), static_cast<std::size_t>(w.array.size())},
        thresholds_of(thresholds, xi.units, label)));
  }
  return store({item("patterns")}, rule, thresholds, coding, diagonal, {false, number("center")},
               of_low("a"), of_low("b"));
}

}  // namespace

void bind_hopfield(py::module_& module) {
  py::module_ submodule = module.attr("hopfield");
  bind_result(submodule);
  auto cls = define_class<HopfieldNetwork, System>(
      module, label,
      "A Hopfield network of two-valued units: stored patterns are what its states fall into.\n\n"
      "h_i = sum_j w_ij s_j - theta_i; a unit becomes 1 where h_i > 0 and the lower value, -1 or "
      "0, where h_i < 0.\nE = -1/2 sum_ij w_ij s_i s_j + sum_i theta_i s_i never rises when one "
      "unit is updated at a time and weights\nare symmetric with w_ii >= 0. Networks do not "
      "change: `add` and `remove` give new ones. As a System its step is\nthe synchronous "
      "update.\n\n"
      "References\n----------\n"
      "J. J. Hopfield, Proc. Natl. Acad. Sci. USA 79 (1982) 2554.");
  const Required<ArrayLike> states{
      "states", "(..., units), values of the network's coding, of any numeric type"};
  define_init(
      cls, "A network of given weights, which are copied.", from_weights,
      Required<Numbers>{"weights",
                        "w (units, units), finite; w_ij is the weight from unit j to i. "
                        "A w_ii that is not 0 is kept"},
      Defaulted<Thresholds, false>{"thresholds", std::nullopt, thresholds_meaning},
      Defaulted<Coding>{"coding", Coding::bipolar, "'bipolar': units of -1 and 1; 'binary': 0, 1"},
      Defaulted<bool>{"symmetric", true,
                      "whether w_ij = w_ji; False: any weights, whose energy may rise and whose "
                      "cycles may be long"});
  define_static(
      cls, "store",
      "A network that remembers patterns.\n\n"
      "Rules, for patterns xi of -1 and 1 (of binary ones 2 xi - 1 is taken):\n\n"
      "- hebbian: w_ij = (1/N) sum_mu (xi_i - center)(xi_j - center); about 0.138 N random "
      "patterns\n"
      "- storkey: pattern after pattern w_ij += (xi_i xi_j - xi_i h_ji - h_ij xi_j) / N with h_ij "
      "=\n  sum over k other than i, j of w_ik xi_k\n"
      "- pseudoinverse: the projector onto the span of the patterns, dependent ones included; up "
      "to "
      "N patterns\n"
      "- low_activity: w_ij = c sum_mu (xi_i - b)(xi_j - a) for patterns of 0 and 1 in which a "
      "share "
      "a is 1;\n  c = 1/(a (1 - a) N), half as much for bipolar units; asymmetric unless b = a\n\n"
      "Returns\n-------\nHopfieldNetwork\n\n"
      "References\n----------\n"
      "A. Storkey, R. Valabregue, Pattern Recognition 32 (1999) 869. L. Personnaz, I. Guyon, G. "
      "Dreyfus,\nJ. Phys. Lett. 46 (1985) L359. M. V. Tsodyks, M. V. Feigelman, Europhys. Lett. 6 "
      "(1988) 101.",
      "HopfieldNetwork", store,
      Required<ArrayLike>{"patterns", "(patterns, units), -1 and 1, or 0 and 1"},
      Defaulted<StorageRule, false>{"rule", StorageRule::hebbian, "how patterns become weights"},
      Defaulted<Thresholds>{"thresholds", std::nullopt, thresholds_meaning},
      Defaulted<std::optional<Coding>>{"coding", std::nullopt,
                                       "'bipolar' or 'binary'; None: that of the patterns"},
      Defaulted<bool>{"diagonal", false, "keep w_ii as the rule gives it; else it is 0"},
      Defaulted<Center>{"center", {}, "of hebbian: a number, or 'mean', that of all patterns"},
      Defaulted<std::optional<double>>{"a", std::nullopt,
                                       "of low_activity: the activity; None: the patterns'"},
      Defaulted<std::optional<double>>{"b", std::nullopt,
                                       "of low_activity: None: a, the symmetric rule"});
  define_static(
      cls, "random",
      "A network that remembers random patterns, as scans draw one at each point.\n\n"
      "Each unit of each pattern is drawn by itself, from the seed; a larger load has the patterns "
      "of a smaller one,\nand more. Patterns are bipolar, those of low_activity binary, stored "
      "with a = b = activity.",
      "HopfieldNetwork",
      [](const Ensemble& ensemble) {
        PythonMonitor monitor({}, "random");
        return released([&] {
          return std::make_unique<HopfieldNetwork>(
              Network::random(ensemble, Storage{}.sweeps, &monitor));
        });
      },
      Fields<Ensemble>{});
  register_fields<Ensemble>(cls);
  define_method(
      cls, "add", "A network that remembers these patterns as well; this one does not change.",
      "HopfieldNetwork",
      [](const HopfieldNetwork& self, const ArrayLike& patterns) {
        return changed(self, patterns, "add", [](const Network& net, auto& xi, Monitor* monitor) {
          return net.with_added(xi, monitor);
        });
      },
      Required<ArrayLike>{"patterns", "(patterns, units), in the network's coding"});
  define_method(
      cls, "remove",
      "A network without these patterns; this one does not change.\n\n"
      "Raises\n------\nValueError\n    if one of them is not stored, if none would be left, or of "
      "Storkey's rule, whose weights depend on the order\n    of storing",
      "HopfieldNetwork",
      [](const HopfieldNetwork& self, const ArrayLike& patterns) {
        return changed(self, patterns, "remove",
                       [](const Network& net, auto& xi, Monitor* monitor) {
                         return net.with_removed(xi, monitor);
                       });
      },
      Required<ArrayLike>{"patterns", "(patterns, units), in the network's coding"});
  define_method(
      cls, "recall",
      "Updates states until they stay as they are.\n\n"
      "At T = 0 a recall has converged when a whole sweep flips no unit. At T > 0 a unit becomes 1 "
      "with probability\n1 / (1 + exp(-(1 - lower) h_i / T)), lower = -1 or 0, and max_sweeps "
      "sweeps are made. Single updates at\nrandom sites then obey detailed balance with exp(-E / "
      "T) "
      "where w_ii = 0; sweeps leave that law as it is;\nsynchronous updates have Peretto's, "
      "proportional to exp(-sum_i theta_i s_i / T) prod_i 2 cosh(h_i / T) of bipolar\nunits. "
      "Results "
      "do not depend on threads, nor state b on the states beside it.\n\n"
      "Returns\n-------\nRecall",
      "hopfield.Recall", recall, states, Fields<RecallOptions>{},
      Defaulted<Wanted>{
          "trace", {}, "what is recorded on the way: 'energy', 'overlap', 'state', or several"},
      Defaulted<std::optional<std::int64_t>>{
          "trace_every", std::nullopt,
          "updates of single units from one record to the next; None: a sweep"},
      threads_argument, Defaulted<Reporter>{"progress", {}, Reporter::meaning});
  register_fields<RecallOptions>(cls.attr("recall"));
  define_method(cls, "energy", "E of states, (...).", "numpy.typing.NDArray[numpy.float64]", energy,
                states);
  define_method(cls, "fields", "Local fields h of states, (..., units).",
                "numpy.typing.NDArray[numpy.float64]", fields, states);
  define_method(cls, "overlaps",
                "Overlaps m of states with the stored patterns, (..., patterns).\n\n"
                "m_mu = (1/N) sum_i xi_i s_i of the bipolar pattern and state, 1 on a pattern; of "
                "low_activity\nc sum_i (xi_i - a) s_i, which is 1 on a pattern of activity a.",
                "numpy.typing.NDArray[numpy.float64]", overlaps, states);
  define_property(cls, "units", "Number N of units.",
                  [](const HopfieldNetwork& self) { return self.network().units(); });
  define_property(cls, "coding", "'bipolar' or 'binary'.", [](const HopfieldNetwork& self) {
    return std::string(name_of(self.network().coding()));
  });
  define_property(cls, "rule", "The storage rule; None if weights were given.",
                  [](const HopfieldNetwork& self) -> std::optional<std::string> {
                    if (self.network().count() == 0) return std::nullopt;
                    return std::string(name_of(self.network().storage().rule));
                  });
  define_property(cls, "symmetric", "Whether w_ij = w_ji.", [](const HopfieldNetwork& self) {
    return self.network().couplings().symmetric();
  });
  define_property(cls, "weights",
                  "Weights w (units, units), made anew at each use: not every form of them is a "
                  "matrix.",
                  [](const HopfieldNetwork& self) {
                    const std::int64_t n = self.network().units();
                    checked_size("HopfieldNetwork.weights", "units x units", {n, n});
                    PythonMonitor monitor({}, "weights");
                    return to_array(
                        released([&] { return self.network().couplings().weights(&monitor); }),
                        {n, n});
                  });
  define_property(cls, "thresholds", "Thresholds theta (units,), read-only.",
                  [](const HopfieldNetwork& self) {
                    return view(self.network().thresholds(), {self.network().units()}, self);
                  });
  define_property(
      cls, "patterns", "Stored patterns (patterns, units), int8; no rows if weights were given.",
      [](const HopfieldNetwork& self) {
        const Network& net = self.network();
        return states_array(net.values().data(), {net.count(), net.units()}, net.coding(), true);
      });
  define_files(cls);
  define_repr(cls, [](const HopfieldNetwork& self) {
    const Network& net = self.network();
    std::string result = std::string(label) + "(units=" + std::to_string(net.units());
    if (net.count() > 0)
      result += ", patterns=" + std::to_string(net.count()) + ", rule='" +
                std::string(name_of(net.storage().rule)) + "'";
    if (net.coding() == Coding::binary) result += ", coding='binary'";
    if (!net.couplings().symmetric()) result += ", symmetric=False";
    return result + ")";
  });
  define_pickle(
      cls,
      [](const py::object& self) {
        return state_of(made<HopfieldNetwork>(self, {"HopfieldNetwork.__getstate__", "self"}));
      },
      network_of);
}

}  // namespace attractornet::python
