/// @file
/// How a batch of a training begins and ends on the device: its examples, Adam, what is counted.
#pragma once

#include <attractornet/core/rng.hpp>
#include <attractornet/learn/adam_step.hpp>

#include "layout.cuh"
#include "reduce.cuh"
#include "training_state.hpp"
#include "wilson_cowan_run.cuh"

namespace attractornet::cuda {

/// Copies a batch into the first states of a record, with noise that depends on the example's
/// place in the epoch alone.
struct Gather {
  const float* examples;  ///< (all, nodes)
  const std::int32_t* all_labels;
  const std::int64_t* order;
  int nodes, batch_size;
  float noise;
  std::uint64_t noise_seed;
  const TrainingState* state;
  Record record;
  Cotangents cotangents;
  std::int32_t* labels;

  __device__ void operator()(int sample, int node) const {
    const std::int64_t place = state->batch * batch_size + sample, example = order[place];
    float x = examples[example * nodes + node];
    if (noise > 0) {
      const attractornet::Stream stream(noise_seed, Purpose::noise,
                                        static_cast<std::uint64_t>(place));
      x += static_cast<float>(static_cast<double>(noise) *
                              stream.normal(static_cast<std::uint32_t>(node)));
      x = x < 0 ? 0.0f : x > 1 ? 1.0f : x;
    }
    const std::int64_t at = sample * record.stride + node;
    record.x[at] = record.y[at] = x;
    cotangents.y[at] = cotangents.by_tau[at] = 0;
    if (node == 0) labels[sample] = all_labels[example];
  }
};
static __global__ void gather(Gather gather) {
  const std::int64_t k = thread_index();
  if (k < gather.record.samples * gather.nodes)
    gather(static_cast<int>(k / gather.nodes), static_cast<int>(k % gather.nodes));
}

constexpr int sum_blocks = 64;

/// Parts of the sum by tau_i, one of each block.
static __global__ void sum_by_tau(const float* by_tau, std::int64_t count, double* parts) {
  const std::int64_t share = (count + gridDim.x - 1) / gridDim.x, first = share * blockIdx.x;
  const std::int64_t end = first + share < count ? first + share : count;
  const double sum = block_sum_of(first, end, [&](std::int64_t k) { return by_tau[k]; });
  if (threadIdx.x == 0) parts[blockIdx.x] = sum;
}

/// Numbers, their gradient and their moments.
struct Moved {
  Layout layout;
  learn::AdamStep<float> rule;
  float *values, *mean, *square, *gradient;
  const float* lengths;  ///< (batches, 4): minus those of three groups, and the scale of squares

  __device__ void step(std::int64_t batch, std::int64_t k) const {
    const float* own = lengths + 4 * batch;
    const int group = k < layout.matrix() ? 0 : k < layout.gamma() ? 1 : 2;
    rule(gradient[k], own[group], own[3], values[k], mean[k], square[k]);
  }
};
static __global__ void move_numbers(Moved moved, const TrainingState* state) {
  const std::int64_t k = thread_index();
  if (state->going == Going::on && k < moved.layout.gamma()) moved.step(state->batch, k);
}

/// Moves gamma, and counts the batch; one block.
struct Finish {
  Moved moved;
  const double* parts;  ///< (sum_blocks,)
  double dt;
  float least_gamma;
  int samples;
  TrainingState* state;

  __device__ void operator()(double by_tau) const {
    TrainingState& s = *state;
    s.following = Following::far;
    if (s.going != Going::on) return;
    const std::int64_t k = moved.layout.gamma();
    float& gamma = moved.values[k];
    const auto before = static_cast<double>(gamma);
    moved.gradient[k] = static_cast<float>(-dt / before / before * by_tau);
    moved.step(s.batch, k);
    if (gamma < least_gamma) gamma = least_gamma;
    s.tau_i = static_cast<float>(dt / static_cast<double>(gamma));
    s.loss += s.batch_loss * samples;
    s.penalty += s.batch_penalty * samples;
    s.correct += s.batch_correct;
    s.examples += samples;
    ++s.batch;
  }
};
static __global__ void finish(Finish finish) {
  const double by_tau =
      block_sum_of(0, sum_blocks, [&](std::int64_t k) { return finish.parts[k]; });
  if (threadIdx.x == 0) finish(by_tau);
}

}  // namespace attractornet::cuda
