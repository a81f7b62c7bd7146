#include <attractornet/analysis/wilson_cowan_node.hpp>
#include <attractornet/systems/wilson_cowan_planting.hpp>
#include <memory>
#include <variant>

#include "../bindings.hpp"
#include "../fields.hpp"
#include "../model.hpp"
#include "../monitor.hpp"
#include "../real_arrays.hpp"
#include "../record.hpp"
#include "../values.hpp"

namespace attractornet::python {

namespace {

using namespace wilson_cowan;

using Truths = py::array_t<bool>;

template <class T>
RealArray to_real_array(const Matrix<T>& matrix) {
  py::array_t<T> result({matrix.rows, matrix.columns});
  for (std::int64_t i = 0; i < matrix.rows; ++i)
    std::copy_n(matrix.row(i), matrix.columns, result.mutable_data() + i * matrix.columns);
  return result;
}
/// Without a copy, where rows have no padding.
template <class T>
RealArray to_real_array(Matrix<T>&& matrix) {
  if (matrix.stride != matrix.columns) return to_real_array(std::as_const(matrix));
  const std::vector<py::ssize_t> shape{matrix.rows, matrix.columns};
  return to_array(std::move(matrix.values), shape);
}
template <class T>
RealArray to_real_array(const std::vector<T>& values) {
  return py::array_t<T>(static_cast<py::ssize_t>(values.size()), values.data());
}

/// @param rows, columns -1: any.
template <class T>
Matrix<T> matrix_of(py::handle value, std::int64_t rows, std::int64_t columns, const Place& place) {
  const py::array array = as_array(value, place);
  expect_reals(array, value, place);
  const bool fits = array.ndim() == 2 && array.size() > 0 && (rows < 0 || array.shape(0) == rows) &&
                    (columns < 0 || array.shape(1) == columns);
  if (!fits)
    wrong_shape(array, place,
                "(" + (rows < 0 ? "rows" : std::to_string(rows)) + ", " +
                    (columns < 0 ? "columns" : std::to_string(columns)) + ")");
  const DenseArray<T> dense = finite_reals<T>(array, value, place);
  Matrix<T> result{dense.shape(0), dense.shape(1)};
  for (std::int64_t i = 0; i < result.rows; ++i)
    std::copy_n(dense.data() + i * result.columns, result.columns, result.row(i));
  return result;
}
template <class T>
Matrix<T> square_of(py::handle value, const Place& place) {
  const py::array array = as_array(value, place);
  const std::int64_t size = array.ndim() == 2 ? array.shape(0) : 1;
  return matrix_of<T>(value, size, size, place);
}
template <class T>
Matrix<T> converted(const Matrix<double>& from) {
  Matrix<T> result{from.rows, from.columns};
  for (std::int64_t i = 0; i < from.rows; ++i)
    std::copy_n(from.row(i), from.columns, result.row(i));
  return result;
}

/// f(number of that type).
template <class F>
auto in_type(Real real, F f) {
  return real == Real::float32 ? f(float()) : f(double());
}

// --------------------------------------------------------------------------------------- spectral

/// The bounds that eigenvalues are kept within.
struct EigenvalueBounds {
  std::optional<double> eigenvalue_min, eigenvalue_max = 200;

  static constexpr std::string_view label = "SpectralCoupling";
  static constexpr auto fields() {
    using F = EigenvalueBounds;
    return std::tuple{
        field("eigenvalue_min", &F::eigenvalue_min, finite(), "",
              "least eigenvalue; those below count as it, with gradient 0; None: no bound"),
        field(
            "eigenvalue_max", &F::eigenvalue_max, finite(), "",
            "largest eigenvalue; by default that of the authors' code. Planted states are stable "
            "while Gamma times an eigenvalue is below 37.7 (default node): with a scale of 1/N or "
            "1/sqrt(N) the bound is far inside, with 1 it is not. None: no bound"),
    };
  }
  double low() const { return eigenvalue_min.value_or(-std::numeric_limits<double>::infinity()); }
  double high() const { return eigenvalue_max.value_or(std::numeric_limits<double>::infinity()); }
};

/// Which columns of Phi and which eigenvalues are trained, and the eigenvalues' bounds.
struct Training {
  std::vector<bool> columns, eigenvalues;
  EigenvalueBounds bounds;
};

template <class T>
struct Spectral {
  std::vector<T> eigenvalues;  ///< as given; those of the coupling are within bounds
  SpectralCoupling<T> coupling;
};

struct SpectralGradient {
  RealArray phi, eigenvalues;
};

/// A = Phi Lambda Phi^-1 as Python sees it.
class PythonSpectral {
 public:
  template <class T>
  PythonSpectral(Matrix<T> phi, std::vector<T> eigenvalues, Training training, int threads,
                 const std::string& where)
      : training_(std::move(training)), threads_(threads) {
    const double low = training_.bounds.low(), high = training_.bounds.high();
    if (!(low <= high))
      reject(where, "eigenvalue_min", low, "at most eigenvalue_max = " + text(high));
    std::vector<T> bounded;
    for (const T value : eigenvalues)
      bounded.push_back(static_cast<T>(std::clamp<double>(value, low, high)));
    PythonMonitor monitor({}, "coupling");
    auto made = released([&] {
      return std::make_shared<Spectral<T>>(Spectral<T>{
          std::move(eigenvalues), {std::move(phi), std::move(bounded), threads, monitor}});
    });
    const double rcond = made->coupling.rcond(), epsilon = std::numeric_limits<T>::epsilon();
    if (!(rcond > epsilon))
      refuse(where,
             "phi has the condition number " + brief(1 / rcond) + ", nothing is left of an inverse",
             "linearly independent columns");
    if (rcond < 10 * epsilon) warn(1 / rcond, epsilon);
    made_ = std::move(made);
  }

