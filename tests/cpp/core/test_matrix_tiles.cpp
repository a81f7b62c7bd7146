#include <doctest/doctest.h>

#include <attractornet/core/matrix_tiles.hpp>
#include <cstring>
#include <vector>

using namespace attractornet;

namespace {

template <class T>
std::vector<T> numbers(std::int64_t count, std::uint64_t seed) {
  std::vector<T> result(static_cast<std::size_t>(count));
  std::uint64_t state = seed;
  for (T& value : result) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    value = static_cast<T>(static_cast<double>(state >> 40) / 8388608.0 - 1);
  }
  return result;
}

}  // namespace

TEST_CASE_TEMPLATE("matrix tiles: every sum is one chain of fma", T, float, double) {
  for (const std::int64_t depth : {1, 5, 40})
    for (std::int64_t rows = 1; rows <= 2 * tile_rows + 1; ++rows)
      for (const std::int64_t columns : {1, register_lanes<T>, tile_columns<T> + 3}) {
        const auto a = numbers<T>(rows * depth, 1), b = numbers<T>(depth * columns, 2);
        PackedRows<T> left(rows, depth);
        left.fill(a.data(), depth);
        PackedColumns<T> right(depth, columns);
        right.fill(b.data(), columns);
        const std::int64_t step = right.columns();
        auto sums = numbers<T>(rows * step, 3);
        const auto start = sums;
        each_panel<T>(step, [&](std::int64_t first, int registers) {
          for (std::int64_t t = 0; t < left.tiles().count(); ++t)
            add_tile_product<T>(left.tiles().height(t), registers, left.tile(t), right.panel(first),
                                depth, {sums.data() + left.tiles().first(t) * step + first, step});
        });
        // From transposed matrices the same is packed.
        std::vector<T> a_t(a.size()), b_t(b.size());
        transpose(a.data(), depth, rows, depth, a_t.data(), rows);
        transpose(b.data(), columns, depth, columns, b_t.data(), depth);
        PackedRows<T> other_left(rows, depth);
        other_left.fill_transposed(a_t.data(), rows);
        PackedColumns<T> other_right(depth, columns);
        other_right.fill_transposed(b_t.data(), depth);
        std::int64_t wrong =
            std::memcmp(other_left.tile(0).data, left.tile(0).data, a.size() * sizeof(T)) != 0 ||
            std::memcmp(other_right.panel(0).data, right.panel(0).data,
                        static_cast<std::size_t>(depth * step) * sizeof(T)) != 0;
        for (std::int64_t r = 0; r < rows; ++r)
          for (std::int64_t c = 0; c < step; ++c) {
            T sum = start[r * step + c];
            for (std::int64_t k = 0; k < depth; ++k)
              sum =
                  attractornet::fma(a[r * depth + k], c < columns ? b[k * columns + c] : T(0), sum);
            wrong += sums[r * step + c] != sum;
          }
        CHECK_MESSAGE(wrong == 0, depth, " ", rows, " ", columns);
      }
}

TEST_CASE("matrix tiles: as they stand, the product of a transpose with a matrix") {
  const std::int64_t depth = 9, rows = tile_rows, step = tile_columns<double> + 8;
  const auto u = numbers<double>(depth * step, 4), x = numbers<double>(depth * step, 5);
  std::vector<double> sums(static_cast<std::size_t>(rows * step));
  add_tile_product<double>(tile_rows, 2, Slices<double>{u.data(), step}.at(3), {x.data(), step},
                           depth, {sums.data(), step});
  for (std::int64_t r = 0; r < rows; ++r)
    for (std::int64_t c = 0; c < tile_columns<double>; ++c) {
      double sum = 0;
      for (std::int64_t k = 0; k < depth; ++k)
        sum = attractornet::fma(u[k * step + 3 + r], x[k * step + c], sum);
      CHECK(sums[r * step + c] == sum);
    }
}

TEST_CASE("matrix tiles: rows are cut evenly, and all of them") {
  for (std::int64_t rows = 1; rows < 5 * tile_rows; ++rows) {
    const RowTiles tiles{rows};
    std::int64_t sum = 0;
    for (std::int64_t t = 0; t < tiles.count(); ++t) {
      CHECK(tiles.height(t) >= rows / tiles.count());
      CHECK(tiles.height(t) <= tile_rows);
      sum += tiles.height(t);
    }
    CHECK(sum == rows);
  }
}
