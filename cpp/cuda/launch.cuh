/// @file
/// Kernels are run by a function, whose arguments the compiler checks.
#pragma once

#include <cstdint>

#include "runtime.hpp"

namespace attractornet::cuda {

/// Runs a kernel on at least `threads` threads, in blocks of `block`.
template <class... Parameters, class... Arguments>
void launch(const Stream& stream, std::int64_t threads, unsigned block,
            void (*kernel)(Parameters...), const Arguments&... arguments) {
  if (threads == 0) return;
  cudaLaunchConfig_t config = {};
  config.gridDim = dim3(static_cast<unsigned>((threads + block - 1) / block));
  config.blockDim = dim3(block);
  config.stream = stream;
  check(cudaLaunchKernelEx(&config, kernel, Parameters(arguments)...), "a kernel");
}

/// This thread's number, of those of a launch.
__device__ inline std::int64_t thread_index() {
  return static_cast<std::int64_t>(blockIdx.x) * blockDim.x + threadIdx.x;
}

}  // namespace attractornet::cuda
