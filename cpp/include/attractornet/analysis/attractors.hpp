/// @file
/// Attractors that coexist: which of them each of many initial states goes to.
///
/// Orbits are told apart by a fingerprint: weighted Birkhoff averages of an observable and its
/// products with itself, each with its own uncertainty. A start whose fingerprint is sharp and is
/// that of a known attractor goes there; one that is like none is classified, and founds a new
/// attractor unless the fingerprint on the attractor itself is a known one after all; one that is
/// not sharp yet is watched four times as long.
#pragma once

#include <algorithm>
#include <array>
#include <attractornet/analysis/birkhoff.hpp>
#include <attractornet/analysis/classify.hpp>
#include <attractornet/core/parallel.hpp>
#include <cmath>
#include <cstdint>
#include <numeric>
#include <utility>
#include <vector>

namespace attractornet {

struct AttractorsOptions {
  std::int64_t discard = 10'000;
  std::int64_t window = 4096;
  std::int64_t horizon = 5'000'000;
  std::int64_t max_period = 10'000;
  std::int64_t seed = 0;

  static constexpr std::string_view label = "attractors";
  static constexpr auto fields() {
    using O = AttractorsOptions;
    return std::tuple{
        field("discard", &O::discard, between(0, 1e12), "steps", "transient of the first look"),
        field(
            "window", &O::window, between(64, 1 << 24), "steps",
            "length of the first look; where it is not sharp, the next one is four times as long"),
        field("horizon", &O::horizon, between(1000, 1e15), "steps",
              "as of classify, for each attractor that is found"),
        field("max_period", &O::max_period, between(1, 1 << 18), "steps", "as of classify"),
        field("seed", &O::seed, between(0, 1e15), "", "as of classify"),
    };
  }
  ClassifyOptions classification() const { return {horizon, max_period, seed}; }
};

struct Attractor {
  Classification classification;
  double share = 0;  ///< of the starts
  double mean = 0;   ///< of the observable
};

struct AttractorSet {
  static constexpr std::int64_t diverged = -1;

  std::vector<Attractor> attractors;  ///< largest share first
  std::vector<std::int64_t> labels;   ///< (starts,) index of the attractor, or `diverged`
  double diverged_share = 0;
};

namespace detail {

/// Averages by which attractors are told apart.
struct Fingerprint {
  static constexpr std::array<int, 6> degrees{1, 2, 3, 2, 2, 3};
  static constexpr double fine = 1e-6, sharp = 0.02;

  std::array<BirkhoffAverage, 6> features;
  bool finite = true;

  /// @param series two values more than `average` takes.
  static Fingerprint of(std::span<const double> s, const BirkhoffAverager& average) {
    Fingerprint result;
    result.finite = std::all_of(s.begin(), s.end(), [](double x) { return std::abs(x) < 1e100; });
    if (!result.finite) return result;
    auto& f = result.features;
    f[0] = average([&](std::size_t t) { return s[t]; });
    f[1] = average([&](std::size_t t) { return s[t] * s[t]; });
    f[2] = average([&](std::size_t t) { return s[t] * s[t] * s[t]; });
    f[3] = average([&](std::size_t t) { return s[t] * s[t + 1]; });
    f[4] = average([&](std::size_t t) { return s[t] * s[t + 2]; });
    f[5] = average([&](std::size_t t) { return s[t] * s[t] * s[t + 1]; });
    return result;
  }

  /// Size of a feature: the root mean square to its degree.
  double scale(std::size_t j) const {
    return std::pow(std::sqrt(std::max(features[1].value, 1e-300)), degrees[j]);
  }
  bool is_sharp() const {
    for (std::size_t j = 0; j < features.size(); ++j)
      if (!(4 * features[j].spread <= sharp * scale(j))) return false;
    return true;
  }
  /// The largest difference in a feature, in units of what uncertainty allows; at most 1 where the
  /// two may be of one attractor.
  double distance(const Fingerprint& other) const {
    double result = 0;
    for (std::size_t j = 0; j < features.size(); ++j) {
      const double size = std::max(scale(j), other.scale(j));
      const double allowed =
          fine * size + std::min(sharp * size, 4 * (features[j].spread + other.features[j].spread));
      result = std::max(result, std::abs(features[j].value - other.features[j].value) /
                                    std::max(allowed, 1e-300));
    }
    return result;
  }
};

/// Passes the progress of a part on to the whole.
class Relay : public Monitor {
 public:
  Relay(Monitor& whole, std::int64_t offset) : whole_(whole), offset_(offset) {}

 protected:
  void report(std::int64_t done, std::int64_t) override { whole_.done_at(offset_ + done); }

 private:
  Monitor& whole_;
  std::int64_t offset_;
};

template <class Subject, class Start>
class AttractorSearch {
 public:
  AttractorSearch(const Subject& subject, std::int64_t count, Start start,
                  const AttractorsOptions& options, int threads, Monitor& monitor)
      : subject_(subject),
        start_(std::move(start)),
        options_(options),
        threads_(threads),
        monitor_(monitor) {
    set_.labels.assign(static_cast<std::size_t>(count), unknown);
  }

  AttractorSet operator()() {
    const auto count = static_cast<std::int64_t>(set_.labels.size());
    monitor_.begin(count);
    std::vector<std::int64_t> open(static_cast<std::size_t>(count));
    std::iota(open.begin(), open.end(), std::int64_t{0});
    for (int round = 0; !open.empty(); ++round) {
      look(open, round);
      settle(open, round);
      std::erase_if(open, [&](std::int64_t i) { return set_.labels[i] != unknown; });
    }
    order_by_share();
    monitor_.end();
    return std::move(set_);
  }

