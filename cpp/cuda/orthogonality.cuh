/// @file
/// The penalty on columns of Phi that are not at right angles to each other
/// (learn/orthogonality.hpp), on the device.
#pragma once

#include "layout.cuh"
#include "matmul.cuh"
#include "reduce.cuh"
#include "training_state.hpp"

namespace attractornet::cuda {

/// |p_j|.
struct Lengths {
  const float* phi;
  float* to;

  __device__ float term(std::int64_t at) const { return phi[at] * phi[at]; }
  __device__ void close(std::int64_t l, float sum) const { to[l] = std::sqrt(sum); }
};

/// u, and 0 for columns that the penalty is not on.
static __global__ void divide_by_lengths(Layout layout, const std::uint8_t* columns,
                                         const float* phi, const float* lengths, float* u) {
  const std::int64_t at = thread_index(), l = at % layout.stride;
  if (at < layout.matrix()) u[at] = columns[l] ? phi[at] / lengths[l] : 0.0f;
}

/// Signs of cosines u_i . u_j, and the sum of their sizes for each block.
struct Signs {
  float* to;
  std::int64_t step;
  double* sizes;
  double sum = 0;

  __device__ void keep(int i, int j, float cosine) {
    if (i == j) cosine = 0;
    to[i * step + j] = static_cast<float>((cosine > 0) - (cosine < 0));
    sum += static_cast<double>(std::abs(cosine));
  }
  __device__ void close() const {
    const double all = block_sum(sum);
    if (threadIdx.x == 0) sizes[blockIdx.y * gridDim.x + blockIdx.x] = all;
  }
};
static __global__ void sum_penalty(const double* sizes, int blocks, double unit,
                                   TrainingState* state) {
  const double sum = block_sum_of(0, blocks, [&](std::int64_t k) { return sizes[k]; });
  if (threadIdx.x == 0) state->batch_penalty = unit * sum;
}

/// g_j . u_j.
struct Along {
  const float *g, *u;
  float* to;

  __device__ float term(std::int64_t at) const { return g[at] * u[at]; }
  __device__ void close(std::int64_t l, float sum) const { to[l] = sum; }
};
static __global__ void add_penalty(Layout layout, const std::uint8_t* columns, Along along,
                                   const float* lengths, float* gradient) {
  const std::int64_t at = thread_index(), l = at % layout.stride;
  if (at < layout.matrix() && columns[l])
    gradient[at] += (along.g[at] - along.to[l] * along.u[at]) / lengths[l];
}

/// Memory of the penalty.
class Orthogonality {
 public:
  /// @param count columns that it is on, two at least.
  Orthogonality(const Stream& stream, Layout layout, Products how, int count, double weight)
      : layout_(layout),
        how_(how),
        unit_(weight / (static_cast<double>(count) * (count - 1))),
        lengths_(static_cast<std::size_t>(layout.stride)),
        along_(lengths_.size()),
        u_(static_cast<std::size_t>(layout.matrix())),
        signs_(u_.size()),
        g_(u_.size()),
        sizes_(static_cast<std::size_t>(tiles::blocks(layout.nodes, layout.nodes))) {
    for (Buffer<float>* buffer : {&lengths_, &u_, &signs_, &g_}) buffer->clear(stream);
  }

  /// @param columns that it is on (stride,).
  void add(const Stream& stream, const float* phi, const std::uint8_t* columns, float* gradient,
           TrainingState* state) {
    const int n = layout_.nodes;
    const Operand u{u_.data(), layout_.stride};
    const Along along{g_.data(), u_.data(), along_.data()};
    sum_columns(stream, layout_, Lengths{phi, lengths_.data()});
    launch(stream, layout_.matrix(), 256, divide_by_lengths, layout_, columns, phi, lengths_.data(),
           u_.data());
    multiply<true, false>(stream, how_, n, n, n, u, u,
                          Signs{signs_.data(), layout_.stride, sizes_.data()});
    launch(stream, 1, 256, sum_penalty, sizes_.data(), static_cast<int>(sizes_.size()), unit_,
           state);
    multiply<false, false>(stream, how_, n, n, n, u, {signs_.data(), layout_.stride},
                           KeepScaled{g_.data(), layout_.stride, static_cast<float>(2 * unit_)});
    sum_columns(stream, layout_, along);
    launch(stream, layout_.matrix(), 256, add_penalty, layout_, columns, along, lengths_.data(),
           gradient);
  }

 private:
  Layout layout_;
  Products how_;
  double unit_;
  Buffer<float> lengths_, along_, u_, signs_, g_;
  Buffer<double> sizes_;
};

}  // namespace attractornet::cuda
