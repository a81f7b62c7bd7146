#include <doctest/doctest.h>

#include <stdexcept>
#include <vector>

#include "launch.cuh"

using namespace attractornet;
using cuda::Buffer;
using cuda::Stream;

namespace {

/// Sums of each row by a block: through shared memory, and by shuffles within a warp.
__global__ void sums(int columns, const float* x, float* by_halves, float* by_shuffles) {
  __shared__ float part[64];
  const int i = static_cast<int>(threadIdx.x);
  part[i] = i < columns ? x[static_cast<int>(blockIdx.x) * columns + i] : 0.0f;
  float mine = part[i];
  for (int by = 16; by >= 1; by /= 2) mine += __shfl_xor_sync(0xFFFFFFFF, mine, by);
  __syncthreads();
  for (int half = 32; half >= 1; half /= 2) {
    if (i < half) part[i] += part[i + half];
    __syncthreads();
  }
  if (i == 0) by_halves[blockIdx.x] = part[0];
  if (i % 32 == 0) atomicAdd(by_shuffles + blockIdx.x, mine);
}

__global__ void part_waits(int) {
  if (threadIdx.x < 3) __syncthreads();
  if (threadIdx.x >= 3) __syncwarp();
}
__global__ void beyond_the_mask(int* out) { out[threadIdx.x] = __shfl_sync(0x3, 1, 5); }

}  // namespace

TEST_CASE("emulator: blocks, shared memory, barriers and shuffles, in any order of threads") {
  for (const int order : {0, 1, 5}) {
    emulator::machine.order = order;
    const Stream stream;
    std::vector<float> x;
    for (int i = 0; i < 3 * 50; ++i) x.push_back(static_cast<float>(i % 7));
    Buffer<float> given(x.size()), a(3), b(3);
    given.write(x, stream);
    b.clear(stream);
    cuda::launch(stream, 3 * 64, 64, sums, 50, given.data(), a.data(), b.data());
    for (int row = 0; row < 3; ++row) {
      float sum = 0;
      for (int i = 0; i < 50; ++i) sum += x[static_cast<std::size_t>(50 * row + i)];
      CHECK(a.read(stream)[static_cast<std::size_t>(row)] == sum);
      CHECK(b.read(stream)[static_cast<std::size_t>(row)] == sum);
    }
  }
  emulator::machine.order = 0;
}

TEST_CASE("emulator: what CUDA leaves undefined is an error") {
  const Stream stream;
  CHECK_THROWS_AS(cuda::launch(stream, 8, 8, part_waits, 0), std::logic_error);
  Buffer<int> out(8);
  CHECK_THROWS_AS(cuda::launch(stream, 8, 8, beyond_the_mask, out.data()), std::logic_error);
}

TEST_CASE("runtime: errors of CUDA are exceptions, and memory is given back") {
  auto& machine = emulator::machine;
  REQUIRE(machine.used == 0);
  CHECK_THROWS_WITH_AS(Buffer<double>(machine.memory),
                       doctest::Contains("out of memory; smaller chunks"), MemoryLimit);
  CHECK_THROWS_WITH_AS(cuda::check(cudaErrorNoDevice, "a call"),
                       doctest::Contains("device = 'cpu'"), BackendUnavailable);
  CHECK_THROWS_WITH_AS(cuda::check(cudaErrorNoKernelImageForDevice, "a call"),
                       doctest::Contains("compute capability 8.0"), BackendUnavailable);
  CHECK_THROWS_WITH_AS(cuda::check(cudaErrorLaunchFailure, "a call"), "CUDA: a call: some error",
                       InternalError);
  {
    Buffer<double> a(100), b;
    b = std::move(a);
    CHECK(machine.used == 800);
    CHECK(b.size() == 100);
  }
  CHECK(machine.used == 0);
}
