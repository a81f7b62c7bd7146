/// @file
/// Progress and stopping of long work.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>

namespace attractornet {

/// Told by long loops how far they are. The base class ignores it; a front end overrides report(),
/// shows progress there, and throws from it to stop the work.
///
/// Only the thread that called the library reports. Loops tick at least every few milliseconds of
/// work; report() is reached 20 times a second.
class Monitor {
 public:
  virtual ~Monitor() = default;

  /// Announces how many units of work there are.
  void begin(std::int64_t total) {
    total_ = total;
    done_ = 0;
  }
  /// `units` more are done.
  void tick(std::int64_t units) { done_at(done_ + units); }
  /// `done` units in all are done; progress never goes back.
  void done_at(std::int64_t done) {
    done_ = std::max(done_, done);
    const auto now = std::chrono::steady_clock::now();
    if (now < next_) return;
    next_ = now + std::chrono::milliseconds(50);
    report(done_, total_);
  }
  /// Shows the final state.
  void end() { report(total_, total_); }

 protected:
  /// @param done units finished; @param total units announced. May throw to stop the work.
  virtual void report(std::int64_t done, std::int64_t total) {
    (void)done;
    (void)total;
  }

 private:
  std::int64_t total_ = 0, done_ = 0;
  std::chrono::steady_clock::time_point next_ = std::chrono::steady_clock::now();
};

/// Passes the progress of a part on to the whole.
class Relay : public Monitor {
 public:
  /// @param counts whether the part counts in the units of the whole; else it is no progress.
  Relay(Monitor& whole, std::int64_t offset, bool counts = true)
      : whole_(whole), offset_(offset), counts_(counts) {}

 protected:
  void report(std::int64_t done, std::int64_t) override {
    whole_.done_at(offset_ + (counts_ ? done : 0));
  }

 private:
  Monitor& whole_;
  std::int64_t offset_;
  bool counts_;
};

}  // namespace attractornet
