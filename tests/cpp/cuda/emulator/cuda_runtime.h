/// @file
/// Enough of CUDA's runtime to run kernels on the CPU: sources of cpp/cuda are compiled for the
/// tests by the host's compiler, with this header in the place of CUDA's.
///
/// Threads of a block are fibers, which run one at a time until they wait for others; blocks run
/// one after the other. Memory of the device is memory of the host, filled with NaN at first, work
/// in a stream is done at once. What CUDA leaves undefined is an error where it is seen: a barrier
/// that not all threads reach, a shuffle of lanes that are not there.
#pragma once

#include <ucontext.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <memory>
#include <stdexcept>
#include <tuple>
#include <utility>
#include <vector>

#define __host__
#define __device__
#define __global__
#define __shared__ static thread_local  // threads of the host may each run blocks
#define __forceinline__ inline __attribute__((always_inline))
#define __launch_bounds__(...)
#define __restrict__ __restrict

using std::max;
using std::min;

// ------------------------------------------------------------------------------------------ errors

enum cudaError_t {
  cudaSuccess = 0,
  cudaErrorInvalidValue = 1,
  cudaErrorMemoryAllocation = 2,
  cudaErrorInsufficientDriver = 35,
  cudaErrorInvalidConfiguration = 9,
  cudaErrorNoDevice = 100,
  cudaErrorNoKernelImageForDevice = 209,
  cudaErrorUnsupportedPtxVersion = 222,
  cudaErrorLaunchFailure = 719,
};

namespace emulator {

/// What the tests set, and what they look at.
struct Machine {
  cudaError_t devices = cudaSuccess;  ///< what asking for devices answers with
  std::size_t memory = std::size_t{1} << 30;
  std::atomic<std::size_t> used = 0;
  std::atomic<cudaError_t> last = cudaSuccess;
  int order = 0;  ///< of threads: 0 forwards, 1 backwards, n > 1 a shuffle of its own
  std::atomic<std::int64_t> launches = 0;
};
inline Machine machine;

inline cudaError_t told(cudaError_t error) {
  if (error != cudaSuccess) machine.last = error;
  return error;
}

}  // namespace emulator

inline const char* cudaGetErrorString(cudaError_t error) {
  switch (error) {
    case cudaSuccess:
      return "no error";
    case cudaErrorMemoryAllocation:
      return "out of memory";
    case cudaErrorInsufficientDriver:
      return "CUDA driver version is insufficient for CUDA runtime version";
    case cudaErrorNoDevice:
      return "no CUDA-capable device is detected";
    case cudaErrorNoKernelImageForDevice:
      return "no kernel image is available for execution on the device";
    default:
      return "some error";
  }
}
inline cudaError_t cudaGetLastError() { return emulator::machine.last.exchange(cudaSuccess); }

// ---------------------------------------------------------------------------------------- geometry

struct dim3 {
  unsigned x, y, z;
  constexpr dim3(unsigned x = 1, unsigned y = 1, unsigned z = 1) : x(x), y(y), z(z) {}
};
struct uint3 {
  unsigned x, y, z;
};
struct float2 {
  float x, y;
};
struct alignas(16) float4 {
  float x, y, z, w;
};
struct alignas(16) double2 {
  double x, y;
};
inline thread_local uint3 threadIdx, blockIdx;
inline thread_local dim3 blockDim, gridDim;

// ------------------------------------------------------------------------------------------ fibers

namespace emulator {

constexpr int warp = 32;

/// Where threads wait for one another.
struct Barrier {
  int arrived = 0;
  std::int64_t generation = 0;
};

class Block {
 public:
  Block(dim3 size, const std::function<void()>& kernel) : size_(size), kernel_(kernel) {
    const int count = static_cast<int>(size.x * size.y * size.z);
    warps_.resize(static_cast<std::size_t>((count + warp - 1) / warp));
    for (int i = 0; i < count; ++i) fibers_.emplace_back(new Fiber);
  }

  /// Runs all threads to their end.
  void run(uint3 place) {
    running = this;
    blockIdx = place;
    blockDim = size_;
    alive_ = static_cast<int>(fibers_.size());
    for (int i = 0; i < alive_; ++i) start(*fibers_[static_cast<std::size_t>(i)], i);
    const std::vector<std::size_t> order = order_of(fibers_.size());
    while (alive_ > 0) {
      moved_ = false;
      for (const std::size_t i : order) resume(i);
      if (!moved_) throw std::logic_error("threads wait for others that never come");
    }
    running = nullptr;
  }

