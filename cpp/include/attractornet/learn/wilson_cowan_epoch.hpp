/// @file
/// One epoch of training a Wilson-Cowan network to settle on the pattern of an example's class:
/// each batch starts from x = y = the examples, runs some steps, and moves the coupling and gamma
/// against the gradient of the loss of where it ends (R. Marino et al., arXiv 2406.16453, section
/// IV).
#pragma once

#include <algorithm>
#include <attractornet/core/monitor.hpp>
#include <attractornet/core/parallel.hpp>
#include <attractornet/core/rng.hpp>
#include <attractornet/core/status.hpp>
#include <attractornet/dynamics/wilson_cowan_adjoint.hpp>
#include <attractornet/learn/adam.hpp>
#include <attractornet/learn/judge.hpp>
#include <attractornet/learn/wilson_cowan_weights.hpp>
#include <cmath>
#include <cstdint>
#include <vector>

namespace attractornet::learn {

/// Examples (all, nodes) with their classes, and which of them an epoch takes in which order.
template <class T>
struct Examples {
  const T* x;
  const std::int32_t* labels;
  const std::int64_t* order;
  std::int64_t count;  ///< of order
};

/// A network but for what is trained.
struct Setting {
  wilson_cowan::Params params;  ///< gamma is trained
  double scale = 1;             ///< Gamma
  wilson_cowan::RunOptions run;
  AdamOptions adam;
  std::int64_t batch_size = 200;
  double least_gamma = 0.05;  ///< below it Euler's steps of 0.1 are too long
  double noise = 0;           ///< standard deviation of what is added to examples
  std::int64_t noise_seed = 0;
};

struct EpochResult {
  double loss = 0, penalty = 0;  ///< means over examples; what is made small is their sum
  std::int64_t correct = 0, examples = 0;
  Status status = Status::ok;

  void add(const Judgement& judgement, double its_penalty, std::int64_t samples) {
    const auto weight = static_cast<double>(samples);
    loss += judgement.loss * weight;
    penalty += its_penalty * weight;
    correct += judgement.correct;
    examples += samples;
  }
  void finish() {
    const auto weight = static_cast<double>(std::max<std::int64_t>(examples, 1));
    loss /= weight;
    penalty /= weight;
  }
};

/// Whether what an epoch ends with is finite, and a coupling can be made of it.
template <class T, WeightsOf<T> Weights>
bool is_sound(const Weights& weights, const Trained<T>& trained, int threads, Monitor& monitor) {
  const auto finite = [](T value) { return std::isfinite(value); };
  Relay inner(monitor, 0, false);
  if (!std::all_of(trained.values.begin(), trained.values.end(), finite)) return false;
  const auto made = weights.make(trained.values.data(), threads, inner);
  return made && weights.is_sound(*made);
}

/// What trains weights, such as SpectralWeights or ProjectedWeights; the last number is gamma.
template <class T, WeightsOf<T> Weights>
class Trainer {
 public:
  Trainer(const Setting& setting, const Weights& weights, Trained<T>& trained, int threads)
      : setting_(setting),
        weights_(weights),
        trained_(trained),
        threads_(threads),
        gradient_(trained.values.size()) {}

  /// @param rates (batches, 3), of each batch those of weights, eigenvalues and gamma.
  EpochResult epoch(const Examples<T>& examples, const Judge<T>& judge, const double* rates,
                    Monitor& monitor) {
    EpochResult result;
    monitor.begin(examples.count);
    for (std::int64_t first = 0; first < examples.count; first += setting_.batch_size, rates += 3) {
      const std::int64_t samples = std::min(setting_.batch_size, examples.count - first);
      Relay inner(monitor, first, false);
      const std::int32_t* labels = gather(examples, first, samples, inner);
      result.status = batch(samples, labels, judge, rates, inner, result);
      if (result.status != Status::ok) break;
      monitor.tick(samples);
    }
    result.finish();
    if (!is_sound(weights_, trained_, threads_, monitor))
      result.status = Status::diverged;  // in the last step, or lost its digits
    return result;
  }

