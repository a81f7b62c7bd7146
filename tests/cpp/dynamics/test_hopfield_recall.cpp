#include <doctest/doctest.h>

#include <attractornet/dynamics/hopfield_recall.hpp>
#include <attractornet/systems/hopfield_dense_fields.hpp>
#include <attractornet/systems/hopfield_factored_fields.hpp>
#include <numeric>
#include <random>
#include <vector>

namespace {

using namespace attractornet;
using namespace attractornet::hopfield;
using State = std::vector<std::int8_t>;

struct NoProgress {
  void tick(std::int64_t) {}
};

/// Patterns, and Hebbian weights times N as a plain matrix.
struct Case {
  std::int64_t units, count;
  bool diagonal;
  State values;
  Patterns patterns;
  std::vector<std::int64_t> weights;

  Case(std::int64_t n, std::int64_t p, bool kept, unsigned seed)
      : units(n), count(p), diagonal(kept), values(static_cast<std::size_t>(n * p)) {
    std::mt19937 generator(seed);
    for (auto& value : values) value = generator() & 1 ? 1 : -1;
    patterns = Patterns(values.data(), p, n);
    for (std::int64_t i = 0; i < n; ++i)
      for (std::int64_t j = 0; j < n; ++j) {
        std::int64_t sum = 0;
        for (std::int64_t mu = 0; mu < p; ++mu) sum += xi(mu, i) * xi(mu, j);
        weights.push_back(i == j && !kept ? 0 : sum);
      }
  }
  int xi(std::int64_t mu, std::int64_t i) const {
    return values[static_cast<std::size_t>(mu * units + i)];
  }
  std::int64_t weight(std::int64_t i, std::int64_t j) const {
    return weights[static_cast<std::size_t>(i * units + j)];
  }
  State noisy(std::int64_t mu, unsigned seed) const {
    std::mt19937 generator(seed);
    State state(values.begin() + mu * units, values.begin() + (mu + 1) * units);
    for (auto& s : state)
      if (generator() % 4 == 0) s = static_cast<std::int8_t>(-s);
    return state;
  }
  template <class R>
  Matrix<R> matrix() const {
    Matrix<R> result;
    result.units = units;
    result.stride = padded(units);
    result.values.assign(static_cast<std::size_t>(units * result.stride), R(0));
    for (std::int64_t i = 0; i < units; ++i)
      for (std::int64_t j = 0; j < units; ++j)
        result.values[static_cast<std::size_t>(i * result.stride + j)] =
            static_cast<R>(weight(i, j));
    result.finish();
    return result;
  }
  Factors factors() const {
    Factors result;
    result.units = units;
    result.rank = count;
    result.stride = (count + 7) / 8 * 8;
    result.left.assign(static_cast<std::size_t>(units * result.stride), 0.0);
    for (std::int64_t i = 0; i < units; ++i)
      for (std::int64_t mu = 0; mu < count; ++mu)
        result.left[static_cast<std::size_t>(i * result.stride + mu)] = xi(mu, i);
    if (!diagonal)
      result.diagonal.assign(static_cast<std::size_t>(units), static_cast<double>(count));
    return result;
  }
};

struct Ending {
  State state;
  Recalled recalled;
  bool operator==(const Ending& other) const {
    return state == other.state && recalled.sweeps == other.recalled.sweeps &&
           recalled.cycle_length == other.recalled.cycle_length;
  }
};

/// The definition, unit by unit; only the random words are the library's.
class Slow {
 public:
  Slow(const Case& net, std::vector<double> limits, const RecallOptions& options)
      : net_(net), limits_(std::move(limits)), options_(options), words_(net.units) {}

