/// @file
/// Scans of feedback networks: the points are Ensembles, the fast measurements run in lanes.
#pragma once

#include <algorithm>
#include <array>
#include <attractornet/scan/feedback_waves.hpp>
#include <attractornet/scan/general.hpp>
#include <attractornet/scan/measurement.hpp>
#include <cstdint>
#include <memory>
#include <span>
#include <utility>
#include <vector>

namespace attractornet::feedback {

/// A network that is a subject of analyses (see RuleSubject).
class NetworkSubject {
 public:
  explicit NetworkSubject(Network network) : network_(std::move(network)) {}
  const Network& network() const { return network_; }
  int dimension() const { return network_.inputs(); }
  double time_step() const { return 1; }
  bool samples_flow() const { return false; }
  auto orbit() const { return std::make_unique<Orbit>(network_.rule()); }
  auto tangent_orbit(int k) const { return std::make_unique<TangentOrbit>(network_.rule(), k); }

 private:
  Network network_;
};

/// The points of a scan: a random network each.
class Ensembles {
 public:
  using Point = Ensemble;

  /// Both are borrowed.
  /// @param initial register that all start from; null for the article's start. Every ensemble is
  ///        validated, and has as many inputs as initial, where that is given.
  explicit Ensembles(std::span<const Ensemble> points, const double* initial = nullptr)
      : points_(points), initial_(initial) {}

  /// What can be measured on networks of an ensemble.
  static std::span<const scan::Measurement<Ensembles>> measurements();
  std::int64_t size() const { return static_cast<std::int64_t>(points_.size()); }
  /// The largest one.
  std::int64_t dimension() const {
    std::int64_t most = 1;
    for (const auto& point : points_) most = std::max(most, point.inputs);
    return most;
  }
  /// Points of one size go together.
  std::pair<std::int64_t, std::int64_t> size_of(std::int64_t i) const {
    return {point(i).inputs, point(i).neurons};
  }

  const Ensemble& point(std::int64_t i) const { return points_[static_cast<std::size_t>(i)]; }
  Network network(std::int64_t i) const { return Network::random(point(i)); }
  /// What all start from, or null.
  const double* initial() const { return initial_; }
  std::unique_ptr<NetworkSubject> subject(std::int64_t i) const {
    return std::make_unique<NetworkSubject>(network(i));
  }
  void start(const NetworkSubject& subject, double* state) const {
    start(subject.network(), state);
  }
  void start(const Network& network, double* state) const {
    if (initial_)
      std::copy_n(initial_, network.inputs(), state);
    else
      network.rule().start(state);
  }

