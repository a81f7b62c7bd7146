#include <attractornet/dynamics/integrate.hpp>

#include "../bindings.hpp"
#include "../fields.hpp"
#include "../monitor.hpp"
#include "../record.hpp"
#include "../system.hpp"

namespace attractornet::python {

/// How Discretised steps.
enum class Scheme { euler, runge_kutta_4, dormand_prince };

/// What Discretised is made with, besides the flow and dt.
struct SchemeOptions {
  Scheme scheme = Scheme::runge_kutta_4;
  std::optional<double> rtol = std::nullopt;
  std::optional<double> atol = std::nullopt;

  static constexpr std::string_view label = "Discretised";
  static constexpr auto fields() {
    using O = SchemeOptions;
    return std::tuple{
        field("scheme", &O::scheme, {}, "",
              "'euler' and 'runge_kutta_4' take one step of length dt; 'dormand_prince' as many of "
              "order 5 as the tolerance asks for"),
        field("rtol", &O::rtol, Bounds{1e-14, 1, false, true}, "",
              "allowed local error relative to the state, of dormand_prince alone; None: 1e-9"),
        field("atol", &O::atol, above(0), "",
              "allowed local error where the state is small, of dormand_prince alone; None: 1e-12"),
    };
  }
};

}  // namespace attractornet::python

template <>
struct attractornet::Names<attractornet::python::Scheme> {
  static constexpr std::array<std::string_view, 3> list{"euler", "runge_kutta_4", "dormand_prince"};
};

namespace attractornet::python {

namespace {

/// A flow of Python's as a rule.
struct AnyFlow {
  const Flow* flow;

  int dimension() const { return flow->dimension(); }
  void rhs(const double* x, double* dx) const { flow->rhs(x, dx); }
  void jvp(const double* x, const double* v, int k, double* dx, double* image) const {
    flow->jvp(x, v, k, dx, image);
  }
  void start(double* x) const { flow->start(x); }
  double observe(const double* x) const { return flow->observe(x); }
};

class DiscretisedFlow;
std::unique_ptr<DiscretisedFlow> discretise(SharedFlow flow, double dt,
                                            const SchemeOptions& options);

/// What the maps that sample a flow have in common.
class DiscretisedFlow : public System {
 public:
  DiscretisedFlow(SharedFlow flow, double dt, const SchemeOptions& options)
      : flow_(std::move(flow)), dt_(dt), options_(options) {}
  std::string name() const override { return "Discretised"; }
  const py::object& flow_object() const { return flow_.object; }
  const Flow* flow() const { return flow_.flow; }
  double dt() const { return dt_; }
  const SchemeOptions& options() const { return options_; }
  std::unique_ptr<System> with(const Values& values) const override {
    const std::shared_ptr<const System> flow = flow_.flow->with(values);
    return discretise({{}, static_cast<const Flow*>(flow.get()), flow}, dt_, options_);
  }

 private:
  SharedFlow flow_;
  double dt_;
  SchemeOptions options_;
};

template <class S>
class DiscretisedBy final : public SystemOf<DiscretisedBy<S>, DiscretisedFlow> {
 public:
  DiscretisedBy(SharedFlow flow, double dt, const SchemeOptions& options, S scheme)
      : SystemOf<DiscretisedBy<S>, DiscretisedFlow>(std::move(flow), dt, options),
        rule_{{this->flow()}, dt, scheme} {}
  const Discretised<AnyFlow, S>& rule() const { return rule_; }

