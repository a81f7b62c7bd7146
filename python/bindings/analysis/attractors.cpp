#include <attractornet/analysis/attractors.hpp>

#include "../bindings.hpp"
#include "../fields.hpp"
#include "../monitor.hpp"
#include "../record.hpp"
#include "../system.hpp"

namespace attractornet::python {

namespace {

template <class Start>
AttractorSet search(const System& system, std::int64_t count, Start start,
                    const AttractorsOptions& options, const std::optional<std::int64_t>& threads,
                    const Reporter& progress, const char* label) {
  PythonMonitor monitor(progress, label, "starts");
  const int workers = thread_count(threads, label);
  return released([&] { return attractors_of(system, count, start, options, workers, monitor); });
}

/// Grid of initial states in a plane of the state space.
struct Plane {
  Numbers u, v;
  std::int64_t u_axis, v_axis;
  std::vector<double> base;

  void write(std::int64_t i, double* state) const {
    std::copy(base.begin(), base.end(), state);
    state[u_axis] = u.data()[i % u.shape(0)];
    state[v_axis] = v.data()[i / u.shape(0)];
  }
};

/// Throws unless the axes are two variables of the system.
void check_axes(const System& system, std::int64_t u_axis, std::int64_t v_axis) {
  if (system.dimension() < 2)
    throw py::value_error(
        "basins: system has 1 variable: expected two or more, for u_axis and v_axis");
  const double last = system.dimension() - 1;
  for (const auto& [name, axis] : {std::pair{"u_axis", u_axis}, std::pair{"v_axis", v_axis}})
    if (!between(0, last).contain(static_cast<double>(axis)))
      reject("basins", name, axis, "an index of the state, in " + between(0, last).text());
  if (u_axis == v_axis) reject("basins", "v_axis", v_axis, "another index than u_axis");
}

void bind_attractor(py::module_& module) {
  using A = Attractor;
  Record<A>(module, "Attractor", "One of the attractors that coexist.")
      .member("classification", &A::classification,
              "Classification of the orbit that found it; its `state` lies on the attractor.")
      .property("kind", "As of the classification.",
                [](const A& a) { return std::string(name_of(a.classification.kind)); })
      .member("share", &A::share, "Share of the starts that reach it.")
      .member("mean", &A::mean, "(dimension,) time average of the state.")
      .property("points", "(count, dimension) states on it, at irregular times.",
                [](const A& a) {
                  const auto dimension = static_cast<py::ssize_t>(a.mean.size());
                  return to_array(
                      a.points, {static_cast<py::ssize_t>(a.points.size()) / dimension, dimension});
                })
      .kept("points", &A::points)
      .repr([](const A& a) {
        return "Attractor('" + std::string(name_of(a.classification.kind)) + "', share " +
               text(a.share) + ")";
      })
      .finish();
}

std::string counted(const AttractorSet& set) {
  std::string shares;
  for (const auto& attractor : set.attractors)
    shares.append(shares.empty() ? "" : ", ")
        .append(name_of(attractor.classification.kind))
        .append(" ")
        .append(text(attractor.share));
  return std::to_string(set.attractors.size()) + " attractors: " + shares;
}

}  // namespace

template <>
struct Member<std::vector<Attractor>> {
  static py::typing::Tuple<Attractor, py::ellipsis> to(const std::vector<Attractor>& values) {
    py::tuple result(values.size());
    for (std::size_t i = 0; i < values.size(); ++i) result[i] = py::cast(values[i]);
    return result;
  }
  static std::vector<Attractor> from(py::handle value) {
    std::vector<Attractor> result;
    for (const auto& item : value) result.push_back(py::cast<Attractor>(item));
    return result;
  }
};

namespace {

/// Initial states of a plane, with what became of them.
struct Basins {
  AttractorSet set;
  std::vector<double> u, v;
  std::int64_t u_axis = 0, v_axis = 1;
};

void bind_sets(py::module_& module) {
  using S = AttractorSet;
  Record<S>(module, "AttractorSet", "What attractors found.")
      .member("attractors", &S::attractors, "The attractors, largest share first.")
      .member("labels", &S::labels,
              "(starts,) index into `attractors` of what each start goes to; -1: it diverges.")
      .member("diverged_share", &S::diverged_share, "Share of the starts that diverge.")
      .repr([](const S& s) { return "AttractorSet(" + counted(s) + ")"; })
      .finish();
  using B = Basins;
  Record<B>(module, "Basins", "What basins found on a plane of initial states.")
      .property("attractors", "The attractors, largest share first.",
                [](const B& b) { return Member<std::vector<Attractor>>::to(b.set.attractors); })
      .property("labels",
                "(len(v), len(u)) index into `attractors` of what each start goes to; -1: it "
                "diverges.",
                [](const B& b) {
                  return py::array_t<std::int64_t>(
                      {static_cast<py::ssize_t>(b.v.size()), static_cast<py::ssize_t>(b.u.size())},
                      b.set.labels.data());
                })
      .property("diverged_share", "Share of the starts that diverge.",
                [](const B& b) { return b.set.diverged_share; })
      .member("u", &B::u, "Values of the first axis.")
      .member("v", &B::v, "Values of the second axis.")
      .member("u_axis", &B::u_axis, "Index of the state that u is of.")
      .member("v_axis", &B::v_axis, "Index of the state that v is of.")
      .kept("set", &B::set)
      .repr([](const B& b) {
        return "Basins(" + std::to_string(b.v.size()) + " x " + std::to_string(b.u.size()) +
               " starts; " + counted(b.set) + ")";
      })
      .finish();
}

}  // namespace

void bind_attractors(py::module_& module) {
  bind_attractor(module);
  bind_sets(module);
  constexpr const char* returns =
      "The distinct attractors that many starts go to, and the share of starts that reach each.\n\n"
      "Each attractor is classified once, and kept as a cloud of states; a start goes there if its "
      "orbit,\nafter a transient, runs as near to the cloud as the attractor's "
      "own.\n\nReturns\n-------\nAttractorSet";
  define(
      module, "attractors", returns, "AttractorSet",
      [](const System* system, const Numbers& states, const AttractorsOptions& options,
         const std::optional<std::int64_t>& threads, const Reporter& progress) {
        const int n = system->dimension();
        expect_shape(states, {"attractors", "initial_states"}, {-1, n},
                     "(starts, " + std::to_string(n) + ")");
        return search(
            *system, states.shape(0),
            [&](std::int64_t i, double* state) { std::copy_n(states.data() + i * n, n, state); },
            options, threads, progress, "attractors");
      },
      Required<const System*>{"system", "a system with a tangent, such as a FeedbackNetwork"},
      Required<Numbers>{"initial_states", "starts (starts, dimension)"},
      Fields<AttractorsOptions>{}, threads_argument, progress_argument);
  register_fields<AttractorsOptions>(module.attr("attractors"));
  define(
      module, "basins",
      "The basins of attraction on a plane of initial states: what attractors does, on a grid.\n\n"
      "Returns\n-------\nBasins",
      "Basins",
      [](const System* system, const Numbers& u, const Numbers& v, std::int64_t u_axis,
         std::int64_t v_axis, const std::optional<Numbers>& base, const AttractorsOptions& options,
         const std::optional<std::int64_t>& threads, const Reporter& progress) {
        expect_shape(u, {"basins", "u"}, {-1}, "(columns,)");
        expect_shape(v, {"basins", "v"}, {-1}, "(rows,)");
        for (const auto& [name, values] : {std::pair{"u", &u}, std::pair{"v", &v}})
          if (values->shape(0) < 1) reject("basins", name, std::int64_t{0}, "at least one value");
        check_axes(*system, u_axis, v_axis);
        Plane plane{u, v, u_axis, v_axis, std::vector<double>(system->dimension())};
        if (base) {
          expect_state(*base, *system, {"basins", "base"});
          std::copy_n(base->data(), plane.base.size(), plane.base.begin());
        }
        const std::int64_t columns = u.shape(0), rows = v.shape(0);
        checked_size("basins", "rows x columns", {rows, columns});
        Basins result;
        result.u.assign(u.data(), u.data() + columns);
        result.v.assign(v.data(), v.data() + rows);
        result.u_axis = u_axis;
        result.v_axis = v_axis;
        result.set = search(
            *system, rows * columns, [&](std::int64_t i, double* state) { plane.write(i, state); },
            options, threads, progress, "basins");
        return result;
      },
      Required<const System*>{"system", "a system with a tangent and two variables or more"},
      Required<Numbers>{"u", "values of the first axis (columns,)"},
      Required<Numbers>{"v", "values of the second axis (rows,)"},
      Defaulted<std::int64_t>{"u_axis", 0, "index of the state that u is of"},
      Defaulted<std::int64_t>{"v_axis", 1, "index of the state that v is of"},
      Defaulted<std::optional<Numbers>>{"base", std::nullopt,
                                        "state (dimension,) of the other variables; None: zeros"},
      Fields<AttractorsOptions>{}, threads_argument, progress_argument);
  register_fields<AttractorsOptions>(module.attr("basins"));
}

}  // namespace attractornet::python
