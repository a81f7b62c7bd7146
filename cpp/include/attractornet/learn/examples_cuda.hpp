/// @file
/// Examples on a CUDA device. What is declared here is in the library attractornet::cuda; where
/// that was built without CUDA it throws BackendUnavailable.
#pragma once

#include <cstdint>
#include <memory>

namespace attractornet::cuda {

/// Examples (count, nodes) that lie on the device, for all epochs of a training.
class Examples {
 public:
  Examples(const float* x, std::int64_t count, std::int64_t nodes);
  ~Examples();

  std::int64_t count() const { return count_; }
  std::int64_t nodes() const { return nodes_; }

  struct Memory;
  const Memory& memory() const { return *memory_; }

 private:
  std::int64_t count_, nodes_;
  std::unique_ptr<Memory> memory_;
};

}  // namespace attractornet::cuda
