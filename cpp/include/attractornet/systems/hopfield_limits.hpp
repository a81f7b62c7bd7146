/// @file
/// Limits of doubled fields that are integers, ties included.
#pragma once

#include <algorithm>
#include <attractornet/core/platform.hpp>
#include <attractornet/systems/hopfield.hpp>
#include <cmath>

namespace attractornet::hopfield {

/// The limit as an integer: doubled fields, which are even, meet it in ties that keep a unit's
/// value only; else it is odd. @param bound of the fields: beyond it no unit changes any more.
inline double whole_limit(double limit, Tie tie, double bound) {
  const double even = 2 * std::floor(0.5 * limit);
  const bool tied = even == limit, keeps = tie == Tie::keep;
  const double whole = tied && keeps ? even : (tied ? even - 1 : even + 1);
  return std::clamp(whole, -2 * bound - 1, 2 * bound + 1);
}

/// What is added to a doubled field less its limit, so that its sign is the unit's next value in
/// ties too: the unit's value where the limit is even. @tparam T integers, or a register of them.
template <class T>
ATTRACTORNET_INLINE T held(T limit, T state) {
  return state & ((limit & 1) - 1);
}

}  // namespace attractornet::hopfield
