/// @file
/// Couplings with planted attractors, as functions of what is trained, and their adjoints.
///
/// Spectral (R. Marino et al., arXiv 2406.16453): A = Phi Lambda Phi^-1, where the planted columns
/// of Phi have eigenvalues 0. With M = (dL/dA) Phi^-T, of one factorisation for both,
///
///     dL/dlambda_l = sum_i Phi_il M_il,   dL/dPhi = M Lambda - A^T M
///
/// Projected (ours, not the paper's): A = B (I - Q Q^T), Q an orthonormal basis of the planted
/// vectors: they stay in the kernel without an inverse. It is its own adjoint, dL/dB = (dL/dA) (I -
/// Q Q^T).
#pragma once

#include <Eigen/LU>
#include <algorithm>
#include <attractornet/core/monitor.hpp>
#include <attractornet/core/parallel.hpp>
#include <attractornet/core/triangular_tiles.hpp>
#include <cstdint>
#include <limits>
#include <vector>

namespace attractornet::wilson_cowan {

/// A row-major matrix whose rows are whole registers apart.
template <class T>
struct Matrix {
  std::int64_t rows, columns, stride = whole_registers<T>(columns);
  AlignedVector<T> values = AlignedVector<T>(static_cast<std::size_t>(rows * stride));

  T* row(std::int64_t i) { return values.data() + i * stride; }
  const T* row(std::int64_t i) const { return values.data() + i * stride; }

  /// Rows from memory where each is `apart` after the one before, and to such memory.
  template <class From>
  void read(const From* from, std::int64_t apart) {
    for (std::int64_t i = 0; i < rows; ++i) std::copy_n(from + i * apart, columns, row(i));
  }
  void write(T* to, std::int64_t apart) const {
    for (std::int64_t i = 0; i < rows; ++i) std::copy_n(row(i), columns, to + i * apart);
  }
};

/// A = Phi Lambda Phi^-1.
template <class T>
class SpectralCoupling {
 public:
  /// @param phi square, eigenvectors are columns; @param lambda their eigenvalues.
  SpectralCoupling(Matrix<T> phi, std::vector<T> lambda, int threads, Monitor& monitor)
      : phi_(std::move(phi)), lambda_(std::move(lambda)), threads_(threads) {
    factors_.resize(size(), size());
    transpose(phi_.row(0), phi_.stride, size(), size(), factors_.data(), size());
    const Eigen::PartialPivLU<Eigen::Ref<Eigen::Matrix<T, -1, -1>>> lu(factors_);  // in place
    const auto rcond = static_cast<double>(lu.rcond());
    rcond_ = rcond > 0 ? rcond : 0;  // NaN where a pivot is 0
    place_.assign(lu.permutationP().indices().begin(), lu.permutationP().indices().end());
    assemble(monitor);
  }

  std::int64_t size() const { return phi_.rows; }
  const Matrix<T>& phi() const { return phi_; }
  const Matrix<T>& a() const { return a_; }
  /// Estimate of 1 / (|Phi| |Phi^-1|) in the 1-norm; 0 if Phi is singular.
  double rcond() const { return rcond_; }

  struct Gradient {
    Matrix<T> phi;
    std::vector<T> lambda;
  };
  /// @param da dL/dA.
  Gradient gradient(const Matrix<T>& da, Monitor& monitor) const {
    const std::int64_t n = size();
    // Phi M^T = dA^T, for -M.
    const T* f = factors_.data();
    const TriangularTiles<T> lower(n, Triangle::lower, true, f, n);
    const TriangularTiles<T> upper(n, Triangle::upper, false, f, n);
    Matrix<T> minus_m{n, n};
    solve(
        lower, upper, Rows::moved_before, monitor,
        [&](std::int64_t c, T* row) {
          for (std::int64_t i = 0; i < n; ++i) row[i] = -da.row(c)[i];
        },
        minus_m);
    Gradient result{{n, n}, std::vector<T>(static_cast<std::size_t>(n))};
    T* sums = result.lambda.data();
    for (std::int64_t i = 0; i < n; ++i) {
      const T *phi = phi_.row(i), *m = minus_m.row(i);
      for (std::int64_t l = 0; l < n; ++l) sums[l] = fma(-phi[l], m[l], sums[l]);
    }
    multiply_transposed(minus_m, result.phi, monitor);
    return result;
  }

 private:
  /// When unknowns take the places that the rows of Phi took in the factorisation.
  enum class Rows { moved_before, moved_back_after };

  /// A^T solves Phi^T A^T = Lambda Phi^T.
  void assemble(Monitor& monitor) {
    const std::int64_t n = size();
    AlignedVector<T> transposed(static_cast<std::size_t>(n * n));
    transpose(factors_.data(), n, n, n, transposed.data(), n);
    const TriangularTiles<T> lower(n, Triangle::lower, false, transposed.data(), n);
    const TriangularTiles<T> upper(n, Triangle::upper, true, transposed.data(), n);
    solve(
        lower, upper, Rows::moved_back_after, monitor,
        [&](std::int64_t c, T* row) {
          const T *phi = phi_.row(c), *lambda = lambda_.data();
          for (std::int64_t k = 0; k < n; ++k) row[k] = lambda[k] * phi[k];
        },
        a_);
  }

