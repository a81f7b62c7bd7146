#include <doctest/doctest.h>

#include <attractornet/dynamics/hopfield_recalls.hpp>
#include <attractornet/scan/hopfield.hpp>
#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

namespace {

using namespace attractornet;
using namespace attractornet::hopfield;
using scan::Options;

const std::vector<std::string> everything{"overlap", "retrieved", "sweeps", "energy", "stable"};
const Options brief{.steps = 64, .discard = 20};

scan::Table measured(const std::vector<Trial>& points,
                     const std::vector<std::string>& names = everything,
                     const Options& options = brief, int threads = 1) {
  Monitor monitor;
  return scan::measure(Trials(points), names, options, threads, monitor);
}

Trial trial(std::int64_t units, double alpha, StorageRule rule, std::int64_t seed = 0) {
  const double activity = rule == StorageRule::low_activity ? 0.2 : 0.5;
  Trial result;
  static_cast<Ensemble&>(result) = {
      .units = units, .alpha = alpha, .rule = rule, .activity = activity, .seed = seed};
  return result;
}

/// A trial by hand: with the network as it is drawn for many recalls, and with recall's traces.
struct ByHand {
  Network network;
  std::vector<std::int8_t> end;
  Recalled recalled;
  Trace trace;

  ByHand(const Trial& trial, const Options& options)
      : network(Network::random(trial)), end(static_cast<std::size_t>(trial.units)) {
    const auto start = trial.start(network.values().first(end.size()));
    double energy;
    Monitor monitor;
    recall(network, start.data(), 1,
           {.update = trial.update,
            .max_sweeps = options.discard + options.steps,
            .temperature = trial.temperature,
            .seed = trial.seed},
           {.energy = true, .overlap = true, .every = trial.units}, 1, monitor,
           {&energy, &recalled, &trace}, hopfield::CopyTo{end.data(), trial.units});
  }
  double overlap(std::int64_t record) const {
    return trace.overlaps[static_cast<std::size_t>(record * network.count())];
  }
  /// Of the records behind those that are discarded.
  template <class Value>
  double mean(const Options& options, Value&& value) const {
    double sum = 0;
    for (std::int64_t k = 1; k <= options.steps; ++k) sum += value(options.discard + k);
    return sum / static_cast<double>(options.steps);
  }
};

}  // namespace

TEST_CASE("scan of Hopfield networks: what a recall by hand says") {
  std::vector<Trial> points;
  for (const auto rule : {StorageRule::hebbian, StorageRule::storkey, StorageRule::pseudoinverse,
                          StorageRule::low_activity})
    for (const auto update :
         {Update::asynchronous, Update::sequential, Update::random, Update::synchronous})
      for (const double temperature : {0.0, 0.1}) {
        Trial each = trial(150, 0.11, rule, static_cast<std::int64_t>(points.size()));
        each.temperature = temperature;
        each.flips = 0.1;
        each.update = update;
        points.push_back(each);
      }
  points.push_back(trial(1, 0, StorageRule::hebbian));
  points.push_back(trial(1100, 0.2, StorageRule::hebbian, 5));
  points.push_back(trial(1100, 0.2, StorageRule::hebbian, 6));
  points.back().temperature = 0.4;
  auto table = measured(points);
  for (std::size_t i = 0; i < points.size(); ++i) {
    CAPTURE(i);
    const auto at = [&](const char* name) {
      return table.at(name, static_cast<std::int64_t>(i))[0];
    };
    const ByHand hand(points[i], brief);
    const double units = static_cast<double>(points[i].units);
    if (points[i].temperature == 0) {
      const std::int64_t last = hand.trace.length - 1;
      CHECK(at("overlap") == hand.overlap(last));
      CHECK(std::isnan(at("overlap_error")));
      CHECK(at("energy") == doctest::Approx(hand.trace.energies.back() / units).epsilon(1e-12));
      if (hand.recalled.cycle_length == 1)
        CHECK(at("sweeps") == static_cast<double>(hand.recalled.sweeps));
      else
        CHECK(std::isnan(at("sweeps")));
    } else {
      const auto overlap = [&](std::int64_t k) { return hand.overlap(k); };
      const auto energy = [&](std::int64_t k) {
        return hand.trace.energies[static_cast<std::size_t>(k)] / units;
      };
      CHECK(at("overlap") == doctest::Approx(hand.mean(brief, overlap)).epsilon(1e-12));
      CHECK(at("energy") == doctest::Approx(hand.mean(brief, energy)).epsilon(1e-12));
      CHECK(at("overlap_error") >= 0);
      CHECK(std::isnan(at("sweeps")));
    }
    CHECK(at("retrieved") == (at("overlap") > 0.7 ? 1 : 0));
    std::int64_t stable = 0;
    const Rule rule(hand.network);
    const double lower = hand.network.coding() == Coding::binary ? 0 : -1;
    for (std::int64_t mu = 0; mu < hand.network.count(); ++mu) {
      std::vector<double> pattern(static_cast<std::size_t>(points[i].units)), next(pattern);
      for (std::size_t j = 0; j < pattern.size(); ++j)
        pattern[j] = hand.network.values()[static_cast<std::size_t>(mu) * pattern.size() + j] > 0
                         ? 1
                         : lower;
      rule.step(pattern.data(), next.data());
      stable += pattern == next;
    }
    CHECK(at("stable") == static_cast<double>(stable) / static_cast<double>(hand.network.count()));
  }
}

