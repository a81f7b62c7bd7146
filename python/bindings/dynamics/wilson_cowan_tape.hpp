/// @file
/// The memory that a run takes which can be gone back.
#pragma once

#include <attractornet/core/memory.hpp>
#include <attractornet/dynamics/wilson_cowan_adjoint.hpp>
#include <string>

namespace attractornet::python {

/// Throws MemoryLimit where a tape would not fit.
/// @param which how the message calls the states: "x0 has".
template <class T>
void expect_tape_memory(const std::string& where, const std::string& which, std::int64_t nodes,
                        std::int64_t samples, const wilson_cowan::RunOptions& run,
                        wilson_cowan::Memory memory) {
  const double bytes =
      wilson_cowan::Tape<T>::bytes(wilson_cowan::batch_stride<T>(nodes), samples, run, memory);
  const auto limit = static_cast<double>(memory_limit());
  if (!(bytes > limit)) return;
  throw MemoryLimit(
      where + ": " + which + " " + std::to_string(samples) + " states: " +
      std::to_string(run.steps) + " steps of them with memory = '" + std::string(name_of(memory)) +
      "' take " + gibibytes(bytes) + ", more than the memory limit of " + gibibytes(limit) +
      " (environment: ATTRACTORNET_MEMORY_LIMIT)" +
      (memory == wilson_cowan::Memory::checkpoint ? "" : "; 'checkpoint' takes least"));
}

}  // namespace attractornet::python
