/// @file
/// Feedback networks of one size on the device, and one hidden unit of one of them, which a lane of
/// a warp runs.
///
/// A lane keeps its unit's row of weights and the register's sums in transposed form: sum[m] is the
/// part of w . y that is already known m steps ahead (as in systems/feedback_orbit.hpp), so that
/// nothing is shifted. Units of a network are neighbours: an output takes one shuffle for each
/// halving of their number. Sums have the order of the rule, so that orbits have the bits that they
/// have on the CPU.
#pragma once

#include <attractornet/core/math.hpp>
#include <cstdint>

#include "launch.cuh"

namespace attractornet::cuda {

/// Networks of one size and what becomes of them; all memory is the device's.
template <class T>
struct Wave {
  std::int64_t count;
  int neurons, inputs, k;
  const T* w;          ///< (count, neurons, inputs)
  const double* b;     ///< (count, neurons)
  const T* y;          ///< (count, inputs), registers, newest output first
  const T* v;          ///< (count, k, inputs), orthonormal tangent vectors
  T *next_y, *next_v;  ///< those that are reached
  double* growth;  ///< (count, k), ln of how much vectors grew, added to; NaN where one was lost
  int* interval;   ///< (count,), steps between two orthonormalisations of a frame
  std::uint32_t* cells;  ///< (count, Cells::words), those seen
};

constexpr unsigned block_threads = 64;
constexpr unsigned all_lanes = 0xFFFFFFFF;

/// A power of two as a number, and that of a number.
template <class T>
struct PowerOfTwo {
  static constexpr int mantissa = detail::TanhTraits<T>::mantissa;
  static constexpr int bias = sizeof(T) == 8 ? 1023 : 127;

  /// Of those of a size above 0; one less than the largest at most, lest it have no opposite.
  static __device__ int of(T size) {
    const int exponent = static_cast<int>(bits(size) >> mantissa) - bias;
    return exponent < bias ? exponent : bias - 1;
  }
  static __device__ T make(int exponent) {
    using Bits = decltype(bits(T(0)));
    return from_bits(static_cast<Bits>(exponent + bias) << mantissa);
  }
};

/// @tparam D inputs, to the next size that there is; weights beyond are 0, which changes no sum.
/// @tparam R registers of D numbers that the lane has beside the weights.
template <class T, int D, int R>
class Unit {
 public:
  /// Whether weights are in shared memory, since registers are full.
  static constexpr bool shares_weights = (1 + R) * D * sizeof(T) > 640;
  static constexpr int shared = shares_weights ? D * static_cast<int>(block_threads) : 1;

  /// @param i the unit; beyond the last one, a lane that adds nothing.
  __device__ Unit(const Wave<T>& wave, std::int64_t network, int i, T* memory)
      : inputs_(wave.inputs), memory_(memory + (shares_weights ? threadIdx.x : 0)) {
    const bool real = i < wave.neurons;
    const std::int64_t unit = network * wave.neurons + (real ? i : 0);
    b_ = real ? static_cast<T>(wave.b[unit]) : T(0);
    ATTRACTORNET_UNROLL for (int j = 0; j < D; ++j) weight(j) =
        real && j < inputs_ ? wave.w[unit * inputs_ + j] : T(0);
  }

  __device__ T output_weight() const { return b_; }

  /// The sums of a register.
  __device__ void load(const T* y, T (&sums)[D]) {
    ATTRACTORNET_UNROLL for (int m = 0; m < D; ++m) sums[m] = T(0);
    for (int age = inputs_ - 1; age >= 0; --age) push(y[age], sums);
  }
  /// One more output: what was known m + 1 steps ahead is known m steps ahead. sums[0] is the
  /// drive.
  __device__ void push(T y0, T (&sums)[D]) {
    ATTRACTORNET_UNROLL for (int m = 0; m < D; ++m) sums[m] =
        fma(weight(m), y0, m + 1 < D ? sums[m + 1] : T(0));
  }

 private:
  __device__ T& weight(int j) {
    if constexpr (shares_weights)
      return memory_[j * static_cast<int>(block_threads)];
    else
      return w_[j];
  }

  int inputs_;
  T* memory_;
  T b_, w_[shares_weights ? 1 : D];
};

/// What few steps leave of a register.
template <class T>
__device__ void keep_old(const T* from, T* to, int inputs, int steps) {
  for (int j = steps; j < inputs; ++j) to[j] = from[j - steps];
}

/// Sum over W lanes, by halves as tree_sum; all of them get it.
template <int W, class T>
__device__ T total_of(T term) {
  ATTRACTORNET_UNROLL for (int half = W / 2; half >= 1; half /= 2) term =
      term + __shfl_xor_sync(all_lanes, term, half);
  return term;
}

template <int W, class T>
__device__ T largest_of(T value) {
  ATTRACTORNET_UNROLL for (int half = W / 2; half >= 1; half /= 2) {
    const T other = __shfl_xor_sync(all_lanes, value, half);
    value = other > value ? other : value;
  }
  return value;
}

}  // namespace attractornet::cuda