TEST_CASE("scan of Hopfield networks: patterns are drawn alike, more of them for a larger load") {
  const auto few = Network::random({.units = 70, .alpha = 0.1, .seed = 3});
  const auto more = Network::random({.units = 70, .alpha = 0.5, .seed = 3});
  CHECK(few.count() == 7);
  CHECK(more.count() == 35);
  CHECK(std::equal(few.values().begin(), few.values().end(), more.values().begin()));
  const auto other = Network::random({.units = 70, .alpha = 0.1, .seed = 4});
  CHECK_FALSE(std::equal(few.values().begin(), few.values().end(), other.values().begin()));
  CHECK(Network::random({.units = 3, .alpha = 0}).count() == 1);

  for (const double activity : {0.05, 0.5, 0.9}) {
    const Ensemble ensemble{
        .units = 1000, .alpha = 0.2, .rule = StorageRule::low_activity, .activity = activity};
    const auto net = Network::random(ensemble);
    const auto active = std::count(net.values().begin(), net.values().end(), 1);
    const double share = static_cast<double>(active) / static_cast<double>(net.values().size());
    CHECK(std::abs(share - activity) < 5 * std::sqrt(activity * (1 - activity) / 200'000));
    CHECK(net.storage().a == activity);
    CHECK(net.storage().b == activity);
    CHECK(net.coding() == Coding::binary);
  }
}

TEST_CASE("scan of Hopfield networks: as many units are flipped as were asked for, any of them") {
  std::vector<int> flipped(40, 0);
  for (std::int64_t seed = 0; seed < 2000; ++seed) {
    Trial each = trial(40, 0.1, StorageRule::hebbian, seed);
    each.flips = 0.25;
    const std::vector<std::int8_t> pattern(40, 1);
    const auto start = each.start(pattern);
    CHECK(std::count(start.begin(), start.end(), -1) == 10);
    for (std::size_t i = 0; i < 40; ++i) flipped[i] += start[i] < 0;
  }
  for (const int count : flipped) CHECK(std::abs(count - 500) < 5 * std::sqrt(2000 * 0.25 * 0.75));
  Trial all = trial(9, 0.1, StorageRule::hebbian);
  all.flips = 1;
  CHECK(all.start(std::vector<std::int8_t>(9, 1)) == std::vector<std::int8_t>(9, -1));
}

TEST_CASE(
    "scan of Hopfield networks: the form of the weights makes no difference where they are "
    "whole numbers") {
  Trial each = trial(400, 0.12, StorageRule::hebbian, 11);
  each.temperature = 0.3;
  each.flips = 0.2;
  const auto run = [&](const Network& network) {
    return network.couplings().with_fields([&](const auto& fields) {
      struct {
        void tick(std::int64_t) {}
      } progress;
      Recall recall(fields, network.limits(), each.recall(network, 50));
      recall(each.start(network.values().first(400)).data(), 0, nullptr, progress);
      return std::vector<std::int8_t>(recall.fields().state(), recall.fields().state() + 400);
    });
  };
  CHECK(run(Network::random(each, 1)) == run(Network::random(each)));
}

TEST_CASE("scan of Hopfield networks: errors of the means are those of their scatter") {
  std::vector<Trial> points;
  for (int seed = 0; seed < 200; ++seed) {
    points.push_back(trial(100, 0, StorageRule::hebbian, seed));  // one pattern: all alike
    points.back().temperature = 0.6;
  }
  auto table = measured(points, {"overlap"}, {.steps = 2000, .discard = 200}, 1);
  double mean = 0, square = 0, error = 0;
  for (int i = 0; i < 200; ++i) {
    mean += table.at("overlap", i)[0] / 200;
    error += std::pow(table.at("overlap_error", i)[0], 2) / 200;
  }
  for (int i = 0; i < 200; ++i) square += std::pow(table.at("overlap", i)[0] - mean, 2) / 199;
  CHECK(std::sqrt(square / error) == doctest::Approx(1).epsilon(0.2));
}

TEST_CASE("scan of Hopfield networks: the same bits in any company, on any number of threads") {
  std::vector<Trial> points;
  for (int i = 0; i < 23; ++i) {
    points.push_back(trial(20 + 40 * (i % 3), 0.05 * (i % 4), StorageRule::hebbian, i));
    points.back().temperature = 0.2 * (i % 2);
  }
  const auto whole = measured(points), threaded = measured(points, everything, brief, 3);
  const auto some = measured({points.begin() + 5, points.begin() + 9}, {"overlap", "energy"});
  for (std::size_t c = 0; c < whole.columns().size(); ++c)
    for (std::int64_t i = 0; i < 23; ++i) {
      const auto name = whole.columns()[c].name;
      CHECK(bits(whole.at(name, i)[0]) == bits(threaded.at(name, i)[0]));
      if (i >= 5 && i < 9 && !some.at(name, i - 5).empty())
        CHECK(bits(whole.at(name, i)[0]) == bits(some.at(name, i - 5)[0]));
    }
}

TEST_CASE("scan of Hopfield networks: what cannot be, and what nothing uses, is refused by name") {
  CHECK_THROWS_WITH_AS(
      Network::random({.units = 10, .alpha = 1.2, .rule = StorageRule::pseudoinverse}),
      "HopfieldNetwork.random: alpha = 1.2: expected no more patterns than units "
      "for rule = 'pseudoinverse'",
      InvalidValue);
  Trial sparse;
  sparse.activity = 0.1;
  CHECK_THROWS_WITH_AS(validate(sparse, "scan"),
                       "scan: activity = 0.1: expected 0.5 but for rule = 'low_activity'",
                       InvalidValue);
  Trial cold;
  cold.temperature = -1;
  CHECK_THROWS_WITH_AS(validate(cold),
                       "HopfieldNetwork.random: temperature = -1: expected a value in [0, inf)",
                       InvalidValue);
  CHECK_THROWS_WITH_AS(Network::random({.units = 1 << 20, .alpha = 1000}),
                       doctest::Contains("HopfieldNetwork.random: alpha N patterns x units / 8"),
                       MemoryLimit);
  const std::vector<Trial> point{trial(10, 0.1, StorageRule::hebbian)};
  CHECK_THROWS_WITH_AS(measured(point, {"exponent"}),
                       "scan: measure = 'exponent': expected one of overlap, retrieved, sweeps, "
                       "energy, stable",
                       InvalidValue);
  CHECK_THROWS_WITH_AS(measured(point, {"overlap"}, {.k = 3}),
                       "scan: k = 3: expected no such option, since no measurement of these "
                       "systems takes it",
                       InvalidValue);
  CHECK_THROWS_WITH_AS(measured(point, {"stable"}, {.horizon = 5000}),
                       doctest::Contains("scan: horizon = 5000: expected no such option"),
                       InvalidValue);
  CHECK_THROWS_WITH_AS(
      measured(point, {"overlap"}, {.dtype = scan::Precision::float32}),
      "scan: dtype = 'float32': expected 'float64', which 'overlap' is measured in", InvalidValue);
  CHECK_THROWS_WITH_AS(measured(point, {"energy"}, {.steps = 31}),
                       "scan: steps = 31: expected at least blocks = 32", InvalidValue);
  CHECK_THROWS_WITH_AS(measured(point, {"sweeps"}, {.steps = 4'294'967'000}),
                       "scan: steps = 4294967000: expected at most 4294967295 sweeps with those of "
                       "discard",
                       InvalidValue);
}
