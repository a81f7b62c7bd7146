#include <limits>
#include <optional>
#include <utility>
#include <vector>

#include "../bindings.hpp"
#include "../systems/wilson_cowan_couplings.hpp"
#include "epoch.hpp"

// Compiled in the files that bind them.
extern template class attractornet::wilson_cowan::Tape<float>;
extern template class attractornet::wilson_cowan::Tape<double>;
extern template class attractornet::wilson_cowan::SpectralCoupling<float>;
extern template class attractornet::wilson_cowan::SpectralCoupling<double>;

namespace attractornet::python {

namespace {

using namespace learn;

/// One of the losses, or a function of the user's.
struct LossChoice {
  Loss loss = Loss::cross_entropy;
  py::object function;  ///< or null
};

}  // namespace

template <>
struct Convert<LossChoice> {
  static std::string type() {
    return Convert<Loss>::type() +
           " | collections.abc.Callable[[numpy.typing.NDArray[typing.Any], "
           "numpy.typing.NDArray[numpy.int32]], tuple[float, numpy.typing.ArrayLike]]";
  }
  static std::string text(const LossChoice& value) { return Convert<Loss>::text(value.loss); }
  static LossChoice from(py::handle value, const Place& place, const std::string& allowed) {
    if (PyCallable_Check(value.ptr()))
      return {Loss::cross_entropy, py::reinterpret_borrow<py::object>(value)};
    if (!py::isinstance<py::str>(value))
      wrong_type(place, value, Convert<Loss>::choices(" or ") + " or a callable");
    return {Convert<Loss>::from(value, place, allowed), {}};
  }
};

namespace {

/// The user's function, called with the GIL.
template <class T>
Judge<T> judge_of(const py::object& function, const Targets<T>& targets) {
  return [&function, &targets](const T* x, std::int64_t stride, const std::int32_t* labels,
                               std::int64_t samples, T* dx, Monitor&) {
    const py::gil_scoped_acquire acquire;
    const Place place{epoch_label, "loss"};
    const std::int64_t nodes = targets.nodes();
    py::array_t<T> states({samples, nodes});
    Judgement judgement;
    std::vector<double> q(static_cast<std::size_t>(targets.classes()));
    for (std::int64_t b = 0; b < samples; ++b) {
      std::copy_n(x + b * stride, nodes, states.mutable_data() + b * nodes);
      judgement.correct += targets.probabilities(x + b * stride, q.data()) == labels[b];
    }
    const py::object answer = function(states, py::array_t<std::int32_t>(samples, labels));
    if (!py::isinstance<py::tuple>(answer) || py::len(answer) != 2)
      throw py::type_error(message(place, answer, "a function that returns (loss, dx)"));
    const auto pair = py::cast<py::tuple>(answer);
    judgement.loss = Convert<double>::from(pair[0], place, "");
    const py::array given = as_array(pair[1], {epoch_label, "dx of loss"});
    expect_reals(given, pair[1], {epoch_label, "dx of loss"});
    expect_shape(given, {epoch_label, "dx of loss"}, {samples, nodes}, "that of x, the states");
    const auto dense = DenseArray<T>::ensure(given);
    if (!all_finite(dense.data(), static_cast<std::size_t>(dense.size()))) judgement.loss = NAN;
    for (std::int64_t b = 0; b < samples; ++b)
      std::copy_n(dense.data() + b * nodes, nodes, dx + b * stride);
    return judgement;
  };
}

/// What the examples are, and what they are worth.
struct Examined {
  const ArrayLike& x;
  const LossChoice& loss;
};

template <class T>
DenseArray<T> examples_of(const ArrayLike& x, std::int64_t nodes) {
  const Place place{epoch_label, "x"};
  const py::array array = as_array(x.value, place);
  expect_reals(array, x.value, place);
  expect_shape(array, place, {-1, nodes},
               "(examples, " + std::to_string(nodes) + "), a value for each node");
  return finite_reals<T>(array, x.value, place);
}

/// @param numbers, coupling as run_epoch takes them.
template <class T, class Weights, class Fill, class Coupling>
Epoch epoch_here(const Weights& weights, const Examined& examined, const EpochArguments& a,
                 Reporter progress, Fill numbers, Coupling coupling) {
  const auto x = examples_of<T>(examined.x, weights.nodes());
  const LossChoice& loss = examined.loss;
  return run_epoch<T>(
      weights, a, x.shape(0), std::move(progress), numbers, coupling,
      [&](const Taken& taken, const Targets<T>& targets, Trained<T>& trained, Monitor& monitor) {
        const Judge<T> judge = loss.function ? judge_of<T>(loss.function, targets)
                                             : learn::judge_of(targets, loss.loss, a.threads);
        Trainer<T, Weights> trainer(a.setting, weights, trained, a.threads);
        return trainer.epoch({x.data(), taken.labels.data(), taken.order.data(), taken.count()},
                             judge, taken.rates.data(), monitor);
      });
}

template <class T>
void copy_to(const Matrix<T>& from, T* to) {
  for (std::int64_t i = 0; i < from.rows; ++i)
    std::copy_n(from.row(i), from.columns, to + i * from.columns);
}
template <class T>
Matrix<T> square_from(const T* from, std::int64_t nodes) {
  Matrix<T> result{nodes, nodes};
  for (std::int64_t i = 0; i < nodes; ++i) std::copy_n(from + i * nodes, nodes, result.row(i));
  return result;
}

Epoch epoch_of(const SpectralCoupling& self, const Examined& examined, const EpochArguments& a,
               double orthogonality, Reporter progress) {
  return self.visit([&]<class T>(const Spectral<T>& made) {
    const std::int64_t n = self.nodes();
    const SpectralWeights<T> weights(n, self.training(), orthogonality);
    return epoch_here<T>(
        weights, examined, a, std::move(progress),
        [&](T* to) {
          copy_to(made.coupling.phi(), to);
          std::copy(made.eigenvalues.begin(), made.eigenvalues.end(), to + n * n);
        },
        [&](const T* from) {
          return py::cast(std::make_unique<SpectralCoupling>(
              square_from(from, n), std::vector<T>(from + n * n, from + n * n + n), self.training(),
              self.threads(), epoch_label));
        });
  });
}

Epoch epoch_of(const ProjectedCoupling& self, const Examined& examined, const EpochArguments& a,
               double orthogonality, Reporter progress) {
  expect_no_penalty(orthogonality);
  return self.visit([&]<class T>(const Projected<T>& made) {
    const ProjectedWeights<T> weights(Matrix<T>(made.basis));
    return epoch_here<T>(
        weights, examined, a, std::move(progress), [&](T* to) { copy_to(made.weights, to); },
        [&](const T* from) {
          return py::cast(std::make_unique<ProjectedCoupling>(square_from(from, self.nodes()),
                                                              Matrix<T>(made.basis)));
        });
  });
}

Epoch train_epoch(const py::object& coupling, const ArrayLike& x, const ArrayLike& labels,
                  const Numbers& targets, const ArrayLike& order, const Numbers& rates,
                  const py::object& moments, const LossChoice& loss, std::int64_t steps,
                  double scale, const EpochFields& fields, const AdamOptions& adam,
                  const wilson_cowan::Params& params, const std::optional<std::int64_t>& threads,
                  Reporter progress) {
  const auto a = epoch_arguments(labels, order, rates, targets, moments, steps, scale, fields, adam,
                                 params, threads);
  const Examined examined{x, loss};
  const Place place{epoch_label, "coupling"};
  if (py::isinstance<SpectralCoupling>(coupling))
    return epoch_of(made<SpectralCoupling>(coupling, place), examined, a, fields.orthogonality,
                    std::move(progress));
  if (py::isinstance<ProjectedCoupling>(coupling))
    return epoch_of(made<ProjectedCoupling>(coupling, place), examined, a, fields.orthogonality,
                    std::move(progress));
  wrong_type(place, coupling, "a SpectralCoupling or a ProjectedCoupling");
}

}  // namespace

void bind_learn_epoch(py::module_& parent) {
  py::module_ module = learn_module(parent);
  Record<Moments>(module, "Moments", "What Adam remembers of the gradients.")
      .member("steps", &Moments::steps, "Steps that were made.")
      .member("mean", &Moments::mean,
              "Mean gradient by all that is trained, (numbers,): weights, eigenvalues, gamma.")
      .member("square", &Moments::square, "Mean squared gradient by it.")
      .finish();
  Record<Epoch>(module, "Epoch", "What an epoch made of a coupling.")
      .member("coupling", &Epoch::coupling, "The coupling after it; None where it diverged.")
      .member("gamma", &Epoch::gamma, "gamma after it.")
      .member("moments", &Epoch::moments, "What the next epoch goes on with.")
      .member("loss", &Epoch::loss,
              "Mean loss of the examples, each as it was when its batch ran, without the penalty.")
      .member("penalty", &Epoch::penalty, "Mean penalty of orthogonality, its weight included.")
      .member("accuracy", &Epoch::accuracy, "Share of the right classes among them.")
      .member("status", &Epoch::status,
              "ok; diverged, where a state or a weight left the finite numbers, or Phi lost its "
              "inverse: the epoch ended there.")
      .finish();
  define_train_epoch(
      module,
      "Trains a coupling and gamma on examples, batch by batch, with Adam.\n\n"
      "Arguments are left as they are: what an epoch made is in its result, so that one that is "
      "stopped, or diverges, takes\nnothing with it. Results do not depend on threads.\n\n"
      "Returns\n-------\nEpoch\n\n"
      "References\n----------\n"
      "R. Marino et al., arXiv:2406.16453, section IV. D. P. Kingma, J. Ba, arXiv:1412.6980.",
      train_epoch,
      Required<ArrayLike>{"x", "examples (examples, nodes), x and y of a state at its start"},
      Defaulted<LossChoice>{"loss", {}, loss_meaning});
  register_fields(module.attr("train_epoch"),
                  py::tuple(fields_of<EpochFields>() + fields_of<AdamOptions>() +
                            fields_of<wilson_cowan::Params>()));
}

}  // namespace attractornet::python
