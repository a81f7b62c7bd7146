/// @file
/// CUDA devices. What is declared here is in the library attractornet::cuda; where that was built
/// without CUDA it throws BackendUnavailable.
#pragma once

#include <array>
#include <attractornet/core/fields.hpp>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace attractornet {

namespace cuda {

/// A device that work can be done on.
struct Device {
  std::string name;
  std::size_t memory;  ///< in bytes
  int major, minor;    ///< of its compute capability
};

/// Devices of this machine, the first of which is used; never none.
std::vector<Device> devices();

/// How products of matrices are made of float32.
enum class Products {
  float32,  ///< of the numbers as they are
  tf32x3,   ///< on tensor cores, each number a sum of two that have 11 bits: nearly as exact
  tf32,     ///< on tensor cores, of numbers with 11 bits
};

}  // namespace cuda

template <>
struct Names<cuda::Products> {
  static constexpr std::array<std::string_view, 3> list = {"float32", "tf32x3", "tf32"};
};

}  // namespace attractornet