  void wait(Barrier& barrier, int count) {
    const std::int64_t generation = barrier.generation;
    moved_ = true;
    if (++barrier.arrived == count) {
      barrier.arrived = 0;
      ++barrier.generation;
      return;
    }
    while (barrier.generation == generation) yield();
  }
  /// All threads of the block that have not returned.
  void wait_all() { wait(all_, alive_); }

  /// What another lane of the warp gives, of those that the mask names.
  std::uint64_t exchange(unsigned mask, std::uint64_t value, int from) {
    Warp& w = warps_[static_cast<std::size_t>(current_ / warp)];
    if (!(mask >> lane() & 1)) throw std::logic_error("a lane that its own mask does not name");
    Barrier& barrier = w.barrier_of(mask);
    const auto side = static_cast<std::size_t>(barrier.generation % 2);
    w.given[side][lane()] = value;
    wait(barrier, __builtin_popcount(mask));
    if (!(mask >> from & 1)) throw std::logic_error("a shuffle from a lane outside the mask");
    return w.given[side][from];
  }

  /// What all lanes of the warp give: numbers (lane, N).
  template <std::size_t N>
  std::array<std::array<float, N>, warp> share(const float (&mine)[N]) {
    Warp& w = warps_[static_cast<std::size_t>(current_ / warp)];
    auto& given = w.shared[w.sharing.generation % 2][lane()];
    std::copy(mine, mine + N, given.begin());
    wait(w.sharing, warp);
    std::array<std::array<float, N>, warp> all;
    const auto& side = w.shared[(w.sharing.generation - 1) % 2];
    for (int from = 0; from < warp; ++from)
      std::copy_n(side[static_cast<std::size_t>(from)].begin(), N,
                  all[static_cast<std::size_t>(from)].begin());
    return all;
  }
  int lane() const { return current_ % warp; }

  static inline thread_local Block* running = nullptr;

 private:
  struct Fiber {
    ucontext_t context;
    std::unique_ptr<char[]> stack{new char[stack_bytes]};
    bool ended = false;
    uint3 place;
    static constexpr std::size_t stack_bytes = 128 << 10;
  };
  struct Warp {
    std::uint64_t given[2][warp];
    std::array<std::array<float, 8>, warp> shared[2];
    Barrier sharing;
    std::vector<std::pair<unsigned, std::unique_ptr<Barrier>>> barriers;

    Barrier& barrier_of(unsigned mask) {
      for (auto& [known, barrier] : barriers)
        if (known == mask) return *barrier;
      return *barriers.emplace_back(mask, new Barrier).second;
    }
  };

  void start(Fiber& fiber, int index) {
    const auto i = static_cast<unsigned>(index);
    fiber.ended = false;
    fiber.place = {i % size_.x, i / size_.x % size_.y, i / size_.x / size_.y};
    getcontext(&fiber.context);
    fiber.context.uc_stack.ss_sp = fiber.stack.get();
    fiber.context.uc_stack.ss_size = Fiber::stack_bytes;
    fiber.context.uc_link = &scheduler_;
    makecontext(&fiber.context, &Block::enter, 0);
  }
  static void enter() {
    Block& block = *running;
    const int me = block.current_;
    try {
      block.kernel_();
    } catch (...) {
      block.failed_ = std::current_exception();
    }
    block.fibers_[static_cast<std::size_t>(me)]->ended = true;
    --block.alive_;
    block.moved_ = true;
  }
  void resume(std::size_t i) {
    Fiber& fiber = *fibers_[i];
    if (fiber.ended) return;
    current_ = static_cast<int>(i);
    threadIdx = fiber.place;
    swapcontext(&scheduler_, &fiber.context);
    if (failed_) std::rethrow_exception(std::exchange(failed_, nullptr));
  }
  void yield() {
    const int me = current_;
    swapcontext(&fibers_[static_cast<std::size_t>(me)]->context, &scheduler_);
  }
  static std::vector<std::size_t> order_of(std::size_t count) {
    std::vector<std::size_t> order(count);
    for (std::size_t i = 0; i < count; ++i) order[i] = machine.order == 1 ? count - 1 - i : i;
    if (machine.order > 1) {
      auto word = static_cast<std::uint64_t>(machine.order);
      for (std::size_t i = count; i > 1; --i) {
        word = word * 6364136223846793005u + 1442695040888963407u;
        std::swap(order[i - 1], order[(word >> 33) % i]);
      }
    }
    return order;
  }

