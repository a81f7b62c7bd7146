/// @file
/// Sums over the threads of a block, in one order at any speed.
#pragma once

#include "launch.cuh"

namespace attractornet::cuda {

/// The sum of all threads' values, which all get; a block has whole warps.
__device__ inline double block_sum(double value) {
  __shared__ double parts[32];
  const unsigned lane = threadIdx.x % 32, warp = threadIdx.x / 32;
  for (int by = 16; by > 0; by /= 2) value += __shfl_xor_sync(0xFFFFFFFF, value, by);
  __syncthreads();  // parts of a sum before this may yet be read
  if (lane == 0) parts[warp] = value;
  __syncthreads();
  double sum = 0;
  for (unsigned w = 0; w < blockDim.x / 32; ++w) sum += parts[w];
  return sum;
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
