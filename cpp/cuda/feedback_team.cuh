/// @file
/// Orbits of feedback networks, alone or with a tangent vector, each run by a team: as many lanes
/// of a warp as it has hidden units, to the next power of two.
///
/// The entries of a tangent vector are the derivatives of outputs, so it is a register like that of
/// outputs, with transposed sums of its own. It is brought back to about 1 by powers of two, which
/// rounds nothing, and made of length 1 at the end.
#pragma once

#include <attractornet/core/math.hpp>
#include <attractornet/systems/feedback_cells.hpp>
#include <cmath>
#include <cstdint>

#include "feedback_device.hpp"
#include "feedback_wave.cuh"

namespace attractornet::cuda {

/// Lanes of a team: an output is the sum of two terms at least, as in tree_sum.
ATTRACTORNET_HD inline int team_width(int neurons) {
  int width = 2;
  while (width < neurons) width *= 2;
  return width;
}

/// @tparam D inputs, to the next size that there is; @tparam W lanes of a team.
template <class T, int D, int W, Beside What>
class Lane {
 public:
  static constexpr bool turns = What == Beside::tangent;
  using Own = Unit<T, D, turns ? 2 : 1>;

  __device__ Lane(const Wave<T>& wave, T* shared)
      : wave_(wave),
        // Teams beyond the last network repeat it, since all lanes take part in shuffles.
        spare_(thread_index() / W >= wave.count),
        network_(spare_ ? wave.count - 1 : thread_index() / W),
        unit_(wave, network_, static_cast<int>(threadIdx.x) % W, shared) {
    unit_.load(wave_.y + first(), sums_);
    if constexpr (turns) unit_.load(wave_.v + first(), turned_);
    settle();
  }

  __device__ void advance(int steps) {
    if (leads()) {
      keep_old(wave_.y + first(), wave_.next_y + first(), wave_.inputs, steps);
      if constexpr (turns) keep_old(wave_.v + first(), wave_.next_v + first(), wave_.inputs, steps);
    }
    const int kept = min(steps, wave_.inputs);
    run<false>(steps, kept);
    run<true>(kept, 0);
    if constexpr (turns)
      if (leads()) normalise();
  }

 private:
  /// Steps in which a tangent vector stays far inside the normal numbers, and how near to 1 it may
  /// be left, as powers of two.
  static constexpr int scaled_every = sizeof(T) == 8 ? 32 : 8, near = sizeof(T) == 8 ? 128 : 24;
  using Power = PowerOfTwo<T>;

  __device__ bool leads() const { return static_cast<int>(threadIdx.x) % W == 0 && !spare_; }
  __device__ std::int64_t first() const { return network_ * wave_.inputs; }

  /// Steps until only `end` are left. @tparam Kept whether they are of the register that is
  /// reached.
  template <bool Kept>
  __device__ void run(int left, int end) {
    // NOTE: as one step, the sums would be copied once to be shifted.
    ATTRACTORNET_UNROLL_BY_4 for (; left > end; --left) step<Kept>(left);
  }
  template <bool Kept>
  __device__ void step(int left) {
    const T y0 = total_of<W>(unit_.output_weight() * x_);
    T turned = T(0);
    if constexpr (turns) {
      turned = total_of<W>(slope_ * turned_[0]);
      unit_.push(turned, turned_);
    }
    unit_.push(y0, sums_);
    settle();
    if constexpr (What == Beside::cells) look();
    if (Kept && leads()) {
      wave_.next_y[first() + left - 1] = y0;
      if constexpr (turns) wave_.next_v[first() + left - 1] = turned;
    }
    if constexpr (turns)
      if (left % scaled_every == 0) scale(left);
  }

  /// The hidden unit of the state that is reached.
  __device__ void settle() {
    if constexpr (turns) {
      const auto t = tanh_sech2(sums_[0]);
      x_ = t.tanh;
      slope_ = unit_.output_weight() * t.sech2;
    } else {
      x_ = tanh(sums_[0]);
    }
  }

  __device__ void look() {
    const T second = __shfl_sync(all_lanes, x_, 1, W);
    if (!leads()) return;
    const int cell = feedback::Cells::cell_of(static_cast<double>(x_), static_cast<double>(second));
    std::uint32_t& word = wave_.cells[network_ * feedback::Cells::words + cell / 32];
    const std::uint32_t bit = std::uint32_t{1} << (cell % 32);
    if (!(word & bit)) word |= bit;
  }

  __device__ void scale(int left) {
    T largest = T(0);
    ATTRACTORNET_UNROLL for (int m = 0; m < D; ++m) {
      const T size = magnitude(turned_[m]);
      largest = size > largest ? size : largest;
    }
    largest = largest_of<W>(largest);
    const int exponent = Power::of(largest);
    if (largest == T(0) || (-near < exponent && exponent < near)) return;
    const T factor = Power::make(-exponent);
    exponent_ += exponent;
    ATTRACTORNET_UNROLL for (int m = 0; m < D; ++m) turned_[m] = turned_[m] * factor;
    if (leads())  // of its entries, those that are written already
      for (int j = left - 1; j < wave_.inputs; ++j)
        wave_.next_v[first() + j] = wave_.next_v[first() + j] * factor;
  }

  __device__ void normalise() {
    T* v = wave_.next_v + first();
    T square = T(0);
    for (int j = 0; j < wave_.inputs; ++j) square = fma(v[j], v[j], square);
    const T length = std::sqrt(square);
    for (int j = 0; j < wave_.inputs; ++j) v[j] = v[j] / length;
    const auto size = static_cast<double>(length);
    const bool sound = size > 0 && size < __builtin_inf();
    wave_.growth[network_] +=
        sound ? log(size) + exponent_ * 0.69314718055994530942 : __builtin_nan("");
  }

  const Wave<T>& wave_;
  bool spare_;
  std::int64_t network_;
  Own unit_;
  int exponent_ = 0;
  T x_, slope_ = T(0), sums_[D], turned_[turns ? D : 1];
};

/// Advances all networks of a wave. Threads: W for each network.
template <class T, int D, int W, Beside What>
__global__ void __launch_bounds__(block_threads) advance(Wave<T> wave, int steps) {
  using Own = Lane<T, D, W, What>;
  __shared__ T shared[Own::Own::shared];
  Own(wave, shared).advance(steps);
}

}  // namespace attractornet::cuda
