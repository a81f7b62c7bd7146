/// @file
/// How what is trained lies in memory of the device, and sums over its columns.
#pragma once

#include <attractornet/core/math.hpp>
#include <span>

#include "launch.cuh"
#include "rows.hpp"

namespace attractornet::cuda {

/// Where the parts of numbers lie.
struct Layout {
  int nodes;
  std::int64_t stride;

  __host__ __device__ std::int64_t matrix() const { return nodes * stride; }
  __host__ __device__ std::int64_t gamma() const { return matrix() + stride; }
  __host__ __device__ std::int64_t count() const { return gamma() + 1; }
};

template <class T>
Buffer<T> buffer_of(std::span<const T> values, const Stream& stream) {
  Buffer<T> result(values.size());
  result.write(values, stream);
  return result;
}

namespace detail {

/// Blocks of 8 warps, for 32 columns each.
template <class Columns>
__global__ void sum_columns(Layout layout, Columns columns) {
  __shared__ float parts[8][32];
  const unsigned lane = threadIdx.x % 32, part = threadIdx.x / 32;
  const std::int64_t l = std::int64_t{blockIdx.x} * 32 + lane;
  float sum = 0;
  if (l < layout.nodes)
    for (std::int64_t i = part; i < layout.nodes; i += 8)
      sum = sum + columns.term(i * layout.stride + l);
  parts[part][lane] = sum;
  __syncthreads();
  if (part > 0 || l >= layout.nodes) return;
  for (int other = 1; other < 8; ++other) sum += parts[other][lane];
  columns.close(l, sum);
}

}  // namespace detail

/// Calls close(column, sum of term(place of an entry in memory) over the column) on the device.
template <class Columns>
void sum_columns(const Stream& stream, Layout layout, const Columns& columns) {
  launch(stream, std::int64_t{(layout.nodes + 31) / 32} * 256, 256, detail::sum_columns<Columns>,
         layout, columns);
}

}  // namespace attractornet::cuda
