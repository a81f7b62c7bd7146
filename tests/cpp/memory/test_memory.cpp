/// Memory that runs out: std::bad_alloc comes out of the core, and nothing is lost.
///
/// A program of its own, since it replaces operator new.
#include <doctest/doctest.h>

#include <atomic>
#include <attractornet/analysis/feedback_origin.hpp>
#include <attractornet/analysis/lyapunov.hpp>
#include <attractornet/core/parallel.hpp>
#include <attractornet/dynamics/feedback_trajectory.hpp>
#include <attractornet/systems/feedback_network.hpp>
#include <cstdlib>
#include <functional>
#include <new>
#include <vector>

using namespace attractornet;

namespace {

std::atomic<long> left{0};  // allocations until one fails; none does where it is 0 or less
std::atomic<long> live{0};

// Not inline: the compiler would see free() where it expects operator delete, and warn.
[[gnu::noinline]] void* allocate(std::size_t size) {
  if (left.load() > 0 && left.fetch_sub(1) == 1) return nullptr;
  void* result = std::malloc(size > 0 ? size : 1);
  if (result != nullptr) ++live;
  return result;
}
[[gnu::noinline]] void release(void* pointer) {
  if (pointer == nullptr) return;
  --live;
  std::free(pointer);
}

/// Whether f ended in std::bad_alloc when its n-th allocation failed. `reached` tells if it did.
bool fails(const std::function<void()>& f, long n, bool& reached) {
  bool failed = false;
  left = n;
  try {
    f();
  } catch (const std::bad_alloc&) {
    failed = true;
  }
  reached = left.exchange(0) <= 0;
  return failed;
}

/// Lets each allocation of f fail in turn; tells how many there were.
long exhaust(const std::function<void()>& f) {
  f();  // what is allocated once and kept
  for (long n = 1; n < 2000; ++n) {
    const long before = live;
    bool reached = false;
    const bool failed = fails(f, n, reached);
    const long lost = live - before;
    REQUIRE(lost == 0);
    REQUIRE((reached || !failed));  // the sort's buffer may be missing: it then needs none
    if (!reached) return n - 1;
  }
  FAIL("more than 2000 allocations");
  return 0;
}

feedback::Network network() {
  feedback::Ensemble ensemble;
  ensemble.neurons = 3;
  ensemble.inputs = 5;
  return feedback::Network::random(ensemble);
}

}  // namespace

void* operator new(std::size_t size) {
  if (void* result = allocate(size)) return result;
  throw std::bad_alloc();
}
void* operator new[](std::size_t size) { return operator new(size); }
void* operator new(std::size_t size, const std::nothrow_t&) noexcept { return allocate(size); }
void* operator new[](std::size_t size, const std::nothrow_t&) noexcept { return allocate(size); }
void operator delete(void* pointer) noexcept { release(pointer); }
void operator delete[](void* pointer) noexcept { release(pointer); }
void operator delete(void* pointer, std::size_t) noexcept { release(pointer); }
void operator delete[](void* pointer, std::size_t) noexcept { release(pointer); }
void operator delete(void* pointer, const std::nothrow_t&) noexcept { release(pointer); }
void operator delete[](void* pointer, const std::nothrow_t&) noexcept { release(pointer); }

TEST_CASE("a network is drawn whole or not at all") {
  CHECK(exhaust([] { network(); }) >= 2);
}

TEST_CASE("analyses lose nothing") {
  const feedback::Network net = network();
  std::vector<double> start(net.inputs());
  net.rule().start(start.data());
  Monitor monitor;
  CHECK(exhaust([&] { feedback::origin_stability(net.rule(), monitor); }) >= 2);
  LyapunovOptions options;
  options.steps = 40;
  options.discard = 0;
  options.blocks = 4;
  CHECK(exhaust([&] { lyapunov_spectrum(net.rule(), start.data(), options, monitor); }) >= 10);
}

TEST_CASE("a trajectory loses nothing") {
  const feedback::Network net = network();
  std::vector<double> rows(40 * 3);
  Monitor monitor;
  CHECK(exhaust([&] {
          feedback::trajectory(net.rule(), 40, 0, nullptr, feedback::Observable::x, rows.data(),
                               monitor);
        }) >= 1);
}

TEST_CASE("threads lose nothing, and pass on what a task threw") {
  const auto tasks = [] {
    Monitor monitor;
    parallel_for(4, 2, monitor, [](std::int64_t, Progress& progress) {
      const std::vector<double> work(100);
      progress.tick(1);
    });
  };
  // A thread that cannot be started is done without: not every failure comes out.
  tasks();
  for (long n = 1; n <= 20; ++n) {
    const long before = live;
    bool reached = false;
    const bool failed = fails(tasks, n, reached);
    const long lost = live - before;
    CHECK(lost == 0);
    CHECK((reached || !failed));
  }
}