 private:
  Discretised<AnyFlow, S> rule_;
};

std::unique_ptr<DiscretisedFlow> discretise(SharedFlow flow, double dt,
                                            const SchemeOptions& options) {
  if (!(dt > 0 && std::isfinite(dt))) reject("Discretised", "dt", dt, "a value in (0, inf)");
  if (options.scheme != Scheme::dormand_prince)
    for (const auto& [name, value] : {std::pair{"rtol", options.rtol}, {"atol", options.atol}})
      if (value) reject("Discretised", name, *value, "scheme='dormand_prince' beside it");
  switch (options.scheme) {
    case Scheme::euler:
      return std::make_unique<DiscretisedBy<EulerScheme>>(std::move(flow), dt, options,
                                                          EulerScheme{});
    case Scheme::runge_kutta_4:
      return std::make_unique<DiscretisedBy<RungeKutta4Scheme>>(std::move(flow), dt, options,
                                                                RungeKutta4Scheme{});
    case Scheme::dormand_prince:
      break;
  }
  return std::make_unique<DiscretisedBy<DormandPrinceScheme>>(
      std::move(flow), dt, options,
      DormandPrinceScheme{{options.rtol.value_or(1e-9), options.atol.value_or(1e-12)}});
}

void bind_discretised(py::module_& module) {
  auto cls = define_class<DiscretisedFlow, System>(
      module, "Discretised",
      "The map that samples a flow every dt. Tangent vectors are carried by the same scheme, so "
      "every analysis of maps serves flows; exponents and frequencies are per unit time.");
  define_init(cls, "A flow, the time between samples, and the scheme that takes it there.",
              discretise,
              Required<SharedFlow>{"flow", "system in continuous time, such as textbook.Lorenz()"},
              Required<double>{"dt", "time of one step; in (0, inf)"}, Fields<SchemeOptions>{});
  define_property(cls, "flow", "The flow.",
                  [](const DiscretisedFlow& self) { return self.flow_object(); });
  define_property(cls, "dt", "Time of one step.",
                  [](const DiscretisedFlow& self) { return self.dt(); });
  define_property(
      cls, "scheme", "'euler', 'runge_kutta_4' or 'dormand_prince'.",
      [](const DiscretisedFlow& self) { return std::string(name_of(self.options().scheme)); });
  define_repr(cls, [](const DiscretisedFlow& self) {
    return "Discretised(" + shown(self.flow_object()) + ", dt=" + text(self.dt()) + ", scheme='" +
           std::string(name_of(self.options().scheme)) + "')";
  });
  define_pickle(
      cls,
      [](const DiscretisedFlow& self) {
        py::typing::Dict<py::str, py::object> state;
        state["flow"] = self.flow_object();
        state["dt"] = self.dt();
        state["scheme"] = std::string(name_of(self.options().scheme));
        state["rtol"] = self.options().rtol;
        state["atol"] = self.options().atol;
        return state;
      },
      [](const py::typing::Dict<py::str, py::object>& state) {
        const auto item = [&](const char* name) { return state_item("Discretised", state, name); };
        const SchemeOptions options{Member<Scheme>::from(item("scheme")),
                                    Member<std::optional<double>>::from(item("rtol")),
                                    Member<std::optional<double>>::from(item("atol"))};
        validate(options);
        return discretise(Convert<SharedFlow>::from(item("flow"), {"Discretised", "flow"}, ""),
                          Member<double>::from(item("dt")), options);
      });
  register_fields<SchemeOptions>(cls);
}

/// The solution at one time or many; (dimension,) or (..., dimension).
py::array_t<double> at(const Solution& solution, const Numbers& times) {
  const double first = std::min(solution.times.front(), solution.times.back()),
               last = std::max(solution.times.front(), solution.times.back());
  const auto count = static_cast<std::int64_t>(times.array.size());
  for (std::int64_t i = 0; i < count; ++i)
    if (!(times.data()[i] >= first && times.data()[i] <= last))
      reject("Solution", "times", times.data()[i],
             "a time that was integrated over, in [" + text(first) + ", " + text(last) + "]");
  checked_size("Solution", "times x dimension", {count, solution.dimension});
  std::vector<py::ssize_t> shape(times.array.shape(), times.array.shape() + times.ndim());
  shape.push_back(solution.dimension);
  py::array_t<double> states = unfilled_array(std::move(shape));
  double* out = states.mutable_data();
  released([&] {
    for (std::int64_t i = 0; i < count; ++i)
      solution.at(times.data()[i], out + i * solution.dimension);
    return 0;
  });
  return states;
}

}  // namespace

void bind_integrate(py::module_& module) {
  bind_discretised(module);
  using S = Solution;
  Record<S> record(module, "Solution", "What integrate found: a state at every time it covers.");
  record.kept("dimension", &S::dimension)
      .kept("states", &S::states)
      .kept("between", &S::between)
      .member("times", &S::times, "(steps + 1,) ends of the steps, from 0.")
      .property("states", "(steps + 1, dimension) states at `times`.",
                [](const S& s) {
                  return to_array(s.states,
                                  {static_cast<py::ssize_t>(s.times.size()), s.dimension});
                })
      .property("steps", "Steps taken.", [](const S& s) { return s.steps(); })
      .member("rejected", &S::rejected, "Steps that were tried again, shorter.")
      .member(
          "status", &S::status,
          "'ok', or why the solution ends early: 'diverged' (the state left the finite "
          "numbers), 'step too small' (a singularity, or a tolerance below rounding), 'too many "
          "steps'.")
      .repr([](const S& s) {
        return "Solution(0 to " + text(s.times.back()) + " in " + text(s.steps()) +
               " steps; status '" + std::string(name_of(s.status)) + "')";
      })
      .finish();
  define_method(
      record.cls(), "__call__",
      "The state at any time between the first and the last, by the continuous extension of order "
      "4.\n\n"
      "Returns\n-------\nndarray\n    (dimension,) for one time, else the shape of times with "
      "(dimension,) behind",
      "numpy.typing.NDArray[numpy.float64]",
      [](const S& self, const Numbers& times) { return at(self, times); },
      Required<Numbers>{"times", "a time, or an array of times, of any shape"});
  define(
      module, "integrate",
      "Solves a flow with steps that adapt to a tolerance: Dormand-Prince 5(4) with dense "
      "output.\n\n"
      "A failure is no exception: `status` tells why the solution ends early, and what there is of "
      "it is\nkept.\n\n"
      "Returns\n-------\nSolution\n\nReferences\n----------\n"
      "J. R. Dormand, P. J. Prince, J. Comput. Appl. Math. 6 (1980) 19.",
      "Solution",
      [](const SharedFlow& flow, double duration, const std::optional<Numbers>& initial,
         const IntegrateOptions& options, Reporter progress) {
        const std::vector<double> start = start_of(*flow.flow, initial, IntegrateOptions::label);
        PythonMonitor monitor(std::move(progress), "integrate", "thousandths");
        return released([&] {
          return integrate(AnyFlow{flow.flow}, duration, start.data(), options, monitor);
        });
      },
      Required<SharedFlow>{"flow", "system in continuous time, such as textbook.Lorenz()"},
      Required<double>{"duration", "how long, from time 0; negative: backwards"},
      Defaulted<std::optional<Numbers>, false>{"initial", std::nullopt,
                                               "state (dimension,); None: flow.start()"},
      Fields<IntegrateOptions>{}, progress_argument);
  register_fields<IntegrateOptions>(module.attr("integrate"));
}

}  // namespace attractornet::python
