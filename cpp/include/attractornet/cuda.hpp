/// @file
/// CUDA devices. What is declared here is in the library attractornet::cuda; where that was built
/// without CUDA it throws BackendUnavailable.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace attractornet::cuda {

/// A device that work can be done on.
struct Device {
  std::string name;
  std::size_t memory;  ///< in bytes
  int major, minor;    ///< of its compute capability
};

/// Devices of this machine, the first of which is used; never none.
std::vector<Device> devices();

}  // namespace attractornet::cuda
