/// @file
/// What the mathematics did, as part of a result.
#pragma once

#include <array>
#include <attractornet/core/fields.hpp>

namespace attractornet {

enum class Status {
  ok,
  diverged,   ///< state or tangent vectors left the finite numbers; all values are NaN
  imprecise,  ///< finished, but rounding is not small beside the reported errors
};

template <>
struct Names<Status> {
  static constexpr std::array<std::string_view, 3> list{"ok", "diverged", "imprecise"};
};

}  // namespace attractornet
