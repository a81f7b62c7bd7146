/// @file
/// Tiles of matrices: how they come from memory, and how a block multiplies them.
#pragma once

#include <attractornet/core/math.hpp>
#include <attractornet/cuda.hpp>
#include <cstdint>
#include <tensor_core.cuh>

namespace attractornet::cuda {

/// A row-major matrix in memory of the device. Rows are whole multiples of 4 numbers apart, and 0
/// beyond their columns.
struct Operand {
  const float* data;
  std::int64_t step;
};

namespace tiles {

constexpr int tile_m = 32, tile_n = 64, tile_k = 32, matmul_threads = 128;
/// NOTE: with rows 8 more apart, fragments of tensor cores lie in different banks.
constexpr int apart_m = tile_m + 8, apart_n = tile_n + 8;

struct alignas(16) Four {
  float value[4];
};

/// Where row `depth` of a tile has its column `at`: eights change places, so that numbers that are
/// written from along the depth lie in different banks.
__device__ inline int place_of(int depth, int at) { return at ^ depth / 4 % 4 * 8; }

/// Part of a tile that a thread brings from memory: numbers (outer, depth) of a matrix, tile after
/// tile along the depth.
/// @tparam Outer of the tile; @tparam Along whether depth runs along the rows in memory.
template <int Outer, bool Along>
class Loader {
 public:
  /// @param first of the outer ones; @param outer rows or columns that there are; @param depth
  /// terms that there are.
  __device__ Loader(Operand operand, int first, int outer, int depth)
      : outer_left_(outer - first - own_outer()),
        depth_left_(depth - own_depth()),
        step_(operand.step),
        source_(operand.data + (Along ? (first + own_outer()) * step_ + own_depth()
                                      : own_depth() * step_ + first + own_outer())) {}

  /// The next tile.
  __device__ void load() {
    ATTRACTORNET_UNROLL for (int part = 0; part < parts; ++part) {
      const int further = part * apart;
      const bool inside =
          (Along ? further : 0) < outer_left_ && (Along ? 0 : further) < depth_left_;
      ATTRACTORNET_UNROLL for (int i = 0; i < 4; ++i) held_[part].value[i] = 0.0f;
      if (inside) held_[part] = *reinterpret_cast<const Four*>(source_ + further * step_);
    }
    depth_left_ -= tile_k;
    source_ += Along ? tile_k : tile_k * step_;
  }
  /// @param tile (depth, outer).
  template <int Apart>
  __device__ void store(float (&tile)[tile_k][Apart]) const {
    ATTRACTORNET_UNROLL for (int part = 0; part < parts; ++part) {
      const int depth = own_depth() + (Along ? 0 : part * apart);
      const int outer = place_of(depth, own_outer() + (Along ? part * apart : 0));
      ATTRACTORNET_UNROLL for (int i = 0; i < 4; ++i)
          tile[depth + (Along ? i : 0)][outer + (Along ? 0 : i)] = held_[part].value[i];
    }
  }

 private:
  static constexpr int parts = Outer * tile_k / 4 / matmul_threads;
  /// Threads side by side, for what lies side by side in memory; and how far a thread's parts are
  /// from each other across that.
  static constexpr int abreast = (Along ? tile_k : Outer) / 4, apart = matmul_threads / abreast;

  static __device__ int across() { return static_cast<int>(threadIdx.x) / abreast; }
  static __device__ int beside() { return static_cast<int>(threadIdx.x) % abreast * 4; }
  static __device__ int own_outer() { return Along ? across() : beside(); }
  static __device__ int own_depth() { return Along ? beside() : across(); }

