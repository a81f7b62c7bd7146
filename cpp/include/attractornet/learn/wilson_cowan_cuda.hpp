/// @file
/// Training on a CUDA device. What is declared here is in the library attractornet::cuda; where
/// that was built without CUDA it throws BackendUnavailable.
#pragma once

#include <attractornet/cuda.hpp>
#include <attractornet/learn/examples_cuda.hpp>
#include <attractornet/learn/wilson_cowan_epoch.hpp>
#include <cstdint>

namespace attractornet::cuda {

/// An epoch of a training by one of the losses, as learn::Trainer::epoch makes it, by Euler's
/// steps. The device computes it without the host, but for a look at it from time to time, and for
/// an inverse of Phi where that of the batch before is too far from it.
///
/// What it comes to is that of the CPU but for rounding: with Products::float32 states have the
/// CPU's bits, gradients are sums in another order.
struct TrainedEpoch {
  const learn::Setting& setting;  ///< whose scheme is Euler's
  const learn::Targets<float>& targets;
  learn::Loss loss;
  Products products;
  const Examples& examples;
  const std::int32_t* labels;  ///< of all examples
  const std::int64_t* order;   ///< of those that the epoch takes
  std::int64_t count;          ///< of order
  const double* rates;         ///< (batches, 3), of each batch those of weights, eigenvalues, gamma
  int threads;                 ///< of the host

  learn::EpochResult run(const learn::SpectralWeights<float>& weights,
                         learn::Trained<float>& trained, Monitor& monitor) const;
  learn::EpochResult run(const learn::ProjectedWeights<float>& weights,
                         learn::Trained<float>& trained, Monitor& monitor) const;
};

}  // namespace attractornet::cuda
