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

/// Where a step starts from, and what it leaves for the way back, both tanh; rows (samples,
/// stride).
struct Step {
  float *x, *y, *e, *i;
};

/// What all steps leave: rows (kept or steps, samples, stride).
struct Record {
  float *x, *y, *e, *i;  ///< e and i may be null, where no way back is asked for
  std::int64_t samples, stride;
  int kept;  ///< states: steps + 1, or the last 2

  Step step(int number) const {
    const std::int64_t state = number % kept * samples * stride, own = number * samples * stride;
    return {x + state, y + state, e ? e + own : nullptr, i ? i + own : nullptr};
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
  Step from, to;
  std::int64_t stride;

  static constexpr int at_once = 8;
  struct Fetched {
    float x, y, drive_e, drive_i, tau_i;
  };
  __device__ Fetched fetch(int sample, int node) const {
    const std::int64_t at = sample * stride + node;
    return {from.x[at], from.y[at], network.drive_e[node], network.drive_i[node], *network.tau_i};
  }
  struct Made {
    float x, y, e, i;
  };
  __device__ Made make(float sum, const Fetched& f) const {
    const auto& unit = network.unit;
    const float e = unit.tanh_e(f.x, f.y, fma(network.scale, sum, f.drive_e));
    const float i = unit.tanh_i(f.x, f.y, f.drive_i);
    return {f.x + network.tau_e * unit.slope(f.x, unit.alpha_e, unit.rate_e(e)),
            f.y + f.tau_i * unit.slope(f.y, unit.alpha_i, unit.rate_i(i)), e, i};
  }
  __device__ void keep(int sample, int node, const Made& made) const {
    const std::int64_t at = sample * stride + node;
    to.x[at] = made.x;
    to.y[at] = made.y;
    if (!from.e) return;
    from.e[at] = made.e;
    from.i[at] = made.i;
  }
};

/// Runs the steps from the states that are in the record.
/// @param a the coupling, (nodes, nodes).
inline void run_forward(const Stream& stream, Products how, const Network& network,
                        const Record& record, int nodes, int steps, Operand a) {
  const auto samples = static_cast<int>(record.samples);
  for (int k = 0; k < steps; ++k) {
    const Step from = record.step(k);
    multiply<false, true>(stream, how, samples, nodes, nodes, {from.x, record.stride}, a,
                          EulerStep{network, from, record.step(k + 1), record.stride});
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
  Step step;
  Cotangents cotangents;

  struct Fetched {
    float x, y, e, i, cy, by_tau, tau_i;
  };
  /// @param at the node's place in rows.
  __device__ Fetched fetch(std::int64_t at) const {
    return {step.x[at],    step.y[at],       step.e[at],
            step.i[at],    cotangents.y[at], cotangents.by_tau[at],
            *network.tau_i};
  }
  struct Made {
    float u, x, y, by_tau;
  };
  __device__ Made make(float cx, const Fetched& f) const {
    const auto& unit = network.unit;
    const float tau_e = network.tau_e, rate_e = unit.rate_e(f.e), rate_i = unit.rate_i(f.i);
    const float u = cx * (tau_e * (1.0f - f.x)) * unit.steepness_e(f.e);
    const float v = f.cy * (f.tau_i * (1.0f - f.y)) * unit.steepness_i(f.i);
    return {u, fma(cx, 1.0f - tau_e * (unit.alpha_e + rate_e), fma(unit.w_ee, u, unit.w_ie * v)),
            f.cy * (1.0f - f.tau_i * (unit.alpha_i + rate_i)) - fma(unit.w_ei, u, unit.w_ii * v),
            fma(f.cy, unit.slope(f.y, unit.alpha_i, rate_i), f.by_tau)};
  }
  __device__ void keep(std::int64_t at, const Made& made) const {
    step.e[at] = made.u;
    cotangents.x[at] = made.x;
    cotangents.y[at] = made.y;
    cotangents.by_tau[at] = made.by_tau;
  }
};

/// The last step, from the loss's derivatives (samples, stride) by where it ends.
static __global__ void pull_back_last(PullBack pull, std::int64_t samples, std::int64_t stride,
                                      int nodes, const float* dx) {
  const std::int64_t k = thread_index();
  const std::int64_t at = k / nodes * stride + k % nodes;
  if (k < samples * nodes) pull.keep(at, pull.make(dx[at], pull.fetch(at)));
}

/// What goes through A, of u A; and then the step before, if there is one.
struct BackStep {
  PullBack before;
  bool is_first;
  std::int64_t stride;

  static constexpr int at_once = 4;
  struct Fetched {
    PullBack::Fetched before;
    float cx;
  };
  __device__ Fetched fetch(int sample, int node) const {
    const std::int64_t at = sample * stride + node;
    return {before.fetch(at), before.cotangents.x[at]};
  }
  __device__ PullBack::Made make(float sum, const Fetched& f) const {
    const float cx = fma(before.network.scale, sum, f.cx);
    if (is_first) return {0, cx, 0, 0};
    return before.make(cx, f.before);
  }
  __device__ void keep(int sample, int node, const PullBack::Made& made) const {
    const std::int64_t at = sample * stride + node;
    if (is_first)
      before.cotangents.x[at] = made.x;
    else
      before.keep(at, made);
  }
};

/// Runs back all steps of a record. Cotangents are those by the first state then.
/// @param dx loss's derivatives by the last x; those by y start from cotangents.y, sums by_tau from
/// 0. @param da dL/dA, (nodes, nodes).
inline void run_back(const Stream& stream, Products how, const Network& network,
                     const Record& record, const Cotangents& cotangents, int nodes, int steps,
                     Operand a, const float* dx, float* da) {
  const auto samples = static_cast<int>(record.samples);
  const auto pull_back = [&](int k) { return PullBack{network, record.step(k), cotangents}; };
  launch(stream, record.samples * nodes, 256, pull_back_last, pull_back(steps - 1), record.samples,
         record.stride, nodes, dx);
  for (int k = steps - 1; k >= 0; --k) {
    const BackStep back{pull_back(std::max(k - 1, 0)), k == 0, record.stride};
    multiply<false, false>(stream, how, samples, nodes, nodes, {record.step(k).e, record.stride}, a,
                           back);
  }
  multiply<true, false>(stream, how, nodes, nodes, steps * samples, {record.e, record.stride},
                        {record.x, record.stride}, KeepScaled{da, a.step, network.scale});
}

}  // namespace attractornet::cuda
