/// @file
/// Runs of Wilson-Cowan networks on a CUDA device. What is declared here is in the library
/// attractornet::cuda; where that was built without CUDA it throws BackendUnavailable.
#pragma once

#include <attractornet/core/monitor.hpp>
#include <attractornet/cuda.hpp>
#include <attractornet/systems/wilson_cowan_params.hpp>
#include <cstdint>

namespace attractornet::cuda {

/// A network without inputs that runs by Euler's steps. With Products::float32 states have the bits
/// that they have on a CPU with fma.
struct EulerRun {
  wilson_cowan::Params params;
  const float* a;  ///< the coupling, (nodes, nodes)
  std::int64_t nodes;
  double scale;  ///< Gamma
  std::int64_t steps;
  double dt;
  Products products;

  /// @param x activities of both populations at the start (samples, nodes), then of the excitatory
  /// one at the end. Progress is told in samples.
  void settle(float* x, std::int64_t samples, Monitor& monitor) const;
};

}  // namespace attractornet::cuda
