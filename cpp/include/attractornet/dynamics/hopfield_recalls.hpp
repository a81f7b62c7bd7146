/// @file
/// Recall of many states with one network, on several threads, and traces of it.
#pragma once

#include <algorithm>
#include <atomic>
#include <attractornet/core/error.hpp>
#include <attractornet/core/memory.hpp>
#include <attractornet/core/monitor.hpp>
#include <attractornet/dynamics/hopfield_recall.hpp>
#include <attractornet/systems/hopfield_network.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

namespace attractornet::hopfield {

/// What is recorded of each recall, besides its end.
struct TraceOptions {
  bool energy = false, overlap = false, state = false;
  std::int64_t every = 1;  ///< updates of units from one record to the next

  bool any() const { return energy || overlap || state; }
};

/// One recall's records, the first of them before any update.
struct Trace {
  std::int64_t length = 0;
  std::vector<double> energies;     ///< (length,)
  std::vector<double> overlaps;     ///< (length, patterns)
  std::vector<std::int8_t> states;  ///< (length, units), -1 and 1
};

class TraceRecorder : public Recorder {
 public:
  /// All are borrowed. @param left bytes that all traces together may still take.
  TraceRecorder(const Network& network, const TraceOptions& options, Trace& trace,
                std::atomic<std::int64_t>& left)
      : Recorder(options.every),
        network_(network),
        options_(options),
        trace_(trace),
        left_(left),
        record_bytes_((options.energy ? 8 : 0) + (options.overlap ? 8 * network.count() : 0) +
                      (options.state ? network.units() : 0)) {}

 protected:
  void record(const std::int8_t* state, double quadratic) override {
    if (left_.fetch_sub(record_bytes_) < record_bytes_)
      throw MemoryLimit(std::string(RecallOptions::label) + ": trace takes more than the memory " +
                        "limit of " + gibibytes(static_cast<double>(memory_limit())) +
                        " (environment: ATTRACTORNET_MEMORY_LIMIT); fewer sweeps, or a larger " +
                        "trace_every, take less");
    ++trace_.length;
    if (options_.energy) trace_.energies.push_back(network_.energy(state, quadratic));
    if (options_.state) trace_.states.insert(trace_.states.end(), state, state + network_.units());
    if (!options_.overlap) return;
    const std::size_t before = trace_.overlaps.size();
    trace_.overlaps.resize(before + static_cast<std::size_t>(network_.count()));
    network_.overlaps(state, trace_.overlaps.data() + before);
  }

 private:
  const Network& network_;
  TraceOptions options_;
  Trace& trace_;
  std::atomic<std::int64_t>& left_;
  std::int64_t record_bytes_;
};

/// Where the ends of recalls go, besides the states: arrays with a place for each of them.
struct RecallOutput {
  double* energies;
  Recalled* endings;
  Trace* traces;  ///< null: none are wanted
};

/// Copies where states ended to an array (count, units).
struct CopyTo {
  std::int8_t* states;
  std::int64_t units;
  void operator()(std::int64_t k, const std::int8_t* state) const {
    std::copy_n(state, units, states + k * units);
  }
};

/// Recalls `count` states, each with a stream of its own.
/// @param states row-major (count, units), -1 and 1.
/// @param options with the temperature of the network's own coding.
/// @param write write(k, state): takes where state k ended, (units,), -1 and 1; on any thread. See
///        CopyTo.
template <class Write>
void recall(const Network& network, const std::int8_t* states, std::int64_t count,
            RecallOptions options, const TraceOptions& tracing, int threads, Monitor& monitor,
            const RecallOutput& out, const Write& write) {
  validate(options);
  options.temperature = network.bipolar_temperature(options.temperature);
  const std::int64_t n = network.units();
  std::atomic<std::int64_t> trace_bytes{
      static_cast<std::int64_t>(std::min(static_cast<double>(memory_limit()), 0x1p62))};
  network.couplings().with_fields([&](auto fields) {
    struct Slot {
      Recall<decltype(fields)> recall;
      std::optional<TraceRecorder> recorder;
      std::int64_t state;  ///< which it is at; -1: none
    };
    const auto run = [&](Waiting& waiting, auto& progress) {
      std::int64_t first = 0, last = 0;  // of the states that this thread has taken
      std::int64_t untold = 0;  // ends; to tell of each would have threads wait for each other
      const auto next = [&] {
        if (first == last) std::tie(first, last) = waiting.take(1, 16);
        return first < last ? first++ : -1;
      };
      const auto begin = [&](Slot& slot, std::int64_t state) {
        slot.state = state;
        if (state < 0) return;
        slot.recorder.reset();
        if (out.traces)
          slot.recorder.emplace(network, tracing, out.traces[slot.state], trace_bytes);
        slot.recall.begin(states + slot.state * n, static_cast<std::uint32_t>(slot.state),
                          slot.recorder ? &*slot.recorder : nullptr);
      };
      const auto end = [&](const Slot& slot) {
        const std::int8_t* state = slot.recall.fields().state();
        write(slot.state, state);
        out.energies[slot.state] = network.energy(state, slot.recall.fields().quadratic());
        out.endings[slot.state] = slot.recall.ending();
        if (++untold * n >= 16384) progress.tick(std::exchange(untold, 0));
      };
      std::vector<Slot> slots;  // that advance in turn
      slots.reserve(2);         // what a recall records to stays where it is
      while (slots.size() < 2) {
        const std::int64_t state = next();
        if (state < 0) break;
        slots.push_back({{fields, network.limits(), options}, std::nullopt, -1});
        begin(slots.back(), state);
      }
      for (bool busy = true; busy;) {
        busy = false;
        for (Slot& slot : slots) {
          if (slot.state < 0) continue;
          busy = true;
          if (slot.recall.advance(progress)) continue;
          end(slot);
          begin(slot, next());
        }
      }
      progress.tick(untold);
    };
    recall_on_threads(count, threads, monitor, run);
  });
}

}  // namespace attractornet::hopfield
