/// @file
/// The instruction of tensor cores, in the place of cpp/cuda/device/tensor_core.cuh.
#pragma once

#include <cuda_runtime.h>

#include <stdexcept>

namespace attractornet::cuda {

inline void multiply_add(float (&c)[4], const float (&a)[4], const float (&b)[2]) {
  const float mine[6] = {a[0], a[1], a[2], a[3], b[0], b[1]};
  for (const float value : mine) {
    std::uint32_t word;
    std::memcpy(&word, &value, sizeof word);
    if (word & 0x1FFF) throw std::logic_error("a number of more than 11 bits");
  }
  emulator::Block& block = *emulator::Block::running;
  const auto all = block.share(mine);
  const int lane = block.lane();
  for (int i = 0; i < 4; ++i) {
    const int row = lane / 4 + i / 2 * 8, column = lane % 4 * 2 + i % 2;
    double sum = c[i];
    for (int k = 0; k < 8; ++k) {
      const float left = all[row % 8 * 4 + k % 4][row / 8 + k / 4 * 2];
      const float right = all[column * 4 + k % 4][4 + k / 4];
      sum += static_cast<double>(left) * right;
    }
    c[i] = static_cast<float>(sum);
  }
}

}  // namespace attractornet::cuda
