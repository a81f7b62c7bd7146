/// @file
/// The cells of a square in which the first two hidden units of a feedback network were seen: how
/// much of its picture an attractor covers.
#pragma once

#include <attractornet/core/platform.hpp>
#include <bit>
#include <cstdint>

namespace attractornet::feedback {

/// Cells of [-1, 1]^2, a bit each.
class Cells {
 public:
  static constexpr int side = 100, words = (side * side + 31) / 32;

  void see(double x1, double x2) {
    const int cell = cell_of(x1, x2);
    seen_[cell / 32] |= std::uint32_t{1} << (cell % 32);
  }
  double share() const { return share_of(seen_); }

  static ATTRACTORNET_HD int cell_of(double x1, double x2) { return index(x1) * side + index(x2); }
  /// Of the words of cells that were seen.
  static double share_of(const std::uint32_t* seen) {
    int count = 0;
    for (int i = 0; i < words; ++i) count += std::popcount(seen[i]);
    return count / static_cast<double>(side * side);
  }

 private:
  /// Of [-1, 1] in `side` parts; NaN is in the first.
  static ATTRACTORNET_HD int index(double x) {
    if (!(x > -1)) return 0;
    const int i = static_cast<int>((x + 1) * (0.5 * side));
    return i < side ? i : side - 1;
  }
  std::uint32_t seen_[words] = {};
};

}  // namespace attractornet::feedback
