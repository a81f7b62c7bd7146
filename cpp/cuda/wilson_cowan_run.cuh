/// @file
/// Runs of Wilson-Cowan networks on the device, by Euler's steps: each a product of matrices whose
/// epilogue is the step.
///
/// In products of float32 as they are, sums have the CPU's order, and states its bits.
#pragma once

#include <algorithm>
#include <attractornet/systems/wilson_cowan_params.hpp>
#include <cstdint>
#include <vector>

#include "matmul.cuh"

namespace attractornet::cuda {

/// What steps leave: states before each, with those at the end, and for the way back both tanh;
/// rows (kept or steps, samples, stride).
struct Record {
  float *x, *y, *e, *i;  ///< e and i may be null, where no way back is asked for
  std::int64_t samples, stride;
  int kept;  ///< states: steps + 1, or the last 2

  __host__ __device__ std::int64_t first(int step) const { return step % kept * samples * stride; }
  __device__ std::int64_t at(int step, int sample, int node) const {
    return first(step) + sample * stride + node;
  }
};

/// A network but for its coupling.
struct Network {
  wilson_cowan::Node<float> unit;
  float scale, tau_e;
  const float* tau_i;              ///< dt / gamma; on the device, where gamma is trained
  const float *drive_e, *drive_i;  ///< h and inputs (stride,)
};

/// h_e and h_i for each node, (2, stride).
inline Buffer<float> drives_of(const wilson_cowan::Params& params, std::int64_t stride,
                               const Stream& stream) {
  std::vector<float> drives(static_cast<std::size_t>(2 * stride), static_cast<float>(params.h_e));
  std::fill(drives.begin() + stride, drives.end(), static_cast<float>(params.h_i));
  Buffer<float> result(drives.size());
  result.write(drives, stream);
  stream.synchronise();
  return result;
}

/// The state after a step, of A x.
struct EulerStep {
  Network network;
  Record record;
  int step;

  __device__ void operator()(int sample, int node, float sum) const {
    const auto& unit = network.unit;
    const std::int64_t at = record.at(step, sample, node), to = record.at(step + 1, sample, node);
    const float x = record.x[at], y = record.y[at];
    const float e = unit.tanh_e(x, y, fma(network.scale, sum, network.drive_e[node]));
    const float i = unit.tanh_i(x, y, network.drive_i[node]);
    if (record.e) record.e[at] = e;
    if (record.i) record.i[at] = i;
    record.x[to] = x + network.tau_e * unit.slope(x, unit.alpha_e, unit.rate_e(e));
    record.y[to] = y + *network.tau_i * unit.slope(y, unit.alpha_i, unit.rate_i(i));
  }
};

/// Runs the steps from the states that are in the record.
/// @param a the coupling, (nodes, nodes).
inline void run_forward(const Stream& stream, Products how, const Network& network,
                        const Record& record, int nodes, int steps, Operand a) {
  const auto samples = static_cast<int>(record.samples);
  for (int step = 0; step < steps; ++step) {
    const Operand x{record.x + record.first(step), record.stride};
    multiply<false, true>(stream, how, samples, nodes, nodes, x, a,
                          EulerStep{network, record, step});
  }
}

/// Derivatives of a loss on the way back, rows (samples, stride).
struct Cotangents {
  float *x, *y;   ///< by the state that the way back has reached, without what goes through A
  float* by_tau;  ///< of each node, by the step's length of inhibition
};

/// Through a step of one node, given the derivative by the x that it ends in: leaves u, by its
/// drive, where tanh_e was (dynamics/wilson_cowan_adjoint.hpp).
struct PullBack {
  Network network;
  Record record;
  Cotangents cotangents;

  __device__ void operator()(int step, int sample, int node, float cx) const {
    const auto& unit = network.unit;
    const std::int64_t at = record.at(step, sample, node), own = record.at(0, sample, node);
    const float x = record.x[at], y = record.y[at], e = record.e[at], i = record.i[at];
    const float tau_e = network.tau_e, tau_i = *network.tau_i;
    const float rate_e = unit.rate_e(e), rate_i = unit.rate_i(i), cy = cotangents.y[own];
    const float u = cx * (tau_e * (1.0f - x)) * unit.steepness_e(e);
    const float v = cy * (tau_i * (1.0f - y)) * unit.steepness_i(i);
    record.e[at] = u;
    cotangents.x[own] =
        fma(cx, 1.0f - tau_e * (unit.alpha_e + rate_e), fma(unit.w_ee, u, unit.w_ie * v));
    cotangents.y[own] =
        cy * (1.0f - tau_i * (unit.alpha_i + rate_i)) - fma(unit.w_ei, u, unit.w_ii * v);
    cotangents.by_tau[own] = fma(cy, unit.slope(y, unit.alpha_i, rate_i), cotangents.by_tau[own]);
  }
};

/// The last step, from the loss's derivatives (samples, stride) by where it ends.
static __global__ void pull_back_last(PullBack pull, int step, int nodes, const float* dx) {
  const std::int64_t k = thread_index();
  if (k >= pull.record.samples * nodes) return;
  const auto sample = static_cast<int>(k / nodes), node = static_cast<int>(k % nodes);
  pull(step, sample, node, dx[pull.record.at(0, sample, node)]);
}

/// What goes through A, of u A; and then the step before.
struct BackStep {
  PullBack pull;
  int step;

  __device__ void operator()(int sample, int node, float sum) const {
    const std::int64_t own = pull.record.at(0, sample, node);
    const float cx = fma(pull.network.scale, sum, pull.cotangents.x[own]);
    pull.cotangents.x[own] = cx;
    if (step > 0) pull(step - 1, sample, node, cx);
  }
};

/// Runs back all steps of a record. Cotangents are those by the first state then.
/// @param dx loss's derivatives by the last x; those by y start from cotangents.y, sums by_tau from
/// 0. @param da dL/dA, (nodes, nodes).
inline void run_back(const Stream& stream, Products how, const PullBack& pull, int nodes, int steps,
                     Operand a, const float* dx, float* da) {
  const Record& record = pull.record;
  const auto samples = static_cast<int>(record.samples);
  launch(stream, record.samples * nodes, 256, pull_back_last, pull, steps - 1, nodes, dx);
  for (int step = steps - 1; step >= 0; --step) {
    const Operand u{record.e + record.first(step), record.stride};
    multiply<false, false>(stream, how, samples, nodes, nodes, u, a, BackStep{pull, step});
  }
  multiply<true, false>(stream, how, nodes, nodes, steps * samples, {record.e, record.stride},
                        {record.x, record.stride}, KeepScaled{da, a.step, pull.network.scale});
}

}  // namespace attractornet::cuda