  /// Solves both triangles; `to` is the transpose of the solution.
  /// @param read read(c, row) writes right-hand side c into a row.
  template <class Read>
  void solve(const TriangularTiles<T>& first, const TriangularTiles<T>& second, Rows rows,
             Monitor& monitor, Read read, Matrix<T>& to) const {
    const std::int64_t n = size(), width = tile_columns<T>;
    const auto place = [&](std::int64_t k) { return width * place_[static_cast<std::size_t>(k)]; };
    parallel_for((n + width - 1) / width, threads_, monitor, [&](std::int64_t task, Progress& p) {
      const std::int64_t c = task * width, columns = std::min(width, n - c);
      AlignedVector<T> panel(static_cast<std::size_t>(n * width)), other(panel.size());
      for (std::int64_t j = 0; j < columns; ++j) read(c + j, panel.data() + j * n);
      transpose(panel.data(), n, columns, n, other.data(), width);
      if (rows == Rows::moved_before) {
        for (std::int64_t k = 0; k < n; ++k)
          std::copy_n(other.data() + k * width, width, panel.data() + place(k));
        panel.swap(other);
      }
      first.solve(other.data(), width, tile_registers);
      second.solve(other.data(), width, tile_registers);
      if (rows == Rows::moved_back_after) {
        for (std::int64_t k = 0; k < n; ++k)
          std::copy_n(other.data() + place(k), width, panel.data() + k * width);
        panel.swap(other);
      }
      transpose(other.data(), width, n, columns, to.row(c), to.stride);
      p.tick(0);
    });
  }

  /// to = -m Lambda + A^T m.
  void multiply_transposed(const Matrix<T>& m, Matrix<T>& to, Monitor& monitor) const {
    const std::int64_t n = size();
    constexpr std::int64_t block = 16 * tile_rows;
    PackedColumns<T> right(n, n);
    right.fill(m.row(0), m.stride);
    parallel_for((n + block - 1) / block, threads_, monitor, [&](std::int64_t task, Progress& p) {
      const std::int64_t first = task * block, rows = std::min(block, n - first);
      PackedRows<T> left(rows, n);
      left.fill_transposed(a_.row(0) + first, a_.stride);
      for (std::int64_t j = first; j < first + rows; ++j)
        for (std::int64_t l = 0; l < n; ++l)
          to.row(j)[l] = -lambda_[static_cast<std::size_t>(l)] * m.row(j)[l];
      each_panel<T>(right.columns(), [&](std::int64_t l, int registers) {
        for (std::int64_t t = 0; t < left.tiles().count(); ++t)
          add_tile_product<T>(left.tiles().height(t), registers, left.tile(t), right.panel(l), n,
                              {to.row(first + left.tiles().first(t)) + l, to.stride});
      });
      p.tick(0);
    });
  }

  Matrix<T> phi_;
  std::vector<T> lambda_;
  int threads_;
  Eigen::Matrix<T, -1, -1> factors_;  ///< L and U of P Phi
  std::vector<int> place_;            ///< row of P Phi that row i of Phi became
  double rcond_ = 0;
  Matrix<T> a_{phi_.rows, phi_.rows};
};

/// Which columns of Phi and which eigenvalues are trained, and what the eigenvalues are kept
/// within: those out of bounds count as the bound, with gradient 0.
struct SpectralTraining {
  std::vector<bool> columns, eigenvalues;
  double low = -std::numeric_limits<double>::infinity();
  double high = std::numeric_limits<double>::infinity();

  template <class T>
  std::vector<T> bounded(const T* values, std::int64_t count) const {
    std::vector<T> result;
    for (std::int64_t k = 0; k < count; ++k)
      result.push_back(static_cast<T>(std::clamp<double>(values[k], low, high)));
    return result;
  }
  /// Sets to 0 what is not trained.
  /// @param eigenvalues as given, not yet bounded.
  template <class T>
  void restrict_gradient(const T* values, typename SpectralCoupling<T>::Gradient& gradient) const {
    for (std::size_t k = 0; k < columns.size(); ++k) {
      const auto value = static_cast<double>(values[k]);
      if (!eigenvalues[k] || value < low || value > high) gradient.lambda[k] = 0;
    }
    if (std::find(columns.begin(), columns.end(), false) == columns.end()) return;
    for (std::int64_t i = 0; i < gradient.phi.rows; ++i)
      for (std::size_t k = 0; k < columns.size(); ++k)
        if (!columns[k]) gradient.phi.row(i)[k] = 0;
  }
};

/// b - (b q) q^T, in place. @param q (columns of b, planted), orthonormal columns.
template <class T>
void project(Matrix<T>& b, const Matrix<T>& q) {
  using Map = Eigen::Map<const Eigen::Matrix<T, -1, -1, Eigen::RowMajor>, 0, Eigen::OuterStride<>>;
  const Map from(q.values.data(), q.rows, q.columns, Eigen::OuterStride<>(q.stride));
  Eigen::Map<Eigen::Matrix<T, -1, -1, Eigen::RowMajor>, 0, Eigen::OuterStride<>> to(
      b.values.data(), b.rows, b.columns, Eigen::OuterStride<>(b.stride));
  const Eigen::Matrix<T, -1, -1, Eigen::RowMajor> parts = to * from;
  to.noalias() -= parts * from.transpose();
}

}  // namespace attractornet::wilson_cowan
