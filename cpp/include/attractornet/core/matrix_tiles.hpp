/// @file
/// Products of matrices by tiles that stay in registers: sums += left right.
///
/// Each sum is one chain of fma along the depth, in ascending order, from the value that is there.
/// So its bits do not depend on how rows, columns and threads are cut, nor, with a hardware fma, on
/// the level.
///
/// An operand is given by slices: all that meets at one depth lies together, a column of the left
/// matrix or a row of the right one. A row-major matrix as it stands is the right operand, and the
/// left one of a product with its transpose. Rows of a row-major left matrix are packed first
/// (PackedRows), and a right one that serves many products gains by it (PackedColumns).
#pragma once

#include <algorithm>
#include <array>
#include <attractornet/core/memory.hpp>
#include <attractornet/core/pack.hpp>
#include <cstdint>
#include <utility>

namespace attractornet {

/// Numbers in a register.
template <class T>
inline constexpr int register_lanes = register_bytes / int(sizeof(T));

/// A tile is so many rows of up to two registers: what the register file holds, with one register
/// of each operand.
inline constexpr int tile_registers = 2;
inline constexpr int tile_rows =
#if defined(__AVX512F__) || defined(__aarch64__)
    14;
#else
    6;
#endif
template <class T>
inline constexpr int tile_columns = tile_registers * register_lanes<T>;
/// A single row meets several panels at a time: in a tile that low, each sum would wait for itself.
inline constexpr int row_panels = 4;
template <class T>
inline constexpr int row_columns = row_panels * tile_columns<T>;

/// `count` rounded up to whole registers.
template <class T>
constexpr std::int64_t whole_registers(std::int64_t count) {
  return (count + register_lanes<T> - 1) / register_lanes<T> * register_lanes<T>;
}

/// One operand: number i at depth k is data[k step + i].
template <class T>
struct Slices {
  const T* data;
  std::int64_t step;

  Slices at(std::int64_t i) const { return {data + i, step}; }
};

/// Where a tile's sums are: that of row r and column c is data[r step + c].
template <class T>
struct Sums {
  T* data;
  std::int64_t step;
};

namespace detail {

template <class T, int Rows, int Registers>
void add_tile(Slices<T> left, Slices<T> right, std::int64_t depth, Sums<T> sums) {
  using P = Pack<T, register_lanes<T>>;
  constexpr int lanes = register_lanes<T>;
  P sum[Rows][Registers];
  ATTRACTORNET_UNROLL for (int r = 0; r < Rows; ++r)
      ATTRACTORNET_UNROLL for (int c = 0; c < Registers; ++c) sum[r][c] =
          P::load(sums.data + r * sums.step + c * lanes);
  for (std::int64_t k = 0; k < depth; ++k) {
    P column[Registers];
    ATTRACTORNET_UNROLL for (int c = 0; c < Registers; ++c) column[c] =
        P::load(right.data + k * right.step + c * lanes);
    ATTRACTORNET_UNROLL for (int r = 0; r < Rows; ++r) {
      const P row(left.data[k * left.step + r]);
      ATTRACTORNET_UNROLL for (int c = 0; c < Registers; ++c) sum[r][c] =
          fma(row, column[c], sum[r][c]);
    }
  }
  ATTRACTORNET_UNROLL for (int r = 0; r < Rows; ++r)
      ATTRACTORNET_UNROLL for (int c = 0; c < Registers; ++c) sum[r][c]
          .store(sums.data + r * sums.step + c * lanes);
}

template <class T>
using AddTile = void (*)(Slices<T>, Slices<T>, std::int64_t, Sums<T>);

template <class T, int... Rows>
constexpr auto all_tiles(std::integer_sequence<int, Rows...>) {
  return std::array<std::array<AddTile<T>, tile_registers>, tile_rows>{
      {{add_tile<T, Rows + 1, 1>, add_tile<T, Rows + 1, 2>}...}};
}
template <class T>
inline constexpr auto tiles = all_tiles<T>(std::make_integer_sequence<int, tile_rows>{});

}  // namespace detail

/// sums += left right for one tile, of 1 to tile_rows rows and 1 or 2 registers.
template <class T>
void add_tile_product(int rows, int registers, Slices<T> left, Slices<T> right, std::int64_t depth,
                      Sums<T> sums) {
  detail::tiles<T>[static_cast<std::size_t>(rows - 1)][static_cast<std::size_t>(registers - 1)](
      left, right, depth, sums);
}

/// Asks for rows `first` to `end` of a matrix, so many columns of each, before they are needed:
/// rows lie apart, and no hardware guesses where the next ones are.
template <class T>
ATTRACTORNET_INLINE void prefetch_rows(const T* matrix, std::int64_t step, std::int64_t first,
                                       std::int64_t end, std::int64_t columns) {
  constexpr std::int64_t line = 64 / sizeof(T);
  for (std::int64_t r = first; r < end; ++r)
    for (std::int64_t c = 0; c < columns; c += line) __builtin_prefetch(matrix + r * step + c);
}

/// Rows cut into as few tiles as hold them, of heights that differ by one at most.
struct RowTiles {
  std::int64_t rows;

