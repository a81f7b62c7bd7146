/// @file
/// What the threads of a block have together, in one order at any speed.
#pragma once

#include "launch.cuh"

namespace attractornet::cuda {

/// What combining all threads' values comes to, which all get; a block has whole warps.
template <class T, class Combine>
__device__ T block_combined(T value, const Combine& combine) {
  __shared__ T parts[32];
  const unsigned lane = threadIdx.x % 32, warp = threadIdx.x / 32;
  for (int by = 16; by > 0; by /= 2) value = combine(value, __shfl_xor_sync(0xFFFFFFFF, value, by));
  __syncthreads();  // parts of what was combined before this may yet be read
  if (lane == 0) parts[warp] = value;
  __syncthreads();
  value = parts[0];
  for (unsigned w = 1; w < blockDim.x / 32; ++w) value = combine(value, parts[w]);
  return value;
}

__device__ inline double block_sum(double value) {
  return block_combined(value, [](double a, double b) { return a + b; });
}
__device__ inline int block_least(int value) {
  return block_combined(value, [](int a, int b) { return a < b ? a : b; });
}

/// The sum of term(k) for k of a block's share, below count, of work for whole blocks.
template <class Term>
__device__ double block_sum_of(std::int64_t first, std::int64_t count, const Term& term) {
  double sum = 0;
  for (std::int64_t k = first + threadIdx.x; k < count; k += blockDim.x)
    sum += static_cast<double>(term(k));
  return block_sum(sum);
}

}  // namespace attractornet::cuda
