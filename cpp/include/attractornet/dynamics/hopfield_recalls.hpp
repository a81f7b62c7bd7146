/// @file
/// Recall of many states with one network, on several threads, and traces of it.
#pragma once

#include <algorithm>
#include <attractornet/core/monitor.hpp>
#include <attractornet/core/parallel.hpp>
#include <attractornet/dynamics/hopfield_recall.hpp>
#include <attractornet/systems/hopfield_network.hpp>
#include <cstdint>
#include <optional>
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
  /// All are borrowed.
  TraceRecorder(const Network& network, const TraceOptions& options, Trace& trace)
      : Recorder(options.every), network_(network), options_(options), trace_(trace) {}

 protected:
  void record(const std::int8_t* state, double quadratic) override {
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
};

/// Where the ends of recalls go: arrays with a place for each state.
struct RecallOutput {
  std::int8_t* states;  ///< (count, units), -1 and 1
  double* energies;
  Recalled* endings;
  Trace* traces;  ///< null: none are wanted
};

/// Recalls `count` states, each with a stream of its own.
/// @param states row-major (count, units), -1 and 1.
/// @param options with the temperature of the network's own coding.
inline void recall(const Network& network, const std::int8_t* states, std::int64_t count,
                   RecallOptions options, const TraceOptions& tracing, int threads,
                   Monitor& monitor, const RecallOutput& out) {
  validate(options);
  options.temperature = network.bipolar_temperature(options.temperature);
  const std::int64_t n = network.units();
  network.couplings().with_fields([&](auto fields) {
    const bool symmetric = network.couplings().symmetric();
    const auto run = [&](std::int64_t first, std::int64_t last, auto& progress) {
      Recall recall(fields, network.limits(), options, symmetric);
      for (std::int64_t k = first; k < last; ++k) {
        Trace* trace = out.traces ? out.traces + k : nullptr;
        std::optional<TraceRecorder> recorder;
        if (trace) recorder.emplace(network, tracing, *trace);
        out.endings[k] = recall(states + k * n, static_cast<std::uint32_t>(k),
                                recorder ? &*recorder : nullptr, progress);
        const std::int8_t* end = recall.fields().state();
        std::copy_n(end, n, out.states + k * n);
        out.energies[k] = network.energy(end, recall.fields().quadratic());
        progress.tick(1);
      }
    };
    monitor.begin(count);
    if (threads == 1 || count == 1) {
      run(0, count, monitor);
    } else {
      // Several states to a task, so that its workspace is worth making.
      const std::int64_t share = std::clamp<std::int64_t>(count / (8 * threads), 1, 64);
      parallel_for((count + share - 1) / share, threads, monitor,
                   [&](std::int64_t task, Progress& progress) {
                     run(task * share, std::min(count, (task + 1) * share), progress);
                   });
    }
    monitor.end();
  });
}

}  // namespace attractornet::hopfield