  dim3 size_;
  const std::function<void()>& kernel_;
  std::vector<std::unique_ptr<Fiber>> fibers_;
  std::vector<Warp> warps_;
  Barrier all_;
  ucontext_t scheduler_;
  std::exception_ptr failed_;
  int current_ = 0, alive_ = 0;
  bool moved_ = false;
};

}  // namespace emulator

inline void __syncthreads() { emulator::Block::running->wait_all(); }

inline void __syncwarp(unsigned mask = 0xFFFFFFFF) {
  emulator::Block& block = *emulator::Block::running;
  block.exchange(mask, 0, block.lane());
}
inline unsigned __activemask() { return 0xFFFFFFFF; }

template <class T>
T __shfl_sync(unsigned mask, T value, int from, int width = emulator::warp) {
  static_assert(sizeof(T) <= 8);
  std::uint64_t word = 0;
  std::memcpy(&word, &value, sizeof value);
  const int lane = emulator::Block::running->lane();
  word = emulator::Block::running->exchange(mask, word, lane / width * width + from % width);
  std::memcpy(&value, &word, sizeof value);
  return value;
}
template <class T>
T __shfl_xor_sync(unsigned mask, T value, int by, int width = emulator::warp) {
  const int lane = emulator::Block::running->lane();
  return __shfl_sync(mask, value, (lane ^ by) % width, width);
}
template <class T>
T __shfl_down_sync(unsigned mask, T value, int by, int width = emulator::warp) {
  const int lane = emulator::Block::running->lane();
  return __shfl_sync(mask, value, lane % width + by < width ? lane % width + by : lane % width,
                     width);
}

/// Fibers run one at a time, so nothing comes between.
template <class T>
T atomicAdd(T* at, T value) {
  return std::exchange(*at, static_cast<T>(*at + value));
}
template <class T>
T atomicOr(T* at, T value) {
  return std::exchange(*at, *at | value);
}

// -------------------------------------------------------------------------------- memory, launches

struct emulated_stream;
using cudaStream_t = emulated_stream*;
constexpr unsigned cudaStreamNonBlocking = 1;
enum cudaMemcpyKind { cudaMemcpyHostToDevice, cudaMemcpyDeviceToHost, cudaMemcpyDeviceToDevice };

struct cudaDeviceProp {
  char name[256];
  std::size_t totalGlobalMem;
  int major, minor, multiProcessorCount;
};

inline cudaError_t cudaGetDeviceCount(int* count) {
  *count = emulator::machine.devices == cudaSuccess ? 1 : 0;
  return emulator::told(emulator::machine.devices);
}
inline cudaError_t cudaGetDeviceProperties(cudaDeviceProp* properties, int) {
  *properties = {"an emulated device", emulator::machine.memory, 9, 0, 2};
  return cudaSuccess;
}
inline cudaError_t cudaSetDevice(int) { return emulator::told(emulator::machine.devices); }
inline cudaError_t cudaMemGetInfo(std::size_t* free, std::size_t* total) {
  *total = emulator::machine.memory;
  *free = *total - emulator::machine.used;
  return cudaSuccess;
}

namespace emulator {

constexpr std::size_t header = 256;  ///< before an allocation: its size

}  // namespace emulator