 private:
  std::int64_t nodes() const { return weights_.nodes(); }
  std::int64_t stride() const { return wilson_cowan::batch_stride<T>(nodes()); }
  T& gamma() { return trained_.values[static_cast<std::size_t>(weights_.count())]; }

  /// Copies a batch into rows of whole cache lines, with noise that depends on the example's place
  /// in the epoch alone.
  const std::int32_t* gather(const Examples<T>& examples, std::int64_t first, std::int64_t samples,
                             Monitor& monitor) {
    x_.assign(static_cast<std::size_t>(samples * stride()), T(0));
    labels_.clear();
    for (std::int64_t b = 0; b < samples; ++b)
      labels_.push_back(examples.labels[examples.order[first + b]]);
    parallel_for(samples, threads_, monitor, [&](std::int64_t b, Progress&) {
      T* row = x_.data() + b * stride();
      std::copy_n(examples.x + examples.order[first + b] * nodes(), nodes(), row);
      if (setting_.noise > 0) add_noise(static_cast<std::uint64_t>(first + b), row);
    });
    y_ = x_;
    return labels_.data();
  }

  /// Activities stay between 0 and 1.
  void add_noise(std::uint64_t place, T* row) const {
    const Stream stream(static_cast<std::uint64_t>(setting_.noise_seed), Purpose::noise, place);
    for (std::int64_t i = 0; i < nodes(); ++i)
      row[i] = std::clamp(
          row[i] + static_cast<T>(setting_.noise * stream.normal(static_cast<std::uint32_t>(i))),
          T(0), T(1));
  }

  /// Moves what is trained, unless the loss is not finite.
  Status batch(std::int64_t samples, const std::int32_t* labels, const Judge<T>& judge,
               const double* rates, Monitor& monitor, EpochResult& result) {
    const T* numbers = trained_.values.data();
    const auto made = weights_.make(numbers, threads_, monitor);
    if (!made) return Status::diverged;
    wilson_cowan::Params params = setting_.params;
    params.gamma = static_cast<double>(gamma());
    const auto& a = made->a();
    const wilson_cowan::Model<T> model(params, {a.row(0), nodes(), a.stride}, setting_.scale,
                                       nullptr, nullptr);
    wilson_cowan::Tape<T> tape(model, samples, setting_.run, wilson_cowan::Memory::store, threads_);
    tape.forward(x_.data(), y_.data(), monitor);
    AlignedVector<T> dx(x_.size()), dy(x_.size());
    const Judgement judgement = judge(x_.data(), stride(), labels, samples, dx.data(), monitor);
    if (!std::isfinite(judgement.loss)) return Status::diverged;
    const auto gradient = tape.reverse(dx.data(), dy.data(), monitor);
    wilson_cowan::Matrix<T> da{nodes(), nodes()};
    da.read(gradient.coupling.data(), stride());
    const double penalty =
        weights_.gradient(*made, numbers, da, gradient_.data(), threads_, monitor);
    gradient_[static_cast<std::size_t>(weights_.count())] = static_cast<T>(gradient.params.gamma);
    move(rates, monitor);
    result.add(judgement, penalty, samples);
    return Status::ok;
  }

  void move(const double* rates, Monitor& monitor) {
    Adam<T> adam(setting_.adam, trained_, threads_);
    adam.next();
    std::vector<Group> groups = weights_.groups();
    groups.push_back({weights_.count(), 2});
    for (std::size_t g = 0; g < groups.size(); ++g) {
      const std::int64_t end = g + 1 < groups.size() ? groups[g + 1].first : trained_.count;
      adam.move(gradient_.data(), groups[g].first, end, rates[groups[g].rate], monitor);
    }
    gamma() = std::max(gamma(), static_cast<T>(setting_.least_gamma));
  }

  const Setting& setting_;
  const Weights& weights_;
  Trained<T>& trained_;
  int threads_;
  AlignedVector<T> x_, y_, gradient_;
  std::vector<std::int32_t> labels_;
};

}  // namespace attractornet::learn
