#include <attractornet/learn/wilson_cowan_epoch.hpp>
#include <limits>
#include <optional>
#include <utility>
#include <vector>

#include "../bindings.hpp"
#include "../dynamics/wilson_cowan_tape.hpp"
#include "../fields.hpp"
#include "../monitor.hpp"
#include "../record.hpp"
#include "../systems/wilson_cowan_couplings.hpp"
#include "classes.hpp"

// Compiled in the files that bind them.
extern template class attractornet::wilson_cowan::Tape<float>;
extern template class attractornet::wilson_cowan::Tape<double>;
extern template class attractornet::wilson_cowan::SpectralCoupling<float>;
extern template class attractornet::wilson_cowan::SpectralCoupling<double>;

namespace attractornet::python {

namespace {

using namespace learn;

constexpr const char* epoch_label = "train_epoch";

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

/// How a batch is run and how it moves what is trained.
struct EpochFields {
  std::int64_t batch_size = 200;
  double dt = 0.1;
  wilson_cowan::Scheme scheme = wilson_cowan::Scheme::euler;
  double orthogonality = 0, least_gamma = 0.05, noise = 0;
  std::int64_t noise_seed = 0;

  static constexpr std::string_view label = epoch_label;
  static constexpr auto fields() {
    using F = EpochFields;
    return std::tuple{
        field("batch_size", &F::batch_size, between(1, 1e9), "", "examples of a batch"),
        field("dt", &F::dt, above(0), "time", "length of a step"),
        field("scheme", &F::scheme, {}, "", "how steps are made, as in integrate"),
        field("orthogonality", &F::orthogonality, finite_from(0), "",
              "weight of a penalty, of a spectral coupling: the mean |cosine| of two trained "
              "columns of Phi"),
        field("least_gamma", &F::least_gamma, above(0), "",
              "gamma does not fall below it; by default where Euler's steps of 0.1 become too "
              "long"),
        field("noise", &F::noise, finite_from(0), "",
              "standard deviation of normal noise that is added to the examples, which stay "
              "between 0 and 1"),
        field("noise_seed", &F::noise_seed, between(0, 9007199254740991.0), "", "seed of it"),
    };
  }
};

/// Moments of Adam between two epochs.
struct Moments {
  std::int64_t steps = 0;
  RealArray mean = py::array_t<double>(0), square = py::array_t<double>(0);
};

struct Epoch {
  py::object coupling;
  double gamma = 0;
  Moments moments;
  double loss = 0, penalty = 0, accuracy = 0;
  Status status = Status::ok;
};

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

/// What an epoch is given, read before anything is computed.
template <class T>
struct Arguments {
  DenseArray<T> x;
  std::vector<std::int32_t> labels;
  std::vector<std::int64_t> order;
  DenseArray<double> rates;
};

template <class T>
Arguments<T> arguments_of(const ArrayLike& x, const ArrayLike& labels, const ArrayLike& order,
                          const Numbers& rates, std::int64_t nodes, std::int64_t classes,
                          std::int64_t batch_size) {
  const std::string where = epoch_label;
  const Place place{where, "x"};
  const py::array array = as_array(x.value, place);
  expect_reals(array, x.value, place);
  expect_shape(array, place, {-1, nodes},
               "(examples, " + std::to_string(nodes) + "), a value for each node");
  const std::int64_t examples = array.shape(0);
  Arguments<T> result{
      finite_reals<T>(array, x.value, place), labels_of(labels, examples, classes, where),
      indices_of<std::int64_t>(order, -1, examples, {where, "order"}, "(taken,)", ", rows of x"),
      rates.array};
  if (result.order.empty()) refuse(where, "order is empty", "an example at least");
  const auto taken = static_cast<std::int64_t>(result.order.size());
  const std::int64_t batches = (taken + batch_size - 1) / batch_size;
  expect_shape(rates, {where, "rates"}, {batches, 3},
               "(" + std::to_string(batches) +
                   ", 3), of weights, eigenvalues and gamma in each "
                   "batch of order, batch_size at a time");
  return result;
}

template <class T>
void fill(Trained<T>& trained, const std::optional<Moments>& moments) {
  if (!moments) return;
  trained.steps = moments->steps;
  for (const auto& [from, to] :
       {std::pair{&moments->mean, &trained.mean}, std::pair{&moments->square, &trained.square}}) {
    const auto dense = DenseArray<T>::ensure(*from);
    if (!dense || dense.ndim() != 1 || dense.size() != trained.count || moments->steps < 0)
      refuse(epoch_label, "moments are of another coupling", "those of the epoch before");
    std::copy_n(dense.data(), dense.size(), to->begin());
  }
}

template <class T>
Moments moments_of(const Trained<T>& trained) {
  return {trained.steps, py::array_t<T>(trained.count, trained.mean.data()),
          py::array_t<T>(trained.count, trained.square.data())};
}

/// What an epoch depends on beside its coupling.
struct EpochArguments {
  const ArrayLike &x, &labels, &order;
  const Numbers &rates, &targets;
  const std::optional<Moments>& moments;
  const LossChoice& loss;
  std::int64_t batch_size;
  const Setting& setting;
  int threads;
};

/// @param numbers fills in what is trained, but for gamma; @param coupling makes it of them.
template <class T, class Weights, class Numbers, class Coupling>
Epoch run_epoch(const Weights& weights, const EpochArguments& a, Reporter progress, Numbers numbers,
                Coupling coupling) {
  const Patterns patterns = class_patterns(a.targets, weights.nodes(), epoch_label);
  const auto given = arguments_of<T>(a.x, a.labels, a.order, a.rates, weights.nodes(),
                                     patterns.count, a.setting.batch_size);
  const auto most = std::min<std::int64_t>(a.setting.batch_size, given.order.size());
  expect_tape_memory<T>(epoch_label, "a batch of order has", weights.nodes(), most, a.setting.run,
                        wilson_cowan::Memory::store);
  Trained<T> trained(weights.count() + 1);
  T* const gamma = &trained.values[static_cast<std::size_t>(weights.count())];
  numbers(trained.values.data());
  *gamma = static_cast<T>(a.setting.params.gamma);
  fill(trained, a.moments);
  const auto targets = targets_of<T>(patterns);
  const Judge<T> judge = a.loss.function ? judge_of<T>(a.loss.function, targets)
                                         : learn::judge_of(targets, a.loss.loss, a.threads);
  PythonMonitor monitor(std::move(progress), "epoch", "examples");
  const EpochResult result = released([&] {
    Trainer<T, Weights> trainer(a.setting, weights, trained, a.threads);
    const auto done = trainer.epoch({given.x.data(), given.labels.data(), given.order.data(),
                                     static_cast<std::int64_t>(given.order.size())},
                                    judge, given.rates.data(), monitor);
    monitor.end();
    return done;
  });
  Epoch epoch;
  epoch.loss = result.loss;
  epoch.penalty = result.penalty;
  epoch.accuracy = static_cast<double>(result.correct) /
                   static_cast<double>(std::max<std::int64_t>(result.examples, 1));
  epoch.status = result.status;
  epoch.gamma = static_cast<double>(*gamma);
  epoch.moments = moments_of(trained);
  epoch.coupling = py::none();
  if (result.status == Status::ok) epoch.coupling = coupling(trained.values.data());
  return epoch;
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

Epoch epoch_of(const SpectralCoupling& self, const EpochArguments& a, double orthogonality,
               Reporter progress) {
  return self.visit([&]<class T>(const Spectral<T>& made) {
    const std::int64_t n = self.nodes();
    const SpectralWeights<T> weights(n, self.training(), orthogonality);
    return run_epoch<T>(
        weights, a, std::move(progress),
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

Epoch epoch_of(const ProjectedCoupling& self, const EpochArguments& a, double orthogonality,
               Reporter progress) {
  if (orthogonality > 0)
    reject(epoch_label, "orthogonality", orthogonality, "0, where coupling is no SpectralCoupling");
  return self.visit([&]<class T>(const Projected<T>& made) {
    const ProjectedWeights<T> weights(Matrix<T>(made.basis));
    return run_epoch<T>(
        weights, a, std::move(progress), [&](T* to) { copy_to(made.weights, to); },
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
  const std::string where = epoch_label;
  if (steps < 1) reject(where, "steps", steps, "a value in [1, inf)");
  if (!std::isfinite(scale)) reject(where, "scale", scale, "a finite value");
  std::optional<Moments> before;
  if (!moments.is_none()) before = made<Moments>(moments, {where, "moments"});
  const Setting setting{.params = params,
                        .scale = scale,
                        .run = {.steps = steps, .dt = fields.dt, .scheme = fields.scheme},
                        .adam = adam,
                        .batch_size = fields.batch_size,
                        .least_gamma = fields.least_gamma,
                        .noise = fields.noise,
                        .noise_seed = fields.noise_seed};
  const EpochArguments a{x,       labels,
                         order,   rates,
                         targets, before,
                         loss,    fields.batch_size,
                         setting, thread_count(threads, where)};
  const Place place{where, "coupling"};
  if (py::isinstance<SpectralCoupling>(coupling))
    return epoch_of(made<SpectralCoupling>(coupling, place), a, fields.orthogonality,
                    std::move(progress));
  if (py::isinstance<ProjectedCoupling>(coupling))
    return epoch_of(made<ProjectedCoupling>(coupling, place), a, fields.orthogonality,
                    std::move(progress));
  wrong_type(place, coupling, "a SpectralCoupling or a ProjectedCoupling");
}

}  // namespace

template <>
struct Member<Moments> {
  static Moments to(const Moments& value) { return value; }
  static Moments from(py::handle value) { return made<Moments>(value, {"unpickling", "moments"}); }
};

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
  using Array = Required<ArrayLike>;
  define(
      module, "train_epoch",
      "Trains a coupling and gamma on examples, batch by batch, with Adam.\n\n"
      "Arguments are left as they are: what an epoch made is in its result, so that one that is "
      "stopped, or diverges, takes\nnothing with it. Results do not depend on threads.\n\n"
      "Returns\n-------\nEpoch\n\n"
      "References\n----------\n"
      "R. Marino et al., arXiv:2406.16453, section IV. D. P. Kingma, J. Ba, arXiv:1412.6980.",
      "Epoch", train_epoch,
      Required<py::object>{"coupling",
                           "a SpectralCoupling or a ProjectedCoupling; its type is "
                           "that of the whole computation"},
      Array{"x", "examples (examples, nodes), x and y of a state at its start"},
      Array{"labels", "classes (examples,), from 0 on"},
      Required<Numbers>{"targets", "pattern of each class (classes, nodes)"},
      Array{"order", "rows of x in the order in which batches take them"},
      Required<Numbers>{"rates",
                        "learning rates (batches, 3): of weights, eigenvalues and gamma; 0 leaves "
                        "something as it is"},
      Defaulted<py::object>{"moments", py::none(),
                            "those of the epoch before; None: a fresh start"},
      Defaulted<LossChoice>{"loss", {}, loss_meaning},
      Defaulted<std::int64_t>{"steps", 25, "steps of a run"},
      Defaulted<double>{"scale", 1.0, "Gamma, what the coupling is multiplied with"},
      Fields<EpochFields>{}, Fields<AdamOptions>{}, Fields<wilson_cowan::Params>{},
      threads_argument, progress_argument);
  register_fields(module.attr("train_epoch"),
                  py::tuple(fields_of<EpochFields>() + fields_of<AdamOptions>() +
                            fields_of<wilson_cowan::Params>()));
}

}  // namespace attractornet::python
