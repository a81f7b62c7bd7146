/// @file
/// Kernels are run by a function, whose arguments the compiler checks.
#pragma once

#include <cstdint>

#include "runtime.hpp"

namespace attractornet::cuda {

/// Runs a kernel on blocks of so many threads.
template <class... Parameters, class... Arguments>
void launch_grid(const Stream& stream, dim3 grid, unsigned block, void (*kernel)(Parameters...),
                 const Arguments&... arguments) {
  cudaLaunchConfig_t config = {};
  config.gridDim = grid;
  config.blockDim = dim3(block);
  config.stream = stream;
  check(cudaLaunchKernelEx(&config, kernel, Parameters(arguments)...), "a kernel");
}

/// Runs a kernel on at least `threads` threads.
template <class... Parameters, class... Arguments>
void launch(const Stream& stream, std::int64_t threads, unsigned block,
            void (*kernel)(Parameters...), const Arguments&... arguments) {
  if (threads > 0)
    launch_grid(stream, dim3(static_cast<unsigned>((threads + block - 1) / block)), block, kernel,
                arguments...);
}

/// This thread's number, of those of a launch.
__device__ inline std::int64_t thread_index() {
  return static_cast<std::int64_t>(blockIdx.x) * blockDim.x + threadIdx.x;
}

}  // namespace attractornet::cuda