  Ending operator()(State s, std::uint32_t index) {
    State before, before_that;
    Recalled recalled;
    while (recalled.sweeps < options_.max_sweeps) {
      before_that = before;
      before = s;
      const std::uint64_t stream = static_cast<std::uint64_t>(++recalled.sweeps) << 32 | index;
      const auto order = sites(stream);
      noise_ = noise_of(stream);
      State next = s;
      for (std::size_t visit = 0; visit < order.size(); ++visit) {
        const std::int64_t i = order[visit];
        // Noise is that of a unit, but of random sites that of a visit.
        const std::size_t slot =
            options_.update == Update::random ? visit : static_cast<std::size_t>(i);
        const State& seen = options_.update == Update::synchronous ? before : next;
        next[static_cast<std::size_t>(i)] = decided(seen, i, limit(i, noise_[slot]));
      }
      s = next;
      if (options_.temperature > 0) continue;
      if (s == before && fixed(s)) recalled.cycle_length = 1;
      if (options_.update == Update::synchronous && s != before && s == before_that)
        recalled.cycle_length = 2;
      if (recalled.cycle_length > 0) break;
    }
    return {s, recalled};
  }

 private:
  /// ln(u / (1 - u)) of uniform u.
  std::vector<double> noise_of(std::uint64_t stream) {
    words_.draw(static_cast<std::uint64_t>(options_.seed), Purpose::noise, stream);
    std::vector<double> result;
    for (std::int64_t i = 0; i < net_.units; ++i) {
      const double u = (words_[i] + 0.5) * 0x1p-32;
      result.push_back(attractornet::log(u / (1 - u)));
    }
    return result;
  }
  double limit(std::int64_t i, double noise) const {
    const double limit = limits_[static_cast<std::size_t>(i)];
    if (options_.temperature == 0) return limit;
    return attractornet::fma(options_.temperature * static_cast<double>(net_.units), noise, limit);
  }
  std::vector<std::int64_t> sites(std::uint64_t stream) {
    const auto n = static_cast<std::size_t>(net_.units);
    std::vector<std::int64_t> order(n);
    std::iota(order.begin(), order.end(), 0);
    if (options_.update == Update::sequential || options_.update == Update::synchronous)
      return order;
    words_.draw(static_cast<std::uint64_t>(options_.seed), Purpose::order, stream);
    const auto below = [&](std::size_t i, std::uint64_t bound) {
      return static_cast<std::size_t>(words_[static_cast<std::int64_t>(i)] * bound >> 32);
    };
    if (options_.update == Update::random) {
      for (std::size_t i = 0; i < n; ++i) order[i] = static_cast<std::int64_t>(below(i, n));
      return order;
    }
    for (std::size_t i = 0; i < n; ++i) std::swap(order[i], order[below(i, i + 1)]);
    return order;
  }
  std::int8_t decided(const State& s, std::int64_t i, double limit) const {
    std::int64_t field = 0;
    for (std::int64_t j = 0; j < net_.units; ++j)
      field += 2 * net_.weight(i, j) * s[static_cast<std::size_t>(j)];
    const auto doubled = static_cast<double>(field);
    if (doubled > limit || (doubled == limit && options_.tie == Tie::plus)) return 1;
    return doubled < limit ? std::int8_t{-1} : s[static_cast<std::size_t>(i)];
  }
  bool fixed(const State& s) const {
    for (std::int64_t i = 0; i < net_.units; ++i)
      if (decided(s, i, limits_[static_cast<std::size_t>(i)]) != s[static_cast<std::size_t>(i)])
        return false;
    return true;
  }

  const Case& net_;
  std::vector<double> limits_;
  RecallOptions options_;
  RandomWords words_;
  std::vector<double> noise_;
};

template <class Fields>
Ending fast(Fields fields, const Case& net, const std::vector<double>& limits,
            const RecallOptions& options, const State& start, std::uint32_t index) {
  Recall<Fields> recall(std::move(fields), {limits.data(), static_cast<double>(net.units)},
                        options);
  NoProgress progress;
  const Recalled recalled = recall(start.data(), index, nullptr, progress);
  const std::int8_t* state = recall.fields().state();
  double quadratic = 0;
  for (std::int64_t i = 0; i < net.units; ++i)
    for (std::int64_t j = 0; j < net.units; ++j)
      quadratic += static_cast<double>(net.weight(i, j) * state[i] * state[j]);
  CHECK(recall.fields().quadratic() == quadratic);
  return {State(state, state + net.units), recalled};
}

void compare(const Case& net, const std::vector<double>& limits, const RecallOptions& options) {
  const auto bytes = net.matrix<std::int8_t>();
  const auto shorts = net.matrix<std::int16_t>();
  const auto doubles = net.matrix<double>();
  const auto signs = net.patterns.signs_of_units();
  const auto factors = net.factors();
  Slow slow(net, limits, options);
  for (std::uint32_t index = 0; index < 4; ++index) {
    const State start = net.noisy(index % net.count, 40 + index);
    const Ending expected = slow(start, index);
    const auto agrees = [&](auto fields) {
      CHECK(fast(std::move(fields), net, limits, options, start, index) == expected);
    };
    for (const Patterns* patterns : {&net.patterns, static_cast<const Patterns*>(nullptr)}) {
      agrees(DenseFields<std::int16_t, std::int8_t>(bytes, patterns, net.diagonal));
      agrees(DenseFields<std::int32_t, std::int16_t>(shorts, patterns, net.diagonal));
    }
    agrees(DenseFields<double, double>(doubles, nullptr, net.diagonal));
    agrees(PatternFields<std::int16_t>(net.patterns, signs, net.diagonal));
    agrees(PatternFields<std::int32_t>(net.patterns, signs, net.diagonal));
    agrees(FactoredFields(factors));
  }
}

}  // namespace

