/// @file
/// The inverse X of a matrix that changes little at a time, from the one before (G. Schulz, 1933):
///
///     X <- X + X R,   R = I - Phi X
///
/// R is squared by it. Where it does not become small, the state says so.
#pragma once

#include "matmul.cuh"
#include "reduce.cuh"
#include "training_state.hpp"

namespace attractornet::cuda {

/// Corrections that are asked for: an even number, after which X lies where it lay before.
constexpr int most_corrections = 6;
/// |R| that a last correction squares to what rounding leaves: 1e-5 of 784 nodes.
constexpr double small_residual = 3e-3;

/// R of X, and the squares of it for each block.
struct Residual {
  float* to;
  std::int64_t step;
  double* squares;
  const TrainingState* state;
  double sum = 0;

  __device__ bool idle() const { return state->following != Following::far; }
  __device__ void keep(int i, int j, float product) {
    const float value = (i == j ? 1.0f : 0.0f) - product;
    to[i * step + j] = value;
    sum += static_cast<double>(value) * static_cast<double>(value);
  }
  __device__ void close() const {
    const double all = block_sum(sum);
    if (threadIdx.x == 0) squares[blockIdx.y * gridDim.x + blockIdx.x] = all;
  }
};

/// Whether R is small; one block.
static __global__ void look_at_residual(TrainingState* state, const double* squares, int blocks,
                                        bool is_last) {
  const Following before = state->following;
  const double square = block_sum_of(
      0, blocks, [&](std::int64_t k) { return before == Following::far ? squares[k] : 0.0; });
  if (threadIdx.x > 0) return;
  if (before != Following::far) {
    state->following = Following::there;
  } else if (square < small_residual * small_residual) {
    state->following = Following::last;
  } else if (is_last || !(square < 1e12)) {
    state->following = Following::there;
    if (state->going == Going::on) state->going = Going::no_inverse;
  }
}

/// X + X R, of another X.
struct Correction {
  const float* from;
  float* to;
  std::int64_t step;
  const TrainingState* state;

  __device__ bool idle() const { return state->following == Following::there; }
  __device__ void pass(int i, int j) const { to[i * step + j] = from[i * step + j]; }
  using Fetched = float;
  static constexpr int at_once = 16;
  __device__ float fetch(int i, int j) const { return from[i * step + j]; }
  __device__ float make(float product, float before) const { return before + product; }
  __device__ void keep(int i, int j, float sum) const { to[i * step + j] = sum; }
};

/// Memory that following takes, of matrices (nodes, stride).
class Follower {
 public:
  Follower(const Stream& stream, int nodes, std::int64_t stride)
      : nodes_(nodes),
        stride_(stride),
        other_(size()),
        residual_(size()),
        squares_(static_cast<std::size_t>(tiles::blocks(nodes, nodes))) {
    other_.clear(stream);
    residual_.clear(stream);
  }

  /// Makes x the inverse of phi, unless state->following is `there`.
  void follow(const Stream& stream, Products how, const float* phi, float* x,
              TrainingState* state) {
    float *from = x, *to = other_.data();
    for (int i = 0; i < most_corrections; ++i) {
      multiply<false, false>(stream, how, nodes_, nodes_, nodes_, {phi, stride_}, {from, stride_},
                             Residual{residual_.data(), stride_, squares_.data(), state});
      launch(stream, 1, 256, look_at_residual, state, squares_.data(),
             static_cast<int>(squares_.size()), i + 1 == most_corrections);
      multiply<false, false>(stream, how, nodes_, nodes_, nodes_, {from, stride_},
                             {residual_.data(), stride_}, Correction{from, to, stride_, state});
      std::swap(from, to);
    }
  }

 private:
  std::size_t size() const { return static_cast<std::size_t>(nodes_ * stride_); }
  int nodes_;
  std::int64_t stride_;
  Buffer<float> other_, residual_;
  Buffer<double> squares_;
};

}  // namespace attractornet::cuda