  int outer_left_, depth_left_;
  std::int64_t step_;
  const float* source_;
  Four held_[parts];
};

using TileA = float[tile_k][apart_m];
using TileB = float[tile_k][apart_n];
using TileC = float[tile_m][apart_n];

/// A thread makes 4 x 4 entries.
class PlainProducts {
 public:
  __device__ void add(const TileA& a, const TileB& b) {
    ATTRACTORNET_UNROLL for (int k = 0; k < tile_k; ++k) {
      float left[4], right[4];
      ATTRACTORNET_UNROLL for (int i = 0; i < 4; ++i) {
        left[i] = a[k][place_of(k, row()) + i];
        right[i] = b[k][place_of(k, column()) + i];
      }
      ATTRACTORNET_UNROLL for (int i = 0; i < 4; ++i)
          ATTRACTORNET_UNROLL for (int j = 0; j < 4; ++j) sum_[i][j] =
              fma(left[i], right[j], sum_[i][j]);
    }
  }
  __device__ void store(TileC& c) const {
    ATTRACTORNET_UNROLL for (int i = 0; i < 4; ++i) ATTRACTORNET_UNROLL for (int j = 0; j < 4; ++j)
        c[row() + i][column() + j] = sum_[i][j];
  }

 private:
  // A warp has 16 x 32 entries, so that it reads little of both tiles.
  static __device__ int lane() { return static_cast<int>(threadIdx.x) % 32; }
  static __device__ int row() { return static_cast<int>(threadIdx.x) / 64 * 16 + lane() / 8 * 4; }
  static __device__ int column() {
    return static_cast<int>(threadIdx.x) / 32 % 2 * 32 + lane() % 8 * 4;
  }
  float sum_[4][4] = {};
};

/// The nearest number of 11 bits, halves away from 0.
__device__ inline float to_tf32(float x) { return from_bits((bits(x) + 0x1000) & 0xFFFFE000); }

/// A warp makes 16 x 32 entries on tensor cores. @tparam Exact with what 11 bits leave of numbers.
template <bool Exact>
class TensorProducts {
 public:
  __device__ void add(const TileA& a, const TileB& b) {
    ATTRACTORNET_UNROLL for (int k = 0; k < tile_k; k += 8) {
      const int depth = k + lane() % 4, r = row() + lane() / 4;
      float left[4], left_rest[4];
      ATTRACTORNET_UNROLL for (int i = 0; i < 4; ++i) {
        const int own = k + i / 2 * 4;  // of the same four as the lane's
        split(a[depth + i / 2 * 4][place_of(own, r + i % 2 * 8)], left[i], left_rest[i]);
      }
      ATTRACTORNET_UNROLL for (int n = 0; n < columns; ++n) {
        float right[2], right_rest[2];
        ATTRACTORNET_UNROLL for (int i = 0; i < 2; ++i)
            split(b[depth + i * 4][place_of(k + i * 4, column() + n * 8 + lane() / 4)], right[i],
                  right_rest[i]);
        // NOTE: sums of their own, since tensor cores do not round theirs to the nearest.
        float part[4] = {};
        if constexpr (Exact) {
          multiply_add(part, left_rest, right);
          multiply_add(part, left, right_rest);
        }
        multiply_add(part, left, right);
        ATTRACTORNET_UNROLL for (int i = 0; i < 4; ++i) sum_[n][i] += part[i];
      }
    }
  }
  __device__ void store(TileC& c) const {
    ATTRACTORNET_UNROLL for (int n = 0; n < columns; ++n)
        ATTRACTORNET_UNROLL for (int i = 0; i < 4; ++i)
            c[row() + lane() / 4 + i / 2 * 8][column() + n * 8 + lane() % 4 * 2 + i % 2] =
                sum_[n][i];
  }

 private:
  static constexpr int columns = 4;  ///< of 8
  static __device__ int lane() { return static_cast<int>(threadIdx.x) % 32; }
  static __device__ int row() { return static_cast<int>(threadIdx.x) / 32 % 2 * 16; }
  static __device__ int column() { return static_cast<int>(threadIdx.x) / 64 * 32; }
  static __device__ void split(float x, float& main, float& rest) {
    main = to_tf32(x);
    rest = Exact ? to_tf32(x - main) : 0.0f;
  }
  float sum_[columns][4] = {};
};

template <Products How>
struct ProductsOf {
  using type = PlainProducts;
};
template <>
struct ProductsOf<Products::tf32x3> {
  using type = TensorProducts<true>;
};
template <>
struct ProductsOf<Products::tf32> {
  using type = TensorProducts<false>;
};

}  // namespace tiles

}  // namespace attractornet::cuda
