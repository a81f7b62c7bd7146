#include "../bindings.hpp"
#include "../fields.hpp"
#include "../model.hpp"
#include "../monitor.hpp"
#include "../record.hpp"
#include "../values.hpp"
#include "wilson_cowan_couplings.hpp"

template class attractornet::wilson_cowan::SpectralCoupling<float>;
template class attractornet::wilson_cowan::SpectralCoupling<double>;

namespace attractornet::python {

namespace {

using namespace wilson_cowan;
using SpectralCoupling = python::SpectralCoupling;
using Training = SpectralTraining;
using Truths = py::array_t<bool>;

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

struct SpectralGradient {
  RealArray phi, eigenvalues;
};

/// Two digits.
std::string brief(double value) {
  char buffer[32];
  std::snprintf(buffer, sizeof buffer, "%.2g", value);
  return buffer;
}

void warn(double condition, double epsilon) {
  const std::string message = "SpectralCoupling: phi has the condition number " + text(condition) +
                              ": the coupling is known to a relative " + text(condition * epsilon) +
                              " only; float64 and planted = 'qr' help";
  if (PyErr_WarnEx(PyExc_RuntimeWarning, message.c_str(), 1) != 0) throw py::error_already_set();
}

SpectralGradient adjoint_of(const SpectralCoupling& self, const ArrayLike& derivative) {
  return self.visit([&]<class T>(const Spectral<T>& made) {
    const std::int64_t n = made.coupling.size();
    const auto da = matrix_of<T>(derivative.value, n, n, {"SpectralCoupling.adjoint", "da"});
    PythonMonitor monitor({}, "adjoint");
    auto gradient = released([&] {
      auto all = made.coupling.gradient(da, monitor);
      self.training().restrict_gradient(made.eigenvalues.data(), all);
      return all;
    });
    return SpectralGradient{to_real_array(std::move(gradient.phi)), to_real_array(gradient.lambda)};
  });
}

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

/// None where nothing bounds.
std::optional<double> bound_of(double value) {
  return std::isinf(value) ? std::nullopt : std::optional(value);
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

std::unique_ptr<SpectralCoupling> coupling_of(const ArrayLike& phi, const ArrayLike& eigenvalues,
                                              Training training, int threads, Real real,
                                              const std::string& where) {
  return in_type(real, [&]<class T>(T) {
    Matrix<T> matrix = square_of<T>(phi.value, {where, "phi"});
    std::vector<T> values = eigenvalues_of<T>(eigenvalues, matrix.rows, where);
    return std::make_unique<SpectralCoupling>(std::move(matrix), std::move(values),
                                              std::move(training), threads, where);
  });
}

std::unique_ptr<SpectralCoupling> coupling_of(const ArrayLike& phi, const ArrayLike& eigenvalues,
                                              const std::optional<ArrayLike>& train_columns,
                                              const std::optional<ArrayLike>& train_eigenvalues,
                                              const EigenvalueBounds& bounds, int threads) {
  const std::string where = "SpectralCoupling";
  const py::array array = as_array(phi.value, {where, "phi"});
  const std::int64_t count = array.ndim() > 0 ? array.shape(0) : 0;
  return coupling_of(
      phi, eigenvalues,
      {truths_of(train_columns, count, "train_columns"),
       truths_of(train_eigenvalues, count, "train_eigenvalues"), bounds.low(), bounds.high()},
      threads, real_of(array), where);
}

std::unique_ptr<SpectralCoupling> planted(const Numbers& given, const FrameOptions& options,
                                          const EigenvalueBounds& bounds, bool train_planted,
                                          Real real, const std::optional<std::int64_t>& threads) {
  const std::string where(FrameOptions::label);
  const Patterns patterns = patterns_of(given, where);
  checked_size(where, "8 x nodes x nodes", {8, patterns.nodes, patterns.nodes});
  const Frame frame = released([&] { return plant(patterns.values, patterns.nodes, options); });
  Training training{std::vector<bool>(static_cast<std::size_t>(patterns.nodes), true),
                    {},
                    bounds.low(),
                    bounds.high()};
  std::fill(training.columns.end() - patterns.count, training.columns.end(), train_planted);
  training.eigenvalues = training.columns;
  std::fill(training.eigenvalues.end() - patterns.count, training.eigenvalues.end(), false);
  const int workers = thread_count(threads, where);
  return in_type(real, [&]<class T>(T) {
    return std::make_unique<SpectralCoupling>(
        converted<T>(frame.phi), std::vector<T>(frame.eigenvalues.begin(), frame.eigenvalues.end()),
        std::move(training), workers, where);
  });
}

void bind_spectral(py::module_& module) {
  using G = SpectralGradient;
  Record<G>(module, "SpectralGradient",
            "Derivatives of a loss by what a spectral coupling is made of.")
      .member("phi", &G::phi, "By Phi (nodes, nodes); 0 in columns that are not trained.")
      .member("eigenvalues", &G::eigenvalues,
              "By the eigenvalues (nodes,); 0 where they are not trained or out of bounds.")
      .finish();
  auto cls = define_class<SpectralCoupling>(
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
      [](const SpectralCoupling& self, const ArrayLike& phi, const ArrayLike& eigenvalues) {
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
      [](const SpectralCoupling& self, const ArrayLike& da) { return adjoint_of(self, da); },
      Required<ArrayLike>{"da", "dL/dA (nodes, nodes)"});
  define_property(cls, "nodes", "Number N of nodes.",
                  [](const SpectralCoupling& self) { return self.nodes(); });
  define_property(
      cls, "phi", "Eigenvectors (nodes, nodes), a copy.", [](const SpectralCoupling& self) {
        return self.visit([](const auto& made) { return to_real_array(made.coupling.phi()); });
      });
  define_property(
      cls, "eigenvalues", "As given (nodes,), a copy.", [](const SpectralCoupling& self) {
        return self.visit([](const auto& made) { return to_real_array(made.eigenvalues); });
      });
  define_property(cls, "coupling", "A (nodes, nodes), a copy.", [](const SpectralCoupling& self) {
    return self.visit([](const auto& made) { return to_real_array(made.coupling.a()); });
  });
  define_property(cls, "condition",
                  "Estimate of Phi's condition number in the 1-norm: rounding errors of A are this "
                  "much larger than those of\nPhi, in the worst case.",
                  [](const SpectralCoupling& self) { return self.condition(); });
  define_property(cls, "train_columns", "Which columns have gradients (nodes,).",
                  [](const SpectralCoupling& self) { return to_truths(self.training().columns); });
  define_property(
      cls, "train_eigenvalues", "Which eigenvalues have gradients (nodes,).",
      [](const SpectralCoupling& self) { return to_truths(self.training().eigenvalues); });
  define_property(cls, "eigenvalue_min", "Least eigenvalue, or None.",
                  [](const SpectralCoupling& self) { return bound_of(self.training().low); });
  define_property(cls, "eigenvalue_max", "Largest eigenvalue, or None.",
                  [](const SpectralCoupling& self) { return bound_of(self.training().high); });
  define_repr(cls, [](const SpectralCoupling& self) {
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

}  // namespace

template <class T>
SpectralCoupling::SpectralCoupling(Matrix<T> phi, std::vector<T> eigenvalues, Training training,
                                   int threads, const std::string& where)
    : training_(std::move(training)), threads_(threads) {
  if (!(training_.low <= training_.high))
    reject(where, "eigenvalue_min", training_.low,
           "at most eigenvalue_max = " + text(training_.high));
  auto bounded = training_.bounded(eigenvalues.data(), phi.rows);
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
template SpectralCoupling::SpectralCoupling(Matrix<float>, std::vector<float>, Training, int,
                                            const std::string&);
template SpectralCoupling::SpectralCoupling(Matrix<double>, std::vector<double>, Training, int,
                                            const std::string&);

void bind_wilson_cowan_spectral(py::module_& parent) {
  py::module_ module = parent.attr("wilson_cowan");
  bind_spectral(module);
}

}  // namespace attractornet::python
