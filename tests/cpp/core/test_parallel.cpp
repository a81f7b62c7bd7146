#include <doctest/doctest.h>

#include <atomic>
#include <attractornet/core/parallel.hpp>
#include <stdexcept>
#include <vector>

using namespace attractornet;

namespace {

/// Throws once it is told of progress for the n-th time.
struct StopAfter : Monitor {
  int left;
  explicit StopAfter(int reports) : left(reports) {}
  void report(std::int64_t, std::int64_t) override {
    if (left-- <= 0) throw std::runtime_error("stopped");
  }
};

struct Counting : Monitor {
  std::int64_t done = 0, total = 0;
  void report(std::int64_t d, std::int64_t t) override {
    done = d;
    total = t;
  }
};

}  // namespace

TEST_CASE("every task runs exactly once, on any number of threads") {
  for (const int threads : {1, 2, 3, 8}) {
    std::vector<std::atomic<int>> runs(100);
    Counting monitor;
    monitor.begin(100);
    parallel_for(100, threads, monitor, [&](std::int64_t i, Progress& progress) {
      ++runs[i];
      progress.tick(1);
    });
    for (const auto& count : runs) CHECK(count == 1);
    monitor.end();
    CHECK(monitor.total == 100);
  }
}

TEST_CASE("a stage begins when the one before has ended") {
  const std::vector<std::int64_t> counts = {5, 1, 0, 17, 3};
  for (const int threads : {1, 2, 3, 8}) {
    std::vector<std::atomic<std::int64_t>> ended(counts.size());
    std::atomic<bool> early{false};
    Monitor monitor;
    parallel_stages(counts, threads, monitor,
                    [&](std::int64_t stage, std::int64_t i, Progress& progress) {
                      const auto at = static_cast<std::size_t>(stage);
                      for (std::size_t s = 0; s < at; ++s)
                        if (ended[s] != counts[s]) early = true;
                      if (i < 0 || i >= counts[at]) early = true;
                      progress.tick(1);
                      ++ended[at];
                    });
    for (std::size_t s = 0; s < counts.size(); ++s) CHECK(ended[s] == counts[s]);
    CHECK(!early);
  }
}

TEST_CASE("a task's exception ends the stages, and no task waits for it") {
  Monitor monitor;
  std::atomic<int> later{0};
  CHECK_THROWS_WITH(parallel_stages({4, 4}, 3, monitor,
                                    [&](std::int64_t stage, std::int64_t i, Progress&) {
                                      if (stage == 0 && i == 2) throw std::runtime_error("task 2");
                                      later += static_cast<int>(stage);
                                    }),
                    "task 2");
  CHECK(later == 0);
  parallel_stages({}, 2, monitor, [](std::int64_t, std::int64_t, Progress&) { FAIL("no task"); });
}

TEST_CASE("no tasks is fine") {
  Monitor monitor;
  parallel_for(0, 2, monitor, [](std::int64_t, Progress&) { FAIL("there is no task"); });
}

TEST_CASE("a task's exception reaches the caller") {
  Monitor monitor;
  CHECK_THROWS_WITH(parallel_for(20, 3, monitor,
                                 [](std::int64_t i, Progress&) {
                                   if (i == 5) throw std::runtime_error("task 5");
                                 }),
                    "task 5");
}

TEST_CASE("a monitor that throws ends tasks that would run forever") {
  StopAfter monitor(1);
  CHECK_THROWS_WITH(parallel_for(2, 2, monitor,
                                 [](std::int64_t, Progress& progress) {
                                   for (;;) progress.tick(1);
                                 }),
                    "stopped");
}

TEST_CASE("the number of threads comes from the argument, else from the environment") {
  CHECK(thread_count(3) == 3);
  CHECK_THROWS_AS(thread_count(0), InvalidValue);
  CHECK_THROWS_AS(thread_count(1 << 20), InvalidValue);
  setenv("ATTRACTORNET_NUM_THREADS", "5", 1);
  CHECK(thread_count() == 5);
  setenv("ATTRACTORNET_NUM_THREADS", "five", 1);
  CHECK_THROWS_AS(thread_count(), InvalidValue);
  unsetenv("ATTRACTORNET_NUM_THREADS");
  CHECK(thread_count() >= 1);
}
