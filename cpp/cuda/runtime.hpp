/// @file
/// CUDA's runtime as C++: every call is checked, memory and streams have owners, and what goes
/// wrong is an exception.
#pragma once

#include <cuda_runtime.h>

#include <attractornet/core/error.hpp>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace attractornet::cuda {

/// Throws what an error of CUDA means: no device, no memory, or a bug of ours.
inline void check(cudaError_t error, const char* what) {
  if (error == cudaSuccess) return;
  (void)cudaGetLastError();  // it has been told
  const std::string text = std::string("CUDA: ") + what + ": " + cudaGetErrorString(error);
  switch (error) {
    case cudaErrorMemoryAllocation:
      throw MemoryLimit(text + "; smaller chunks or batches need less");
    case cudaErrorNoDevice:
    case cudaErrorInsufficientDriver:
      throw BackendUnavailable(text + "; device = 'cpu' needs neither");
    case cudaErrorNoKernelImageForDevice:
    case cudaErrorUnsupportedPtxVersion:
      throw BackendUnavailable(text +
                               "; kernels are for compute capability 8.0 and later, unless "
                               "CMAKE_CUDA_ARCHITECTURES said otherwise when they were built");
    default:
      throw InternalError(text);
  }
}

class Stream {
 public:
  Stream() { check(cudaStreamCreateWithFlags(&stream_, cudaStreamNonBlocking), "a stream"); }
  /// Somebody else's, which stays theirs.
  explicit Stream(cudaStream_t stream) : stream_(stream), is_ours_(false) {}
  ~Stream() {
    if (is_ours_) (void)cudaStreamDestroy(stream_);
  }
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;

  operator cudaStream_t() const { return stream_; }
  /// Waits for all that was asked for, and tells of what went wrong in it.
  void synchronise() const { check(cudaStreamSynchronize(stream_), "work on the device"); }

 private:
  cudaStream_t stream_ = nullptr;
  bool is_ours_ = true;
};

/// Memory of the device; it holds anything at first.
template <class T>
class Buffer {
 public:
  explicit Buffer(std::size_t size = 0) : size_(size) {
    if (size == 0) return;
    void* memory = nullptr;
    check(cudaMalloc(&memory, size * sizeof(T)), "memory of the device");
    data_ = static_cast<T*>(memory);
  }
  ~Buffer() { (void)cudaFree(data_); }
  Buffer(Buffer&& other) noexcept
      : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}
  Buffer& operator=(Buffer&& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    return *this;
  }

  T* data() const { return data_; }
  std::size_t size() const { return size_; }

  void write(std::span<const T> values, const Stream& stream) {
    copy(data_, values.data(), values.size(), cudaMemcpyHostToDevice, stream);
  }
  /// Waits for them.
  std::vector<T> read(const Stream& stream) const {
    std::vector<T> values(size_);
    copy(values.data(), data_, size_, cudaMemcpyDeviceToHost, stream);
    stream.synchronise();
    return values;
  }
  void clear(const Stream& stream) {
    if (size_ > 0)
      check(cudaMemsetAsync(data_, 0, size_ * sizeof(T), stream), "clearing memory of the device");
  }

 private:
  static void copy(T* to, const T* from, std::size_t count, cudaMemcpyKind kind,
                   const Stream& stream) {
    if (count > 0) check(cudaMemcpyAsync(to, from, count * sizeof(T), kind, stream), "a copy");
  }

  T* data_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace attractornet::cuda
