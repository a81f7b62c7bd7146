#include <doctest/doctest.h>

#include <attractornet/core/block_cache.hpp>
#include <cstdint>
#include <set>
#include <thread>
#include <vector>

using attractornet::BlockCache;

TEST_CASE("a block that was freed is the next one of its size") {
  for (const std::size_t bytes : {BlockCache::least, std::size_t{5} << 20}) {
    void* first = BlockCache::allocate(bytes);
    CHECK(reinterpret_cast<std::uintptr_t>(first) % 64 == 0);
    BlockCache::deallocate(first, bytes);
    void* other = BlockCache::allocate(2 * bytes);
    void* second = BlockCache::allocate(bytes - 100);  // as many pages
    CHECK(second == first);
    CHECK(other != first);
    BlockCache::deallocate(second, bytes - 100);
    BlockCache::deallocate(other, 2 * bytes);
  }
}

TEST_CASE("blocks in turn, of several sizes, are found again") {
  // As in a loop that makes its arrays anew while those of the turn before are still there.
  const std::vector<std::size_t> sizes{300'000, 5'000'000, 400'000, 9'000'000, 300'000, 700'000};
  std::vector<void*> held;
  std::set<void*> seen;
  for (int turn = 0; turn < 40; ++turn) {
    std::vector<void*> made;
    for (const std::size_t size : sizes) made.push_back(BlockCache::allocate(size));
    for (std::size_t i = 0; i < held.size(); ++i) BlockCache::deallocate(held[i], sizes[i]);
    held = made;
    seen.insert(made.begin(), made.end());
  }
  for (std::size_t i = 0; i < held.size(); ++i) BlockCache::deallocate(held[i], sizes[i]);
  CHECK(seen.size() <= 2 * sizes.size());
}

TEST_CASE("more than is kept, and from several threads") {
  constexpr std::size_t bytes = std::size_t{1} << 24;
  std::vector<void*> many;
  for (int i = 0; i < 40; ++i) many.push_back(BlockCache::allocate(bytes));
  CHECK(std::set<void*>(many.begin(), many.end()).size() == many.size());
  for (void* place : many) BlockCache::deallocate(place, bytes);
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([] {
      for (int i = 0; i < 2000; ++i) {
        auto* place = static_cast<int*>(BlockCache::allocate(BlockCache::least));
        *place = i;
        BlockCache::deallocate(place, BlockCache::least);
      }
    });
  for (auto& thread : threads) thread.join();
}
