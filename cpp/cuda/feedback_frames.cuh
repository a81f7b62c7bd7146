/// @file
/// Feedback networks with frames of tangent vectors, each run by a warp: lane i is hidden unit i,
/// entry i of the gradient, and has vector i of the frame.
///
/// The Jacobian is a companion matrix: a step puts one new entry g . v before the others of each
/// vector. Frames are made orthonormal by modified Gram-Schmidt, at an interval that each network
/// finds for itself: where too little is left of a vector, the steps are done again with half of
/// it.
#pragma once

#include <attractornet/core/math.hpp>
#include <cmath>
#include <cstdint>

#include "feedback_team.cuh"
#include "feedback_wave.cuh"

namespace attractornet::cuda {

/// @tparam D inputs, to the next size that there is, at most a warp; so many vectors at most.
template <class T, int D>
class FrameLane {
 public:
  using Own = Unit<T, D, 2>;

  struct Shared {
    T weights[Own::shared];
    T rows[block_threads / 32][D];  ///< of each warp: a gradient, or a vector
  };

  __device__ FrameLane(const Wave<T>& wave, Shared& shared)
      : wave_(wave),
        lane_(static_cast<int>(threadIdx.x) % 32),
        network_(thread_index() / 32),
        row_(shared.rows[threadIdx.x / 32]),
        unit_(wave, network_, lane_, shared.weights) {}

  __device__ void advance(int steps, int longest) {
    int interval = wave_.interval[network_];
    while (!run(steps, interval) && interval > 1) interval /= 2;
    if (has_vector())
      wave_.growth[network_ * wave_.k + lane_] += is_sound(interval) ? growth_ : __builtin_nan("");
    // Twice as long an interval leaves about the square of the share; factors are margins.
    if (2 * interval <= longest && share_ > 10 * least_share && defect_ < 0.01 * worst_defect)
      interval *= 2;
    if (lane_ == 0) wave_.interval[network_] = interval;
  }

 private:
  // As on the CPU (scan/feedback_waves.hpp): the share of its length that is left of a vector, and
  // how far growth may be from the determinant, a step.
  static constexpr double least_share = sizeof(T) == 8 ? 1e-10 : 1e-4;
  static constexpr double lost_share = sizeof(T) == 8 ? 1e-13 : 1e-5;
  static constexpr double worst_defect = sizeof(T) == 8 ? 1e-8 : 1e-4;
  static constexpr T smallest = sizeof(T) == 8 ? T(1e-200) : T(1e-30), largest = T(1) / smallest;

  __device__ bool has_vector() const { return lane_ < wave_.k; }
  __device__ std::int64_t first_input() const { return network_ * wave_.inputs; }
  __device__ std::int64_t first_vector() const {
    return (network_ * wave_.k + lane_) * wave_.inputs;
  }
  __device__ bool is_sound(int interval) const {
    const double least = interval == 1 ? lost_share : least_share;
    return share_ > least * least && defect_ <= worst_defect;
  }

  /// All steps from the start, to the next state; false if digits were lost.
  __device__ bool run(int steps, int interval) {
    load();
    if (lane_ == 0)
      keep_old(wave_.y + first_input(), wave_.next_y + first_input(), wave_.inputs, steps);
    for (int done = 0; done < steps; ++done) {
      step(steps - done);
      if ((done + 1) % interval != 0 && done + 1 < steps) continue;
      orthonormalise();
      if (interval == 1 && wave_.k > 1) orthonormalise();
    }
    ATTRACTORNET_UNROLL for (int j = 0; j < D; ++j) if (has_vector() && j < wave_.inputs)
        wave_.next_v[first_vector() + j] = v_[j];
    agree(steps);
    return is_sound(interval);
  }

  __device__ void load() {
    unit_.load(wave_.y + first_input(), sums_);
    ATTRACTORNET_UNROLL for (int j = 0; j < D; ++j) v_[j] =
        has_vector() && j < wave_.inputs ? wave_.v[first_vector() + j] : T(0);
    growth_ = log_volume_ = 0;
    share_ = volume_ = 1;
  }
  __device__ void step(int left) {
    const auto t = tanh_sech2(sums_[0]);
    const T y0 = output(unit_.output_weight() * t.tanh);
    write_gradient(unit_.output_weight() * t.sech2);
    turn();
    unit_.push(y0, sums_);
    if (left <= wave_.inputs && lane_ == 0) wave_.next_y[first_input() + left - 1] = y0;
    __syncwarp();  // the gradient has been read
  }

