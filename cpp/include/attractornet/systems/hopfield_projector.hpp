/// @file
/// The pseudo-inverse rule of Hopfield networks: W is the orthogonal projector onto the span of the
/// patterns (Personnaz, Guyon and Dreyfus, J. Phys. Lett. 46 (1985) L359).
///
/// With independent patterns as the columns of X and their products G = X^T X = L L^T,
///     W = X (G^-1 X^T) = Q Q^T,  Q = X L^-T.
/// Each is a sum of signs times rows, whence the speed. Let d N be the smallest distance, squared,
/// of a pattern to the span of those before it. Rounding errors of the first form, which takes half
/// the time, grow as 1 / d; the second has none if Q is made orthonormal twice (Cholesky-QR2:
/// Yamamoto et al., ETNA 44 (2015) 306).
#pragma once

#include <Eigen/Cholesky>
#include <Eigen/Core>
#include <algorithm>
#include <attractornet/core/matrix_tiles.hpp>
#include <attractornet/core/memory.hpp>
#include <attractornet/core/platform.hpp>
#include <attractornet/systems/hopfield_patterns.hpp>
#include <attractornet/systems/hopfield_signed_sums.hpp>
#include <cmath>
#include <cstdint>
#include <limits>
#include <string_view>
#include <utility>
#include <vector>

namespace attractornet::hopfield {

namespace detail {

using RowMajor = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

/// Makes a square block on the diagonal symmetric by what is left of the diagonal.
inline void reflect(double* block, std::int64_t stride, std::int64_t size) {
  for (std::int64_t i = 0; i < size; ++i)
    for (std::int64_t j = 0; j < i; ++j) block[j * stride + i] = block[i * stride + j];
}

/// Rows that are worked on together: they are still in the cache when their work is done.
inline constexpr std::int64_t block_rows = 128;

/// Makes w (units, units) symmetric to the bit: fill(rows, first, last) writes the rows [first,
/// last) in the columns below `last`, and what is left of the diagonal is copied across.
template <class Fill>
void fill_symmetric(double* w, std::int64_t units, Monitor* monitor, const Fill& fill) {
  Eigen::Map<RowMajor> all(w, units, units);
  for (std::int64_t first = 0; first < units; first += block_rows) {
    const std::int64_t last = std::min(first + block_rows, units);
    fill(all.block(first, 0, last - first, last), first, last);
    for (std::int64_t j = 0; j < first; j += 8)
      transpose(w + first * units + j, units, last - first, 8, w + j * units + first, units);
    reflect(w + first * units + first, units, last - first);
    poll(monitor);
  }
}

/// The products sum_i xi_i^mu xi_i^nu (count, count), exact.
inline Eigen::MatrixXd products_of(const PatternView& patterns) {
  const Patterns packed(patterns.xi, patterns.count, patterns.units);
  Eigen::MatrixXd products(patterns.count, patterns.count);
  for (std::int64_t mu = 0; mu < patterns.count; ++mu)
    packed.overlaps(packed.pattern(mu), products.col(mu).data());
  return products;
}

}  // namespace detail

/// Independent patterns that span the others.
struct Spanning {
  detail::SignCodes signs;  ///< of them
  Eigen::MatrixXd inverse;  ///< L^-1 (rank, rank)
  double least;             ///< d, the smallest L_kk^2 / N

