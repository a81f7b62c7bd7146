/// @file
/// How discrete Hopfield networks store P patterns xi of N units, xi_i = -1 or 1; diagonals are
/// kept.
///
///     Hebbian         w_ij = C_ij / N, C_ij = sum_mu xi_i xi_j
///     low activity    w_ij = c sum_mu (eta_i - b)(eta_j - a) with eta = (1 + xi) / 2 in {0, 1} and
///                     c = 1 / (a (1 - a) N)
///     Storkey         pattern after pattern w_ij += (xi_i xi_j - xi_i h_ji - h_ij xi_j) / N with
///                     h_ij = sum over k other than i and j of w_ik xi_k (Storkey and Valabregue,
///                     Pattern Recognition 32 (1999) 869)
///
/// and the pseudo-inverse rule of hopfield_projector.hpp.
#pragma once

#include <Eigen/Core>
#include <algorithm>
#include <attractornet/core/error.hpp>
#include <attractornet/core/memory.hpp>
#include <attractornet/systems/hopfield_projector.hpp>
#include <attractornet/systems/hopfield_signed_sums.hpp>
#include <cstdint>
#include <vector>

namespace attractornet::hopfield {

namespace detail {

/// Adds sums to counts. NOTE: at -O2 compilers vectorise loops of a known length.
template <class T>
void add_row(T* __restrict counts, const std::int8_t* __restrict sums, std::int64_t size) {
  constexpr int line = 64;
  for (; size >= line; size -= line, counts += line, sums += line)
    for (int k = 0; k < line; ++k) counts[k] = static_cast<T>(counts[k] + sums[k]);
  for (int k = 0; k < size; ++k) counts[k] = static_cast<T>(counts[k] + sums[k]);
}

}  // namespace detail

/// Adds C_ij of the patterns to counts (units, units) whose rows are `stride` apart, or takes it
/// away. Exact where T holds every number from -P to P, P the patterns that are stored.
/// NOTE: a monitor that throws leaves some counts with the patterns, others without.
template <class T>
void add_counts(T* counts, std::int64_t stride, const PatternView& patterns, bool remove = false,
                Monitor* monitor = nullptr) {
  constexpr std::int64_t most = 124;  // whole groups of patterns, whose sums take 8 bits
  const std::int64_t n = patterns.units;
  for (std::int64_t first = 0; first < patterns.count; first += most) {
    const PatternView some{patterns.xi + first * n, std::min(most, patterns.count - first), n};
    detail::SignedRows<std::int8_t> b(some.count, n);
    for (std::int64_t mu = 0; mu < some.count; ++mu)
      std::transform(some.xi + mu * n, some.xi + (mu + 1) * n, b.row(mu),
                     [remove](std::int8_t x) { return static_cast<std::int8_t>(remove ? -x : x); });
    // Both halves: to copy one byte by byte would take longer.
    detail::signed_sums(detail::SignCodes(some), b, n, /*lower=*/false, monitor,
                        [&](const detail::Panel<std::int8_t>& panel) {
                          for (std::int64_t i = 0; i < panel.units; ++i)
                            detail::add_row(counts + (panel.unit + i) * stride + panel.column,
                                            panel.sums + i * panel.stride, panel.columns);
                        });
  }
}

/// W = L R^T (units, units), l and r row-major (units, rank).
inline UnfilledVector<double> product(const double* l, const double* r, std::int64_t units,
                                      std::int64_t rank, Monitor* monitor = nullptr) {
  using detail::RowMajor;
  UnfilledVector<double> w(checked_size("product", "units x units", {units, units}));
  const Eigen::Map<const RowMajor> left(l, units, rank), right(r, units, rank);
  Eigen::Map<RowMajor> all(w.data(), units, units);
  for (std::int64_t first = 0; first < units; first += detail::block_rows) {
    const std::int64_t rows = std::min(detail::block_rows, units - first);
    all.middleRows(first, rows).noalias() = left.middleRows(first, rows) * right.transpose();
    detail::poll(monitor);
  }
  return w;
}

/// Stores patterns in symmetric weights (units, units) by Storkey's rule, one after the other.
///
/// Let s = 1 + 2 / N, g_i = sum over k other than i of w_ik xi_k, and u = (xi / 2 - g) / N. Then
/// the rule is w_ij <- s w_ij + xi_i u_j + u_i xi_j, on the diagonal without s. After m patterns,
/// the columns of X, weights are s^m (W + X U^T + U X^T), where U has columns u / s, u' / s^2, ...:
/// the fields of many patterns come from one product with W, which is then written once. NOTE: a
/// monitor that throws leaves the weights half written.
inline void storkey_add(double* w, const PatternView& patterns, Monitor* monitor = nullptr) {
  const std::int64_t n = patterns.units;
  // NOTE: with s on the diagonal too, what it adds to fields is taken out again; s^n < e^2.
  const std::int64_t most = std::min<std::int64_t>(128, n);
  const double units = static_cast<double>(n), s = 1 + 2 / units;
  Eigen::Map<detail::RowMajor> weights(w, n, n);
  Eigen::VectorXd diagonal = weights.diagonal();
  for (std::int64_t first = 0; first < patterns.count; first += most) {
    const std::int64_t count = std::min(most, patterns.count - first);
    using Columns = Eigen::Matrix<std::int8_t, Eigen::Dynamic, Eigen::Dynamic>;
    const Eigen::MatrixXd x =
        Eigen::Map<const Columns>(patterns.xi + first * n, n, count).cast<double>();
    Eigen::MatrixXd fields(n, count), u(n, count);
    for (std::int64_t row = 0; row < n; row += detail::block_rows) {
      const std::int64_t rows = std::min(detail::block_rows, n - row);
      fields.middleRows(row, rows).noalias() = weights.middleRows(row, rows) * x;
      detail::poll(monitor);
    }
    Eigen::VectorXd grown = diagonal;
    double growth = 1;
    for (std::int64_t m = 0; m < count; ++m) {
      const auto xi = x.col(m);
      Eigen::VectorXd field = fields.col(m);
      field += x.leftCols(m) * (u.leftCols(m).transpose() * xi);
      field += u.leftCols(m) * (x.leftCols(m).transpose() * xi);
      field = growth * field - grown.cwiseProduct(xi);
      const Eigen::VectorXd step = (0.5 * xi - field) / units;
      diagonal += 2 * xi.cwiseProduct(step);
      grown = s * grown + 2 * xi.cwiseProduct(step);
      growth *= s;
      u.col(m) = step / growth;
      detail::poll(monitor);
    }
    detail::fill_symmetric(w, n, monitor, [&](auto&& rows, std::int64_t from, std::int64_t to) {
      rows.noalias() += x.middleRows(from, to - from) * u.topRows(to).transpose();
      rows.noalias() += u.middleRows(from, to - from) * x.topRows(to).transpose();
      rows *= growth;
    });
    weights.diagonal() = diagonal;
  }
}

}  // namespace attractornet::hopfield
