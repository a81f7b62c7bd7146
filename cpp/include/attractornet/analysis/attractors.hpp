/// @file
/// Attractors that coexist: which of them each of many initial states goes to.
///
/// An attractor is kept as a cloud of states on it. A start goes there if its orbit, after a
/// transient, runs as near to the cloud as the attractor's own orbit does. One that is near no
/// cloud is given longer transients, then classified: it founds a new attractor, unless the
/// classified orbit ends on a known one.
#pragma once

#include <algorithm>
#include <attractornet/analysis/classify.hpp>
#include <attractornet/analysis/cloud.hpp>
#include <attractornet/analysis/points.hpp>
#include <attractornet/core/parallel.hpp>
#include <cmath>
#include <cstdint>
#include <limits>
#include <numeric>
#include <utility>
#include <vector>

namespace attractornet {

struct AttractorsOptions {
  std::int64_t discard = 10'000;
  std::int64_t horizon = 5'000'000;
  std::int64_t max_period = 10'000;
  std::int64_t seed = 0;

  static constexpr std::string_view label = "attractors";
  static constexpr auto fields() {
    using O = AttractorsOptions;
    return std::tuple{
        field("discard", &O::discard, between(0, 1e12), "steps",
              "first transient; an orbit that is on no known attractor then is given longer ones"),
        field("horizon", &O::horizon, between(1000, 1e15), "steps",
              "as of classify, for each attractor that is found"),
        field("max_period", &O::max_period, between(1, 1 << 18), "steps", "as of classify"),
        field("seed", &O::seed, between(0, 1e15), "", "as of classify"),
    };
  }
  ClassifyOptions classification() const {
    return {.horizon = horizon, .max_period = max_period, .seed = seed};
  }
};

struct Attractor {
  Classification classification;
  double share = 0;            ///< of the starts
  std::vector<double> mean;    ///< (dimension,) of the states
  std::vector<double> points;  ///< (count, dimension) states on it
};

struct AttractorSet {
  static constexpr std::int64_t diverged = -1;

  std::vector<Attractor> attractors;  ///< largest share first
  std::vector<std::int64_t> labels;   ///< (starts,) index of the attractor, or `diverged`
  double diverged_share = 0;
};

namespace detail {

template <class Subject, class Start>
class AttractorSearch {
 public:
  AttractorSearch(const Subject& subject, std::int64_t count, Start start,
                  const AttractorsOptions& options, int threads, Monitor& monitor)
      : subject_(subject),
        dimension_(static_cast<std::size_t>(subject.dimension())),
        start_(std::move(start)),
        options_(options),
        threads_(threads),
        monitor_(monitor) {
    set_.labels.assign(static_cast<std::size_t>(count), unknown);
  }

  /// Starts are taken in growing groups: side by side against what is known, then one by one those
  /// that found something new. The groups do not depend on the threads.
  AttractorSet operator()() {
    const auto count = static_cast<std::int64_t>(set_.labels.size());
    monitor_.begin(count);
    for (std::int64_t first = 0, size = 1; first < count; first += size) {
      if (first > 0) size = std::min({first, most_at_once, count - first});
      probes_.resize(static_cast<std::size_t>(size));
      Relay relay(monitor_, first, true);
      parallel_for(size, threads_, relay, [&](std::int64_t i, Progress& progress) {
        compare(first + i, probes_[i], progress);
        progress.tick(1);
      });
      for (std::int64_t i = 0; i < size; ++i) settle(first + i, probes_[i]);
    }
    order_by_share();
    monitor_.end();
    return std::move(set_);
  }

 private:
  static constexpr std::int64_t unknown = -2, most_at_once = 256;
  static constexpr int transients = 3;  ///< each four times as long as the one before

  /// Follows a start until it is near a known attractor, or for all transients.
  void compare(std::int64_t start, std::vector<double>& probes, Progress& progress) {
    std::vector<double> state(dimension_);
    start_(start, state.data());
    const auto orbit = subject_.orbit();
    orbit->load(state.data());
    TaskTicker ticker{progress};
    auto& label = set_.labels[start];
    for (int round = 0; label == unknown && round < transients; ++round) {
      if (!settle_down(*orbit, options_.discard << (2 * round), ticker)) {
        label = AttractorSet::diverged;
        return;
      }
      probes.clear();
      sample(*orbit, dimension_, Cloud::probes, probes);
      label = is_sane(probes) ? known(probes) : AttractorSet::diverged;
      if (clouds_.empty()) break;
    }
  }
  struct TaskTicker {
    Progress& progress;
    void tick(std::int64_t) { progress.tick(0); }
  };

