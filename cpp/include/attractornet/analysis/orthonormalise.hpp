/// @file
/// Gram-Schmidt for the frames of Lyapunov spectra, with one order of summation everywhere.
#pragma once

#include <algorithm>
#include <attractornet/core/memory.hpp>
#include <attractornet/core/monitor.hpp>
#include <attractornet/core/pack.hpp>
#include <cmath>
#include <cstdint>
#include <vector>

namespace attractornet {

/// Makes the k columns of a row-major (rows, stride) frame orthonormal, in place, by modified
/// Gram-Schmidt; the workspace is built once.
///
/// Columns lie in the lanes, and a column's products are summed over the rows in order, so the
/// result does not depend on the registers' width.
class Orthonormaliser {
 public:
  Orthonormaliser(int rows, int k, int stride)
      : rows_(rows),
        k_(k),
        stride_(stride),
        diagonal_(k),
        shares_(k),
        length_(stride),
        dots_(stride),
        factors_(stride),
        scale_(stride),
        present_(rows),
        following_(rows) {}

  /// Diagonal of R: how much column c grew beyond what the columns before it explain (k,).
  const std::vector<double>& diagonal() const { return diagonal_; }
  /// Shares diagonal[c] / |column c| (k,): what the columns before it leave of a column; NaN where
  /// a column is zero or not finite.
  const std::vector<double>& shares() const { return shares_; }

  void operator()(double* frame, Monitor* monitor = nullptr) {
    std::fill(factors_.begin(), factors_.end(), 0.0);
    std::fill(present_.begin(), present_.end(), 0.0);
    std::fill(length_.begin(), length_.end(), 0.0);
    std::fill(scale_.begin(), scale_.end(), 0.0);
    for (int c = 0; c < k_; ++c) {
      reduce(frame, c);
      finish_column(c);
      if (monitor) monitor->tick(0);
    }
    rescale(frame);
  }

 private:
  using P = Pack<double, 8>;

  /// Takes the previous column (unscaled in present_, with its factors) out of all columns from c
  /// on, and sums the products of column c with each of them.
  void reduce(double* frame, int c) {
    for (int row = 0; row < rows_; ++row) {
      const double* r = frame + static_cast<std::size_t>(row) * stride_;
      following_[row] = fma(-present_[row], factors_[c], r[c]);
    }
    for (int first = c / 8 * 8; first < stride_;)
      first =
          stride_ - first >= 32 ? reduce_columns<4>(frame, first) : reduce_columns<1>(frame, first);
    present_.swap(following_);
  }

  template <int G>
  int reduce_columns(double* frame, int first) {
    P dot[G], factor[G];
    ATTRACTORNET_UNROLL for (int p = 0; p < G; ++p) {
      dot[p] = P(0.0);
      factor[p] = P::load(factors_.data() + first + 8 * p);
    }
    for (int row = 0; row < rows_; ++row) {
      double* r = frame + static_cast<std::size_t>(row) * stride_ + first;
      const P minus(-present_[row]), next(following_[row]);
      ATTRACTORNET_UNROLL for (int p = 0; p < G; ++p) {
        const P value = fma(minus, factor[p], P::load(r + 8 * p));
        value.store(r + 8 * p);
        dot[p] = fma(next, value, dot[p]);
      }
    }
    ATTRACTORNET_UNROLL for (int p = 0; p < G; ++p) dot[p].store(dots_.data() + first + 8 * p);
    return first + 8 * G;
  }

  /// From the products of column c: its diagonal, its share, and the factors for the columns after
  /// it.
  void finish_column(int c) {
    const double square = dots_[c];
    const double norm = std::sqrt(square);
    const double inverse = square > 0 ? 1 / norm : 0.0;
    diagonal_[c] = norm;
    scale_[c] = inverse;
    length_[c] = fma(norm, norm, length_[c]);
    shares_[c] = norm / std::sqrt(length_[c]);
    factors_[c] = 0;
    for (int other = c + 1; other < k_; ++other) {
      const double projection = dots_[other] * inverse;
      factors_[other] = projection * inverse;
      length_[other] = fma(projection, projection, length_[other]);
    }
  }

  void rescale(double* frame) {
    for (int row = 0; row < rows_; ++row) {
      double* r = frame + static_cast<std::size_t>(row) * stride_;
      for (int c = 0; c < stride_; c += 8)
        (P::load(r + c) * P::load(scale_.data() + c)).store(r + c);
    }
  }

  int rows_, k_, stride_;
  std::vector<double> diagonal_, shares_;
  AlignedVector<double> length_, dots_, factors_, scale_, present_, following_;
};

}  // namespace attractornet
