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

template <class T, int D, Beside What>
class Lane {
 public:
  static constexpr bool turns = What == Beside::tangent;
  using Own = Unit<T, D, turns ? 2 : 1>;

  __device__ Lane(const Wave<T>& wave, int width, T* shared)
      : wave_(wave),
        width_(width),
        // Teams beyond the last network repeat it, since all lanes take part in shuffles.
        spare_(thread_index() / width >= wave.count),
        network_(spare_ ? wave.count - 1 : thread_index() / width),
        unit_(wave, network_, static_cast<int>(threadIdx.x) % width, shared) {
    unit_.load(wave_.y + first(), sums_);
    if constexpr (turns) unit_.load(wave_.v + first(), turned_);
  }

  __device__ void advance(std::int64_t steps) {
    keep_old(steps);
    for (std::int64_t left = steps; left > 0; --left) step(left, left < steps);
    if constexpr (What == Beside::cells) look(tanh(sums_[0]));
    if constexpr (turns)
      if (leads()) normalise();
  }

 private:
  /// Steps in which a tangent vector stays far inside the normal numbers, and how near to 1 it may
  /// be left, as powers of two.
  static constexpr int scaled_every = sizeof(T) == 8 ? 32 : 8, near = sizeof(T) == 8 ? 128 : 24;
  using Power = PowerOfTwo<T>;

  __device__ bool leads() const { return static_cast<int>(threadIdx.x) % width_ == 0 && !spare_; }
  __device__ std::int64_t first() const { return network_ * wave_.inputs; }

  /// What few steps leave of a register.
  __device__ void keep_old(std::int64_t steps) {
    if (!leads()) return;
    for (std::int64_t j = steps; j < wave_.inputs; ++j) {
      wave_.next_y[first() + j] = wave_.y[first() + j - steps];
      if constexpr (turns) wave_.next_v[first() + j] = wave_.v[first() + j - steps];
    }
  }

  /// @param left steps, with this one; @param looks whether the state that is left is looked at.
  __device__ void step(std::int64_t left, bool looks) {
    T x, turned = T(0);
    if constexpr (turns) {
      const auto t = tanh_sech2(sums_[0]);
      x = t.tanh;
      turned = total_of(unit_.output_weight() * t.sech2 * turned_[0], width_);
      unit_.push(turned, turned_);
    } else {
      x = tanh(sums_[0]);
    }
    if constexpr (What == Beside::cells)
      if (looks) look(x);
    const T y0 = total_of(unit_.output_weight() * x, width_);
    unit_.push(y0, sums_);
    if (left <= wave_.inputs && leads()) {
      wave_.next_y[first() + left - 1] = y0;
      if constexpr (turns) wave_.next_v[first() + left - 1] = turned;
    }
    if constexpr (turns)
      if (left % scaled_every == 0) scale(left);
  }

  __device__ void look(T x) {
    const T second = __shfl_sync(all_lanes, x, 1, width_);
    if (!leads()) return;
    const int cell = feedback::Cells::cell_of(static_cast<double>(x), static_cast<double>(second));
    std::uint32_t& word = wave_.cells[network_ * feedback::Cells::words + cell / 32];
    const std::uint32_t bit = std::uint32_t{1} << (cell % 32);
    if (!(word & bit)) word |= bit;
  }

  __device__ void scale(std::int64_t left) {
    T largest = T(0);
    ATTRACTORNET_UNROLL for (int m = 0; m < D; ++m) {
      const T size = magnitude(turned_[m]);
      largest = size > largest ? size : largest;
    }
    largest = largest_of(largest, width_);
    const int exponent = Power::of(largest);
    if (largest == T(0) || (-near < exponent && exponent < near)) return;
    const T factor = Power::make(-exponent);
    exponent_ += exponent;
    ATTRACTORNET_UNROLL for (int m = 0; m < D; ++m) turned_[m] = turned_[m] * factor;
    if (leads())  // of its entries, those that are written already
      for (std::int64_t j = left - 1; j < wave_.inputs; ++j)
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
  int width_;
  bool spare_;
  std::int64_t network_;
  Own unit_;
  int exponent_ = 0;
  T sums_[D], turned_[turns ? D : 1];
};

/// Advances all networks of a wave. Threads: team_width for each network.
template <class T, int D, Beside What>
__global__ void __launch_bounds__(block_threads)
    advance(Wave<T> wave, int width, std::int64_t steps) {
  __shared__ T shared[Lane<T, D, What>::Own::shared];
  Lane<T, D, What>(wave, width, shared).advance(steps);
}

}  // namespace attractornet::cuda
