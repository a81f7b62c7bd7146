/// @file
/// The memory cap: results are measured before they are allocated; and memory for vector registers.
#pragma once

#include <unistd.h>

#include <attractornet/core/block_cache.hpp>
#include <attractornet/core/error.hpp>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <initializer_list>
#include <limits>
#include <new>
#include <string>
#include <string_view>
#include <vector>

namespace attractornet {

/// Bytes that one result may take: the environment's ATTRACTORNET_MEMORY_LIMIT, else 80 % of the
/// machine's memory.
inline std::uint64_t memory_limit() {
  if (const char* variable = std::getenv("ATTRACTORNET_MEMORY_LIMIT"); variable && *variable) {
    char* end = nullptr;
    const double value = std::strtod(variable, &end);
    if (*end != '\0' || !(value >= 1))
      reject("environment", "ATTRACTORNET_MEMORY_LIMIT", std::string_view(variable),
             "a number of bytes, such as 4e9");
    return value < 1e19 ? static_cast<std::uint64_t>(value)
                        : std::numeric_limits<std::uint64_t>::max();
  }
  const double pages = static_cast<double>(sysconf(_SC_PHYS_PAGES));
  return static_cast<std::uint64_t>(0.8 * pages * static_cast<double>(sysconf(_SC_PAGESIZE)));
}

inline std::string gibibytes(double bytes) {
  char buffer[32];
  std::snprintf(buffer, sizeof buffer, "%.3g GiB", bytes / 1073741824.0);
  return buffer;
}

/// The product of `sizes` as a count of doubles; throws MemoryLimit where it passes the cap.
/// @param where the function that asks; @param what the sizes' meaning, such as "steps x neurons".
inline std::size_t checked_size(std::string_view where, std::string_view what,
                                std::initializer_list<std::int64_t> sizes) {
  double bytes = sizeof(double);
  std::string product;
  for (const auto size : sizes) {
    bytes *= static_cast<double>(size);
    product.append(product.empty() ? "" : " x ").append(text(size));
  }
  if (bytes > static_cast<double>(memory_limit()))
    throw MemoryLimit(std::string(where) + ": " + std::string(what) + " = " + product +
                      " doubles are " + gibibytes(bytes) + ", more than the memory limit of " +
                      gibibytes(static_cast<double>(memory_limit())) +
                      " (environment: ATTRACTORNET_MEMORY_LIMIT)");
  std::size_t count = 1;
  for (const auto size : sizes) count *= static_cast<std::size_t>(size);
  return count;
}

/// Allocates at multiples of a cache line: a register's load that crosses two takes twice as long.
template <class T>
struct AlignedAllocator {
  using value_type = T;
  static constexpr std::align_val_t alignment{64};

  AlignedAllocator() = default;
  template <class U>
  AlignedAllocator(const AlignedAllocator<U>&) {}
  T* allocate(std::size_t count) {
    if (count > std::numeric_limits<std::size_t>::max() / 2 / sizeof(T))
      throw std::bad_array_new_length();
    const std::size_t bytes = count * sizeof(T);
    return static_cast<T*>(bytes < BlockCache::least ? ::operator new(bytes, alignment)
                                                     : BlockCache::allocate(bytes));
  }
  void deallocate(T* place, std::size_t count) {
    const std::size_t bytes = count * sizeof(T);
    if (bytes < BlockCache::least)
      ::operator delete(place, alignment);
    else
      BlockCache::deallocate(place, bytes);
  }
  bool operator==(const AlignedAllocator&) const = default;
};

/// A vector whose values packs are loaded from.
template <class T>
using AlignedVector = std::vector<T, AlignedAllocator<T>>;

/// Leaves new elements as the memory was: for large arrays that are written before they are read,
/// perhaps by several threads, each of which then has the pages that it touches first.
template <class T>
struct UnfilledAllocator : AlignedAllocator<T> {
  template <class U>
  void construct(U* place) {
    ::new (static_cast<void*>(place)) U;
  }
};
template <class T>
using UnfilledVector = std::vector<T, UnfilledAllocator<T>>;

}  // namespace attractornet