  /// f(Spectral<T>) of the type that it has.
  template <class F>
  auto visit(F f) const {
    return std::visit([&](const auto& made) { return f(*made); }, made_);
  }
  const Training& training() const { return training_; }
  int threads() const { return threads_; }
  Real real() const { return made_.index() == 0 ? Real::float32 : Real::float64; }
  std::int64_t nodes() const {
    return visit([](const auto& made) { return made.coupling.size(); });
  }
  double condition() const {
    return 1 / visit([](const auto& made) { return made.coupling.rcond(); });
  }

  SpectralGradient adjoint(const ArrayLike& derivative) const {
    return visit([&]<class T>(const Spectral<T>& made) {
      const std::int64_t n = made.coupling.size();
      const auto da = matrix_of<T>(derivative.value, n, n, {"SpectralCoupling.adjoint", "da"});
      PythonMonitor monitor({}, "adjoint");
      auto gradient = released([&] { return made.coupling.gradient(da, monitor); });
      for (std::int64_t k = 0; k < n; ++k) {
        const auto at = static_cast<std::size_t>(k);
        const auto value = static_cast<double>(made.eigenvalues[at]);
        const EigenvalueBounds& bounds = training_.bounds;
        if (!training_.eigenvalues[at] || value < bounds.low() || value > bounds.high())
          gradient.lambda[at] = 0;
        if (training_.columns[at]) continue;
        for (std::int64_t i = 0; i < n; ++i) gradient.phi.row(i)[k] = 0;
      }
      return SpectralGradient{to_real_array(std::move(gradient.phi)),
                              to_real_array(gradient.lambda)};
    });
  }

 private:
  /// Two digits.
  static std::string brief(double value) {
    char buffer[32];
    std::snprintf(buffer, sizeof buffer, "%.2g", value);
    return buffer;
  }
  static void warn(double condition, double epsilon) {
    const std::string message = "SpectralCoupling: phi has the condition number " +
                                text(condition) + ": the coupling is known to a relative " +
                                text(condition * epsilon) +
                                " only; float64 and planted = 'qr' help";
    if (PyErr_WarnEx(PyExc_RuntimeWarning, message.c_str(), 1) != 0) throw py::error_already_set();
  }

