/// @file
/// Scans of Hopfield networks: the points are Trials, a recall in a network of random patterns
/// each.
#pragma once

#include <algorithm>
#include <array>
#include <attractornet/dynamics/hopfield_recall.hpp>
#include <attractornet/dynamics/hopfield_trial.hpp>
#include <attractornet/scan/general.hpp>
#include <attractornet/scan/measurement.hpp>
#include <attractornet/systems/hopfield_network.hpp>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace attractornet::hopfield {

/// The points of a scan: a trial each.
class Trials {
 public:
  using Point = Trial;
  /// Options of scans that no measurement here takes.
  static constexpr std::array<std::string_view, 5> unused{"k", "interval", "horizon", "max_period",
                                                          "frame_seed"};

  /// Borrowed. Every trial is validated.
  explicit Trials(std::span<const Trial> points) : points_(points) {}

  /// What can be measured in trials.
  static std::span<const scan::Measurement<Trials>> measurements();
  std::int64_t size() const { return static_cast<std::int64_t>(points_.size()); }
  /// The largest one.
  std::int64_t dimension() const {
    std::int64_t most = 1;
    for (const auto& point : points_) most = std::max(most, point.units);
    return most;
  }
  const Trial& point(std::int64_t i) const { return points_[static_cast<std::size_t>(i)]; }

 private:
  std::span<const Trial> points_;
};

using TrialBatch = scan::Batch<Trials>;

namespace detail {

/// Means over the sweeps of a recall, but for those that are discarded.
class Averages : public Recorder {
 public:
  /// Both are borrowed.
  Averages(const Network& network, const scan::Options& options)
      : Recorder(network.units()), network_(network), options_(options) {}

  double overlap() const {
    double sum = 0;
    for (const auto& block : sums_) sum += block.front();
    return sum / static_cast<double>(options_.steps);
  }
  /// Standard error of the overlap, from blocks.
  double overlap_error() const {
    return attractornet::detail::block_error(sums_, lengths_, 0, overlap());
  }
  double energy() const { return energy_ / static_cast<double>(options_.steps); }

 protected:
  void record(const std::int8_t* state, double quadratic) override {
    const std::int64_t step = seen_++ - options_.discard - 1;  // the first record is of the start
    if (step < 0) return;
    while (step == end_) {
      const std::int64_t first = end_;
      const auto block = static_cast<std::int64_t>(sums_.size());
      end_ = attractornet::detail::block_end(block + 1, options_.blocks, options_.steps);
      sums_.push_back({0.0});
      lengths_.push_back(end_ - first);
    }
    sums_.back().front() += network_.overlap(0, state);
    energy_ += network_.energy(state, quadratic);
  }

 private:
  const Network& network_;
  const scan::Options& options_;
  std::int64_t seen_ = 0, end_ = 0;
  std::vector<std::vector<double>> sums_;  ///< (blocks, 1)
  std::vector<std::int64_t> lengths_;
  double energy_ = 0;
};

/// Whether a recall is asked for, and not only the patterns.
inline bool recalls(const scan::Row& row) {
  return row.has("overlap") || row.has("retrieved") || row.has("sweeps") || row.has("energy");
}

/// Sweeps that a recall takes, roughly: at T = 0 it settles long before its limit.
/// NOTE: not what else is measured, which must not decide in which form weights are kept.
inline double sweeps_of(const Trial& trial, const scan::Options& options) {
  constexpr double usual = 12;
  const auto most = static_cast<double>(options.discard + options.steps);
  return trial.temperature > 0 ? most : std::min(usual, most);
}

/// The share of the patterns in which a sweep at T = 0 flips nothing.
template <class Fields>
double share_of_stable(const Network& network, const Fields& fields, Progress& progress) {
  const RecallOptions once{.update = Update::sequential, .max_sweeps = 1};
  Recall recall(fields, network.limits(), once);
  std::int64_t stable = 0;
  for (std::int64_t mu = 0; mu < network.count(); ++mu)
    stable +=
        recall(network.values().data() + mu * network.units(), 0, nullptr, progress).cycle_length ==
        1;
  return static_cast<double>(stable) / static_cast<double>(network.count());
}

template <class Fields>
void recall_once(const Trial& trial, const Network& network, const Fields& fields,
                 const scan::Options& options, const scan::Row& row, Progress& progress) {
  constexpr double enough = 0.7;
  const auto first = network.values().first(static_cast<std::size_t>(network.units()));
  Recall recall(fields, network.limits(), trial.recall(network, options.discard + options.steps));
  Averages averages(network, options);
  const bool noisy = trial.temperature > 0;
  const Recalled end = recall(trial.start(first).data(), 0, noisy ? &averages : nullptr, progress);
  const std::int8_t* state = recall.fields().state();
  const double overlap = noisy ? averages.overlap() : network.overlap(0, state);
  const double energy =
      noisy ? averages.energy() : network.energy(state, recall.fields().quadratic());
  row.write("overlap", overlap);
  if (noisy) row.write("overlap_error", averages.overlap_error());
  row.write("retrieved", overlap > enough ? 1.0 : 0.0);
  if (end.cycle_length == 1) row.write("sweeps", static_cast<double>(end.sweeps));
  row.write("energy", energy / static_cast<double>(network.units()));
}

}  // namespace detail