TEST_CASE("every kind of fields recalls as the definition does, flip for flip") {
  for (const auto& [units, count] : {std::pair{70, 4}, {70, 5}, {129, 70}, {3, 2}, {1, 1}})
    for (const bool diagonal : {false, true}) {
      const Case net(units, count, diagonal, 7);
      for (const double threshold : {0.0, 0.02, 2.0 / units}) {
        const std::vector<double> limits(static_cast<std::size_t>(units), 2 * threshold * units);
        for (const auto update :
             {Update::asynchronous, Update::sequential, Update::random, Update::synchronous})
          for (const auto tie : {Tie::keep, Tie::plus})
            for (const double temperature : {0.0, 0.3})
              compare(net, limits,
                      {.update = update,
                       .max_sweeps = temperature > 0 ? 5 : 60,
                       .temperature = temperature,
                       .tie = tie,
                       .seed = 11});
      }
    }
}

TEST_CASE("a recorder sees the state after every so many visits, whatever moves between") {
  struct Rows : Recorder {
    std::vector<State> states;
    std::int64_t units;
    Rows(std::int64_t every, std::int64_t n) : Recorder(every), units(n) {}
    void record(const std::int8_t* state, double) override {
      states.emplace_back(state, state + units);
    }
  };
  const Case net(50, 4, false, 3);
  const auto weights = net.matrix<std::int8_t>();
  const auto signs = net.patterns.signs_of_units();
  const std::vector<double> limits(50, 0.0);
  const State start = net.noisy(0, 9);
  NoProgress progress;
  Rows dense(7, 50), factored(7, 50);
  Recall events(DenseFields<std::int16_t, std::int8_t>(weights, &net.patterns, false),
                {limits.data(), 50}, {});
  Recall visits(PatternFields<std::int16_t>(net.patterns, signs, false), {limits.data(), 50}, {});
  const Recalled recalled = events(start.data(), 0, &dense, progress);
  visits(start.data(), 0, &factored, progress);
  CHECK(dense.states.size() == static_cast<std::size_t>(recalled.sweeps * 50 / 7 + 1));
  CHECK(dense.states == factored.states);
  CHECK(dense.states.front() == start);
}

TEST_CASE("a cycle of two states is found, and longer ones where weights are not symmetric") {
  Matrix<double> weights;  // unit i follows unit i - 1
  weights.units = 5;
  weights.stride = padded(5);
  weights.values.assign(static_cast<std::size_t>(5 * weights.stride), 0.0);
  // NOTE: row j holds what unit j gives to the others.
  for (std::int64_t j = 0; j < 5; ++j)
    weights.values[static_cast<std::size_t>(j * weights.stride + (j + 1) % 5)] = 1;
  weights.finish();
  const std::vector<double> limits(5, 0.0);
  const State start{1, -1, -1, -1, -1};
  NoProgress progress;
  Recall recall(DenseFields<double, double>(weights, nullptr, true), {limits.data(), 1},
                {.update = Update::synchronous});
  CHECK(recall(start.data(), 0, nullptr, progress).cycle_length == 5);
}
