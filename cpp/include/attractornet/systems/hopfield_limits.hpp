/// @file
/// Limits of doubled fields that are integers, ties included.
#pragma once

#include <attractornet/core/math.hpp>
#include <attractornet/core/platform.hpp>

namespace attractornet::hopfield {

/// A limit as an integer: doubled fields, which are even, meet it in ties that keep a unit's value
/// only; else it is odd. @param bound of the fields, below 2^50: beyond it no unit changes any
/// more.
/// @tparam T double, or a pack.
template <class T>
ATTRACTORNET_INLINE T whole_limit(T limit, bool keeps, double bound) {
  const T most(2 * bound + 1.5), whole(0x1.8p52);  // next to `whole` numbers are integers
  const T inside = at_most(T(0.0) - at_most(T(0.0) - limit, most), most);
  const T near = (T(0.5) * inside + whole) - whole;
  const T even = T(2.0) * select(near > T(0.5) * inside, near - T(1.0), near);
  return select(inside > even, even + T(1.0), keeps ? even : even - T(1.0));
}

/// What is added to a doubled field less its limit, so that its sign is the unit's next value in
/// ties too: the unit's value where the limit is even. @tparam T integers, or a register of them.
template <class T>
ATTRACTORNET_INLINE T held(T limit, T state) {
  return state & ((limit & 1) - 1);
}

}  // namespace attractornet::hopfield
