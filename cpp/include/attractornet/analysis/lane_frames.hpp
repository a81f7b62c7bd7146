/// @file
/// Gram-Schmidt for frames in lanes: many small frames at once, one in each lane.
#pragma once

#include <algorithm>
#include <attractornet/core/pack.hpp>
#include <attractornet/core/product.hpp>
#include <cstddef>
#include <vector>

namespace attractornet {

/// Makes k columns orthonormal, in place, by modified Gram-Schmidt in panels of four columns, so
/// that a column far away is read once for four others. Sums go over the rows in order.
template <class T, int L>
class LaneOrthonormaliser {
 public:
  using P = Pack<T, L>;

  LaneOrthonormaliser(int rows, int k)
      : rows_(static_cast<std::size_t>(rows)), k_(k), explained_(k), growth_(k) {}

  /// @param columns (k, rows, L), the columns `stride` values apart.
  void operator()(T* columns, std::size_t stride) {
    columns_ = columns;
    stride_ = stride;
    std::fill(explained_.begin(), explained_.end(), P(T(0)));
    int first = 0;
    for (; first + panel <= k_; first += panel) reduce<panel>(first);
    for (; first < k_; ++first) reduce<1>(first);
  }

  /// ln of how much column c of a lane grew, beyond what the columns before it explain, in all
  /// calls since the last reset.
  double growth(int c, int lane) const { return growth_[c].logarithm(lane); }
  /// The least share of its length that the columns before it left of a column, squared, since the
  /// last reset; 0 where a column died or left the normal numbers.
  T least_share(int lane) const { return least_[lane]; }
  void reset() {
    std::fill(growth_.begin(), growth_.end(), RunningProduct<T, L>());
    least_ = P(T(1));
  }

 private:
  static constexpr int panel = 4;
  static constexpr int others =
      register_bytes == 64 ? 4 : 2;  ///< taken together, as registers allow
  // Squares of lengths that leave room for those of the next step.
  static constexpr T smallest = sizeof(T) == 8 ? T(1e-200) : T(1e-30);
  static constexpr T largest = T(1) / smallest;

  T* column(int c) const { return columns_ + c * stride_; }

  template <int B>
  void reduce(int first) {
    for (int c = first; c < first + B; ++c) {
      normalise(c);
      for (int other = c + 1; other < first + B; ++other) project<1, 1>(c, other);
    }
    int other = first + B;
    for (; other + others <= k_; other += others) project<B, others>(first, other);
    for (; other < k_; ++other) project<B, 1>(first, other);
  }

  void normalise(int c) {
    T* v = column(c);
    P square(T(0));
    for (std::size_t row = 0; row < rows_ * L; row += L) {
      const P value = P::load(v + row);
      square = fma(value, value, square);
    }
    const P length = sqrt(square), inverse = P(T(1)) / length;
    for (std::size_t row = 0; row < rows_ * L; row += L)
      (P::load(v + row) * inverse).store(v + row);
    growth_[c].multiply(length);
    P share = square / (square + explained_[c]);
    share = select(square > P(smallest), share, P(T(0)));
    share = select(P(largest) > square, share, P(T(0)));
    least_ = select(least_ > share, share, least_);
  }

  /// Takes the parts along the unit columns first .. first + B - 1 out of G others.
  template <int B, int G>
  ATTRACTORNET_INLINE void project(int first, int other) {
    const T* units = column(first);
    T* values = column(other);
    P dot[B][G];
    ATTRACTORNET_UNROLL for (int b = 0; b < B; ++b) ATTRACTORNET_UNROLL for (int g = 0; g < G; ++g)
        dot[b][g] = P(T(0));
    for (std::size_t row = 0; row < rows_ * L; row += L) {
      P value[G];
      ATTRACTORNET_UNROLL for (int g = 0; g < G; ++g) value[g] =
          P::load(values + g * stride_ + row);
      ATTRACTORNET_UNROLL for (int b = 0; b < B; ++b) {
        const P unit = P::load(units + b * stride_ + row);
        ATTRACTORNET_UNROLL for (int g = 0; g < G; ++g) dot[b][g] = fma(unit, value[g], dot[b][g]);
      }
    }
    ATTRACTORNET_UNROLL for (int b = 0; b < B; ++b)
        ATTRACTORNET_UNROLL for (int g = 0; g < G; ++g) {
      explained_[other + g] = fma(dot[b][g], dot[b][g], explained_[other + g]);
      dot[b][g] = P(T(0)) - dot[b][g];
    }
    for (std::size_t row = 0; row < rows_ * L; row += L) {
      P value[G];
      ATTRACTORNET_UNROLL for (int g = 0; g < G; ++g) value[g] =
          P::load(values + g * stride_ + row);
      ATTRACTORNET_UNROLL for (int b = 0; b < B; ++b) {
        const P unit = P::load(units + b * stride_ + row);
        ATTRACTORNET_UNROLL for (int g = 0; g < G; ++g) value[g] = fma(unit, dot[b][g], value[g]);
      }
      ATTRACTORNET_UNROLL for (int g = 0; g < G; ++g) value[g].store(values + g * stride_ + row);
    }
  }

  std::size_t rows_;
  int k_;
  T* columns_ = nullptr;
  std::size_t stride_ = 0;
  std::vector<P> explained_;
  std::vector<RunningProduct<T, L>> growth_;
  P least_ = P(T(1));
};

}  // namespace attractornet
