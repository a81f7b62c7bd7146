/// @file
/// A training on the device, as the host sees it.
#pragma once

#include <attractornet/cuda.hpp>
#include <attractornet/learn/adam_step.hpp>
#include <attractornet/learn/examples_cuda.hpp>
#include <attractornet/learn/loss_of_distances.hpp>
#include <attractornet/systems/wilson_cowan_params.hpp>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "rows.hpp"
#include "training_state.hpp"

namespace attractornet::cuda {

/// What a training on the device takes beside its numbers. Spans are copied; rows are row_stride
/// apart.
struct TrainerSetup {
  int nodes, classes, batch_size, steps;
  wilson_cowan::Params params;
  double scale, dt;
  learn::AdamOptions adam;
  double least_gamma, noise;
  std::uint64_t noise_seed;
  learn::Loss loss;
  Products products;
  std::span<const float> patterns;  ///< (classes, stride)
  std::span<const double> lengths;  ///< of the patterns

  /// Of a spectral coupling: what is trained (stride,), and bounds of the eigenvalues.
  std::span<const std::uint8_t> columns, eigenvalues;
  double low = 0, high = 0, orthogonality = 0;
  /// Of a projected coupling: Q transposed, (planted, stride).
  std::span<const float> basis;
};

/// Numbers that are trained, and Adam's moments of them: a matrix (nodes, stride), eigenvalues
/// (stride,) and gamma.
struct TrainedNumbers {
  std::vector<float> values, mean, square;
};

/// Moves numbers batch by batch.
class Trainer {
 public:
  virtual ~Trainer() = default;
  /// Asks for so many batches of batch_size.
  virtual void batches(int count) = 0;
  /// Asks for a batch of fewer examples.
  virtual void rest(int samples) = 0;
  /// Waits for them.
  virtual TrainingState state() = 0;
  /// Goes on where no inverse was found. @param inverse of Phi, (nodes, stride).
  virtual void set_inverse(std::span<const float> inverse) = 0;
  virtual TrainedNumbers numbers() = 0;
};

/// @param labels of all examples; @param order of the epoch; @param lengths of Adam's steps, of
/// each batch those of matrix, eigenvalues and gamma, and the scale of squares (batches, 4).
std::unique_ptr<Trainer> trainer_of(const TrainerSetup& setup, const TrainedNumbers& numbers,
                                    const Examples& examples, std::span<const std::int32_t> labels,
                                    std::span<const std::int64_t> order,
                                    std::span<const float> lengths);

}  // namespace attractornet::cuda
