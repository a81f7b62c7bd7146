/// @file
/// Runs of Wilson-Cowan networks on the device, by Euler's steps: each a product of matrices whose
/// epilogue is the step.
///
/// In products of float32 as they are, sums have the CPU's order, and states its bits.
#pragma once

#include <attractornet/systems/wilson_cowan_params.hpp>
#include <cstdint>

#include "matmul.cuh"

namespace attractornet::cuda {

/// What steps leave for the way back: states before each, with those at the end, and both tanh;
/// rows (steps + 1 or steps, samples, stride).
struct Record {
  float *x, *y, *e, *i;
  std::int64_t samples, stride;

  __device__ std::int64_t at(int step, int sample, int node) const {
    return (step * samples + sample) * stride + node;
  }
};

/// A network but for its coupling. gamma is the device's, since it is trained there.
struct Network {
  wilson_cowan::Params params;
  const float* gamma;
  float scale;
  double dt;
  const float *drive_e, *drive_i;  ///< h and inputs (stride,)
};

/// The state after a step, of A x.
struct EulerStep {
  Network network;
  Record record;
  int step;

  __device__ void operator()(int sample, int node, float sum) const {
    const wilson_cowan::Node<float> unit(network.params);
    const std::int64_t at = record.at(step, sample, node), to = record.at(step + 1, sample, node);
    const float x = record.x[at], y = record.y[at];
    const float e = unit.tanh_e(x, y, fma(network.scale, sum, network.drive_e[node]));
    const float i = unit.tanh_i(x, y, network.drive_i[node]);
    const float tau_i = static_cast<float>(network.dt / static_cast<double>(*network.gamma));
    record.e[at] = e;
    record.i[at] = i;
    record.x[to] = x + static_cast<float>(network.dt) * unit.slope(x, unit.alpha_e, unit.rate_e(e));
    record.y[to] = y + tau_i * unit.slope(y, unit.alpha_i, unit.rate_i(i));
  }
};

/// Runs the steps from the states that are in the record.
/// @param a the coupling, (nodes, nodes).
template <Products How>
void run_forward(const Stream& stream, const Network& network, const Record& record, int nodes,
                 int steps, Operand a) {
  const auto samples = static_cast<int>(record.samples);
  for (int step = 0; step < steps; ++step) {
    const Operand x{record.x + step * record.samples * record.stride, record.stride};
    multiply<How, false, true>(stream, samples, nodes, nodes, x, a,
                               EulerStep{network, record, step});
  }
}

}  // namespace attractornet::cuda
