/// @file
/// Recalls at T = 0 on the device, a block for each, as dynamics/hopfield_recall.hpp has them.
/// Weights are whole numbers, so that sums have no order.
#pragma once

#include <attractornet/core/rng.hpp>
#include <cstdint>

#include "hopfield_device.hpp"
#include "reduce.cuh"

namespace attractornet::cuda {

/// What all recalls share, and where each has its own.
struct Recalls {
  int units;
  const std::int32_t* weights;  ///< (units, units), from unit j in row j
  const double* limits;         ///< (units,)
  hopfield::Update update;
  hopfield::Tie tie;
  std::int64_t most_sweeps;
  std::uint64_t seed;
  std::int64_t first;  ///< place in the batch of the first of them

  std::int8_t* states;           ///< (recalls, units)
  std::int32_t *fields, *order;  ///< twice the fields; of a sweep: (recalls, units)
  std::uint32_t* words;          ///< (recalls, planes of 4)
  /// Of synchronous updates: what this step and the one before flipped, and a state to come back
  /// to.
  std::int8_t *flips, *before, *anchors;
  std::int64_t *sweeps, *cycles, *anchored;  ///< (recalls,); cycles: -1 under way
  double* quadratic;                         ///< sum_ij w_ij s_i s_j at the end, (recalls,)
};

/// Words of a plane of RandomWords for so many units.
ATTRACTORNET_HD inline std::int64_t plane_of(std::int64_t units) { return (units + 63) / 64 * 16; }

/// One recall, by a block.
class BlockRecall {
  using Update = hopfield::Update;

 public:
  __device__ BlockRecall(const Recalls& all, std::int64_t k)
      : all_(all),
        n_(all.units),
        stream_index_(static_cast<std::uint64_t>(all.first + k)),
        state_(all.states + k * n_),
        fields_(all.fields + k * n_),
        order_(all.order + k * n_),
        words_(all.words + k * 4 * plane_of(n_)),
        flips_(all.flips + k * n_),
        before_(all.before + k * n_),
        anchor_(all.anchors + k * n_),
        sweeps_(all.sweeps + k),
        cycle_(all.cycles + k),
        anchored_(all.anchored + k),
        quadratic_(all.quadratic + k) {}

  /// Twice the fields of a state that begins.
  __device__ void begin() {
    each([&](int i) {
      std::int32_t sum = 0;
      for (int j = 0; j < n_; ++j) sum += weight(j, i) * state_[j];
      fields_[i] = 2 * sum;
      before_[i] = anchor_[i] = 0;
      order_[i] = i;
    });
  }

  /// Goes on, by so many sweeps at most.
  __device__ void advance(int budget) {
    for (; budget > 0 && *cycle_ < 0; --budget) {
      const std::int64_t sweep = *sweeps_ + 1;
      __syncthreads();  // all have read how far it is
      const bool ends = sweep > all_.most_sweeps;
      const std::int64_t cycle = ends ? 0 : turn(sweep);
      const double doubled = block_sum_of(0, n_, [&](std::int64_t i) {
        return ends || cycle > 0 ? static_cast<double>(fields_[i]) * state_[i] : 0.0;
      });
      if (threadIdx.x == 0) {
        if (!ends) *sweeps_ = sweep;
        if (ends || cycle > 0) {
          *cycle_ = cycle;
          *quadratic_ = doubled / 2;
        }
      }
      __syncthreads();
    }
  }

 private:
  template <class F>
  __device__ void each(const F& f) {
    for (int i = static_cast<int>(threadIdx.x); i < n_; i += static_cast<int>(blockDim.x)) f(i);
    __syncthreads();
  }
  __device__ std::int32_t weight(int from, int to) const {
    return all_.weights[static_cast<std::int64_t>(from) * n_ + to];
  }
  __device__ bool changes(int i) const {
    const double s = state_[i];
    const double stays = (static_cast<double>(fields_[i]) - all_.limits[i]) * s;
    return stays < 0 || (stays == 0 && s < 0 && all_.tie == hopfield::Tie::plus);
  }