  Training training_;
  int threads_;
  std::variant<std::shared_ptr<const Spectral<float>>, std::shared_ptr<const Spectral<double>>>
      made_;
};

std::string one_for_each_column(std::int64_t count) {
  return "(" + std::to_string(count) + ",), one for each column of phi";
}

/// A truth for each column; none: true.
std::vector<bool> truths_of(const std::optional<ArrayLike>& given, std::int64_t count,
                            std::string_view name) {
  const Place place{"SpectralCoupling", name};
  const auto size = static_cast<std::size_t>(count);
  if (!given) return std::vector<bool>(size, true);
  const py::array array = as_array(given->value, place);
  if (array.dtype().kind() != 'b')
    wrong_type(place, given->value, "an array of bool, one for each column of phi, not indices");
  expect_shape(array, place, {count}, one_for_each_column(count));
  const auto values = py::cast<Truths>(array);
  std::vector<bool> result;
  for (std::int64_t k = 0; k < count; ++k) result.push_back(values.at(k));
  return result;
}

Truths to_truths(const std::vector<bool>& values) {
  Truths result(static_cast<py::ssize_t>(values.size()));
  for (std::size_t k = 0; k < values.size(); ++k)
    result.mutable_at(static_cast<py::ssize_t>(k)) = values[k];
  return result;
}

template <class T>
std::vector<T> eigenvalues_of(const ArrayLike& given, std::int64_t count,
                              const std::string& where) {
  const Place place{where, "eigenvalues"};
  const py::array array = as_array(given.value, place);
  expect_reals(array, given.value, place);
  expect_shape(array, place, {count}, one_for_each_column(count));
  const DenseArray<T> dense = finite_reals<T>(array, given.value, place);
  return {dense.data(), dense.data() + count};
}

std::unique_ptr<PythonSpectral> coupling_of(const ArrayLike& phi, const ArrayLike& eigenvalues,
                                            Training training, int threads, Real real,
                                            const std::string& where) {
  return in_type(real, [&]<class T>(T) {
    Matrix<T> matrix = square_of<T>(phi.value, {where, "phi"});
    std::vector<T> values = eigenvalues_of<T>(eigenvalues, matrix.rows, where);
    return std::make_unique<PythonSpectral>(std::move(matrix), std::move(values),
                                            std::move(training), threads, where);
  });
}

std::unique_ptr<PythonSpectral> coupling_of(const ArrayLike& phi, const ArrayLike& eigenvalues,
                                            const std::optional<ArrayLike>& train_columns,
                                            const std::optional<ArrayLike>& train_eigenvalues,
                                            const EigenvalueBounds& bounds, int threads) {
  const std::string where = "SpectralCoupling";
  const py::array array = as_array(phi.value, {where, "phi"});
  const std::int64_t count = array.ndim() > 0 ? array.shape(0) : 0;
  return coupling_of(phi, eigenvalues,
                     {truths_of(train_columns, count, "train_columns"),
                      truths_of(train_eigenvalues, count, "train_eigenvalues"), bounds},
                     threads, real_of(array), where);
}

/// The patterns that are planted, (count, nodes).
struct Targets {
  std::span<const double> values;
  std::int64_t count, nodes;
};
Targets targets_of(const Numbers& targets, const std::string& where) {
  expect_shape(targets, {where, "targets"}, {-1, -1}, "(patterns, nodes)");
  if (targets.array.size() == 0)
    wrong_shape(targets.array, {where, "targets"}, "one pattern at least");
  return {{targets.data(), static_cast<std::size_t>(targets.array.size())},
          targets.shape(0),
          targets.shape(1)};
}

std::unique_ptr<PythonSpectral> planted(const Numbers& given, const FrameOptions& options,
                                        const EigenvalueBounds& bounds, bool train_planted,
                                        Real real, const std::optional<std::int64_t>& threads) {
  const std::string where(FrameOptions::label);
  const Targets targets = targets_of(given, where);
  checked_size(where, "8 x nodes x nodes", {8, targets.nodes, targets.nodes});
  const Frame frame = released([&] { return plant(targets.values, targets.nodes, options); });
  Training training{std::vector<bool>(static_cast<std::size_t>(targets.nodes), true), {}, bounds};
  std::fill(training.columns.end() - targets.count, training.columns.end(), train_planted);
  training.eigenvalues = training.columns;
  std::fill(training.eigenvalues.end() - targets.count, training.eigenvalues.end(), false);
  const int workers = thread_count(threads, where);
  return in_type(real, [&]<class T>(T) {
    return std::make_unique<PythonSpectral>(
        converted<T>(frame.phi), std::vector<T>(frame.eigenvalues.begin(), frame.eigenvalues.end()),
        std::move(training), workers, where);
  });
}

const Defaulted<Real> dtype_argument{"dtype", Real::float64, "the type of its arrays"};

void bind_spectral(py::module_& module) {
  using G = SpectralGradient;
  Record<G>(module, "SpectralGradient",
            "Derivatives of a loss by what a spectral coupling is made of.")
      .member("phi", &G::phi, "By Phi (nodes, nodes); 0 in columns that are not trained.")
      .member("eigenvalues", &G::eigenvalues,
              "By the eigenvalues (nodes,); 0 where they are not trained or out of bounds.")
      .finish();
  auto cls = define_class<PythonSpectral>(
      module, "SpectralCoupling",
      "A coupling by its eigenvectors and eigenvalues, A = Phi Lambda Phi^-1.\n\n"
      "Planted patterns lie in columns of eigenvalue 0: A takes them to 0, so that nodes at rest "
      "stay so. Gradients by A\nbecome those by Phi and Lambda with the same factors of Phi. A "
      "RuntimeWarning tells when rounding leaves a digit or\nless of A, an error when it leaves "
      "nothing.\n\n"
      "References\n----------\n"
      "R. Marino et al., arXiv:2406.16453, eq. 4 to 6.\n\n"
      "Examples\n--------\n"
      ">>> spectral = SpectralCoupling.plant(block_targets(10, 784))\n"
      ">>> net = WilsonCowanNetwork(spectral.coupling, scale=\"1/sqrt(N)\")\n"
      ">>> gradient = spectral.adjoint(net.adjoint(x0, dx=dx).coupling)");
  define_init(
      cls, "A coupling of given eigenvectors and eigenvalues, which are copied.",
      [](const ArrayLike& phi, const ArrayLike& eigenvalues,
         const std::optional<ArrayLike>& columns, const std::optional<ArrayLike>& values,
         const EigenvalueBounds& bounds, const std::optional<std::int64_t>& threads) {
        return coupling_of(phi, eigenvalues, columns, values, bounds,
                           thread_count(threads, "SpectralCoupling"));
      },
      Required<ArrayLike>{"phi",
                          "(nodes, nodes), eigenvectors are columns; float32 stays so, all else "
                          "becomes float64"},
      Required<ArrayLike>{"eigenvalues", "(nodes,), real"},
      Defaulted<std::optional<ArrayLike>>{
          "train_columns", std::nullopt,
          "(nodes,) of bool: which columns have gradients; None: all"},
      Defaulted<std::optional<ArrayLike>>{
          "train_eigenvalues", std::nullopt,
          "(nodes,) of bool: which eigenvalues have gradients; None: all"},
      Fields<EigenvalueBounds>{}, threads_argument);
  register_fields<EigenvalueBounds>(cls);
  define_static(cls, "plant",
                "A coupling with planted patterns, as training starts from: random orthogonal "
                "columns, and the "
                "patterns in the\nlast ones.\n\n"
                "Returns\n-------\nSpectralCoupling",
                "SpectralCoupling", planted,
                Required<Numbers>{"targets", "patterns (patterns, nodes)"}, Fields<FrameOptions>{},
                Fields<EigenvalueBounds>{},
                Defaulted<bool>{"train_planted", false,
                                "give the planted columns gradients; their eigenvalues have none"},
                dtype_argument, threads_argument);
  register_fields<FrameOptions>(cls.attr("plant"));
  define_method(
      cls, "replace",
      "The same coupling with other eigenvectors and eigenvalues.\n\n"
      "Returns\n-------\nSpectralCoupling",
      "SpectralCoupling",
      [](const PythonSpectral& self, const ArrayLike& phi, const ArrayLike& eigenvalues) {
        const Place place{"SpectralCoupling.replace", "phi"};
        const std::string nodes = std::to_string(self.nodes());
        expect_shape(as_array(phi.value, place), place, {self.nodes(), self.nodes()},
                     "(" + nodes + ", " + nodes + "), as before");
        return coupling_of(phi, eigenvalues, self.training(), self.threads(), self.real(),
                           "SpectralCoupling.replace");
      },
      Required<ArrayLike>{"phi", "(nodes, nodes)"}, Required<ArrayLike>{"eigenvalues", "(nodes,)"});
  define_method(
      cls, "adjoint",
      "Derivatives by Phi and the eigenvalues, of those by A.\n\n"
      "The length of a column of Phi changes nothing, so that its gradient is at right "
      "angles to it.\n\nReturns\n-------\nSpectralGradient",
      "SpectralGradient",
      [](const PythonSpectral& self, const ArrayLike& da) { return self.adjoint(da); },
      Required<ArrayLike>{"da", "dL/dA (nodes, nodes)"});
  define_property(cls, "nodes", "Number N of nodes.",
                  [](const PythonSpectral& self) { return self.nodes(); });
  define_property(
      cls, "phi", "Eigenvectors (nodes, nodes), a copy.", [](const PythonSpectral& self) {
        return self.visit([](const auto& made) { return to_real_array(made.coupling.phi()); });
      });
  define_property(cls, "eigenvalues", "As given (nodes,), a copy.", [](const PythonSpectral& self) {
    return self.visit([](const auto& made) { return to_real_array(made.eigenvalues); });
  });
  define_property(cls, "coupling", "A (nodes, nodes), a copy.", [](const PythonSpectral& self) {
    return self.visit([](const auto& made) { return to_real_array(made.coupling.a()); });
  });
  define_property(cls, "condition",
                  "Estimate of Phi's condition number in the 1-norm: rounding errors of A are this "
                  "much larger than those of\nPhi, in the worst case.",
                  [](const PythonSpectral& self) { return self.condition(); });
  define_property(cls, "train_columns", "Which columns have gradients (nodes,).",
                  [](const PythonSpectral& self) { return to_truths(self.training().columns); });
  define_property(
      cls, "train_eigenvalues", "Which eigenvalues have gradients (nodes,).",
      [](const PythonSpectral& self) { return to_truths(self.training().eigenvalues); });
  define_property(cls, "eigenvalue_min", "Least eigenvalue, or None.",
                  [](const PythonSpectral& self) { return self.training().bounds.eigenvalue_min; });
  define_property(cls, "eigenvalue_max", "Largest eigenvalue, or None.",
                  [](const PythonSpectral& self) { return self.training().bounds.eigenvalue_max; });
  define_repr(cls, [](const PythonSpectral& self) {
    return "SpectralCoupling(nodes=" + std::to_string(self.nodes()) +
           ", condition=" + text(std::round(self.condition())) + ")";
  });
  constexpr const char* parts[] = {
      "phi",           "eigenvalues", "train_columns", "train_eigenvalues", "eigenvalue_min",
      "eigenvalue_max"};
  define_pickle(
      cls,
      [parts](const py::object& self) {
        State state;
        for (const char* part : parts) state[part] = self.attr(part);
        return state;
      },
      [](const State& state) {
        const auto item = [&](const char* name) {
          return state_item("SpectralCoupling", state, name);
        };
        const auto number = [&](const char* name) {
          return Convert<std::optional<double>>::from(item(name), {"SpectralCoupling", name}, "");
        };
        return coupling_of(ArrayLike{item("phi")}, ArrayLike{item("eigenvalues")},
                           ArrayLike{item("train_columns")}, ArrayLike{item("train_eigenvalues")},
                           {number("eigenvalue_min"), number("eigenvalue_max")}, 1);
      });
  define_files(cls);
}

// -------------------------------------------------------------------------------------- projected

template <class T>
struct Projected {
  Matrix<T> weights, basis, coupling;
};

class ProjectedCoupling {
 public:
  template <class T>
  ProjectedCoupling(Matrix<T> weights, Matrix<T> basis) {
    released([&] {
      Matrix<T> coupling = weights;
      project(coupling, basis);
      made_ = std::make_shared<const Projected<T>>(
          Projected<T>{std::move(weights), std::move(basis), std::move(coupling)});
    });
  }

