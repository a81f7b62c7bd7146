/// @file
/// Products of matrices on the device, tile by tile; what becomes of an entry is told by an
/// epilogue, which is why they are ours: a step of a network follows its product at once.
///
/// A block makes 32 x 64 entries, over 32 terms at a time, which lie in shared memory twice: those
/// that are multiplied, and those that come next.
///
/// An epilogue says what becomes of entries on the device, by
///     keep(row, column, sum)
/// or, where that reads from memory and takes time, in three parts, each of which is done for
/// `at_once` entries before the next part, so that one need not wait for another:
///     fetch(row, column)         what is read, a Fetched
///     make(sum, fetched)         what becomes of it
///     keep(row, column, made)
/// It may have also
///     idle()             whether the product is not asked for; then instead of entries
///     pass(row, column)  is called, if there is such a function
///     close()            called by all threads of a block when they have made its entries
#pragma once

#include <attractornet/core/math.hpp>
#include <attractornet/cuda.hpp>
#include <cstdint>
#include <tensor_core.cuh>

#include "launch.cuh"

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

/// How many blocks make a product.
inline int blocks(int m, int n) {
  return ((m + tile_m - 1) / tile_m) * ((n + tile_n - 1) / tile_n);
}

/// An entry of a tile: its place in the matrix, or for those outside the nearest one.
struct Entry {
  int row, column, row_in_tile, column_in_tile;
  bool inside;

  static constexpr int each = tile_m * tile_n / matmul_threads;  ///< of them a thread has

  /// @param k which of the thread's, which are of one column.
  __device__ Entry(int m, int n, int k)
      : row_in_tile(static_cast<int>(threadIdx.x) / tile_n + k * (matmul_threads / tile_n)),
        column_in_tile(static_cast<int>(threadIdx.x) % tile_n) {
    row = static_cast<int>(blockIdx.y) * tile_m + row_in_tile;
    column = static_cast<int>(blockIdx.x) * tile_n + column_in_tile;
    inside = row < m && column < n;
    row = min(row, m - 1);
    column = min(column, n - 1);
  }
};

/// Tells an epilogue a thread's entries.
template <class Epilogue>
__device__ void tell(int m, int n, const TileC& c, Epilogue& epilogue) {
  if constexpr (requires { typename Epilogue::Fetched; }) {
    constexpr int at_once = Epilogue::at_once;
    using Fetched = typename Epilogue::Fetched;
    using Made = decltype(epilogue.make(0.0f, Fetched{}));
    for (int first = 0; first < Entry::each; first += at_once) {
      Fetched fetched[at_once];
      Made made[at_once];
      ATTRACTORNET_UNROLL for (int k = 0; k < at_once; ++k) {
        const Entry e(m, n, first + k);
        fetched[k] = epilogue.fetch(e.row, e.column);
      }
      ATTRACTORNET_UNROLL for (int k = 0; k < at_once; ++k) {
        const Entry e(m, n, first + k);
        made[k] = epilogue.make(c[e.row_in_tile][e.column_in_tile], fetched[k]);
      }
      ATTRACTORNET_UNROLL for (int k = 0; k < at_once; ++k) {
        const Entry e(m, n, first + k);
        if (e.inside) epilogue.keep(e.row, e.column, made[k]);
      }
    }
  } else {
    for (int k = 0; k < Entry::each; ++k) {
      const Entry e(m, n, k);
      if (e.inside) epilogue.keep(e.row, e.column, c[e.row_in_tile][e.column_in_tile]);
    }
  }
}

template <Products How, bool TransposedA, bool TransposedB, class Epilogue>
__global__ void __launch_bounds__(matmul_threads)
    multiply_tiles(int m, int n, int depth, Operand a, Operand b, Epilogue epilogue) {
  struct Stages {
    TileA a[2];
    TileB b[2];
  };
  union Shared {
    Stages stages;
    TileC c;
  };
  __shared__ Shared shared;
  if constexpr (requires { epilogue.idle(); })
    if (epilogue.idle()) {
      if constexpr (requires { epilogue.pass(0, 0); })
        for (int k = 0; k < Entry::each; ++k)
          if (const Entry e(m, n, k); e.inside) epilogue.pass(e.row, e.column);
      return;
    }
  const int row = static_cast<int>(blockIdx.y) * tile_m,
            column = static_cast<int>(blockIdx.x) * tile_n;
  Loader<tile_m, !TransposedA> left(a, row, m, depth);
  Loader<tile_n, TransposedB> right(b, column, n, depth);
  typename ProductsOf<How>::type products;
  left.load();
  right.load();
  left.store(shared.stages.a[0]);
  right.store(shared.stages.b[0]);
  __syncthreads();
  for (int k = 0, stage = 0; k < depth; k += tile_k, stage ^= 1) {
    const bool more = k + tile_k < depth;
    if (more) {
      left.load();
      right.load();
    }
    products.add(shared.stages.a[stage], shared.stages.b[stage]);
    if (more) {
      left.store(shared.stages.a[stage ^ 1]);
      right.store(shared.stages.b[stage ^ 1]);
    }
    __syncthreads();
  }
  products.store(shared.c);
  __syncthreads();
  tell(m, n, shared.c, epilogue);
  if constexpr (requires { epilogue.close(); }) epilogue.close();
}

}  // namespace tiles

/// Tells an epilogue the sums of A(row, k) B(k, column) for all m x n entries.
/// @tparam TransposedA, TransposedB whether memory has the transposed matrix.
template <bool TransposedA, bool TransposedB, class Epilogue>
void multiply(const Stream& stream, Products how, int m, int n, int depth, Operand a, Operand b,
              const Epilogue& epilogue) {
  const dim3 grid(static_cast<unsigned>((n + tiles::tile_n - 1) / tiles::tile_n),
                  static_cast<unsigned>((m + tiles::tile_m - 1) / tiles::tile_m));
  const auto with = [&](auto kernel) {
    launch_grid(stream, grid, tiles::matmul_threads, kernel, m, n, depth, a, b, epilogue);
  };
  switch (how) {
    case Products::float32:
      return with(tiles::multiply_tiles<Products::float32, TransposedA, TransposedB, Epilogue>);
    case Products::tf32x3:
      return with(tiles::multiply_tiles<Products::tf32x3, TransposedA, TransposedB, Epilogue>);
    case Products::tf32:
      return with(tiles::multiply_tiles<Products::tf32, TransposedA, TransposedB, Epilogue>);
  }
}

/// Keeps entries, times a number.
struct KeepScaled {
  float* to;
  std::int64_t step;
  float scale = 1;

  __device__ void keep(int i, int j, float sum) const { to[i * step + j] = scale * sum; }
};

}  // namespace attractornet::cuda