  /// Advances through a transient; false as soon as the state is of no use.
  template <class Orbit>
  bool settle_down(Orbit& orbit, std::int64_t steps, TaskTicker& ticker) const {
    constexpr std::int64_t between_looks = 1024;
    std::vector<double> state(dimension_);
    for (; steps > 0; steps -= between_looks) {
      in_pieces(std::min(steps, between_looks), ticker, [&](std::int64_t n) { orbit.advance(n); });
      orbit.state(state.data());
      if (!is_sane(state)) return false;
    }
    return true;
  }
  static bool is_sane(const std::vector<double>& states) {
    return std::all_of(states.begin(), states.end(), [](double x) { return std::abs(x) < 1e100; });
  }

  std::int64_t known(const std::vector<double>& probes) const {
    for (std::size_t a = 0; a < clouds_.size(); ++a)
      if (clouds_[a].has(probes)) return static_cast<std::int64_t>(a);
    return unknown;
  }

  /// A start that was near nothing known: perhaps one found since, else it is classified.
  void settle(std::int64_t start, const std::vector<double>& probes) {
    auto& label = set_.labels[start];
    if (label == unknown) label = known(probes);
    if (label != unknown) return;
    std::vector<double> state(dimension_);
    start_(start, state.data());
    Relay relay(monitor_, start, false);
    Attractor found;
    found.classification =
        classify_subject(subject_, state.data(), options_.classification(), relay);
    if (found.classification.kind == Kind::diverged) {
      label = AttractorSet::diverged;
      return;
    }
    const auto orbit = subject_.orbit();
    orbit->load(found.classification.state.data());
    std::vector<double> states, own;
    sample(*orbit, dimension_, Cloud::size, states);
    sample(*orbit, dimension_, Cloud::groups * Cloud::probes, own);
    label = known(own);
    if (label != unknown) return;
    label = static_cast<std::int64_t>(clouds_.size());
    clouds_.emplace_back(states, own, dimension_, scale_of(states, state));
    found.points = std::move(states);
    found.mean = mean_along(*orbit);
    set_.attractors.push_back(std::move(found));
  }

  /// What is small beside an attractor: a point has no size, but a distance from the start, which
  /// may be far too large, and one from 0.
  double scale_of(const std::vector<double>& states, const std::vector<double>& start) const {
    const auto extent_with = [&](const std::vector<double>& other) {
      std::vector<double> both = states;
      both.insert(both.end(), other.begin(), other.end());
      const auto dimension = static_cast<std::int64_t>(dimension_);
      return Points{both.data(), static_cast<std::int64_t>(both.size()) / dimension, dimension}
          .extent();
    };
    const double reach = extent_with(start);
    return std::max(1e-3 * reach, std::min(reach, extent_with(std::vector<double>(dimension_))));
  }

  /// Weighted Birkhoff average of the state.
  template <class Orbit>
  std::vector<double> mean_along(Orbit& orbit) const {
    std::vector<double> mean(dimension_), state(dimension_);
    for (const double weight : birkhoff_weights(1 << 14)) {
      orbit.advance(1);
      orbit.state(state.data());
      for (std::size_t c = 0; c < dimension_; ++c) mean[c] = fma(weight, state[c], mean[c]);
    }
    return mean;
  }

  void order_by_share() {
    std::vector<std::int64_t> reached(set_.attractors.size());
    std::int64_t diverged = 0;
    for (const auto label : set_.labels) ++(label < 0 ? diverged : reached[label]);
    const auto count = static_cast<double>(set_.labels.size());
    set_.diverged_share = static_cast<double>(diverged) / count;
    for (std::size_t a = 0; a < reached.size(); ++a)
      set_.attractors[a].share = static_cast<double>(reached[a]) / count;
    std::vector<std::size_t> order(reached.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(),
                     [&](auto a, auto b) { return reached[a] > reached[b]; });
    std::vector<std::int64_t> place(order.size());
    std::vector<Attractor> sorted;
    for (const auto a : order) {
      place[a] = static_cast<std::int64_t>(sorted.size());
      sorted.push_back(std::move(set_.attractors[a]));
    }
    set_.attractors = std::move(sorted);
    for (auto& label : set_.labels)
      if (label >= 0) label = place[label];
  }

  const Subject& subject_;
  std::size_t dimension_;
  Start start_;
  const AttractorsOptions& options_;
  int threads_;
  Monitor& monitor_;
  AttractorSet set_;
  std::vector<std::vector<double>> probes_;
  std::vector<Cloud> clouds_;
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

/// The attractors of a rule that the rows of `states` (count, dimension) go to.
template <Map R>
  requires HasTangent<R>
AttractorSet attractors(const R& rule, std::int64_t count, const double* states,
                        const AttractorsOptions& options, Monitor& monitor) {
  const std::int64_t n = rule.dimension();
  const auto start = [=](std::int64_t i, double* state) { std::copy_n(states + i * n, n, state); };
  return attractors_of(RuleSubject<R>{rule}, count, start, options, thread_count(), monitor);
}

}  // namespace attractornet