 private:
  std::span<const Ensemble> points_;
  const double* initial_;
};

using Batch = scan::Batch<Ensembles>;

namespace detail {

template <class W>
std::vector<W> walkers_of(const Batch& batch) {
  std::vector<W> walkers;
  std::vector<double> start;
  for (const auto point : batch.points) {
    Network network = batch.source.network(point);
    start.resize(static_cast<std::size_t>(network.inputs()));
    batch.source.start(network, start.data());
    walkers.emplace_back(std::move(network), start.data());
  }
  return walkers;
}

/// Calls run<T, G>(), with the precision that is asked for and the registers that suit the
/// networks.
template <class Run>
void with_lanes(const Batch& batch, Run&& run) {
  const Ensemble& first = batch.source.point(batch.points.front());
  const bool pairs = run_in_pairs(first.neurons, first.inputs);
  if (batch.options.dtype == scan::Precision::float32)
    pairs ? run.template operator()<float, 2>() : run.template operator()<float, 1>();
  else
    pairs ? run.template operator()<double, 2>() : run.template operator()<double, 1>();
}

/// Whether networks of the batch gain by lanes: larger ones fill registers by themselves, and eight
/// of them no cache.
inline bool fit_lanes(const Batch& batch, std::int64_t k) {
  constexpr std::int64_t most = 4096;
  const Ensemble& first = batch.source.point(batch.points.front());
  return first.neurons * first.inputs <= most && first.inputs * k <= most;
}

/// Whether the cells of an orbit are asked for; a network of one unit has no picture.
inline bool watches_cells(const Network& network, const scan::Row& row) {
  return row.has("occupied") && network.neurons() > 1;
}

template <class T, int G>
void orbits_in_lanes(const Batch& batch) {
  auto walkers = walkers_of<OrbitWalker<T>>(batch);
  const Network& first = walkers.front().network;
  const bool watch = watches_cells(first, {batch.table, batch.points.front()});
  WaveOrbits<T, G> wave(first.neurons(), first.inputs(), batch.progress);
  wave.advance(walkers, batch.options.discard);
  if (watch)
    wave.watch(walkers, batch.options.steps);
  else
    wave.advance(walkers, batch.options.steps);
  for (std::size_t i = 0; i < walkers.size(); ++i) {
    const scan::Row row{batch.table, batch.points[i]};
    scan::write_final_state({walkers[i].state.begin(), walkers[i].state.end()}, row);
    if (watch) row.write("occupied", walkers[i].cells.share());
    batch.progress.tick(1);
  }
}

/// The same for one network, in double.
inline void orbit_alone(const NetworkSubject& subject, const double* start,
                        const scan::Options& options, const scan::Row& row, Monitor& monitor) {
  struct Watcher : Silent {
    Cells cells;
    void reach(const double* x, double) { cells.see(x[0], x[1]); }
  } watcher;
  Orbit orbit(subject.network().rule());
  orbit.load(start);
  in_pieces(options.discard, monitor, [&](std::int64_t n) { orbit.advance(n); });
  const bool watch = watches_cells(subject.network(), row);
  in_pieces(options.steps, monitor,
            [&](std::int64_t n) { watch ? orbit.advance(n, watcher) : orbit.advance(n); });
  std::vector<double> state(static_cast<std::size_t>(subject.dimension()));
  orbit.state(state.data());
  scan::write_final_state(state, row);
  if (watch) row.write("occupied", watcher.cells.share());
}

/// One network's exponents, in double and with all the care that the analysis knows.
inline void exponents_alone(const Batch& batch, std::int64_t point, int k,
                            scan::WriteSpectrum write) {
  scan::at_point(batch, point,
                 [&](const NetworkSubject& subject, const double* start,
                     const scan::Options& options, const scan::Row& row, Monitor& monitor) {
                   scan::measure_exponents(subject, start, options, k, write, row, monitor);
                 });
}

template <class T, Tangent With, int G>
void exponents_in_lanes(const Batch& batch, int k, scan::WriteSpectrum write) {
  auto walkers = walkers_of<TangentWalker<T>>(batch);
  const Network& first = walkers.front().network;
  WaveExponents<T, With, G> wave(first.neurons(), first.inputs(), k, batch.options, batch.progress);
  const auto spectra = wave(walkers);
  for (std::size_t i = 0; i < walkers.size(); ++i) {
    if (spectra[i])
      write(*spectra[i], {batch.table, batch.points[i]});
    else
      exponents_alone(batch, batch.points[i], k, write);
    batch.progress.tick(1);
  }
}

inline void exponents(const Batch& batch, int k, scan::WriteSpectrum write) {
  if (fit_lanes(batch, k))
    return with_lanes(batch, [&]<class T, int G>() {
      // NOTE: half as many registers do not hold the sums of a pair and its vectors.
      constexpr int with_vector = register_bytes == 64 ? G : 1;
      k == 1 ? exponents_in_lanes<T, Tangent::vector, with_vector>(batch, k, write)
             : exponents_in_lanes<T, Tangent::frame, 1>(batch, k, write);
    });
  for (const auto point : batch.points) {
    exponents_alone(batch, point, k, write);
    batch.progress.tick(1);
  }
}

}  // namespace detail

inline std::vector<scan::Column> occupied_columns(std::int64_t, const scan::Options&) {
  return {{.name = "occupied",
           .meaning = "share of 100 x 100 cells of [-1, 1]^2 that (x_1, x_2) visits"}};
}

/// Final states and occupied shares.
inline void measure_orbits(const Batch& batch) {
  if (!detail::fit_lanes(batch, 0)) return scan::each<detail::orbit_alone>(batch);
  detail::with_lanes(batch, [&]<class T, int G>() { detail::orbits_in_lanes<T, G>(batch); });
}
inline void measure_exponent(const Batch& batch) {
  detail::exponents(batch, 1, scan::write_exponent);
}
inline void measure_spectrum(const Batch& batch) {
  const std::int64_t point = batch.points.front();
  const auto inputs = static_cast<int>(batch.source.point(point).inputs);
  const scan::Row row{batch.table, point};
  detail::exponents(batch, scan::exponents_needed(row, inputs, batch.options),
                    scan::write_spectrum);
}

inline std::span<const scan::Measurement<Ensembles>> Ensembles::measurements() {
  using scan::each;
  static constexpr std::array<scan::Measurement<Ensembles>, 6> lines{{
      {"final_state", scan::final_state_columns, measure_orbits, 128, true},
      {"occupied", occupied_columns, measure_orbits, 128, true},
      {"exponent", scan::exponent_columns, measure_exponent, 128, true},
      {"spectrum", scan::spectrum_columns, measure_spectrum, 256, true},
      {"kaplan_yorke_dimension", scan::dimension_columns, measure_spectrum, 256, true},
      {"kind", scan::kind_columns, each<scan::measure_kind<NetworkSubject>, Ensembles>, 1, false},
  }};
  return lines;
}

}  // namespace attractornet::feedback
