/// @file
/// Recalls at T = 0 on the device, as the host sees them.
#pragma once

#include <attractornet/systems/hopfield.hpp>
#include <cstdint>
#include <functional>

namespace attractornet::cuda {

/// Recalls by whole weights.
struct DeviceRecalls {
  const std::int32_t* weights;  ///< (units, units), from unit j in row j
  const double* limits;         ///< (units,)
  std::int64_t units;
  hopfield::Update update;
  hopfield::Tie tie;
  std::int64_t most_sweeps;
  std::uint64_t seed;

  /// @param states (count, units), in place; @param sweeps, cycles (count,), as Recalled has them;
  /// @param quadratic sum_ij w_ij s_i s_j at the end, (count,); @param tell told now and then how
  /// many states more have ended; may throw to stop.
  void run(std::int8_t* states, std::int64_t count, std::int64_t* sweeps, std::int64_t* cycles,
           double* quadratic, const std::function<void(std::int64_t)>& tell) const;
};

}  // namespace attractornet::cuda
