#include <attractornet/systems/hopfield_network.hpp>
#include <cmath>

#include "../bindings.hpp"
#include "../fields.hpp"
#include "../model.hpp"
#include "../monitor.hpp"
#include "../record.hpp"
#include "hopfield_network.hpp"

namespace attractornet::python {

namespace {

using namespace hopfield;

constexpr const char* label = "HopfieldNetwork";

// --------------------------------------------------------------------------------------- arguments

/// The argument `center`: a number, or the mean of the patterns.
struct Center {
  bool mean = false;
  double value = 0;
};

/// A number for all units or one for each; none: what the storage rule needs.
using Thresholds = std::optional<Numbers>;

}  // namespace

template <>
struct Convert<Center> {
  static std::string type() { return "float | typing.Literal['mean']"; }
  static std::string text(const Center& center) { return Convert<double>::text(center.value); }
  static Center from(py::handle value, const Place& place, const std::string& allowed) {
    constexpr std::string_view expected = "a number or 'mean'";
    if (!py::isinstance<py::str>(value)) {
      if (!PyNumber_Check(value.ptr())) wrong_type(place, value, expected);
      return {false, Convert<double>::from(value, place, allowed)};
    }
    if (utf8(value) != "mean") wrong_value(place, value, expected);
    return {.mean = true};
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
    "theta, a number for all units or one for each, (units,), at most 1e290 in magnitude; None: 0 "
    "for bipolar units, half the "
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
  if (array.ndim() != 2 || array.size() == 0 || (units >= 0 && array.shape(1) != units))
    wrong_shape(array, place,
                units < 0 ? "(patterns, units), neither 0"
                          : "(patterns, " + std::to_string(units) + "), a row at least");
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
  const States xi = patterns_of(patterns.value, {where, "patterns"}, coding, &storage.coding);
  const bool low = rule == StorageRule::low_activity;
  for (const auto& [name, value] : {std::pair{"a", a}, {"b", b}})
    if (value && !low) reject(where, name, *value, "None, except with rule = 'low_activity'");
  const double active = static_cast<double>(std::count(xi.values.begin(), xi.values.end(), 1)) /
                        static_cast<double>(xi.values.size());
  if (low && !a && (active == 0 || active == 1))
    reject(where, "activity of patterns", active, "a value in (0, 1), which a = None takes for a");
  if (low) {
    storage.a = a.value_or(active);
    storage.b = b.value_or(storage.a);
  }
  if (center.mean && rule != StorageRule::hebbian)
    reject(where, "center", std::string_view("mean"), "0, except with rule = 'hebbian'");
  if (center.mean) storage.center = 2 * active - 1;
  auto theta = thresholds_of(thresholds, xi.units, where);
  PythonMonitor monitor({}, "store");
  return released([&] {
    return std::make_unique<HopfieldNetwork>(Network({xi.values.begin(), xi.values.end()}, xi.units,
                                                     storage, std::move(theta), &monitor));
  });
}

std::unique_ptr<HopfieldNetwork> from_weights(const Numbers& weights, const Thresholds& thresholds,
                                              Coding coding, bool symmetric) {
  const std::int64_t units = expect_square(weights, {label, "weights"});
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

py::array_t<double> energy(const HopfieldNetwork& self, const ArrayLike& argument) {
  const States states = own_states(self, argument, "energy");
  py::array_t<double> result = unfilled_array(states.shape());
  double* out = result.mutable_data();
  self.network().couplings().with_fields([&](auto fields) {
    each_state(states.count, "energy", [&](std::int64_t k) {
      const std::int8_t* state = states.values.data() + k * states.units;
      fields.load(state);
      out[k] = self.network().energy(state, fields.quadratic());
    });
  });
  return result;
}

py::array_t<double> fields(const HopfieldNetwork& self, const ArrayLike& argument) {
  const States states = own_states(self, argument, "fields");
  checked_size("HopfieldNetwork.fields", "states x units", {states.count, states.units});
  py::array_t<double> result = unfilled_array(states.shape({states.units}));
  double* out = result.mutable_data();
  const Limits limits = self.network().limits();
  const double half = self.network().coding() == Coding::binary ? 0.25 : 0.5;
  self.network().couplings().with_fields([&](auto workspace) {
    each_state(states.count, "fields", [&](std::int64_t k) {
      workspace.load(states.values.data() + k * states.units);
      for (std::int64_t i = 0; i < states.units; ++i)
        *out++ = half * (workspace.doubled_field(i) - limits.limit[i]) / limits.scale;
    });
  });
  return result;
}

py::array_t<double> overlaps(const HopfieldNetwork& self, const ArrayLike& argument) {
  const States states = own_states(self, argument, "overlaps");
  const Network& net = self.network();
  if (net.count() == 0)
    throw py::value_error(std::string(label) +
                          ".overlaps: self is a network of given weights, without patterns: "
                          "compare states with some by patterns @ state / units");
  checked_size("HopfieldNetwork.overlaps", "states x patterns", {states.count, net.count()});
  py::array_t<double> result = unfilled_array(states.shape({net.count()}));
  double* out = result.mutable_data();
  each_state(states.count, "overlaps", [&](std::int64_t k) {
    net.overlaps(states.values.data() + k * states.units, out + k * net.count());
  });
  return result;
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
    const States xi = patterns_of(item("patterns"), {label, "patterns"}, coding, &same);
    const Numbers w = weights();
    expect_shape(w, {label, "weights"}, {xi.units, xi.units}, "(units, units)");
    return std::make_unique<HopfieldNetwork>(
        Network::restored({xi.values.begin(), xi.values.end()}, xi.units,
                          {.rule = rule, .coding = coding, .diagonal = diagonal},
                          {w.data(), static_cast<std::size_t>(w.array.size())},
                          thresholds_of(thresholds, xi.units, label)));
  }
  return store({item("patterns")}, rule, thresholds, coding, diagonal, {false, number("center")},
               of_low("a"), of_low("b"));
}

// -------------------------------------------------------------------------------- how it is stored

/// A number of one rule alone.
std::optional<double> of_rule(const Storage& storage, StorageRule rule, double value) {
  return storage.rule == rule ? std::optional(value) : std::nullopt;
}

/// Binds what storing was told or took from the patterns: f(storage); None of given weights.
template <class F>
void define_stored(py::class_<HopfieldNetwork, System>& cls, const char* name, const char* doc,
                   F f) {
  define_property(cls, name, doc, [f](const HopfieldNetwork& self) {
    const Network& net = self.network();
    return net.count() > 0 ? f(net.storage()) : std::nullopt;
  });
}

}  // namespace

void bind_hopfield(py::module_& module) {
  auto cls = define_class<HopfieldNetwork, System>(
      module, label,
      "A Hopfield network of two-valued units: stored patterns are what its states fall into.\n\n"
      "h_i = sum_j w_ij s_j - theta_i; a unit becomes 1 where h_i > 0 and the lower value, -1 or "
      "0, where h_i < 0.\nE = -1/2 sum_ij w_ij s_i s_j + sum_i theta_i s_i never rises when one "
      "unit is updated at a time and weights\nare symmetric with w_ii >= 0. Networks do not "
      "change: `add` and `remove` give new ones. As a System its step is\nthe synchronous "
      "update; there too, states have the two values of the coding and no others.\n\n"
      "References\n----------\n"
      "J. J. Hopfield, Proc. Natl. Acad. Sci. USA 79 (1982) 2554.");
  const Required<ArrayLike> states{
      "states", "(..., units), values of the network's coding, of any numeric type"};
  define_init(
      cls, "A network of given weights, which are copied.", from_weights,
      Required<Numbers>{"weights",
                        "w (units, units), at most 1e290 in magnitude; w_ij is the weight from "
                        "unit j to i. A w_ii that is not 0 is kept"},
      Defaulted<Thresholds, false>{"thresholds", std::nullopt, thresholds_meaning},
      Defaulted<Coding>{"coding", Coding::bipolar, "'bipolar': units of -1 and 1; 'binary': 0, 1"},
      Defaulted<bool>{"symmetric", true,
                      "whether w_ij = w_ji, but for rounding: they may differ by 1e-10 of the "
                      "largest weight, and the mean of both is taken. False: any weights, whose "
                      "energy may rise and whose cycles may be long"});
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
      Defaulted<Center>{
          "center",
          {},
          "of hebbian: what is taken from each unit of a pattern; 'mean': the mean of all"},
      Defaulted<std::optional<double>>{
          "a", std::nullopt,
          "of low_activity: the share of units that are 1; None: that of the patterns"},
      Defaulted<std::optional<double>>{"b", std::nullopt,
                                       "of low_activity: what is taken from the unit that a weight "
                                       "leads to; None: a, so that weights are symmetric"});
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
      cls, "add",
      "A network that remembers these patterns as well; this one does not change.\n\n"
      "Numbers that were taken from the first patterns, `a`, `b` and `center`, stay as they are, "
      "as "
      "do `diagonal` and thresholds\nthat were given: where new patterns have another activity, "
      "store all of them together.\n\n"
      "Raises\n------\nValueError\n    of a network of given weights; if patterns are not in its "
      "coding, or too many for the pseudo-inverse",
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
      "A pattern that is stored twice is removed once for each row that holds it. `a`, `b`, "
      "`center` and `diagonal` stay as\nthey are, as in `add`.\n\n"
      "Raises\n------\nValueError\n    of a network of given weights; if one of them is not "
      "stored, if none would be left, or of "
      "Storkey's rule, whose weights depend on the order\n    of storing",
      "HopfieldNetwork",
      [](const HopfieldNetwork& self, const ArrayLike& patterns) {
        return changed(self, patterns, "remove",
                       [](const Network& net, auto& xi, Monitor* monitor) {
                         return net.with_removed(xi, monitor);
                       });
      },
      Required<ArrayLike>{"patterns", "(patterns, units), in the network's coding"});
  define_recall(cls);
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
  define_stored(cls, "rule", "The storage rule; None if weights were given.",
                [](const Storage& s) { return std::optional(std::string(name_of(s.rule))); });
  define_stored(cls, "diagonal",
                "Whether w_ii is as the rule gives it, else 0; None if weights were given.",
                [](const Storage& s) { return std::optional(s.diagonal); });
  define_stored(cls, "center",
                "What was taken away from each value of a pattern; None unless rule is 'hebbian'.",
                [](const Storage& s) { return of_rule(s, StorageRule::hebbian, s.center); });
  define_stored(cls, "a",
                "Activity a that weights are made with; None unless rule is 'low_activity'.",
                [](const Storage& s) { return of_rule(s, StorageRule::low_activity, s.a); });
  define_stored(cls, "b",
                "Number b that weights are made with; None unless rule is 'low_activity'.",
                [](const Storage& s) { return of_rule(s, StorageRule::low_activity, s.b); });
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
      [](const HopfieldNetwork& self) -> py::array_t<std::int8_t> {
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
  define_pickle(cls, state_of, network_of);
}

}  // namespace attractornet::python
