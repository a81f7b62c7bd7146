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

#include "launch.cuh"
#include "tiles.cuh"

namespace attractornet::cuda {

namespace tiles {

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
