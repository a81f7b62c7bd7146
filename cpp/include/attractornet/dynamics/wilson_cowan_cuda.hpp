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

/// A run that can be gone back, in memory of the device that is the caller's, such as torch's. Rows
/// are `stride` numbers apart, a multiple of 4, and 0 beyond the nodes. Work is asked of the
/// caller's stream, and not waited for.
struct DeviceTape {
  wilson_cowan::Params params;  ///< but for gamma
  double scale, dt;
  std::int64_t nodes, stride, samples, steps;
  Products products;
  const float* a;       ///< (nodes, stride)
  const float* tau_i;   ///< dt / gamma, (1,)
  const float* drives;  ///< h_e, h_i (2, stride)
  /// States (steps + 1, samples, stride), the first of which are given; and what the way back
  /// needs (steps, samples, stride). Without a way back e and i are null, and of the states there
  /// are 2 in turn.
  float *x, *y, *e, *i;

  void forward(void* stream) const;

  /// What a loss depends on, by the run's parts.
  struct Gradient {
    const float* dx;  ///< by the last x, (samples, stride)
    float *x, *y;     ///< by the first states, (samples, stride); y: by the last ones before
    float* by_tau;    ///< by tau_i, of each node (samples, stride); 0 before
    float* da;        ///< (nodes, stride)
  };
  /// Uses e up.
  void reverse(void* stream, const Gradient& gradient) const;
};

}  // namespace attractornet::cuda
