/// @file
/// Feedback networks on the device, as the host sees them.
#pragma once

#include <attractornet/systems/feedback.hpp>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace attractornet::cuda {

/// What is done beside the orbit.
enum class Beside { nothing, cells, tangent };

/// Networks of one size that stay on the device; T is the precision of orbits and frames.
template <class T>
class DeviceNetworks {
 public:
  /// Whether networks of this size, with k tangent vectors, fit the lanes of a warp.
  static bool fits(std::int64_t neurons, std::int64_t inputs, std::int64_t k);

  /// Draws the networks there. @param initial register (inputs,) that all start from; null for the
  /// article's start.
  DeviceNetworks(std::span<const feedback::Ensemble> ensembles, const double* initial);
  ~DeviceNetworks();

  /// Goes on from these registers (networks, inputs).
  void load(std::span<const T> states);
  /// Runs on. @param looks whether cells of the states that are reached are noted.
  void advance(int steps, bool looks = false);
  /// Registers (networks, inputs).
  std::vector<T> states() const;
  /// Cells that were seen (networks, Cells::words); of networks that looked.
  std::vector<std::uint32_t> cells() const;

  /// Gives all networks the same tangent vectors (k, inputs), orthonormal ones, and room for
  /// `blocks` of their growth. @param longest time between two orthonormalisations of k > 1.
  void set_frame(std::span<const double> frame, std::int64_t blocks, int longest);
  /// Runs on with the frames; how much they grow is added to that block.
  void turn(int steps, std::int64_t block);
  /// ln of growth (blocks, networks, k); NaN where digits were lost.
  std::vector<double> growth() const;

 private:
  struct Memory;
  std::unique_ptr<Memory> memory_;
};

}  // namespace attractornet::cuda
