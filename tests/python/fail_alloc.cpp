/// Allocations that fail on demand, and a count of those that live; loaded by LD_PRELOAD.
///
/// Every operator new is watched, and malloc where the code of one library calls it (Eigen's
/// matrices), told by the address that it returns to: Python's own memory is none of ours.
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <mutex>
#include <new>

extern "C" void* __libc_malloc(std::size_t);
extern "C" void __libc_free(void*);

namespace {

std::atomic<long> left{0};  // allocations until one fails; none does where it is 0
std::atomic<long> live{0};
std::atomic<bool> all{false};  // and all that follow
std::atomic<std::uintptr_t> from{0}, to{0};

/// What the watched library has from malloc. A table, since free sees every pointer there is.
constexpr std::size_t slots = 1 << 16;
void* table[slots];
std::atomic<long> in_table{0};
std::mutex mutex;

bool fails() {
  long was = left.load();
  do {  // two threads must not both count the last one
    if (was <= 0) return false;
    if (all.load() && was == 1) return true;
  } while (!left.compare_exchange_weak(was, was - 1));
  return was == 1;
}

void* allocate(std::size_t size, std::size_t alignment = 0) {
  if (fails()) return nullptr;
  void* result = alignment == 0 ? __libc_malloc(size > 0 ? size : 1)
                                : std::aligned_alloc(alignment, (size / alignment + 1) * alignment);
  if (result != nullptr) ++live;
  return result;
}
void* allocate_or_throw(std::size_t size, std::size_t alignment = 0) {
  if (void* result = allocate(size, alignment)) return result;
  throw std::bad_alloc();
}
void release(void* pointer) {
  if (pointer == nullptr) return;
  --live;
  __libc_free(pointer);
}

/// Replaces one entry of the table by another.
bool replace(void* old, void* by) {
  const std::lock_guard lock(mutex);
  for (auto& slot : table)
    if (slot == old) {
      slot = by;
      return true;
    }
  return false;
}

}  // namespace

extern "C" {

/// Watches malloc as called by code at these addresses.
void fail_watch(std::uintptr_t first, std::uintptr_t last) {
  from = first;
  to = last;
}
/// Lets the n-th allocation from now on fail, or all from there on.
void fail_at(long n, int all_that_follow) {
  all = all_that_follow != 0;
  left = n;
}
/// Lets none fail; tells whether one has.
int fail_off() {
  const long was = left.exchange(0);
  return all.load() ? was == 1 : was <= 0;
}
long fail_live() { return live + in_table; }

void* malloc(std::size_t size) {
  const auto caller = reinterpret_cast<std::uintptr_t>(__builtin_return_address(0));
  if (caller < from.load() || caller >= to.load()) return __libc_malloc(size);
  if (fails()) return nullptr;
  void* result = __libc_malloc(size);
  if (result != nullptr && replace(nullptr, result)) ++in_table;
  return result;
}
void free(void* pointer) {
  if (in_table.load() > 0 && pointer != nullptr && replace(pointer, nullptr)) --in_table;
  __libc_free(pointer);
}
}

void* operator new(std::size_t size) { return allocate_or_throw(size); }
void* operator new[](std::size_t size) { return allocate_or_throw(size); }
void* operator new(std::size_t size, const std::nothrow_t&) noexcept { return allocate(size); }
void* operator new[](std::size_t size, const std::nothrow_t&) noexcept { return allocate(size); }
void* operator new(std::size_t size, std::align_val_t alignment) {
  return allocate_or_throw(size, static_cast<std::size_t>(alignment));
}
void* operator new[](std::size_t size, std::align_val_t alignment) {
  return allocate_or_throw(size, static_cast<std::size_t>(alignment));
}
void operator delete(void* pointer) noexcept { release(pointer); }
void operator delete[](void* pointer) noexcept { release(pointer); }
void operator delete(void* pointer, std::size_t) noexcept { release(pointer); }
void operator delete[](void* pointer, std::size_t) noexcept { release(pointer); }
void operator delete(void* pointer, std::align_val_t) noexcept { release(pointer); }
void operator delete[](void* pointer, std::align_val_t) noexcept { release(pointer); }
void operator delete(void* pointer, std::size_t, std::align_val_t) noexcept { release(pointer); }
void operator delete[](void* pointer, std::size_t, std::align_val_t) noexcept { release(pointer); }
void operator delete(void* pointer, const std::nothrow_t&) noexcept { release(pointer); }
void operator delete[](void* pointer, const std::nothrow_t&) noexcept { release(pointer); }