/// Throws where recalls would be too short for the blocks that give the errors, or too long.
inline void check_sweeps(const scan::Options& options) {
  constexpr std::int64_t most = 4294967295;
  scan::check_blocks(options);
  if (options.discard > most - options.steps)
    reject(scan::Options::label, "steps", options.steps,
           "at most " + text(most) + " sweeps with those of discard");
}

inline std::vector<scan::Column> overlap_columns(std::int64_t, const scan::Options& options) {
  check_sweeps(options);
  return {{.name = "overlap",
           .meaning = "with the pattern that is recalled: of the end at T = 0, else mean over the "
                      "steps, which are sweeps"},
          {.name = "overlap_error", .meaning = "its standard error, where T > 0"}};
}
inline std::vector<scan::Column> retrieved_columns(std::int64_t, const scan::Options& options) {
  check_sweeps(options);
  return {{.name = "retrieved", .meaning = "1 if that overlap is above 0.7, else 0"}};
}
inline std::vector<scan::Column> sweeps_columns(std::int64_t, const scan::Options& options) {
  check_sweeps(options);
  return {{.name = "sweeps", .meaning = "until the recall had converged, at T = 0"}};
}
inline std::vector<scan::Column> energy_columns(std::int64_t, const scan::Options& options) {
  check_sweeps(options);
  return {{.name = "energy", .meaning = "per unit, of the end at T = 0, else mean over the steps"}};
}
inline std::vector<scan::Column> stable_columns(std::int64_t, const scan::Options&) {
  return {{.name = "stable", .meaning = "share of the patterns that are fixed points at T = 0"}};
}

/// Everything that there is to say of a trial.
inline void measure_trials(const TrialBatch& batch) {
  for (const std::int64_t point : batch.points) {
    const Trial& trial = batch.source.point(point);
    const scan::Row row{batch.table, point};
    TaskMonitor monitor(batch.progress, false);
    const auto network = Network::random(trial, detail::sweeps_of(trial, batch.options), &monitor);
    network.couplings().with_fields([&](const auto& fields) {
      if (row.has("stable"))
        row.write("stable", detail::share_of_stable(network, fields, batch.progress));
      if (detail::recalls(row))
        detail::recall_once(trial, network, fields, batch.options, row, batch.progress);
    });
    batch.progress.tick(1);
  }
}

inline std::span<const scan::Measurement<Trials>> Trials::measurements() {
  static constexpr std::array<scan::Measurement<Trials>, 5> lines{{
      {"overlap", overlap_columns, measure_trials, 4, false},
      {"retrieved", retrieved_columns, measure_trials, 4, false},
      {"sweeps", sweeps_columns, measure_trials, 4, false},
      {"energy", energy_columns, measure_trials, 4, false},
      {"stable", stable_columns, measure_trials, 4, false},
  }};
  return lines;
}

}  // namespace attractornet::hopfield