  template <class F>
  auto visit(F f) const {
    return std::visit([&](const auto& made) { return f(*made); }, made_);
  }
  Real real() const { return made_.index() == 0 ? Real::float32 : Real::float64; }
  std::int64_t nodes() const {
    return visit([](const auto& made) { return made.weights.rows; });
  }
  std::int64_t planted() const {
    return visit([](const auto& made) { return made.basis.columns; });
  }
  RealArray adjoint(const ArrayLike& derivative) const {
    return visit([&]<class T>(const Projected<T>& made) {
      const std::int64_t n = made.weights.rows;
      auto da = matrix_of<T>(derivative.value, n, n, {"ProjectedCoupling.adjoint", "da"});
      released([&] { project(da, made.basis); });
      return to_real_array(std::move(da));
    });
  }

 private:
  std::variant<std::shared_ptr<const Projected<float>>, std::shared_ptr<const Projected<double>>>
      made_;
};

std::unique_ptr<ProjectedCoupling> projected_of(const ArrayLike& weights, const Numbers& given) {
  const std::string where = "ProjectedCoupling";
  const Place place{where, "weights"};
  return in_type(real_of(as_array(weights.value, place)), [&]<class T>(T) {
    Matrix<T> b = square_of<T>(weights.value, place);
    expect_shape(given, {where, "targets"}, {-1, b.rows},
                 "(patterns, " + std::to_string(b.rows) + "), a value for each node of weights");
    const Targets targets = targets_of(given, where);
    auto q = released([&] { return basis_of(targets.values, targets.nodes, where); });
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
  const Targets targets = targets_of(given, where);
  checked_size(where, "4 x nodes x nodes", {4, targets.nodes, targets.nodes});
  return in_type(real, [&]<class T>(T) {
    auto q = released([&] { return basis_of(targets.values, targets.nodes, where); });
    Matrix<T> b{targets.nodes, targets.nodes};
    for (std::int64_t i = 0; i < targets.nodes; ++i) b.row(i)[i] = static_cast<T>(start.diagonal);
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
      [](const C& self, const ArrayLike& da) { return self.adjoint(da); },
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

void bind_wilson_cowan_couplings(py::module_& parent) {
  py::module_ module = parent.attr("wilson_cowan");
  bind_spectral(module);
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