  /// A sweep. @return the length of the cycle that it ends in, or 0.
  __device__ std::int64_t turn(std::int64_t sweep) {
    if (all_.update == Update::synchronous) return step(sweep);
    if (all_.update != Update::sequential) draw_order(sweep);
    int flips = 0;
    for (int visit = next(0); visit < n_; visit = next(visit + 1)) {
      flip(order_[visit]);
      ++flips;
    }
    if (flips > 0) return 0;
    // Random sites may leave units out: then a sweep without flips proves nothing.
    if (all_.update != Update::random) return 1;
    bool unsettled = false;
    each([&](int i) { unsettled = unsettled || changes(i); });
    return block_sum(unsettled) > 0 ? 0 : 1;
  }

  /// The first visit from `from` on that flips its unit; units if there is none.
  __device__ int next(int from) {
    for (; from < n_; from += static_cast<int>(blockDim.x)) {
      const int visit = from + static_cast<int>(threadIdx.x);
      const bool flips = visit < n_ && changes(order_[visit]);
      const int first = block_least(flips ? visit : n_);
      if (first < n_) return first;
    }
    return n_;
  }
  __device__ void flip(int j) {
    const std::int32_t change = -4 * state_[j];
    __syncthreads();
    for (int i = static_cast<int>(threadIdx.x); i < n_; i += static_cast<int>(blockDim.x))
      fields_[i] += change * weight(j, i);
    if (threadIdx.x == 0) state_[j] = static_cast<std::int8_t>(-state_[j]);
    __syncthreads();
  }

  /// Sites drawn with replacement, or a permutation (Fisher and Yates).
  __device__ void draw_order(std::int64_t sweep) {
    const std::int64_t plane = plane_of(n_);
    const std::uint64_t index = static_cast<std::uint64_t>(sweep) << 32 | stream_index_;
    for (std::int64_t c = threadIdx.x; c < plane; c += blockDim.x) {
      const Words four = philox(
          {{static_cast<std::uint32_t>(c), static_cast<std::uint32_t>(Purpose::order),
            static_cast<std::uint32_t>(index), static_cast<std::uint32_t>(index >> 32)}},
          static_cast<std::uint32_t>(all_.seed), static_cast<std::uint32_t>(all_.seed >> 32));
      for (int p = 0; p < 4; ++p) words_[p * plane + c] = four.word[p];
    }
    __syncthreads();
    const auto below = [&](int i, int bound) {
      return static_cast<std::int32_t>(words_[i] * static_cast<std::uint64_t>(bound) >> 32);
    };
    if (all_.update == Update::random) {
      each([&](int i) { order_[i] = below(i, n_); });
      return;
    }
    if (threadIdx.x == 0)
      for (int i = 0; i < n_; ++i) {
        const int j = below(i, i + 1);
        order_[i] = order_[j];
        order_[j] = i;
      }
    __syncthreads();
  }

  /// All units at once.
  __device__ std::int64_t step(std::int64_t sweep) {
    int own = 0, apart = 0;
    each([&](int i) {
      flips_[i] = changes(i);
      own += flips_[i];
      apart += flips_[i] != before_[i];
    });
    const bool still = block_sum(own) == 0, back = block_sum(apart) == 0;
    for (int j = 0; j < n_; ++j)
      if (flips_[j]) flip(j);
    bool elsewhere = false;
    each([&](int i) {
      before_[i] = flips_[i];
      elsewhere = elsewhere || anchor_[i] != state_[i];
    });
    if (still) return 1;
    if (back) return 2;
    const bool returned = block_sum(elsewhere) == 0;
    if (returned) return sweep - *anchored_;
    if ((sweep & (sweep - 1)) == 0) {
      each([&](int i) { anchor_[i] = state_[i]; });
      if (threadIdx.x == 0) *anchored_ = sweep;
      __syncthreads();
    }
    return 0;
  }

  const Recalls& all_;
  int n_;
  std::uint64_t stream_index_;
  std::int8_t* state_;
  std::int32_t *fields_, *order_;
  std::uint32_t* words_;
  std::int8_t *flips_, *before_, *anchor_;
  std::int64_t *sweeps_, *cycle_, *anchored_;
  double* quadratic_;
};

static __global__ void begin_recalls(Recalls recalls) { BlockRecall(recalls, blockIdx.x).begin(); }
static __global__ void advance_recalls(Recalls recalls, int budget) {
  BlockRecall(recalls, blockIdx.x).advance(budget);
}

}  // namespace attractornet::cuda