  std::int64_t count() const { return (rows + tile_rows - 1) / tile_rows; }
  std::int64_t first(std::int64_t tile) const { return rows * tile / count(); }
  int height(std::int64_t tile) const { return static_cast<int>(first(tile + 1) - first(tile)); }
};

namespace detail {

/// One step of a transposition: exchanges what lies at distance H off the diagonal.
template <int H, class V, int... Lane>
ATTRACTORNET_INLINE void exchange_off_diagonal(V& a, V& b, std::integer_sequence<int, Lane...>) {
  constexpr int lanes = sizeof...(Lane);
  const V upper = __builtin_shufflevector(a, b, (Lane & H ? lanes + (Lane ^ H) : Lane)...);
  b = __builtin_shufflevector(a, b, (Lane & H ? lanes + Lane : Lane ^ H)...);
  a = upper;
}
/// Transposes as many registers as each has lanes.
template <int H, class V, int Lanes>
ATTRACTORNET_INLINE void transpose(V (&rows)[Lanes]) {
  if constexpr (H > 0) {
    ATTRACTORNET_UNROLL for (int r = 0; r < Lanes; ++r) if ((r & H) == 0)
        exchange_off_diagonal<H>(rows[r], rows[r + H], std::make_integer_sequence<int, Lanes>{});
    transpose<H / 2>(rows);
  }
}

}  // namespace detail

/// to = from^T, of `rows` x `columns` numbers; row i starts at i times the step. No overlap.
template <class T>
void transpose(const T* from, std::int64_t from_step, std::int64_t rows, std::int64_t columns,
               T* to, std::int64_t to_step) {
  constexpr int lanes = register_lanes<T>;
  using V = NativeVector<T, register_bytes>;
  const std::int64_t whole = columns / lanes * lanes;
  std::int64_t i = 0;
  for (; i + lanes <= rows; i += lanes) {
    for (std::int64_t j = 0; j < whole; j += lanes) {
      V block[lanes];
      ATTRACTORNET_UNROLL for (int r = 0; r < lanes; ++r) block[r] =
          load_vector<V>(from + (i + r) * from_step + j);
      detail::transpose<lanes / 2>(block);
      ATTRACTORNET_UNROLL for (int r = 0; r < lanes; ++r)
          store_vector(to + (j + r) * to_step + i, block[r]);
    }
    for (std::int64_t j = whole; j < columns; ++j)
      for (std::int64_t r = 0; r < lanes; ++r)
        to[j * to_step + i + r] = from[(i + r) * from_step + j];
  }
  for (; i < rows; ++i)
    for (std::int64_t j = 0; j < columns; ++j) to[j * to_step + i] = from[i * from_step + j];
}

/// f(first column, registers) for the columns, which fill whole registers, two at a time.
template <class T, class F>
void each_panel(std::int64_t columns, F f) {
  for (std::int64_t c = 0; c < columns; c += tile_columns<T>)
    f(c, columns - c > register_lanes<T> ? 2 : 1);
}

/// The columns of a right operand, panel by panel, as the tiles read them; 0 beyond the last one.
template <class T>
class PackedColumns {
 public:
  PackedColumns(std::int64_t depth, std::int64_t columns)
      : depth_(depth),
        columns_(columns),
        values_(static_cast<std::size_t>(depth * whole_registers<T>(columns))) {}

