/// @file
/// Included before everything else in the extension: a failed assertion inside Eigen is a bug of
/// ours and must not abort Python.
#pragma once

#include <attractornet/core/error.hpp>

#define eigen_assert(condition)                                                       \
  do {                                                                                \
    if (!(condition)) throw attractornet::InternalError("Eigen asserts " #condition); \
  } while (false)
