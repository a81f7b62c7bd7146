/// @file
/// Wilson-Cowan networks on batches of states: what a step reads, in one number type, and the loop
/// over nodes and samples that all schemes and the adjoint share.
///
/// A batch is a row-major (samples, stride) array for each population; beyond the nodes a row goes
/// on with numbers that no node sees. Lanes are nodes. A sample's numbers do not depend on those
/// beside it.
#pragma once

#include <algorithm>
#include <attractornet/core/matrix_tiles.hpp>
#include <attractornet/systems/wilson_cowan.hpp>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <type_traits>
#include <utility>

namespace attractornet::wilson_cowan {

/// Numbers from one row of a batch to the next: whole cache lines, on every level, so that sums
/// over a row are taken in one order.
template <class T>
constexpr std::int64_t batch_stride(std::int64_t nodes) {
  constexpr std::int64_t line = 64 / sizeof(T);
  return (nodes + line - 1) / line * line;
}

/// A network in one number type.
template <class T>
struct Model {
  Params params;
  std::int64_t nodes, stride;
  T scale;                            ///< Gamma
  Coupling<T> coupling;               ///< A
  AlignedVector<T> drive_e, drive_i;  ///< h_e + input_e and h_i + input_i, (stride,)

  /// @param a row-major (nodes, nodes) of any number type; @param input_e, input_i (nodes,), or
  /// null for 0.
  template <class U>
  Model(const Params& parameters, std::int64_t nodes, const U* a, double scale,
        const double* input_e, const double* input_i)
      : Model(parameters, Coupling<T>(numbers(a, nodes * nodes).data(), nodes), scale, input_e,
              input_i) {}
  Model(const Params& parameters, Coupling<T> a, double scale, const double* input_e,
        const double* input_i)
      : params(parameters),
        nodes(a.forward.depth()),
        stride(batch_stride<T>(nodes)),
        scale(static_cast<T>(scale)),
        coupling(std::move(a)),
        drive_e(static_cast<std::size_t>(stride)),
        drive_i(static_cast<std::size_t>(stride)) {
    for (std::int64_t i = 0; i < nodes; ++i) {
      drive_e[static_cast<std::size_t>(i)] =
          static_cast<T>(params.h_e + (input_e ? input_e[i] : 0));
      drive_i[static_cast<std::size_t>(i)] =
          static_cast<T>(params.h_i + (input_i ? input_i[i] : 0));
    }
  }

 private:
  /// The numbers as T.
  template <class U>
  static auto numbers(const U* values, std::int64_t count) {
    if constexpr (std::is_same_v<T, U>) {
      return std::span(values, static_cast<std::size_t>(count));
    } else {
      UnfilledVector<T> result(static_cast<std::size_t>(count));
      for (std::int64_t k = 0; k < count; ++k)
        result[static_cast<std::size_t>(k)] = static_cast<T>(values[k]);
      return result;
    }
  }
};

/// Samples in groups that a thread takes at a time: small enough to stay in its cache, and for a
/// step to take milliseconds.
class SampleGroups {
 public:
  SampleGroups(std::int64_t samples, std::int64_t nodes, int threads) : samples_(samples) {
    const std::int64_t most = std::clamp<std::int64_t>(1'000'000'000 / (nodes * nodes), 16, 256);
    count_ = std::max(std::min<std::int64_t>(threads, samples), (samples + most - 1) / most);
  }

  std::int64_t count() const { return count_; }
  std::int64_t first(std::int64_t group) const { return samples_ * group / count_; }
  std::int64_t size(std::int64_t group) const { return first(group + 1) - first(group); }

 private:
  std::int64_t samples_, count_;
};

/// Products of rows with a matrix, tile by tile.
template <class T>
class RowProducts {
 public:
  static constexpr int lanes = register_lanes<T>;
  using P = Pack<T, lanes>;

  RowProducts(std::int64_t rows, std::int64_t depth) : left_(rows, depth) {}

  /// f(offset, column, sum) for each pack of rows times matrix: its place in a (rows, step) array,
  /// its first column, its value. The rows have been read before: f may write over them.
  /// @param used arrays (rows, step) that f reads or writes, asked for ahead; null ones are none.
  template <class F>
  void each(const T* rows, std::int64_t step, const PackedColumns<T>& matrix,
            std::initializer_list<const T*> used, F f) {
    left_.fill(rows, step);
    const RowTiles& tiles = left_.tiles();
    const std::int64_t start = tiles.rows == 1 ? each_of_row(matrix, f) : 0;
    each_panel<T>(matrix.columns() - start, [&](std::int64_t first, int registers) {
      first += start;
      for (std::int64_t t = 0; t < tiles.count(); ++t) {
        const std::int64_t corner = tiles.first(t) * step + first;
        for (const T* array : used)
          if (array) prefetch_rows(array + corner, step, 0, tiles.height(t), registers * lanes);
        alignas(64) T sums[tile_rows * width];
        for (int k = 0; k < tile_rows * width; k += lanes) P{}.store(sums + k);
        add_tile_product<T>(tiles.height(t), registers, left_.tile(t), matrix.panel(first),
                            matrix.depth(), {sums, width});
        for (int r = 0; r < tiles.height(t); ++r)
          for (int c = 0; c < registers * lanes; c += lanes)
            f(corner + r * step + c, first + c, P::load(sums + r * width + c));
      }
    });
  }

 private:
  static constexpr int width = tile_columns<T>;

  /// Of a single row, as many columns as fill several panels; where they end. Turn by turn from the
  /// first to the last one and back: the caches still hold what was read last.
  template <class F>
  std::int64_t each_of_row(const PackedColumns<T>& matrix, F f) {
    const std::int64_t groups = matrix.columns() / row_columns<T>;
    backwards_ = !backwards_;
    for (std::int64_t g = 0; g < groups; ++g) {
      const std::int64_t first = (backwards_ ? groups - 1 - g : g) * row_columns<T>;
      alignas(64) T sums[row_columns<T>];
      matrix.multiply(left_.tile(0).data, first, sums);
      for (int c = 0; c < row_columns<T>; c += lanes) f(first + c, first + c, P::load(sums + c));
    }
    return groups * row_columns<T>;
  }

  PackedRows<T> left_;
  bool backwards_ = false;
};

}  // namespace attractornet::wilson_cowan
