/// @file
/// Triangular systems with many right-hand sides, by tiles of registers: almost all of the work is
/// products of matrices.
#pragma once

#include <algorithm>
#include <attractornet/core/matrix_tiles.hpp>
#include <cstdint>
#include <vector>

namespace attractornet {

enum class Triangle { lower, upper };

namespace detail {

template <class V, int... Lane>
ATTRACTORNET_INLINE V reversed(V v, std::integer_sequence<int, Lane...>) {
  return __builtin_shufflevector(v, v, (int{sizeof...(Lane)} - 1 - Lane)...);
}
/// The lanes from the last to the first.
template <class V>
ATTRACTORNET_INLINE V reversed(V v) {
  return reversed(v, std::make_integer_sequence<int, sizeof(V) / sizeof(v[0])>{});
}

}  // namespace detail

/// A triangular matrix, packed for solving. Unknown i is found as (b_i - sum_k t_ik x_k) / t_ii,
/// the sum one chain of fma over the unknowns in the order in which they are found.
template <class T>
class TriangularTiles {
 public:
  /// @param columns t_ik is columns[k step + i], read in the triangle alone.
  /// @param unit the diagonal is 1, not read.
  TriangularTiles(std::int64_t size, Triangle triangle, bool unit, const T* columns,
                  std::int64_t step)
      : tiles_{size},
        upper_(triangle == Triangle::upper),
        inverse_(static_cast<std::size_t>(size), T(1)) {
    // An upper triangle is a lower one whose rows and columns are counted from the end.
    const std::int64_t toward = upper_ ? -1 : 1;
    if (upper_) columns += (size - 1) * (step + 1);
    if (!unit)
      for (std::int64_t i = 0; i < size; ++i)
        inverse_[static_cast<std::size_t>(i)] = T(1) / columns[toward * i * (step + 1)];
    std::int64_t values = 0;
    for (std::int64_t t = 0; t < tiles_.count(); ++t) {
      start_.push_back(values);
      values += tiles_.first(t + 1) * tiles_.height(t);
    }
    values_.resize(static_cast<std::size_t>(values));
    T* out = values_.data();
    for (std::int64_t t = 0; t < tiles_.count(); ++t) {
      const std::int64_t first = tiles_.first(t), height = tiles_.height(t);
      const T* rows = columns + toward * first;
      for (std::int64_t k = 0; k < first; ++k, out += height)
        copy_negated(rows + toward * k * step, out);
      for (std::int64_t k = 0; k < height; ++k, out += height)  // the tile crosses the diagonal
        for (std::int64_t r = k + 1; r < height; ++r)
          out[r] = -rows[toward * ((first + k) * step + r)];
    }
  }

  /// Right-hand sides become solutions: a panel of 1 or 2 registers' width, one unknown a row.
  void solve(T* panel, std::int64_t step, int registers) const {
    if (upper_) {
      panel += (tiles_.rows - 1) * step;
      step = -step;
    }
    for (std::int64_t t = 0; t < tiles_.count(); ++t) {
      const std::int64_t first = tiles_.first(t);
      const int height = tiles_.height(t);
      const Slices<T> left{values_.data() + start_[static_cast<std::size_t>(t)], height};
      T* rows = panel + first * step;
      add_tile_product<T>(height, registers, left, {panel, step}, first, {rows, step});
      for (int r = 0; r < height; ++r)
        for (int c = 0; c < registers; ++c) {
          T* place = rows + c * register_lanes<T>;
          P sum = P::load(place + r * step);
          for (int s = 0; s < r; ++s)
            sum = fma(P(left.data[(first + s) * left.step + r]), P::load(place + s * step), sum);
          (sum * P(inverse_[static_cast<std::size_t>(first + r)])).store(place + r * step);
        }
    }
  }

 private:
  using P = Pack<T, register_lanes<T>>;
  static constexpr int lanes = register_lanes<T>;

  /// Whole registers, as many as hold a tile's height: what is beyond is written over later, and
  /// what is read beyond a column lies in the one beside it.
  void copy_negated(const T* column, T* to) const {
    using V = NativeVector<T, register_bytes>;
    for (int r = 0; r < tile_rows; r += lanes)
      store_vector(to + r, -(upper_ ? detail::reversed(load_vector<V>(column - r - (lanes - 1)))
                                    : load_vector<V>(column + r)));
  }

  RowTiles tiles_;
  bool upper_;
  std::vector<std::int64_t> start_;  ///< of each tile in the values
  UnfilledVector<T> values_;         ///< -t, tile by tile, one depth after the other
  std::vector<T> inverse_;           ///< of the diagonal
};

}  // namespace attractornet
