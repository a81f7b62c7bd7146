/// @file
/// A penalty on columns p_j of a matrix that are not at right angles to each other, as the authors
/// of R. Marino et al., arXiv 2406.16453 train with (Keras has it as OrthogonalRegularizer). With
/// u_j = p_j / |p_j|, of n columns,
///
///     R = weight / (n (n - 1)) sum_{i != j} |u_i . u_j|
///     dR/dp_j = (g_j - (g_j . u_j) u_j) / |p_j|,
///     g_j = 2 weight / (n (n - 1)) sum_{i != j} sign(u_i . u_j) u_i
#pragma once

#include <attractornet/core/matrix_tiles.hpp>
#include <attractornet/core/monitor.hpp>
#include <attractornet/core/parallel.hpp>
#include <attractornet/systems/wilson_cowan_coupling.hpp>
#include <cmath>
#include <cstdint>
#include <vector>

namespace attractornet::learn {

namespace detail {

/// to = left right, where f(row, column, sum) is what is kept of each sum.
/// @param left slices of the left operand, (depth, rows); @param right (depth, columns).
template <class T, class F>
void multiply(Slices<T> left, const wilson_cowan::Matrix<T>& right, std::int64_t rows, int threads,
              Monitor& monitor, F f) {
  constexpr std::int64_t width = tile_columns<T>;
  const RowTiles tiles{rows};
  parallel_for(tiles.count(), threads, monitor, [&](std::int64_t t, Progress& progress) {
    each_panel<T>(right.stride, [&](std::int64_t first, int registers) {
      alignas(64) T sums[tile_rows * width] = {};
      add_tile_product<T>(tiles.height(t), registers, left.at(tiles.first(t)),
                          {right.row(0) + first, right.stride}, right.rows, {sums, width});
      const std::int64_t columns =
          std::min(registers * register_lanes<T> * std::int64_t{1}, right.columns - first);
      for (int r = 0; r < tiles.height(t); ++r)
        for (std::int64_t c = 0; c < columns; ++c)
          f(tiles.first(t) + r, first + c, sums[r * width + c]);
    });
    progress.tick(0);
  });
}

}  // namespace detail

/// Adds dR/dphi to `gradient`. @param columns which columns the penalty is on. @return R.
template <class T>
double add_orthogonality(const wilson_cowan::Matrix<T>& phi, const std::vector<bool>& columns,
                         double weight, wilson_cowan::Matrix<T>& gradient, int threads,
                         Monitor& monitor) {
  using wilson_cowan::Matrix;
  std::vector<std::int64_t> chosen;
  for (std::size_t k = 0; k < columns.size(); ++k)
    if (columns[k]) chosen.push_back(static_cast<std::int64_t>(k));
  const auto n = static_cast<std::int64_t>(chosen.size());
  if (n < 2) return 0;
  Matrix<T> u{phi.rows, n}, signs{n, n}, transposed{n, phi.rows};
  std::vector<T> lengths(chosen.size());
  for (std::size_t j = 0; j < chosen.size(); ++j) {
    double square = 0;
    for (std::int64_t i = 0; i < phi.rows; ++i) {
      const auto value = static_cast<double>(phi.row(i)[chosen[j]]);
      square += value * value;
    }
    lengths[j] = static_cast<T>(std::sqrt(square));
  }
  for (std::int64_t i = 0; i < phi.rows; ++i)
    for (std::size_t j = 0; j < chosen.size(); ++j)
      u.row(i)[j] = phi.row(i)[chosen[j]] / lengths[j];
  transpose(u.row(0), u.stride, phi.rows, n, transposed.row(0), transposed.stride);

  std::vector<double> sums(chosen.size());
  detail::multiply<T>({u.row(0), u.stride}, u, n, threads, monitor,
                      [&](std::int64_t i, std::int64_t j, T cosine) {
                        if (i == j) return;
                        sums[static_cast<std::size_t>(i)] += std::abs(static_cast<double>(cosine));
                        signs.row(i)[j] = static_cast<T>((cosine > 0) - (cosine < 0));
                      });
  double total = 0;
  for (const double sum : sums) total += sum;

  const double unit = weight / static_cast<double>(n * (n - 1));
  Matrix<T> g{phi.rows, n};
  detail::multiply<T>(
      {transposed.row(0), transposed.stride}, signs, phi.rows, threads, monitor,
      [&](std::int64_t i, std::int64_t j, T sum) { g.row(i)[j] = static_cast<T>(2 * unit) * sum; });
  std::vector<double> along(chosen.size());
  for (std::int64_t i = 0; i < phi.rows; ++i)
    for (std::size_t j = 0; j < along.size(); ++j)
      along[j] += static_cast<double>(g.row(i)[j]) * static_cast<double>(u.row(i)[j]);
  for (std::int64_t i = 0; i < phi.rows; ++i)
    for (std::size_t j = 0; j < along.size(); ++j)
      gradient.row(i)[chosen[j]] +=
          (g.row(i)[j] - static_cast<T>(along[j]) * u.row(i)[j]) / lengths[j];
  return unit * total;
}

}  // namespace attractornet::learn
