#include <attractornet/analysis/wilson_cowan_node.hpp>

#include "../bindings.hpp"
#include "../fields.hpp"
#include "../model.hpp"
#include "../monitor.hpp"
#include "../record.hpp"
#include "../values.hpp"
#include "wilson_cowan_couplings.hpp"

namespace attractornet::python {

namespace {

using namespace wilson_cowan;

std::unique_ptr<ProjectedCoupling> projected_of(const ArrayLike& weights, const Numbers& given) {
  const std::string where = "ProjectedCoupling";
  const Place place{where, "weights"};
  return in_type(real_of(as_array(weights.value, place)), [&]<class T>(T) {
    Matrix<T> b = square_of<T>(weights.value, place);
    expect_shape(given, {where, "targets"}, {-1, b.rows},
                 "(patterns, " + std::to_string(b.rows) + "), a value for each node of weights");
    const Patterns patterns = patterns_of(given, where);
    auto q = released([&] { return basis_of(patterns.values, patterns.nodes, where); });
    return std::make_unique<ProjectedCoupling>(std::move(b), converted<T>(q));
  });
}

/// The weights that training starts from.
struct StartFields {
  double diagonal = -1;

  static constexpr std::string_view label = "ProjectedCoupling.plant";
  static constexpr auto fields() {
    return std::tuple{
        field("diagonal", &StartFields::diagonal, finite(), "", "B_ii; all else in B is 0")};
  }
};

std::unique_ptr<ProjectedCoupling> projected_start(const Numbers& given, const StartFields& start,
                                                   Real real) {
  const std::string where(StartFields::label);
  const Patterns patterns = patterns_of(given, where);
  checked_size(where, "4 x nodes x nodes", {4, patterns.nodes, patterns.nodes});
  return in_type(real, [&]<class T>(T) {
    auto q = released([&] { return basis_of(patterns.values, patterns.nodes, where); });
    Matrix<T> b{patterns.nodes, patterns.nodes};
    for (std::int64_t i = 0; i < patterns.nodes; ++i) b.row(i)[i] = static_cast<T>(start.diagonal);
    return std::make_unique<ProjectedCoupling>(std::move(b), converted<T>(q));
  });
}

/// Activities of nodes in patterns.
struct TargetLevels {
  std::optional<double> low, high;

