#include <attractornet/systems/textbook_flows.hpp>
#include <attractornet/systems/textbook_maps.hpp>

#include "../bindings.hpp"
#include "../fields.hpp"
#include "../values.hpp"

namespace attractornet::python {

namespace {

using namespace textbook;

/// A textbook rule as a System.
template <class Rule>
class Textbook
    : public SystemOf<Textbook<Rule>, std::conditional_t<attractornet::Flow<Rule>, Flow, System>> {
 public:
  explicit Textbook(const Values& values) : rule_(parameters_of<Rule>(values)) {}
  std::string name() const override { return std::string(Rule::label); }
  const Rule& rule() const { return rule_; }
  Values values() const override { return values_of(rule_); }
  std::unique_ptr<System> with(const Values& others) const override {
    return std::make_unique<Textbook>(replaced(values(), others, Rule::label));
  }

 private:
  Rule rule_;
};

/// A class of the catalogue. What is bound does not know its type: one copy serves all.
struct Entry {
  py::object cls;
  std::string label;
  NumberFields parameters;
  void* (*make)(const Values&);  ///< a new object of the class

  using Unmade = py::detail::value_and_holder;  ///< self, while it is being made

  template <class F, class... Extra>
  void define(const char* name, F f, const Extra&... extra) const {
    cls.attr(name) = py::cpp_function(std::move(f), py::name(name), py::is_method(cls), extra...);
  }
  /// f(system) of self.
  template <class F>
  auto of_self(const std::string& name, F f) const {
    return [where = label + "." + name, type = py::handle(cls), f](const py::object& self) {
      expect_made(self, type, {where, "self"});
      return f(py::cast<const System&>(self));
    };
  }
};

/// Makes self the owner of an object. Here, since pybind11 does not expect that to fail later.
void keep(Entry::Unmade& self, void* object) {
  self.value_ptr() = object;
  self.type->init_instance(self.inst, nullptr);
}

[[gnu::cold]] void define_init(const Entry& entry) {
  py::options options;
  options.disable_function_signatures();
  const Self<System> self;
  const std::string doc =
      docstring("__init__", "None", "Parameters are dimensionless.", self, entry.parameters);
  entry.define(
      "__init__",
      [make = entry.make, read = checked(
                              entry.label, [](Values values) { return values; }, entry.parameters)](
          Entry::Unmade& self, const py::args& positional, const py::kwargs& keywords) {
        keep(self, make(read(positional, keywords)));
      },
      py::detail::is_new_style_constructor(), doc.c_str());
}

[[gnu::cold]] void define_properties(const Entry& entry) {
  const auto property = py::module_::import("builtins").attr("property");
  for (std::size_t i = 0; i < entry.parameters.fields.size(); ++i) {
    const FieldInfo& field = entry.parameters.fields[i];
    const py::cpp_function get(
        entry.of_self(field.name, [i](const System& self) { return self.values()[i].second; }));
    entry.cls.attr(field.name.c_str()) =
        property(get, py::none(), py::none(), py::str(field.meaning));
  }
}

[[gnu::cold]] void define_pickle(const Entry& entry) {
  define_reduce(entry.cls);
  entry.define("__getstate__", entry.of_self("__getstate__", [](const System& self) {
    return state_of(self.values());
  }));
  entry.define(
      "__setstate__",
      [label = entry.label, parameters = entry.parameters, make = entry.make](Entry::Unmade& self,
                                                                              const State& state) {
        keep(self, make(values_in(state, parameters.values(), label)));
      },
      py::detail::is_new_style_constructor());
}

/// Keywords, attributes, repr and pickle of a class are its field list.
[[gnu::cold]] void define_entry(const Entry& entry) {
  define_init(entry);
  define_properties(entry);
  entry.define("__repr__", entry.of_self("__repr__", [](const System& self) {
    return described(self.name(), self.values());
  }));
  define_pickle(entry);
  register_fields(entry.cls, to_python(entry.parameters.fields));
}

template <class Rule>
[[gnu::cold]] void bind(py::module_& module, const char* doc) {
  using Bound = Textbook<Rule>;
  using Base = std::conditional_t<attractornet::Flow<Rule>, Flow, System>;
  const std::string label(Rule::label);
  define_entry({.cls = define_class<Bound, Base>(module, label.c_str(), doc),
                .label = label,
                .parameters = {field_list<Rule>()},
                .make = [](const Values& values) -> void* { return new Bound(values); }});
}

}  // namespace

void bind_textbook(py::module_& parent) {
  py::module_ module = parent.def_submodule(
      "textbook", "Maps and flows that every textbook knows, with known exponents.");
  bind<Logistic>(module, "x' = r x (1 - x); at r = 4 the exponent is ln 2.");
  bind<SineMap>(module, "x' = a sin(pi x).");
  bind<CubicMap>(module, "x' = a x (1 - x^2); at a = 3 the exponent is ln 3.");
  bind<Ricker>(module, "x' = a x exp(-x).");
  bind<GaussMap>(module, "x' = 1/x mod 1, the tail of a continued fraction.");
  bind<CuspMap>(module, "x' = 1 - a sqrt|x|.");
  bind<PinchersMap>(module, "x' = |tanh(s (x - c))|.");
  bind<TwoNeurons>(module,
                   "x' = b tanh(a x) + c x: Sprott's two units that mimic the logistic map.");
  bind<SineCircle>(module, "x' = x + omega - k sin(2 pi x) / (2 pi) mod 1, Arnold's circle map.");
  bind<Henon>(module, "x' = 1 - a x^2 + y, y' = b x.");
  bind<Lozi>(module, "x' = 1 - a |x| + y, y' = b x.");
  bind<DelayedLogistic>(module, "x' = a x (1 - y), y' = x.");
  bind<Tinkerbell>(module, "x' = x^2 - y^2 + a x + b y, y' = 2 x y + c x + d y.");
  bind<Burgers>(module, "x' = a x - y^2, y' = b y + x y.");
  bind<HolmesCubic>(module, "x' = y, y' = -b x + d y - y^3.");
  bind<DissipativeStandard>(
      module, "y' = b y + k sin x, x' = x + y', both mod 2 pi: a kicked rotor with friction.");
  bind<Ikeda>(module,
              "x' = g + m (x cos phi - y sin phi), y' = m (x sin phi + y cos phi), phi = b - a / "
              "(1 + x^2 + y^2): light in a ring cavity.");
  bind<PredatorPrey>(
      module, "x' = x exp(r (1 - x/k) - a y), y' = x (1 - exp(-a y)): hosts and parasitoids.");
  bind<ArnoldCat>(module, "x' = x + y, y' = x + 2 y mod 1.");
  bind<CoupledCircles>(module,
                       "x' = x + omega1 + k sin(2 pi y) / (2 pi), y' = y + omega2 + k sin(2 pi x) "
                       "/ (2 pi) mod 1: a 2-torus while k is small.");
  bind<Lorenz>(module, "x' = sigma (y - x), y' = x (rho - z) - y, z' = x y - beta z.");
  bind<Rossler>(module, "x' = -y - z, y' = x + a y, z' = b + z (x - c).");
  bind<Chen>(module, "x' = a (y - x), y' = (c - a) x - x z + c y, z' = x y - b z.");
  bind<Halvorsen>(module, "x' = -a x - 4 y - 4 z - y^2 and cyclically.");
  bind<Thomas>(module, "x' = sin y - b x and cyclically.");
  bind<Rucklidge>(module,
                  "x' = -k x + l y - y z, y' = x, z' = -z + y^2: double convection; exponent "
                  "0.192, not the 0.0643 in print.");
  bind<DiffusionlessLorenz>(
      module, "x' = -x - y, y' = -x z, z' = x y + r: the Lorenz equations without diffusion.");
  bind<SimplestQuadratic>(module, "x''' = -a x'' + x'^2 - x: the simplest quadratic chaos.");
  bind<MooreSpiegel>(
      module, "x''' = -x'' - (t - r + r x^2) x' - t x: exponent 0.093, not the 0.1119 in print.");
  bind<Lorenz84>(module,
                 "x' = -y^2 - z^2 - a x + a f, y' = x y - b x z - y + g, z' = b x y + x z - z: a "
                 "westerly wind and its eddies.");
  bind<RigidBody>(module,
                  "x' = -c x + y + 10 y z, y' = -x - c y + 5 x z, z' = a z - 5 x y: a rigid body "
                  "with linear feedback.");
  bind<VanDerPol>(module, "x'' = mu (1 - x^2) x' - x: a limit cycle.");
}

}  // namespace attractornet::python
