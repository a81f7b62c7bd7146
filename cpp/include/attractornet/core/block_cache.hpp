/// @file
/// Large blocks of memory that are used again: the system would take back the pages of each that is
/// freed, and fill them with zeros for the next, which for a batch or a matrix takes as long as a
/// part of the arithmetic.
#pragma once

#include <sys/mman.h>

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <iterator>
#include <new>
#include <utility>

namespace attractornet {

namespace detail {

struct Block {
  void* place = nullptr;
  std::size_t size = 0;
};
struct KeptBlocks {
  static constexpr unsigned count = 64;
  Block blocks[count];
  std::size_t bytes = 0;
  unsigned next = 0;  ///< which makes room where there is none
};

}  // namespace detail

/// Blocks of whole pages. What is freed is kept for the next block of its size, up to 256 MiB in
/// all. From 4 MiB on pages are of 2 MiB, where the system has such: by pages of 4 KiB, the first
/// touch of a large matrix takes as long as the arithmetic that fills it.
class BlockCache {
 public:
  static constexpr std::size_t least = std::size_t{1} << 18;  ///< bytes that a block is worth it

  static void* allocate(std::size_t bytes) {
    const std::size_t size = rounded(bytes);
    if (void* place = exchange({}, size)) return place;
    void* place = ::operator new(size, alignment(size));
#if defined(MADV_HUGEPAGE)
    if (is_huge(size)) madvise(place, size, MADV_HUGEPAGE);  // where it fails, no result changes
#endif
    return place;
  }
  static void deallocate(void* place, std::size_t bytes) {
    const std::size_t size = rounded(bytes);
    exchange({place, size}, 0);
  }

 private:
  static constexpr std::size_t page = std::size_t{1} << 12, huge_page = std::size_t{1} << 21;
  static constexpr std::size_t most_kept = std::size_t{1} << 28;

  using Block = detail::Block;
  inline static constinit detail::KeptBlocks kept{};
  inline static constinit std::atomic_flag busy{};

  static bool is_huge(std::size_t size) { return size >= 2 * huge_page; }
  static std::align_val_t alignment(std::size_t size) {
    return std::align_val_t{is_huge(size) ? huge_page : 64};
  }
  static std::size_t rounded(std::size_t bytes) {
    const std::size_t unit = is_huge(bytes) ? huge_page : page;
    return (bytes + unit - 1) / unit * unit;
  }
  static void release(Block block) {
    if (block.place) ::operator delete(block.place, alignment(block.size));
  }
  /// Keeps a block, if any, and takes one of the size wanted, or null. Who finds others here goes
  /// without: nobody waits, also not in a process forked meanwhile.
  static void* exchange(Block given, std::size_t wanted) {
    if (busy.test_and_set(std::memory_order_acquire)) {
      release(given);
      return nullptr;
    }
    void* found = nullptr;
    if (wanted > 0)
      for (Block& block : kept.blocks)
        if (block.size == wanted) {
          found = std::exchange(block, {}).place;
          kept.bytes -= wanted;
          break;
        }
    if (given.place && kept.bytes + given.size <= most_kept) {
      Block* room = std::find_if(std::begin(kept.blocks), std::end(kept.blocks),
                                 [](const Block& block) { return !block.place; });
      if (room == std::end(kept.blocks)) {
        room = kept.blocks + kept.next;
        kept.next = (kept.next + 1) % kept.count;
      }
      kept.bytes += given.size;
      given = std::exchange(*room, given);
      kept.bytes -= given.size;
    }
    busy.clear(std::memory_order_release);
    release(given);
    return found;
  }
};

}  // namespace attractornet
