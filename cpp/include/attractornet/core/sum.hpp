/// @file
/// The order in which outputs are summed over hidden units.
#pragma once

#include <attractornet/core/platform.hpp>

namespace attractornet {

/// Sums `count` terms in the order of a register that is folded in halves: the terms are padded
/// with +0 to a power of two (at least 2), then the upper half is added to the lower one until a
/// single value is left. fold() of a Pack and a loop over packs give the same bits.
///
/// Here the terms are made one at a time (in bit-reversed order, as the leaves of that tree), so
/// that no storage beside one partial sum a level is needed.
template <class T, class Term>
ATTRACTORNET_HD inline T tree_sum(int count, Term&& term) {
  int levels = 1;
  while ((1 << levels) < count) ++levels;
  T partial[31];
  for (int leaf = 0; leaf < (1 << levels); ++leaf) {
    int index = 0;
    for (int bit = 0; bit < levels; ++bit)
      if (leaf >> bit & 1) index |= 1 << (levels - 1 - bit);
    T value = index < count ? term(index) : T(0);
    int level = 0;
    for (; leaf >> level & 1; ++level) value = partial[level] + value;
    partial[level] = value;
  }
  return partial[levels];
}

}  // namespace attractornet
