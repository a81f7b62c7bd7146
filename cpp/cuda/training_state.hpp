/// @file
/// How far a training on the device has come: in its memory, where kernels read and write it.
#pragma once

#include <cstdint>

namespace attractornet::cuda {

/// Whether batches change what is trained. Where they do not, what is asked for does nothing, and
/// the next batch stays the same.
enum class Going : std::int32_t {
  on,
  no_inverse,  ///< Phi's is not near enough to that of the batch before
  diverged,    ///< the loss is not finite
};

/// How an inverse follows its matrix.
enum class Following : std::int32_t {
  far,   ///< the residual is to be looked at
  last,  ///< one correction more
  there,
};

struct TrainingState {
  std::int64_t batch = 0;  ///< the next one
  std::int64_t correct = 0, examples = 0;
  double loss = 0, penalty = 0;  ///< sums over examples
  float tau_i = 0;               ///< dt / gamma
  Going going = Going::on;
  Following following = Following::far;
  // Of the batch under way.
  std::int32_t batch_correct = 0;
  double batch_loss = 0, batch_penalty = 0;
};

}  // namespace attractornet::cuda