  static constexpr std::string_view label = "block_targets";
  static constexpr auto fields() {
    return std::tuple{field("low", &TargetLevels::low, finite(), "",
                            "x of a low node; None: the lower stable rest state of a node of "
                            "default parameters, 0.2136"),
                      field("high", &TargetLevels::high, finite(), "",
                            "x of a high node; None: the upper one, 0.3733")};
  }
};

void bind_projected(py::module_& module) {
  using C = ProjectedCoupling;
  auto cls = define_class<C>(
      module, "ProjectedCoupling",
      "A coupling with planted patterns in its kernel, A = B (I - Q Q^T): no inverse, nothing that "
      "is ill-conditioned.\n\n"
      "Q is an orthonormal basis of the patterns, B the weights that are trained. Ours, not the "
      "paper's: eigenvalues may be\ncomplex, and stability is read off "
      "`WilsonCowanNetwork.spectrum`. It takes scale=1.\n\n"
      "Examples\n--------\n"
      ">>> projected = ProjectedCoupling.plant(block_targets(10, 784))\n"
      ">>> net = WilsonCowanNetwork(projected.coupling, scale=1.0)\n"
      ">>> gradient = projected.adjoint(net.adjoint(x0, dx=dx).coupling)");
  define_init(
      cls, "A coupling of given weights, which are copied.",
      [](const ArrayLike& weights, const Numbers& targets) {
        return projected_of(weights, targets);
      },
      Required<ArrayLike>{"weights",
                          "B (nodes, nodes); float32 stays so, all else becomes float64"},
      Required<Numbers>{"targets", "planted patterns (patterns, nodes)"});
  define_static(cls, "plant",
                "A coupling with planted patterns, as training starts from: B is a multiple of the "
                "identity.\n\nReturns\n-------\nProjectedCoupling",
                "ProjectedCoupling", projected_start,
                Required<Numbers>{"targets", "patterns (patterns, nodes)"}, Fields<StartFields>{},
                dtype_argument);
  register_fields<StartFields>(cls.attr("plant"));
  define_method(
      cls, "replace",
      "The same coupling with other weights.\n\nReturns\n-------\nProjectedCoupling",
      "ProjectedCoupling",
      [](const C& self, const ArrayLike& weights) {
        return self.visit([&]<class T>(const Projected<T>& made) {
          const std::int64_t n = made.weights.rows;
          return std::make_unique<C>(
              matrix_of<T>(weights.value, n, n, {"ProjectedCoupling.replace", "weights"}),
              Matrix<T>(made.basis));
        });
      },
      Required<ArrayLike>{"weights", "B (nodes, nodes)"});
  define_method(
      cls, "adjoint",
      "Derivatives by B, (nodes, nodes), of those by A.\n\nReturns\n-------\nndarray",
      "numpy.typing.NDArray[numpy.float64] | numpy.typing.NDArray[numpy.float32]",
      [](const C& self, const ArrayLike& da) {
        return self.visit([&]<class T>(const Projected<T>& made) -> RealArray {
          const std::int64_t n = made.weights.rows;
          auto result = matrix_of<T>(da.value, n, n, {"ProjectedCoupling.adjoint", "da"});
          released([&] { project(result, made.basis); });
          return to_real_array(std::move(result));
        });
      },
      Required<ArrayLike>{"da", "dL/dA (nodes, nodes)"});
  define_property(cls, "nodes", "Number N of nodes.", [](const C& self) { return self.nodes(); });
  define_property(cls, "weights", "B (nodes, nodes), a copy.", [](const C& self) {
    return self.visit([](const auto& made) { return to_real_array(made.weights); });
  });
  define_property(cls, "basis", "Q (nodes, patterns), a copy.", [](const C& self) {
    return self.visit([](const auto& made) { return to_real_array(made.basis); });
  });
  define_property(cls, "coupling", "A (nodes, nodes), a copy.", [](const C& self) {
    return self.visit([](const auto& made) { return to_real_array(made.coupling); });
  });
  define_repr(cls, [](const C& self) {
    return "ProjectedCoupling(nodes=" + std::to_string(self.nodes()) +
           ", planted=" + std::to_string(self.planted()) + ")";
  });
  define_pickle(
      cls,
      [](const py::object& self) {
        State state;
        state["weights"] = self.attr("weights");
        state["basis"] = self.attr("basis");
        return state;
      },
      [](const State& state) {
        const std::string label = "ProjectedCoupling";
        const py::object weights = state_item(label, state, "weights");
        return in_type(real_of(as_array(weights, {label, "weights"})), [&]<class T>(T) {
          Matrix<T> b = square_of<T>(weights, {label, "weights"});
          Matrix<T> q =
              matrix_of<T>(state_item(label, state, "basis"), b.rows, -1, {label, "basis"});
          return std::make_unique<C>(std::move(b), std::move(q));
        });
      });
  define_files(cls);
}

}  // namespace

void bind_wilson_cowan_projected(py::module_& parent) {
  py::module_ module = parent.attr("wilson_cowan");
  bind_projected(module);
  define(
      module, "block_targets",
      "Patterns of the paper: all nodes of class k are high, but for those of the k-th block.\n\n"
      "A block has floor(nodes / (classes + 2)) nodes; the last two, and what is left, are high "
      "for "
      "all classes.\n\n"
      "Returns\n-------\nndarray\n    (classes, nodes)\n\n"
      "References\n----------\n"
      "R. Marino et al., arXiv:2406.16453, Fig. 4.",
      "numpy.typing.NDArray[numpy.float64]",
      [](std::int64_t classes, std::int64_t nodes, const TargetLevels& levels) {
        checked_size("block_targets", "classes x nodes",
                     {std::max<std::int64_t>(classes, 1), std::max<std::int64_t>(nodes, 1)});
        const auto rest = equilibria(NodeRule{});
        auto targets = block_targets(classes, nodes, levels.low.value_or(rest.front().x),
                                     levels.high.value_or(rest.back().x));
        return to_array(std::move(targets), {classes, nodes});
      },
      Required<std::int64_t>{"classes", "patterns, 1 at least"},
      Required<std::int64_t>{"nodes", "nodes, classes + 2 at least"}, Fields<TargetLevels>{});
  register_fields<TargetLevels>(module.attr("block_targets"));
}

}  // namespace attractornet::python
