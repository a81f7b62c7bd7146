/// @file
/// How rows of matrices lie in memory of the device.
#pragma once

#include <cstdint>

namespace attractornet::cuda {

/// Rows of the device's matrices are so many numbers apart.
inline std::int64_t row_stride(std::int64_t columns) { return (columns + 3) / 4 * 4; }

}  // namespace attractornet::cuda
