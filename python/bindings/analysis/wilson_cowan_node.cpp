#include <pybind11/complex.h>

#include <attractornet/analysis/wilson_cowan_cycle.hpp>
#include <attractornet/analysis/wilson_cowan_node.hpp>
#include <complex>

#include "../bindings.hpp"
#include "../monitor.hpp"
#include "../record.hpp"
#include "../rule_class.hpp"

namespace attractornet::python {

namespace {

using namespace wilson_cowan;

using NodeSystem = RuleSystem<NodeRule>;
using States = std::vector<Equilibrium>;

/// f(state) of each, in an array.
template <class T, class F>
py::array_t<T> each(const States& states, F f) {
  py::array_t<T> result(static_cast<py::ssize_t>(states.size()));
  for (std::size_t i = 0; i < states.size(); ++i)
    result.mutable_at(static_cast<py::ssize_t>(i)) = f(states[i]);
  return result;
}

py::array_t<std::complex<double>> eigenvalues_of(const States& states) {
  py::array_t<std::complex<double>> result(
      {static_cast<py::ssize_t>(states.size()), py::ssize_t{2}});
  std::complex<double>* to = result.mutable_data();
  for (const Equilibrium& state : states)
    for (const auto& value : state.eigenvalues()) *to++ = value;
  return result;
}

std::string kind_of(const Equilibrium& state) {
  const auto [first, second] = state.eigenvalues();
  if (first.real() * second.real() < 0) return "saddle";
  if (first.real() == 0 || second.real() == 0) return "degenerate";
  return std::string(first.real() < 0 ? "stable " : "unstable ") +
         (first.imag() != 0 ? "focus" : "node");
}

py::typing::List<py::str> kinds_of(const States& states) {
  py::typing::List<py::str> result;
  for (const Equilibrium& state : states) result.append(py::str(kind_of(state)));
  return result;
}

}  // namespace

/// States as numbers, for pickles.
template <>
struct Member<States> {
  static py::array_t<double> to(const States& states) {
    py::array_t<double> table({static_cast<py::ssize_t>(states.size()), py::ssize_t{7}});
    double* out = table.mutable_data();
    for (const auto& [x, y, j] : states)
      for (const double value : {x, y, j.xx, j.xy, j.yx, j.yy, j.coupling}) *out++ = value;
    return table;
  }
  static States from(py::handle value) {
    const auto table = py::cast<DenseArray<double>>(value);
    const Numbers numbers = Convert<Numbers>::from(table, {"unpickling", "states"}, "");
    expect_shape(numbers, {"unpickling", "states"}, {-1, 7}, "(states, 7)");
    States states;
    for (const double* v = numbers.data(); v < numbers.data() + table.size(); v += 7)
      states.push_back({v[0], v[1], {v[2], v[3], v[4], v[5], v[6]}});
    return states;
  }
};

namespace {

struct Equilibria {
  States states;
};

py::array_t<double> exponents(const Equilibria& self, const Numbers& coupling) {
  std::vector<py::ssize_t> shape{static_cast<py::ssize_t>(self.states.size())};
  for (py::ssize_t axis = 0; axis < coupling.ndim(); ++axis) shape.push_back(coupling.shape(axis));
  py::array_t<double> result(std::move(shape));
  double* out = result.mutable_data();
  for (const Equilibrium& state : self.states)
    for (py::ssize_t k = 0; k < coupling.array.size(); ++k)
      *out++ = state.exponent(coupling.data()[k]);
  return result;
}

void bind_equilibria(py::module_& module) {
  using E = Equilibria;
  Record<E> record(module, "Equilibria", "All rest states of a Wilson-Cowan node, x ascending.");
  record
      .property("x", "Excitatory activities (states,).",
                [](const E& e) { return each<double>(e.states, [](auto& s) { return s.x; }); })
      .property("y", "Inhibitory activities (states,).",
                [](const E& e) { return each<double>(e.states, [](auto& s) { return s.y; }); })
      .property("eigenvalues", "Of the Jacobian (states, 2), that of the larger real part first.",
                [](const E& e) { return eigenvalues_of(e.states); })
      .property("stable", "Whether both real parts are negative (states,).",
                [](const E& e) { return each<bool>(e.states, [](auto& s) { return s.stable(); }); })
      .property("kinds",
                "'stable node', 'stable focus', 'saddle', 'unstable focus', 'unstable node' or "
                "'degenerate', of each.",
                [](const E& e) { return kinds_of(e.states); })
      .property(
          "stable_couplings",
          "Between which Gamma lambda each is stable in a network that shares it (states, "
          "2), lambda a real\neigenvalue of the coupling: eq. 8 of the paper has its zeros "
          "there. NaN where none is.",
          [](const E& e) {
            py::array_t<double> result({static_cast<py::ssize_t>(e.states.size()), py::ssize_t{2}});
            double* out = result.mutable_data();
            for (const Equilibrium& state : e.states) {
              const auto [low, high] = state.stable_couplings();
              *out++ = low;
              *out++ = high;
            }
            return result;
          })
      .kept("states", &E::states)
      .repr([](const E& e) {
        std::string kinds;
        for (const Equilibrium& state : e.states)
          kinds.append(kinds.empty() ? "" : ", ").append(kind_of(state));
        return "Equilibria(" + kinds + ")";
      });
  define_method(
      record.cls(), "exponents",
      "s(lambda): the larger real part of a node's eigenvalues in a network.\n\n"
      "For a perturbation along an eigenvector of the coupling whose eigenvalue is lambda, where "
      "all "
      "nodes are in the\nsame rest state, which the coupling takes to 0. Where nodes are in "
      "different ones it is a guide; then\n`WilsonCowanNetwork.spectrum` tells.\n\n"
      "Returns\n-------\nndarray\n    (states, ...)\n\n"
      "References\n----------\n"
      "R. Marino et al., arXiv:2406.16453, eq. 7 and 8.",
      "numpy.typing.NDArray[numpy.float64]", exponents,
      Required<Numbers>{"coupling", "Gamma lambda, a number or an array of any shape"});
  record.finish();
}

// -------------------------------------------------------------------------------------- nullclines

struct NodeNullclines {
  py::array_t<double> x, y;
};

py::array_t<double> to_points(const Curve& curve) {
  const auto count = static_cast<py::ssize_t>(curve.x.size());
  py::array_t<double> result({count, py::ssize_t{2}});
  for (py::ssize_t i = 0; i < count; ++i) {
    result.mutable_at(i, 0) = curve.x[static_cast<std::size_t>(i)];
    result.mutable_at(i, 1) = curve.y[static_cast<std::size_t>(i)];
  }
  return result;
}

// ------------------------------------------------------------------------------------- bifurcation

struct NodeBifurcation {
  std::string parameter;
  py::array_t<double> values, rest_values;
  States rests;
  py::array_t<double> x_low, x_high, y_low, y_high, period;
};

NodeBifurcation bifurcation_of(const NodeSystem& self, const std::string& parameter,
                               const Numbers& values, Reporter progress) {
  const std::string where = "WilsonCowanNode.bifurcation";
  expect_shape(values, {where, "values"}, {-1}, "(values,)");
  double Params::* member = nullptr;
  std::string names;
  for_each_field<NodeRule>([&](const auto& field) {
    if (parameter == field.name) member = field.member;
    names.append(names.empty() ? "one of " : ", ").append(field.name);
  });
  if (!member) wrong_value({where, "parameter"}, py::str(parameter), names);
  PythonMonitor monitor(std::move(progress), "bifurcation", "values");
  const Bifurcation found = released([&] {
    return bifurcation(self.rule(), member,
                       {values.data(), static_cast<std::size_t>(values.shape(0))}, monitor);
  });
  NodeBifurcation result;
  result.parameter = parameter;
  result.values = to_array(std::vector<double>(values.data(), values.data() + values.shape(0)));
  std::vector<double> at;
  for (const auto& [value, state] : found.rests) {
    at.push_back(value);
    result.rests.push_back(state);
  }
  result.rest_values = to_array(at);
  const auto cycles = [&](double Cycle::* of) {
    std::vector<double> list;
    for (const auto& cycle : found.cycles)
      list.push_back(cycle ? (*cycle).*of : std::numeric_limits<double>::quiet_NaN());
    return to_array(list);
  };
  result.x_low = cycles(&Cycle::x_low);
  result.x_high = cycles(&Cycle::x_high);
  result.y_low = cycles(&Cycle::y_low);
  result.y_high = cycles(&Cycle::y_high);
  result.period = cycles(&Cycle::period);
  return result;
}

void bind_bifurcation(py::module_& module) {
  using B = NodeBifurcation;
  Record<B>(module, "Bifurcation", "What a Wilson-Cowan node does along a parameter.")
      .member("parameter", &B::parameter, "Its name.")
      .member("values", &B::values, "Its values (values,).")
      .member("rest_values", &B::rest_values,
              "The value of each rest state (states,), in the order of values.")
      .property("x", "Rest states' x (states,).",
                [](const B& b) { return each<double>(b.rests, [](auto& s) { return s.x; }); })
      .property("y", "Rest states' y (states,).",
                [](const B& b) { return each<double>(b.rests, [](auto& s) { return s.y; }); })
      .property("eigenvalues", "Of the Jacobian there (states, 2).",
                [](const B& b) { return eigenvalues_of(b.rests); })
      .property("stable", "Whether rest states are stable (states,).",
                [](const B& b) { return each<bool>(b.rests, [](auto& s) { return s.stable(); }); })
      .kept("rests", &B::rests)
      .member("x_low", &B::x_low, "Least x of a stable cycle (values,); NaN where none was found.")
      .member("x_high", &B::x_high, "Largest x of it.")
      .member("y_low", &B::y_low, "Least y of it.")
      .member("y_high", &B::y_high, "Largest y of it.")
      .member("period", &B::period, "Its period (values,) [time]; NaN where none was found.")
      .finish();
}

constexpr const char* node_doc =
    "A Wilson-Cowan node, an excitatory and an inhibitory population: a flow of (x, y).\n\n"
    "dx/dt = -alpha_e x + (1 - x) f(s_e), gamma dy/dt = -alpha_i y + (1 - y) g(s_i) with rates "
    "f(s) = amplitude\ntanh(beta s) + offset, s_e = w_ee x - w_ei y + h_e and s_i = w_ie x - w_ii "
    "y "
    "+ h_i. By default two states are\nstable (Fig. 3 of the paper); `wilson_cowan.preset` has "
    "nodes that oscillate or make pulses.\n\n"
    "References\n----------\n"
    "R. Marino et al., arXiv:2406.16453. H. R. Wilson, J. D. Cowan, Biophys. J. 12 (1972) 1.\n\n"
    "Examples\n--------\n"
    ">>> node = WilsonCowanNode(h_e=-1.1)\n"
    ">>> node.equilibria().x\n"
    ">>> oscillator = WilsonCowanNode(**wilson_cowan.preset(\"limit_cycle\"))";

}  // namespace

void bind_wilson_cowan_node(py::module_& parent) {
  py::module_ module = parent.attr("wilson_cowan");
  bind_equilibria(module);
  Record<NodeNullclines>(module, "Nullclines", "Where the activities of a node stand still.")
      .member("x", &NodeNullclines::x,
              "Points (points, 2) of the curve dx/dt = 0, NaN between pieces.")
      .member("y", &NodeNullclines::y, "Points (points, 2) of the curve dy/dt = 0.")
      .finish();
  bind_bifurcation(module);
  auto cls = bind_rule<NodeRule>(parent, node_doc,
                                 "Times and rates are in the units of the excitatory population.");
  define_method(
      cls, "equilibria",
      "All rest states, with their stability.\n\n"
      "Found as the zeros of a function of one variable, to the last bits. Of a node whose tanh is "
      "steeper than 1000, two\nthat are very close may be missed.\n\n"
      "Returns\n-------\nwilson_cowan.Equilibria\n\n"
      "Raises\n------\nValueError\n    where decay may vanish (alpha <= |amplitude| - offset), so "
      "that activities have no bounds",
      "wilson_cowan.Equilibria", [](const NodeSystem& self) {
        return released([&] { return Equilibria{equilibria(self.rule())}; });
      });
  define_method(
      cls, "nullclines",
      "Where dx/dt = 0 and where dy/dt = 0.\n\nReturns\n-------\nwilson_cowan.Nullclines",
      "wilson_cowan.Nullclines",
      [](const NodeSystem& self, std::int64_t points) {
        if (points < 2 || points > 1'000'000)
          reject("WilsonCowanNode.nullclines", "points", points, "a value in [2, 1000000]");
        const Nullclines found = nullclines(self.rule(), points);
        return NodeNullclines{to_points(found.x), to_points(found.y)};
      },
      Defaulted<std::int64_t>{"points", 1000, "points of each curve; in [2, 1000000]"});
  define_method(
      cls, "bifurcation",
      "Rest states and stable cycles along a parameter.\n\n"
      "Cycles are followed from value to value, up and down, so that those beside a stable rest "
      "state are found too where\nvalues are close enough. Periods are good to 1e-7 of "
      "themselves, extremes to 1e-5; one whose period exceeds\n200,000 steps of 1/40 of the "
      "node's fastest time is not found.\n\n"
      "Returns\n-------\nwilson_cowan.Bifurcation",
      "wilson_cowan.Bifurcation", bifurcation_of,
      Required<std::string>{"parameter", "its name, one of the node's"},
      Required<Numbers>{"values", "values of it (values,), ascending or descending"},
      progress_argument);
  define_property(
      cls, "euler_limit",
      "The step beyond which explicit Euler overshoots a stable rest state: 2 over its fastest "
      "decay.",
      [](const NodeSystem& self) { return released([&] { return euler_limit(self.rule()); }); });
  define(
      module, "preset",
      "Parameters with which a Wilson-Cowan node does what such nodes are known for.\n\n"
      "Of the paper's node (bistable), and of that of Wilson and Cowan 1972 with an input of 1.25 "
      "(limit_cycle) and of 1.0\n(excitable: at rest, but a push past the saddle makes a "
      "pulse).\n\n"
      "Returns\n-------\ndict\n    keywords of `WilsonCowanNode` and `WilsonCowanNetwork`\n\n"
      "Examples\n--------\n"
      ">>> WilsonCowanNetwork(connectome, scale=0.2, **wilson_cowan.preset(\"limit_cycle\"))",
      "dict[str, float]",
      [](Regime regime) {
        py::typing::Dict<py::str, py::float_> result;
        const Params params = preset(regime);
        for_each_field<Params>([&](const auto& field) {
          result[std::string(field.name).c_str()] = params.*(field.member);
        });
        return result;
      },
      Required<Regime>{"regime", "what it does"});
}

}  // namespace attractornet::python