  std::int64_t units() const { return signs.units(); }
  std::int64_t rank() const { return inverse.rows(); }
  /// Whether the first form of W would lose about two digits.
  bool nearly_dependent() const { return least < 0.02; }
};

/// Cholesky's factorisation of the products, in blocks of columns; the next pattern is always the
/// one farthest from the span of those taken. Distances squared are N at first, and their rounding
/// errors at most some P N eps, since products are exact: a quarter of it was seen. PatternView
/// that do not depend on those taken are farther by many orders of magnitude, since entries are
/// signs.
inline Spanning spanning(const PatternView& patterns, std::string_view where,
                         Monitor* monitor = nullptr) {
  checked_size(where, "patterns x patterns x 4", {patterns.count, patterns.count, 4});
  constexpr Eigen::Index block = 64;
  const auto n = static_cast<double>(patterns.units);
  const double nothing =
      8 * std::numeric_limits<double>::epsilon() * n * static_cast<double>(patterns.count);
  Eigen::MatrixXd products = detail::products_of(patterns);  // less what earlier blocks explain
  Eigen::VectorXd distance = products.diagonal();
  Eigen::MatrixXd l(products.rows(), products.cols());
  std::vector<Eigen::Index> taken;
  double least = 1;
  for (Eigen::Index k = 0; k < products.rows(); ++k) {
    Eigen::Index next = 0;
    const double farthest = distance.maxCoeff(&next);
    if (!(farthest > nothing)) break;
    const Eigen::Index start = k / block * block;
    if (k == start && k > 0) {
      const auto last = l.middleCols(k - block, block);
      products.noalias() -= last * last.transpose();
    }
    auto column = l.col(k);
    column = products.col(next);
    column.noalias() -=
        l.middleCols(start, k - start) * l.row(next).segment(start, k - start).transpose();
    column /= std::sqrt(farthest);
    distance -= column.cwiseAbs2();
    distance[next] = 0;
    taken.push_back(next);
    least = farthest / n;
    detail::poll(monitor);
  }
  const auto rank = static_cast<Eigen::Index>(taken.size());
  std::vector<std::int8_t> xi;
  for (const auto mu : taken)
    xi.insert(xi.end(), patterns.xi + mu * patterns.units, patterns.xi + (mu + 1) * patterns.units);
  Eigen::MatrixXd inverse = Eigen::MatrixXd::Identity(rank, rank);
  const Eigen::MatrixXd factor = l(taken, Eigen::seqN(0, rank));
  factor.triangularView<Eigen::Lower>().solveInPlace(inverse);
  return {detail::SignCodes({xi.data(), rank, patterns.units}), std::move(inverse), least};
}

namespace detail {

/// Columns of a small matrix as rows for signed sums.
inline SignedRows<double> rows_of(const Eigen::MatrixXd& m) {
  SignedRows<double> rows(m.cols(), m.rows());
  for (Eigen::Index k = 0; k < m.cols(); ++k) std::copy_n(m.col(k).data(), m.rows(), rows.row(k));
  return rows;
}

}  // namespace detail

/// An orthonormal basis of the span of patterns: Q, row-major (units, rank), with zeros up to a
/// stride that is a multiple of 8.
struct Basis {
  AlignedVector<double> q;
  std::int64_t units, rank, stride;
};

namespace detail {

/// Q once more, from its own products, which are nearly the identity.
inline void orthonormalise(Basis& basis, Monitor* monitor) {
  Eigen::Map<Eigen::MatrixXd, Eigen::Unaligned, Eigen::OuterStride<>> q(  // its transpose
      basis.q.data(), basis.rank, basis.units, Eigen::OuterStride<>(basis.stride));
  const auto for_blocks = [&](const auto& work) {
    for (std::int64_t first = 0; first < basis.units; first += block_rows) {
      work(q.middleCols(first, std::min(block_rows, basis.units - first)));
      poll(monitor);
    }
  };
  Eigen::MatrixXd products = Eigen::MatrixXd::Zero(basis.rank, basis.rank);
  for_blocks([&](auto&& some) { products.selfadjointView<Eigen::Lower>().rankUpdate(some); });
  const Eigen::LLT<Eigen::MatrixXd> factor(products);
  for_blocks([&](auto&& some) { factor.matrixL().solveInPlace(some); });
}

}  // namespace detail

/// An orthonormal basis of the span of patterns; its rank tells how many are independent.
inline Basis orthonormal_basis(const Spanning& spanning, Monitor* monitor = nullptr) {
  const std::int64_t stride = detail::padded(spanning.rank(), 8);
  const std::size_t size =
      checked_size("orthonormal_basis", "units x rank", {spanning.units(), stride});
  Basis basis{AlignedVector<double>(size), spanning.units(), spanning.rank(), stride};
  detail::signed_sums(spanning.signs, detail::rows_of(spanning.inverse), basis.rank,
                      /*lower=*/false, monitor, [&](const detail::Panel<double>& panel) {
                        for (std::int64_t i = 0; i < panel.units; ++i)
                          std::copy_n(panel.sums + i * panel.stride, panel.columns,
                                      basis.q.data() + (panel.unit + i) * stride + panel.column);
                      });
  if (spanning.nearly_dependent()) detail::orthonormalise(basis, monitor);
  return basis;
}
inline Basis orthonormal_basis(const PatternView& patterns, Monitor* monitor = nullptr) {
  return orthonormal_basis(spanning(patterns, "orthonormal_basis", monitor), monitor);
}

/// W = Q Q^T (units, units), symmetric to the bit.
inline UnfilledVector<double> symmetric_product(const Basis& basis, Monitor* monitor = nullptr) {
  const std::int64_t n = basis.units;
  UnfilledVector<double> w(checked_size("symmetric_product", "units x units", {n, n}));
  const Eigen::Map<const detail::RowMajor> q(basis.q.data(), n, basis.stride);
  detail::fill_symmetric(
      w.data(), n, monitor, [&](auto&& rows, std::int64_t first, std::int64_t last) {
        rows.noalias() = q.middleRows(first, last - first) * q.topRows(last).transpose();
      });
  return w;
}

/// The weights of the pseudo-inverse rule (units, units), symmetric to the bit: by the first form
/// where patterns are far from dependent, else symmetric_product() of orthonormal_basis().
inline UnfilledVector<double> projector(const Spanning& spanning, Monitor* monitor = nullptr) {
  const std::int64_t n = spanning.units();
  const std::size_t size = checked_size("projector", "units x units", {n, n});
  if (spanning.nearly_dependent())
    return symmetric_product(orthonormal_basis(spanning, monitor), monitor);
  detail::SignedRows<double> dual(spanning.rank(), n);  // G^-1 X^T
  detail::signed_sums(
      spanning.signs, detail::rows_of(spanning.inverse.transpose() * spanning.inverse),
      spanning.rank(), /*lower=*/false, monitor, [&](const detail::Panel<double>& panel) {
        transpose(panel.sums, panel.stride, panel.units, panel.columns,
                  dual.row(panel.column) + panel.unit, dual.stride());
      });
  UnfilledVector<double> w(size);
  detail::signed_sums(spanning.signs, dual, n, /*lower=*/true, monitor,
                      [&](const detail::Panel<double>& panel) {
                        if (panel.unit == panel.column)
                          detail::reflect(panel.sums, panel.stride, panel.columns);
                        for (std::int64_t i = 0; i < panel.units; ++i)
                          std::copy_n(panel.sums + i * panel.stride, panel.columns,
                                      w.data() + (panel.unit + i) * n + panel.column);
                        transpose(panel.sums, panel.stride, panel.units, panel.columns,
                                  w.data() + panel.column * n + panel.unit, n);
                      });
  return w;
}
inline UnfilledVector<double> projector(const PatternView& patterns, Monitor* monitor = nullptr) {
  return projector(spanning(patterns, "projector", monitor), monitor);
}

}  // namespace attractornet::hopfield