inline cudaError_t cudaMalloc(void** result, std::size_t bytes) {
  auto& machine = emulator::machine;
  if (bytes > machine.memory - machine.used) return emulator::told(cudaErrorMemoryAllocation);
  const std::size_t whole = (bytes + 255) / 256 * 256 + emulator::header;
  auto* memory = static_cast<char*>(std::aligned_alloc(256, whole));
  std::memset(memory, 0xFF, whole);  // NaN: nothing is there before it is written
  std::memcpy(memory, &bytes, sizeof bytes);
  machine.used += bytes;
  *result = memory + emulator::header;
  return cudaSuccess;
}
inline cudaError_t cudaFree(void* memory) {
  if (!memory) return cudaSuccess;
  char* start = static_cast<char*>(memory) - emulator::header;
  std::size_t bytes = 0;
  std::memcpy(&bytes, start, sizeof bytes);
  emulator::machine.used -= bytes;
  std::free(start);
  return cudaSuccess;
}
inline cudaError_t cudaMemcpyAsync(void* to, const void* from, std::size_t bytes, cudaMemcpyKind,
                                   cudaStream_t) {
  std::memcpy(to, from, bytes);
  return cudaSuccess;
}
inline cudaError_t cudaMemcpy2DAsync(void* to, std::size_t to_apart, const void* from,
                                     std::size_t from_apart, std::size_t width, std::size_t height,
                                     cudaMemcpyKind, cudaStream_t) {
  for (std::size_t row = 0; row < height; ++row)
    std::memcpy(static_cast<char*>(to) + row * to_apart,
                static_cast<const char*>(from) + row * from_apart, width);
  return cudaSuccess;
}
inline cudaError_t cudaMemsetAsync(void* to, int value, std::size_t bytes, cudaStream_t) {
  std::memset(to, value, bytes);
  return cudaSuccess;
}
inline cudaError_t cudaStreamCreateWithFlags(cudaStream_t* stream, unsigned) {
  *stream = reinterpret_cast<cudaStream_t>(std::malloc(1));
  return cudaSuccess;
}
inline cudaError_t cudaStreamDestroy(cudaStream_t stream) {
  std::free(stream);
  return cudaSuccess;
}
inline cudaError_t cudaStreamSynchronize(cudaStream_t) { return cudaSuccess; }
inline cudaError_t cudaStreamQuery(cudaStream_t) { return cudaSuccess; }

struct cudaLaunchConfig_t {
  dim3 gridDim, blockDim;
  std::size_t dynamicSmemBytes;
  cudaStream_t stream;
  void* attrs;
  unsigned numAttrs;
};

namespace emulator {

/// Work that a stream was asked for between the begin and the end of a capture.
using Work = std::vector<std::function<void()>>;
inline thread_local std::unique_ptr<Work> capture;

inline void run_grid(dim3 grid, dim3 block, const std::function<void()>& call) {
  ++machine.launches;
  gridDim = grid;
  Block threads(block, call);
  for (unsigned z = 0; z < grid.z; ++z)
    for (unsigned y = 0; y < grid.y; ++y)
      for (unsigned x = 0; x < grid.x; ++x) threads.run({x, y, z});
}

}  // namespace emulator

template <class... Parameters, class... Arguments>
cudaError_t cudaLaunchKernelEx(const cudaLaunchConfig_t* config, void (*kernel)(Parameters...),
                               Arguments&&... arguments) {
  const std::tuple<Parameters...> copies(std::forward<Arguments>(arguments)...);
  const dim3 grid = config->gridDim, block = config->blockDim;
  if (block.x * block.y * block.z > 1024 || grid.x == 0)
    return emulator::told(cudaErrorInvalidConfiguration);
  const auto work = [=] { emulator::run_grid(grid, block, [&] { std::apply(kernel, copies); }); };
  if (emulator::capture)
    emulator::capture->push_back(work);
  else
    work();
  return cudaSuccess;
}

// ------------------------------------------------------------------------------------------ graphs

using cudaGraph_t = emulator::Work*;
using cudaGraphExec_t = emulator::Work*;
enum cudaStreamCaptureMode { cudaStreamCaptureModeThreadLocal };

inline cudaError_t cudaStreamBeginCapture(cudaStream_t, cudaStreamCaptureMode) {
  emulator::capture = std::make_unique<emulator::Work>();
  return cudaSuccess;
}
inline cudaError_t cudaStreamEndCapture(cudaStream_t, cudaGraph_t* graph) {
  *graph = emulator::capture.release();
  return cudaSuccess;
}
inline cudaError_t cudaGraphInstantiate(cudaGraphExec_t* ready, cudaGraph_t graph, unsigned) {
  *ready = new emulator::Work(*graph);
  return cudaSuccess;
}
inline cudaError_t cudaGraphLaunch(cudaGraphExec_t ready, cudaStream_t) {
  for (const auto& work : *ready) work();
  return cudaSuccess;
}
inline cudaError_t cudaGraphDestroy(cudaGraph_t graph) {
  delete graph;
  return cudaSuccess;
}
inline cudaError_t cudaGraphExecDestroy(cudaGraphExec_t ready) {
  delete ready;
  return cudaSuccess;
}