  std::int64_t depth() const { return depth_; }
  /// Rounded up to whole registers.
  std::int64_t columns() const { return whole_registers<T>(columns_); }
  /// @param from row-major as it stands: the number at depth k in column c is at k step + c.
  void fill(const T* from, std::int64_t step) {
    each_panel<T>(columns(), [&](std::int64_t first, int registers) {
      const std::int64_t width = registers * register_lanes<T>;
      const std::int64_t count = std::min(width, columns_ - first);
      T* out = values_.data() + first * depth_;
      for (std::int64_t k = 0; k < depth_; ++k, out += width)
        std::fill(std::copy_n(from + k * step + first, count, out), out + width, T(0));
    });
  }
  /// @param from transposed: the number at depth k in column c is at c step + k.
  void fill_transposed(const T* from, std::int64_t step) {
    each_panel<T>(columns(), [&](std::int64_t first, int registers) {
      const std::int64_t width = registers * register_lanes<T>;
      const std::int64_t count = std::min(width, columns_ - first);
      T* out = values_.data() + first * depth_;
      transpose(from + first * step, step, count, depth_, out, width);
      for (std::int64_t k = 0; count < width && k < depth_; ++k)
        std::fill(out + k * width + count, out + (k + 1) * width, T(0));
    });
  }
  /// sums = one row times the row_columns columns from `first` on, each its own chain of fma.
  void multiply(const T* row, std::int64_t first, T* sums) const {
    using P = Pack<T, register_lanes<T>>;
    P sum[row_panels][tile_registers] = {};
    const T* from[row_panels];
    for (int p = 0; p < row_panels; ++p) from[p] = panel(first + p * tile_columns<T>).data;
    for (std::int64_t k = 0; k < depth_; ++k) {
      const P value(row[k]);
      ATTRACTORNET_UNROLL for (int p = 0; p < row_panels; ++p)
          ATTRACTORNET_UNROLL for (int c = 0; c < tile_registers; ++c) sum[p][c] =
              fma(value, P::load(from[p] + k * tile_columns<T> + c * register_lanes<T>), sum[p][c]);
    }
    ATTRACTORNET_UNROLL for (int p = 0; p < row_panels; ++p)
        ATTRACTORNET_UNROLL for (int c = 0; c < tile_registers; ++c) sum[p][c]
            .store(sums + p * tile_columns<T> + c * register_lanes<T>);
  }
  /// The panel of two registers, or of the last one alone, from a column on.
  Slices<T> panel(std::int64_t first) const {
    return {values_.data() + first * depth_,
            std::min<std::int64_t>(tile_columns<T>, columns() - first)};
  }

 private:
  std::int64_t depth_, columns_;
  UnfilledVector<T> values_;
};

/// The rows of a left operand, tile by tile, as the tiles read them.
template <class T>
class PackedRows {
 public:
  PackedRows(std::int64_t rows, std::int64_t depth)
      : depth_(depth), tiles_{rows}, values_(static_cast<std::size_t>(rows * depth + lanes)) {}

  const RowTiles& tiles() const { return tiles_; }
  /// @param from row r starts at from + r step.
  void fill(const T* from, std::int64_t step) {
    if (tiles_.rows == 1) {
      std::copy_n(from, depth_, values_.data());
      return;
    }
    for (std::int64_t t = 0; t < tiles_.count(); ++t) {
      const T* rows = from + tiles_.first(t) * step;
      T* out = values_.data() + tiles_.first(t) * depth_;
      std::int64_t k = 0;
      for (; k + lanes <= depth_; k += lanes) fill_block(rows + k, step, tiles_.height(t), out);
      for (; k < depth_; ++k)
        for (int r = 0; r < tiles_.height(t); ++r) *out++ = rows[r * step + k];
    }
  }
  /// @param from transposed: the number of row r at depth k is at k step + r.
  void fill_transposed(const T* from, std::int64_t step) {
    for (std::int64_t t = 0; t < tiles_.count(); ++t) {
      T* out = values_.data() + tiles_.first(t) * depth_;
      for (std::int64_t k = 0; k < depth_; ++k, out += tiles_.height(t))
        std::copy_n(from + k * step + tiles_.first(t), tiles_.height(t), out);
    }
  }
  Slices<T> tile(std::int64_t t) const {
    return {values_.data() + tiles_.first(t) * depth_, tiles_.height(t)};
  }

 private:
  static constexpr int lanes = register_lanes<T>;

  /// A register's width of the depth; `out` moves on. Whole registers are stored: what is beyond
  /// the tile's height is written over by what follows.
  static void fill_block(const T* rows, std::int64_t step, int height, T*& out) {
    constexpr int groups = (tile_rows + lanes - 1) / lanes;
    using V = NativeVector<T, register_bytes>;
    V group[groups][lanes];
    for (int g = 0; g * lanes < height; ++g) {
      ATTRACTORNET_UNROLL for (int r = 0; r < lanes; ++r) group[g][r] =
          g * lanes + r < height ? load_vector<V>(rows + (g * lanes + r) * step) : V{};
      detail::transpose<lanes / 2>(group[g]);
    }
    for (int k = 0; k < lanes; ++k, out += height)
      for (int g = 0; g * lanes < height; ++g) store_vector(out + g * lanes, group[g][k]);
  }

  std::int64_t depth_;
  RowTiles tiles_;
  UnfilledVector<T> values_;  ///< and a register more
};

}  // namespace attractornet
