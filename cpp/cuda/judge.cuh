/// @file
/// What the last states of a batch are worth, and the loss's derivatives by them
/// (learn/losses.hpp).
#pragma once

#include <attractornet/learn/loss_of_distances.hpp>

#include "reduce.cuh"
#include "training_state.hpp"

namespace attractornet::cuda {

/// Target patterns (classes, stride), and of each sample its distances, probabilities and
/// derivatives (3, classes).
struct Judge {
  learn::Loss kind;
  int classes, nodes, samples;
  std::int64_t stride;
  const float* patterns;
  const double* lengths;  ///< of the patterns
  const std::int32_t* labels;
  double* scratch;        ///< (samples, 3, classes)
  double* losses;         ///< (samples,)
  std::int32_t* correct;  ///< (samples,)

  /// A block's sample. @param x its state; @param dx the derivatives of the mean over the batch.
  __device__ void operator()(const float* x, float* dx) const {
    const std::int64_t sample = blockIdx.x;
    double *d = scratch + sample * 3 * classes, *q = d + classes, *by_distance = q + classes;
    for (int k = 0; k < classes; ++k) {
      const float* pattern = patterns + k * stride;
      const double square = block_sum_of(0, nodes, [&](std::int64_t i) {
        const float apart = x[i] - pattern[i];
        return apart * apart;
      });
      if (threadIdx.x == 0) d[k] = square;
    }
    if (threadIdx.x == 0) {
      const learn::Distances distances(d, lengths, classes);
      const std::int32_t label = labels[sample];
      correct[sample] = distances.probabilities(q) == label;
      losses[sample] = distances.loss(kind, q, label, nodes, by_distance);
    }
    __syncthreads();
    const double weight = 2.0 / samples;
    double total = 0;
    for (int k = 0; k < classes; ++k) total += by_distance[k];
    for (std::int64_t i = threadIdx.x; i < nodes; i += blockDim.x) {
      float sum = static_cast<float>(weight * total) * x[i];
      for (int k = 0; k < classes; ++k)
        sum = fma(static_cast<float>(-weight * by_distance[k]), patterns[k * stride + i], sum);
      dx[i] = sum;
    }
  }
};

static __global__ void judge_states(Judge judge, const float* x, float* dx) {
  judge(x + blockIdx.x * judge.stride, dx + blockIdx.x * judge.stride);
}

/// The mean over the batch; one block.
static __global__ void judge_batch(Judge judge, TrainingState* state) {
  const double loss =
      block_sum_of(0, judge.samples, [&](std::int64_t k) { return judge.losses[k]; });
  const double correct =
      block_sum_of(0, judge.samples, [&](std::int64_t k) { return judge.correct[k]; });
  if (threadIdx.x > 0) return;
  state->batch_loss = loss / judge.samples;
  state->batch_correct = static_cast<std::int32_t>(correct);
  if (!std::isfinite(loss) && state->going == Going::on) state->going = Going::diverged;
}

}  // namespace attractornet::cuda
