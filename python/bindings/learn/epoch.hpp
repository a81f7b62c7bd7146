/// @file
/// What an epoch of a training is given and gives, on the CPU and on a device.
#pragma once

#include <algorithm>
#include <attractornet/learn/wilson_cowan_epoch.hpp>
#include <cmath>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "../dynamics/wilson_cowan_tape.hpp"
#include "../fields.hpp"
#include "../monitor.hpp"
#include "../record.hpp"
#include "classes.hpp"

namespace attractornet::python {

constexpr const char* epoch_label = "train_epoch";

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

template <>
struct Member<Moments> {
  static Moments to(const Moments& value) { return value; }
  static Moments from(py::handle value) { return made<Moments>(value, {"unpickling", "moments"}); }
};

/// What an epoch depends on beside its coupling, its examples and their loss.
struct EpochArguments {
  const ArrayLike &labels, &order;
  const Numbers &rates, &targets;
  std::optional<Moments> moments;
  learn::Setting setting;
  int threads;
};

inline EpochArguments epoch_arguments(const ArrayLike& labels, const ArrayLike& order,
                                      const Numbers& rates, const Numbers& targets,
                                      const py::object& moments, std::int64_t steps, double scale,
                                      const EpochFields& fields, const learn::AdamOptions& adam,
                                      const wilson_cowan::Params& params,
                                      const std::optional<std::int64_t>& threads) {
  const std::string where = epoch_label;
  if (steps < 1) reject(where, "steps", steps, "a value in [1, inf)");
  if (!std::isfinite(scale)) reject(where, "scale", scale, "a finite value");
  EpochArguments result{labels,
                        order,
                        rates,
                        targets,
                        std::nullopt,
                        {.params = params,
                         .scale = scale,
                         .run = {.steps = steps, .dt = fields.dt, .scheme = fields.scheme},
                         .adam = adam,
                         .batch_size = fields.batch_size,
                         .least_gamma = fields.least_gamma,
                         .noise = fields.noise,
                         .noise_seed = fields.noise_seed},
                        thread_count(threads, where)};
  if (!moments.is_none()) result.moments = made<Moments>(moments, {where, "moments"});
  return result;
}

/// Of a coupling without eigenvectors.
inline void expect_no_penalty(double orthogonality) {
  if (orthogonality > 0)
    reject(epoch_label, "orthogonality", orthogonality, "0, where coupling is no SpectralCoupling");
}

/// Which examples an epoch takes, read before anything is computed.
struct Taken {
  std::vector<std::int32_t> labels;  ///< of all examples
  std::vector<std::int64_t> order;
  DenseArray<double> rates;

  std::int64_t count() const { return static_cast<std::int64_t>(order.size()); }
};
inline Taken taken_of(const EpochArguments& a, std::int64_t examples, std::int64_t classes) {
  const std::string where = epoch_label;
  Taken result{
      labels_of(a.labels, examples, classes, where),
      indices_of<std::int64_t>(a.order, -1, examples, {where, "order"}, "(taken,)", ", rows of x"),
      a.rates.array};
  if (result.order.empty()) refuse(where, "order is empty", "an example at least");
  const std::int64_t size = a.setting.batch_size, batches = (result.count() + size - 1) / size;
  expect_shape(a.rates, {where, "rates"}, {batches, 3},
               "(" + std::to_string(batches) +
                   ", 3), of weights, eigenvalues and gamma in each "
                   "batch of order, batch_size at a time");
  return result;
}

template <class T>
void fill(learn::Trained<T>& trained, const std::optional<Moments>& moments) {
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
Moments moments_of(const learn::Trained<T>& trained) {
  return {trained.steps, py::array_t<T>(trained.count, trained.mean.data()),
          py::array_t<T>(trained.count, trained.square.data())};
}

/// One epoch, by run(taken, targets, trained, monitor).
/// @param examples how many there are; @param numbers fills in what is trained, but for gamma;
/// @param coupling makes it of them.
template <class T, class Weights, class Fill, class Coupling, class Run>
Epoch run_epoch(const Weights& weights, const EpochArguments& a, std::int64_t examples,
                Reporter progress, Fill numbers, Coupling coupling, Run run) {
  const Patterns patterns = class_patterns(a.targets, weights.nodes(), epoch_label);
  const Taken taken = taken_of(a, examples, patterns.count);
  const auto most = std::min<std::int64_t>(a.setting.batch_size, taken.count());
  expect_tape_memory<T>(epoch_label, "a batch of order has", weights.nodes(), most, a.setting.run,
                        wilson_cowan::Memory::store);
  learn::Trained<T> trained(weights.count() + 1);
  T* const gamma = &trained.values[static_cast<std::size_t>(weights.count())];
  numbers(trained.values.data());
  *gamma = static_cast<T>(a.setting.params.gamma);
  fill(trained, a.moments);
  const auto targets = targets_of<T>(patterns);
  PythonMonitor monitor(std::move(progress), "epoch", "examples");
  const learn::EpochResult result = released([&] {
    const auto done = run(taken, targets, trained, monitor);
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

/// Defines train_epoch(coupling, x, labels, targets, order, rates, moments, loss, steps, scale,
/// more..., fields).
template <class F, class X, class Loss, class... More>
void define_train_epoch(py::module_& module, const char* doc, F f, const X& x, const Loss& loss,
                        const More&... more) {
  using Array = Required<ArrayLike>;
  define(module, epoch_label, doc, "Epoch", f,
         Required<py::object>{"coupling",
                              "a SpectralCoupling or a ProjectedCoupling; its type is "
                              "that of the whole computation"},
         x, Array{"labels", "classes (examples,), from 0 on"},
         Required<Numbers>{"targets", "pattern of each class (classes, nodes)"},
         Array{"order", "rows of x in the order in which batches take them"},
         Required<Numbers>{"rates",
                           "learning rates (batches, 3): of weights, eigenvalues and gamma; 0 "
                           "leaves something as it is"},
         Defaulted<py::object>{"moments", py::none(),
                               "those of the epoch before; None: a fresh start"},
         loss, Defaulted<std::int64_t>{"steps", 25, "steps of a run"},
         Defaulted<double>{"scale", 1.0, "Gamma, what the coupling is multiplied with"}, more...,
         Fields<EpochFields>{}, Fields<learn::AdamOptions>{}, Fields<wilson_cowan::Params>{},
         threads_argument, progress_argument);
}

}  // namespace attractornet::python