 private:
  static constexpr std::int64_t unknown = -2;
  static constexpr int last_round = 3;

  /// Fingerprints of all starts that are open, side by side.
  void look(const std::vector<std::int64_t>& open, int round) {
    const std::int64_t factor = std::int64_t{1} << (2 * round), window = factor * options_.window;
    const BirkhoffAverager average(static_cast<std::size_t>(window));
    prints_.resize(open.size());
    Relay relay(monitor_, static_cast<std::int64_t>(set_.labels.size() - open.size()));
    parallel_for(static_cast<std::int64_t>(open.size()), threads_, relay,
                 [&](std::int64_t i, Progress& progress) {
                   std::vector<double> state(subject_.dimension());
                   start_(open[i], state.data());
                   prints_[i] = print(state.data(), factor * options_.discard, average, progress);
                   progress.tick(1);
                 });
  }

  /// The fingerprint of the orbit of a state, after a transient.
  template <class Ticker>
  Fingerprint print(const double* state, std::int64_t discard, const BirkhoffAverager& average,
                    Ticker& ticker) const {
    struct Silent {
      Ticker& ticker;
      void tick(std::int64_t) { ticker.tick(0); }
    } silent{ticker};
    const auto orbit = subject_.orbit();
    orbit->load(state);
    in_pieces(discard, silent, [&](std::int64_t n) { orbit->advance(n); });
    std::vector<double> series(average.length() + 2);
    double* out = series.data();
    in_pieces(static_cast<std::int64_t>(series.size()), silent, [&](std::int64_t n) {
      orbit->record(n, out);
      out += n;
    });
    return Fingerprint::of(series, average);
  }

  /// Gives the open starts to attractors, in the order of the starts.
  void settle(const std::vector<std::int64_t>& open, int round) {
    for (std::size_t i = 0; i < open.size(); ++i) assign(open[i], prints_[i], round);
    for (std::size_t i = 0; i < open.size(); ++i) {
      const Fingerprint& print = prints_[i];
      if (set_.labels[open[i]] != unknown) continue;
      if (round < last_round && !print.is_sharp()) continue;
      found(open[i], round);
      for (std::size_t j = i + 1; j < open.size(); ++j) assign(open[j], prints_[j], round);
    }
  }

  /// Labels a start whose fingerprint is that of a known attractor.
  void assign(std::int64_t start, const Fingerprint& print, int round) {
    auto& label = set_.labels[start];
    if (label != unknown) return;
    if (!print.finite) {
      label = AttractorSet::diverged;
    } else if (round == last_round || print.is_sharp()) {
      label = nearest(print);
    }
  }

  std::int64_t nearest(const Fingerprint& print) const {
    std::int64_t best = unknown;
    double least = 1;
    for (std::size_t a = 0; a < known_.size(); ++a)
      if (const double distance = known_[a].distance(print); distance <= least) {
        least = distance;
        best = static_cast<std::int64_t>(a);
      }
    return best;
  }

  /// Classifies the orbit of a start that is like no known attractor.
  void found(std::int64_t start, int round) {
    std::vector<double> state(subject_.dimension());
    start_(start, state.data());
    Relay relay(monitor_, set_.labels.size() - 1);
    auto classification =
        classify_subject(subject_, state.data(), options_.classification(), relay);
    auto& label = set_.labels[start];
    if (classification.kind == Kind::diverged) {
      label = AttractorSet::diverged;
      return;
    }
    const std::int64_t longest = options_.window << (2 * (last_round + (round == last_round)));
    const BirkhoffAverager average(static_cast<std::size_t>(longest));
    const Fingerprint print = this->print(classification.state.data(), 0, average, monitor_);
    label = nearest(print);
    if (label != unknown) return;
    label = static_cast<std::int64_t>(known_.size());
    known_.push_back(print);
    set_.attractors.push_back({std::move(classification), 0, print.features[0].value});
  }

  void order_by_share() {
    const auto count = static_cast<double>(set_.labels.size());
    for (const auto label : set_.labels)
      (label < 0 ? set_.diverged_share : set_.attractors[label].share) += 1 / count;
    std::vector<std::int64_t> order(set_.attractors.size()), place(order.size());
    std::iota(order.begin(), order.end(), std::int64_t{0});
    std::stable_sort(order.begin(), order.end(), [&](auto a, auto b) {
      return set_.attractors[a].share > set_.attractors[b].share;
    });
    std::vector<Attractor> sorted;
    for (std::size_t i = 0; i < order.size(); ++i) {
      place[order[i]] = static_cast<std::int64_t>(i);
      sorted.push_back(std::move(set_.attractors[order[i]]));
    }
    set_.attractors = std::move(sorted);
    for (auto& label : set_.labels)
      if (label >= 0) label = place[label];
  }

  const Subject& subject_;
  Start start_;
  const AttractorsOptions& options_;
  int threads_;
  Monitor& monitor_;
  AttractorSet set_;
  std::vector<Fingerprint> prints_, known_;
};

}  // namespace detail

/// The attractors that `count` starts go to.
/// @param subject see RuleSubject; its orbits are used from several threads.
/// @param start start(i, state) writes the i-th initial state.
/// @param threads a result does not depend on it.
template <class Subject, class Start>
AttractorSet attractors_of(const Subject& subject, std::int64_t count, Start start,
                           const AttractorsOptions& options, int threads, Monitor& monitor) {
  validate(options);
  if (count < 1) reject(AttractorsOptions::label, "initial_states", count, "at least one state");
  return detail::AttractorSearch<Subject, Start>(subject, count, std::move(start), options, threads,
                                                 monitor)();
}

}  // namespace attractornet