  /// Sum over the hidden units, by halves as tree_sum; to all lanes.
  __device__ T output(T term) const {
    for (int half = team_width(wave_.neurons) / 2; half >= 1; half /= 2)
      term = term + __shfl_xor_sync(all_lanes, term, half);
    return __shfl_sync(all_lanes, term, 0);
  }

  /// g, in the order of the rule, to the warp's row.
  __device__ void write_gradient(T slope) {
    T g(0);
    for (int i = 0; i < wave_.neurons; ++i) {
      const T of_unit = __shfl_sync(all_lanes, slope, i);
      if (lane_ < wave_.inputs)
        g = fma(of_unit, wave_.w[(network_ * wave_.neurons + i) * wave_.inputs + lane_], g);
    }
    if (lane_ < D) row_[lane_] = g;
    __syncwarp();
    volume_ *= static_cast<double>(magnitude(row_[wave_.inputs - 1]));
    if (!(volume_ > 1e-200 && volume_ < 1e200)) {
      log_volume_ += log(volume_);
      volume_ = 1;
    }
  }
  /// The new entry g . v, from the oldest on.
  __device__ void turn() {
    T sum(0);
    ATTRACTORNET_UNROLL for (int j = D - 1; j >= 0; --j) {
      sum = fma(row_[j], v_[j], sum);
      if (j > 0) v_[j] = j < wave_.inputs ? v_[j - 1] : T(0);
    }
    v_[0] = sum;
  }

  __device__ void orthonormalise() {
    T explained(0), square(0);
    for (int p = 0; p < wave_.k; ++p) {
      if (lane_ == p) square = normalise();
      __syncwarp();
      if (lane_ > p) explained = project(explained);
      __syncwarp();
    }
    if (!has_vector()) return;
    growth_ += 0.5 * log(static_cast<double>(square));
    const bool normal = square > smallest && square < largest && explained < largest;
    const double share = normal ? static_cast<double>(square / (square + explained)) : 0.0;
    if (share < share_) share_ = share;
  }
  /// Puts the unit vector into the warp's row; the square of its length.
  __device__ T normalise() {
    T square(0);
    ATTRACTORNET_UNROLL for (int j = 0; j < D; ++j) square = fma(v_[j], v_[j], square);
    const T inverse = T(1) / std::sqrt(square);
    ATTRACTORNET_UNROLL for (int j = 0; j < D; ++j) row_[j] = v_[j] = v_[j] * inverse;
    return square;
  }
  /// Takes the part along the row's vector away, and adds to what those before explain.
  __device__ T project(T explained) {
    T dot(0);
    ATTRACTORNET_UNROLL for (int j = 0; j < D; ++j) dot = fma(row_[j], v_[j], dot);
    ATTRACTORNET_UNROLL for (int j = 0; j < D; ++j) v_[j] = fma(row_[j], T(0) - dot, v_[j]);
    return fma(dot, dot, explained);
  }

  /// What the lanes have seen becomes what the network has: the least share; and of a complete
  /// frame how far its growth is from the determinant.
  __device__ void agree(int steps) {
    share_ = -largest_of<32>(-share_);
    const double apart = total_of<32>(growth_) - (log_volume_ + log(volume_));
    const bool complete = wave_.k == wave_.inputs && wave_.k > 1;
    defect_ = complete ? magnitude(apart) / static_cast<double>(steps) : 0.0;
  }

  const Wave<T>& wave_;
  int lane_;
  std::int64_t network_;
  T* row_;
  Own unit_;
  T sums_[D], v_[D];
  double growth_ = 0, share_ = 1, defect_ = 0, volume_ = 1, log_volume_ = 0;
};

/// Advances all networks of a wave, with their frames. Threads: 32 for each network.
template <class T, int D>
__global__ void __launch_bounds__(block_threads)
    advance_frames(Wave<T> wave, int steps, int longest) {
  __shared__ typename FrameLane<T, D>::Shared shared;
  // Warps beyond the last network end: nothing is shared between warps.
  if (thread_index() / 32 < wave.count) FrameLane<T, D>(wave, shared).advance(steps, longest);
}

}  // namespace attractornet::cuda
