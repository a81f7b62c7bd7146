/// @file
/// Independent tasks on several threads. Threads start with a call and end with it.
#pragma once

#include <algorithm>
#include <atomic>
#include <attractornet/core/error.hpp>
#include <attractornet/core/monitor.hpp>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <cstdlib>
#include <exception>
#include <mutex>
#include <numeric>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace attractornet {

/// Threads that a call uses: the argument, else the environment's ATTRACTORNET_NUM_THREADS, else
/// one for each hardware thread.
/// @param where the function that errors name.
inline int thread_count(std::optional<std::int64_t> threads = std::nullopt,
                        std::string_view where = "thread_count") {
  constexpr std::int64_t most = 4096;
  if (threads) {
    if (*threads < 1 || *threads > most) reject(where, "threads", *threads, "a value in [1, 4096]");
    return static_cast<int>(*threads);
  }
  if (const char* variable = std::getenv("ATTRACTORNET_NUM_THREADS"); variable && *variable) {
    char* end = nullptr;
    const long value = std::strtol(variable, &end, 10);
    if (*end != '\0' || value < 1 || value > most)
      reject("environment", "ATTRACTORNET_NUM_THREADS", std::string_view(variable),
             "an integer in [1, 4096]");
    return static_cast<int>(value);
  }
  return static_cast<int>(std::max(1u, std::thread::hardware_concurrency()));
}

/// A task's view of the call that it is part of; see parallel_for.
class Progress {
 public:
  /// `units` more are done; throws Stopped once the call is to end.
  void tick(std::int64_t units) {
    if (units != 0) done_.fetch_add(units, std::memory_order_relaxed);
    if (stop_.load(std::memory_order_relaxed)) throw Stopped{};
  }
  struct Stopped {};

 private:
  template <class Task>
  friend void parallel_for(std::int64_t, int, Monitor&, Task&&);
  // Each in a line of its own: one is written by all threads, the other read at every tick.
  alignas(64) std::atomic<std::int64_t> done_{0};
  alignas(64) std::atomic<bool> stop_{false};
};

/// A task's part of the call as a Monitor of its own.
class TaskMonitor : public Monitor {
 public:
  /// @param counts whether the monitor's units are those of the call; else it only stops with it.
  explicit TaskMonitor(Progress& progress, bool counts = true)
      : progress_(progress), counts_(counts) {}

 protected:
  void report(std::int64_t done, std::int64_t) override {
    progress_.tick(counts_ ? done - told_ : 0);
    told_ = done;
  }

 private:
  Progress& progress_;
  bool counts_;
  std::int64_t told_ = 0;
};

/// Runs task(i, progress) for i in [0, count), each exactly once, on `threads` threads.
///
/// The calling thread only waits and reports, so that signals are answered however long a task
/// takes; a task must tick every few milliseconds. The first exception (by task number) is
/// rethrown.
template <class Task>
void parallel_for(std::int64_t count, int threads, Monitor& monitor, Task&& task) {
  Progress progress;
  std::atomic<std::int64_t> next{0};
  std::mutex mutex;
  std::condition_variable finished;
  std::exception_ptr failure;
  std::int64_t failed_task = count;
  const int workers = static_cast<int>(std::min<std::int64_t>(threads, count));
  int running = 0;

  const auto work = [&] {
    for (std::int64_t i; (i = next.fetch_add(1)) < count;) {
      try {
        task(i, progress);
      } catch (const Progress::Stopped&) {
        break;
      } catch (...) {
        const std::lock_guard lock(mutex);
        if (i < failed_task) {
          failed_task = i;
          failure = std::current_exception();
        }
        progress.stop_ = true;
      }
      if (progress.stop_) break;
    }
    const std::lock_guard lock(mutex);
    --running;
    finished.notify_one();
  };

  std::vector<std::thread> pool;
  const auto join = [&] {
    for (auto& thread : pool) thread.join();
    pool.clear();
  };
  try {
    pool.reserve(workers);
    for (int w = 0; w < workers; ++w) {
      {
        const std::lock_guard lock(mutex);
        ++running;
      }
      try {
        pool.emplace_back(work);
      } catch (...) {  // no more threads to be had: go on with those that started
        const std::lock_guard lock(mutex);
        --running;
        if (pool.empty()) throw;
        break;
      }
    }
    std::unique_lock lock(mutex);
    while (running > 0) {
      finished.wait_for(lock, std::chrono::milliseconds(20));
      lock.unlock();
      monitor.done_at(progress.done_.load(std::memory_order_relaxed));
      lock.lock();
    }
  } catch (...) {
    progress.stop_ = true;
    join();
    throw;
  }
  join();
  if (failure) std::rethrow_exception(failure);
}

/// Runs task(stage, i, progress) for i in [0, counts[stage]), on the same threads for all stages: a
/// stage begins when all tasks of the one before have ended.
template <class Task>
void parallel_stages(const std::vector<std::int64_t>& counts, int threads, Monitor& monitor,
                     Task&& task) {
  std::vector<std::int64_t> ends(counts.size());
  std::partial_sum(counts.begin(), counts.end(), ends.begin());
  std::atomic<std::int64_t> finished{0};
  // Tasks are taken in order: those that one waits for have all been taken, however few threads
  // there are.
  parallel_for(
      ends.empty() ? 0 : ends.back(), threads, monitor, [&](std::int64_t i, Progress& progress) {
        const auto stage = std::upper_bound(ends.begin(), ends.end(), i) - ends.begin();
        const std::int64_t first = stage == 0 ? 0 : ends[static_cast<std::size_t>(stage - 1)];
        while (finished.load(std::memory_order_acquire) < first) {
          progress.tick(0);
          std::this_thread::yield();
        }
        task(stage, i - first, progress);
        finished.fetch_add(1, std::memory_order_release);
      });
}

}  // namespace attractornet
