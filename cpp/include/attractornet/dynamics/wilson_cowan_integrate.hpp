/// @file
/// Batches of Wilson-Cowan networks in time, with noise and with delays in the coupling.
#pragma once

#include <algorithm>
#include <attractornet/core/monitor.hpp>
#include <attractornet/core/parallel.hpp>
#include <attractornet/core/rng.hpp>
#include <attractornet/dynamics/wilson_cowan_steps.hpp>
#include <bit>
#include <cmath>
#include <cstdint>
#include <vector>

namespace attractornet::wilson_cowan {

/// Delays of the coupling, in steps.
struct Lags {
  std::int64_t longest = 0;
  std::vector<std::int32_t> steps;  ///< (nodes, nodes), of [j, i]: node i sees j as it was then

  /// States that a sample's past keeps.
  std::int64_t slots() const {
    return static_cast<std::int64_t>(std::bit_ceil(static_cast<std::uint64_t>(longest) + 1));
  }
};

/// How a batch is followed in time.
struct IntegrateOptions {
  std::int64_t steps = 25;
  double dt = 0.1;  ///< < 0: backwards
  Scheme scheme = Scheme::euler;
  double noise = 0;
  std::int64_t seed = 0;
  std::int64_t every = 0;      ///< steps from one record to the next; 0: none
  const Lags* lags = nullptr;  ///< with schemes of one evaluation
};

/// Gaussian increments: a number's value depends on the seed, the sample, the step and its place.
template <class T>
void add_noise(const IntegrateOptions& options, std::int64_t nodes, std::int64_t sample,
               std::int64_t step, T* x, T* y) {
  const double size = options.noise * std::sqrt(std::abs(options.dt));
  const Stream stream(
      options.seed, Purpose::noise,
      (static_cast<std::uint64_t>(sample) << 40) + static_cast<std::uint64_t>(step));
  for (std::int64_t i = 0; i < nodes; ++i) {
    x[i] += static_cast<T>(size * stream.normal(static_cast<std::uint32_t>(i)));
    y[i] += static_cast<T>(size * stream.normal(static_cast<std::uint32_t>(nodes + i)));
  }
}

/// What the nodes of one sample see of the past, which before the start was as it is there.
template <class T>
class DelayedSums {
 public:
  DelayedSums(const Model<T>& model, const Lags& lags, const T* x)
      : model_(model), lags_(lags), slots_(lags.slots()) {
    past_.resize(static_cast<std::size_t>(model.nodes * slots_));
    for (std::int64_t j = 0; j < model.nodes; ++j)
      std::fill_n(past_.data() + j * slots_, slots_, x[j]);
  }

  /// Notes x at a step; then sums[i] = sum_j A_ij x_j, each x_j of lag_ij steps before.
  void at(std::int64_t step, const T* x, T* sums) {
    const std::int64_t nodes = model_.nodes, last = slots_ - 1;
    for (std::int64_t j = 0; j < nodes; ++j) past_[j * slots_ + (step & last)] = x[j];
    std::fill_n(sums, model_.stride, T(0));
    each_panel<T>(model_.stride, [&](std::int64_t first, int registers) {
      const Slices<T> a = model_.coupling.forward.panel(first);
      const std::int64_t count =
          std::min<std::int64_t>(registers * register_lanes<T>, nodes - first);
      for (std::int64_t j = 0; j < nodes; ++j) {
        const T* past = past_.data() + j * slots_;
        const std::int32_t* lag = lags_.steps.data() + j * nodes + first;
        for (std::int64_t i = 0; i < count; ++i)
          sums[first + i] =
              fma(a.data[j * a.step + i], past[(step - lag[i]) & last], sums[first + i]);
      }
    });
  }

 private:
  const Model<T>& model_;
  const Lags& lags_;
  std::int64_t slots_;
  std::vector<T> past_;  ///< (nodes, slots), a ring of steps
};

/// Advances a batch by steps, in place.
/// @param x, y (samples, stride).
/// @param record record(record, sample, x, y) at the start and after every `every` steps, of one
///        sample; called from several threads.
template <class T, class Record>
void integrate(const Model<T>& model, std::int64_t samples, Activities<T> state,
               const IntegrateOptions& options, int threads, Monitor& monitor, Record record) {
  // A sample has its own past.
  const SampleGroups groups(samples, model.nodes,
                            options.lags ? static_cast<int>(samples) : threads);
  monitor.begin(samples * options.steps);
  parallel_for(groups.count(), threads, monitor, [&](std::int64_t group, Progress& progress) {
    const std::int64_t first = groups.first(group), count = groups.size(group);
    const Activities<T> own{state.x + first * model.stride, state.y + first * model.stride};
    Stepper<T> stepper(model, count);
    std::vector<DelayedSums<T>> past;
    AlignedVector<T> sums;
    if (options.lags) {
      past.emplace_back(model, *options.lags, own.x);
      sums.resize(static_cast<std::size_t>(model.stride));
    }
    const auto each_sample = [&](auto f) {
      for (std::int64_t b = 0; b < count; ++b)
        f(first + b, own.x + b * model.stride, own.y + b * model.stride);
    };
    for (std::int64_t n = 0;; ++n) {
      if (options.every > 0 && n % options.every == 0)
        each_sample([&](std::int64_t sample, const T* x, const T* y) {
          record(n / options.every, sample, x, y);
        });
      if (n == options.steps) break;
      if (options.lags) {
        past.front().at(n, own.x, sums.data());
        stepper.advance_driven(options.scheme, options.dt, own, sums.data());
      } else {
        stepper.advance(options.scheme, options.dt, own, own);
      }
      if (options.noise > 0)
        each_sample([&](std::int64_t sample, T* x, T* y) {
          add_noise(options, model.nodes, sample, n, x, y);
        });
      progress.tick(count);
    }
  });
  monitor.end();
}

}  // namespace attractornet::wilson_cowan
