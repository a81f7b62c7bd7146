/// @file
/// Recall by Hopfield networks on a CUDA device. What is declared here is in the library
/// attractornet::cuda; where that was built without CUDA it throws BackendUnavailable.
#pragma once

#include <attractornet/core/monitor.hpp>
#include <attractornet/dynamics/hopfield_recall.hpp>
#include <cstdint>

namespace attractornet::cuda {

/// A network whose weights are whole numbers, at T = 0: states and endings are those of the CPU.
struct WholeRecall {
  const std::int32_t* weights;  ///< row-major (units, units), from unit j to i in row j
  const double* limits;         ///< as in hopfield::Limits, (units,)
  std::int64_t units;
  hopfield::RecallOptions options;  ///< whose temperature is 0

  /// @param states (count, units), -1 and 1: where recalls start, then where they ended; each of
  /// them with the stream of its place. @param quadratic sum_ij w_ij s_i s_j where they ended,
  /// (count,). Progress is told in states.
  void run(std::int8_t* states, std::int64_t count, hopfield::Recalled* endings, double* quadratic,
           Monitor& monitor) const;
};

}  // namespace attractornet::cuda
