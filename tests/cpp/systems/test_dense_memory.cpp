#include <doctest/doctest.h>

#include <attractornet/dynamics/dense_memory_recall.hpp>
#include <attractornet/systems/hopfield_factored_fields.hpp>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <numeric>
#include <random>
#include <vector>

#include "../contract.hpp"

using namespace attractornet;
using namespace attractornet::hopfield;
using contract::Vector;
using contract::wave;
using Signs = std::vector<std::int8_t>;

namespace {

struct NoProgress {
  void tick(std::int64_t) {}
};

Signs random_signs(std::int64_t count, unsigned seed) {
  std::mt19937 generator(seed);
  Signs values(static_cast<std::size_t>(count));
  for (auto& value : values) value = generator() & 1 ? 1 : -1;
  return values;
}

/// Patterns of -1 and 1, and the definition of the memory.
struct Case {
  std::int64_t units, count;
  int order;
  Signs values;
  PolynomialMemory memory;

  Case(std::int64_t n, std::int64_t p, int of_order, unsigned seed = 1)
      : units(n),
        count(p),
        order(of_order),
        values(random_signs(n * p, seed)),
        memory(values, p, n, of_order) {}

  std::int64_t energy(const Signs& s) const {
    std::int64_t sum = 0;
    for (std::int64_t mu = 0; mu < count; ++mu) {
      std::int64_t overlap = 0, power = 1;
      for (std::int64_t i = 0; i < units; ++i)
        overlap +=
            values[static_cast<std::size_t>(mu * units + i)] * s[static_cast<std::size_t>(i)];
      for (int n = 0; n < order; ++n) power *= overlap;
      sum -= power;
    }
    return sum;
  }
  /// E(s_i = -1) - E(s_i = 1).
  std::int64_t difference(Signs s, std::int64_t i) const {
    s[static_cast<std::size_t>(i)] = -1;
    const std::int64_t down = energy(s);
    s[static_cast<std::size_t>(i)] = 1;
    return down - energy(s);
  }
};

struct Ends {
  Signs states;
  Vector energies;
  std::vector<std::int64_t> sweeps, cycles;
};

Ends recalled(const PolynomialMemory& memory, const Signs& states, const RecallOptions& options,
              int threads = 1) {
  const auto count = static_cast<std::int64_t>(states.size()) / memory.patterns().units();
  Ends ends{Signs(states.size()), Vector(static_cast<std::size_t>(count)), {}, {}};
  std::vector<Recalled> endings(static_cast<std::size_t>(count));
  Monitor monitor;
  recall(memory, states.data(), count, options, threads, monitor,
         {ends.states.data(), ends.energies.data(), endings.data()});
  for (const Recalled& ending : endings) {
    ends.sweeps.push_back(ending.sweeps);
    ends.cycles.push_back(ending.cycle_length);
  }
  return ends;
}

/// Softmax with many digits: the next state, and the energy.
struct Exact {
  std::vector<long double> next;
  long double energy = 0;
};

long double product(const double* a, const double* b, std::size_t n) {
  long double sum = 0;
  for (std::size_t i = 0; i < n; ++i) sum += static_cast<long double>(a[i]) * b[i];
  return sum;
}

Exact exact(const Vector& patterns, const Vector& x, double beta) {
  const std::size_t n = x.size(), count = patterns.size() / n;
  std::vector<long double> d(count);
  long double longest = 0, total = 0;
  for (std::size_t mu = 0; mu < count; ++mu) {
    d[mu] = product(&patterns[mu * n], x.data(), n);
    longest = std::max(longest, product(&patterns[mu * n], &patterns[mu * n], n));
  }
  const long double largest = *std::max_element(d.begin(), d.end());
  Exact result{std::vector<long double>(n), 0};
  for (std::size_t mu = 0; mu < count; ++mu) {
    const long double weight = std::exp(beta * (d[mu] - largest));
    total += weight;
    for (std::size_t i = 0; i < n; ++i) result.next[i] += weight * patterns[mu * n + i];
  }
  for (auto& value : result.next) value /= total;
  result.energy = -largest + 0.5L * (product(x.data(), x.data(), n) + longest) +
                  (std::log(static_cast<long double>(count)) - std::log(total)) / beta;
  return result;
}

SoftmaxMemory softmax(std::size_t count, std::size_t units, double beta) {
  return {wave(count * units, 0.3), static_cast<std::int64_t>(count),
          static_cast<std::int64_t>(units), beta};
}

}  // namespace

// ---------------------------------------------------------------------------------- of some order

TEST_CASE("fields and energies are differences of the energy, exactly, whatever was flipped") {
  for (const std::int64_t units : {1, 2, 3, 63, 64, 65, 130})
    for (const std::int64_t count : {1, 2, 63, 64, 65, 200})
      for (const int order : {2, 3, 4, 5}) {
        CAPTURE(units);
        CAPTURE(count);
        CAPTURE(order);
        const Case net(units, count, order);
        PolynomialFields fields = net.memory.fields();
        Signs s = random_signs(units, 9);
        fields.load(s.data());
        std::mt19937 generator(4);
        for (int flips = 0; flips < 4; ++flips) {
          CHECK(fields.quadratic() == -2.0 * static_cast<double>(net.energy(s)));
          for (const std::int64_t i : {std::int64_t{0}, units / 2, units - 1})
            CHECK(fields.doubled_field(i) == static_cast<double>(net.difference(s, i)));
          const auto i = static_cast<std::int64_t>(generator() % static_cast<unsigned>(units));
          fields.flip(i);
          s[static_cast<std::size_t>(i)] =
              static_cast<std::int8_t>(-s[static_cast<std::size_t>(i)]);
          CHECK(std::equal(s.begin(), s.end(), fields.state()));
        }
      }
}

TEST_CASE("recall in the order of the units is the definition, flip for flip") {
  for (const int order : {2, 3, 4, 5})
    for (const auto tie : {Tie::keep, Tie::plus}) {
      const Case net(9, 7, order);  // small: ties happen
      for (unsigned seed = 0; seed < 30; ++seed) {
        const Signs start = random_signs(9, 100 + seed);
        Signs s = start, before;
        std::int64_t sweeps = 0;
        do {
          before = s;
          ++sweeps;
          for (std::int64_t i = 0; i < 9; ++i) {
            const std::int64_t field = net.difference(s, i);
            auto& unit = s[static_cast<std::size_t>(i)];
            if (field != 0 || tie == Tie::plus) unit = field >= 0 ? 1 : -1;
          }
        } while (s != before);
        const Ends ends = recalled(net.memory, start, {.update = Update::sequential, .tie = tie});
        CHECK(ends.states == s);
        CHECK(ends.sweeps[0] == sweeps);
        CHECK(ends.cycles[0] == 1);
        CHECK(ends.energies[0] == static_cast<double>(net.energy(s)));
      }
    }
}

TEST_CASE("order 2 is the Hebbian network without its diagonal, at every temperature") {
  const Case net(70, 5, 2);
  const auto signs = net.memory.patterns().signs_of_units();
  const Vector limits(70, 0.0);
  NoProgress progress;
  for (const auto update :
       {Update::asynchronous, Update::sequential, Update::random, Update::synchronous})
    for (const double temperature : {0.0, 0.3}) {
      RecallOptions options{
          .update = update, .max_sweeps = 20, .temperature = temperature, .seed = 5};
      Recall classical(PatternFields<std::int16_t>(net.memory.patterns(), signs, false),
                       {limits.data(), 70}, options);
      PatternFields<std::int16_t> kept(net.memory.patterns(), signs, true);
      options.temperature *= 2 * 70;  // E is 2 N times the network's energy
      for (unsigned seed = 0; seed < 5; ++seed) {
        const Signs start = random_signs(70, seed);
        const Recalled expected = classical(start.data(), 0, nullptr, progress);
        const std::int8_t* state = classical.fields().state();
        const Ends ends = recalled(net.memory, start, options);
        CHECK(std::equal(ends.states.begin(), ends.states.end(), state));
        CHECK(ends.sweeps[0] == expected.sweeps);
        CHECK(ends.cycles[0] == expected.cycle_length);
        kept.load(state);
        CHECK(ends.energies[0] == -kept.quadratic());  // -1/2 s.w s of weights times N, twice
      }
    }
}

TEST_CASE("a step is a synchronous sweep, also where the numbers are rounded") {
  for (const int order : {2, 3, 6, 30}) {
    CAPTURE(order);
    const Case net(60, 40, order);
    for (unsigned seed = 0; seed < 10; ++seed) {
      const Signs start = random_signs(60, seed);
      const Vector next = contract::image(net.memory.rule(), Vector(start.begin(), start.end()));
      const Ends ends =
          recalled(net.memory, start, {.update = Update::synchronous, .max_sweeps = 1});
      CHECK(Vector(ends.states.begin(), ends.states.end()) == next);
      CHECK(ends.energies[0] ==
            doctest::Approx(net.memory.rule().energy(next.data())).epsilon(1e-14));
    }
  }
}

TEST_CASE("between stored patterns and their negatives of an even order nothing decides") {
  // xi and -xi: the fields of an odd order cancel, in whatever numbers.
  for (const int order : {3, 31}) {
    Signs both = random_signs(50, 3);
    for (std::size_t i = 0; i < 50; ++i) both.push_back(static_cast<std::int8_t>(-both[i]));
    const PolynomialMemory memory(both, 2, 50, order);
    const Signs start = random_signs(50, 8);
    CHECK(recalled(memory, start, {}).states == start);
    CHECK(recalled(memory, start, {.tie = Tie::plus}).states == Signs(50, 1));
  }
}

TEST_CASE("recall does not depend on threads, nor on the states beside") {
  const Case net(40, 30, 3);
  const Signs states = random_signs(40 * 300, 6);
  const RecallOptions options{.max_sweeps = 6, .temperature = 800, .seed = 3};
  const Ends one = recalled(net.memory, states, options);
  for (const int threads : {2, 7}) {
    const Ends many = recalled(net.memory, states, options, threads);
    CHECK(many.states == one.states);
    CHECK(many.energies == one.energies);
    CHECK(many.sweeps == one.sweeps);
  }
  const Ends first = recalled(net.memory, Signs(states.begin(), states.begin() + 40 * 9), options);
  CHECK(std::equal(first.states.begin(), first.states.end(), one.states.begin()));
}

TEST_CASE("synchronous cycles of any length are found") {
  int longer = 0;
  for (unsigned seed = 0; seed < 400; ++seed) {
    const Case net(8, 8, 4, seed);
    const Ends ends =
        recalled(net.memory, random_signs(8, seed + 1000), {.update = Update::synchronous});
    REQUIRE(ends.cycles[0] > 0);
    longer += ends.cycles[0] > 2;
    Vector s(ends.states.begin(), ends.states.end());
    const Vector start = s;
    for (std::int64_t step = 0; step < ends.cycles[0]; ++step)
      s = contract::image(net.memory.rule(), s);
    CHECK(s == start);
  }
  CHECK(longer > 0);
}

TEST_CASE("what a memory of some order cannot be is refused by name") {
  const auto refused = [](const Signs& values, std::int64_t count, std::int64_t units, double order,
                          const char* message) {
    CHECK_THROWS_WITH_AS(PolynomialMemory(values, count, units, order), message, InvalidValue);
  };
  refused({1, -1}, 1, 2, 1,
          "DenseAssociativeMemory: order = 1: expected an integer from 2 to 1023, or inf");
  refused({1, -1}, 1, 2, 2.5,
          "DenseAssociativeMemory: order = 2.5: expected an integer from 2 to 1023, or inf");
  refused({1, -1}, 1, 2, std::nan(""),
          "DenseAssociativeMemory: order = nan: expected an integer from 2 to 1023, or inf");
  refused(Signs(100, 1), 1, 100, 400,
          "DenseAssociativeMemory: order = 400: expected at most 153: energies of 1 patterns of "
          "100 units are beyond a double else");
  refused({1, 0}, 1, 2, 3, "DenseAssociativeMemory: patterns = 0: expected -1 and 1 only");
  refused({}, 0, 2, 3, "DenseAssociativeMemory: patterns = 0: expected 1 to 2^30 of them");
  refused({}, 2, 0, 3, "DenseAssociativeMemory: units = 0: expected 1 to 1048576 of them");
  refused({1, 1, 1}, 1, 2, 3,
          "DenseAssociativeMemory: patterns = 3: expected count x units values");
  const Case net(100, 1, 153);
  CHECK(std::isfinite(net.memory.fields().quadratic()));
  CHECK_THROWS_AS(net.memory.with_order(154), InvalidValue);
  CHECK(net.memory.with_order(2).order() == 2);
  CHECK_THROWS_WITH_AS(recalled(net.memory, net.values, {.temperature = -1}),
                       "DenseAssociativeMemory.recall: temperature = -1: expected a value in "
                       "[0, inf)",
                       InvalidValue);
}

// --------------------------------------------------------------------------------------- softmax

TEST_CASE("softmax steps and energies are the equations, on both sides of every block") {
  for (const std::size_t units : {1, 2, 7, 8, 9, 31, 64, 100})
    for (const std::size_t count : {1, 3, 4, 5, 63, 64, 65, 130, 300})
      for (const double beta : {0.01, 1.0, 40.0}) {
        CAPTURE(units);
        CAPTURE(count);
        CAPTURE(beta);
        const auto memory = softmax(count, units, beta);
        const auto rule = memory.rule();
        const Vector x = wave(units, 0.9), next = contract::image(rule, x);
        const auto [expected, energy] = exact(wave(count * units, 0.3), x, beta);
        const double rounding = 4e-15 + 2e-16 * beta * static_cast<double>(units);
        for (std::size_t i = 0; i < units; ++i)
          CHECK(std::abs(next[i] - static_cast<double>(expected[i])) <= rounding);
        CHECK(std::abs(rule.energy(x.data()) - static_cast<double>(energy)) <=
              3e-16 * static_cast<double>(units + 10) + 1e-15 / beta);
      }
}

TEST_CASE("a state's step does not depend on its company") {
  for (const std::size_t units : {5, 32, 37}) {
    const auto memory = softmax(150, units, 0.8);
    const auto rule = memory.rule();
    for (const std::size_t count : {1, 2, 3, 4, 7, 9}) {
      const Vector x = wave(count * units, 0.2);
      Vector next(x.size());
      rule.steps(x.data(), static_cast<std::int64_t>(count), next.data());
      for (std::size_t k = 0; k < count; ++k) {
        const auto begin = x.begin() + static_cast<std::ptrdiff_t>(k * units);
        const Vector alone = contract::image(rule, Vector(begin, begin + static_cast<int>(units)));
        CHECK(std::equal(alone.begin(), alone.end(), next.begin() + static_cast<int>(k * units)));
      }
    }
  }
}

TEST_CASE("a softmax tangent vector's image does not depend on its company") {
  const auto memory = softmax(90, 13, 1.5);
  const auto rule = memory.rule();
  constexpr std::size_t n = 13, k = 11;
  const Vector x = wave(n, 0.2), tangents = wave(n * k, 0.9);
  Vector next(n), images(n * k), tangent(n), image(n);
  rule.jvp(x.data(), tangents.data(), k, next.data(), images.data());
  for (std::size_t c = 0; c < k; ++c) {
    for (std::size_t i = 0; i < n; ++i) tangent[i] = tangents[i * k + c];
    rule.jvp(x.data(), tangent.data(), 1, next.data(), image.data());
    for (std::size_t i = 0; i < n; ++i) CHECK(image[i] == images[i * k + c]);
    rule.vjp(x.data(), tangent.data(), image.data());  // the Jacobian is symmetric
    for (std::size_t i = 0; i < n; ++i) CHECK(image[i] == images[i * k + c]);
  }
}

TEST_CASE("the Jacobian keeps its digits where one pattern has all the weight") {
  // Of the patterns +-(1, ..., 1), at the first: p = 1 / (1 + e), e = exp(-2 beta N), and J has
  // 4 beta p (1 - p) in all places.
  for (const std::size_t units : {2, 9})
    for (const double beta : {0.1, 1.0, 3.0, 30.0}) {
      Vector patterns(2 * units, 1.0), v(units), next(units), image(units);
      std::fill_n(patterns.begin() + static_cast<int>(units), units, -1.0);
      v[0] = 1;
      const SoftmaxMemory memory(patterns, 2, static_cast<std::int64_t>(units), beta);
      memory.rule().jvp(patterns.data(), v.data(), 1, next.data(), image.data());
      const double e = std::exp(-2 * beta * static_cast<double>(units));
      const double entry = 4 * beta * e / ((1 + e) * (1 + e));
      for (const double value : image) CHECK(std::abs(value / entry - 1) <= 1e-13);
    }
}

TEST_CASE("no step raises the softmax energy, which is never below 0") {
  for (const double beta : {0.05, 1.0, 20.0}) {
    const auto memory = softmax(40, 12, beta);
    const auto rule = memory.rule();
    Vector x = wave(12, 2.0);
    const double rounding = 1e-14 + 1e-15 / beta;
    double before = rule.energy(x.data());
    for (int step = 0; step < 50; ++step) {
      x = contract::image(rule, x);
      const double energy = rule.energy(x.data());
      CHECK(energy <= before + rounding);
      CHECK(energy >= -rounding);
      before = energy;
    }
  }
  const SoftmaxMemory alone({3, -4}, 1, 2, 0.7);
  CHECK(alone.rule().energy(alone.patterns().data()) == 0);
}

TEST_CASE("softmax recall ends where steps do not move, for every state by itself") {
  const auto memory = softmax(70, 10, 3);
  const auto rule = memory.rule();
  constexpr std::int64_t count = 150;
  const Vector states = wave(10 * count, 1.1);
  const auto run = [&](const SettleOptions& options, int threads) {
    Vector ends(states.size()), energies(count);
    std::vector<Recalled> endings(count);
    Monitor monitor;
    recall(memory, states.data(), count, options, threads, monitor,
           {ends.data(), energies.data(), endings.data()});
    for (std::size_t k = 0; k < count; ++k) {
      Vector x(states.begin() + static_cast<int>(10 * k),
               states.begin() + static_cast<int>(10 * k + 10));
      double moved = 1;
      for (std::int64_t step = 0; step < endings[k].sweeps; ++step) {
        CHECK(moved > options.tolerance);
        const Vector next = contract::image(rule, x);
        moved = 0;
        for (std::size_t i = 0; i < 10; ++i) moved = std::max(moved, std::abs(next[i] - x[i]));
        x = next;
      }
      CHECK((endings[k].cycle_length == 1) == (moved <= options.tolerance));
      CHECK(std::equal(x.begin(), x.end(), ends.begin() + static_cast<int>(10 * k)));
      CHECK(energies[k] == rule.energy(x.data()));
    }
    return ends;
  };
  const Vector ends = run({}, 1);
  CHECK(run({}, 3) == ends);
  CHECK(run({.max_sweeps = 0}, 2) == states);
  run({.tolerance = 0, .max_sweeps = 2}, 1);
}

TEST_CASE("overlaps are products over the number of units") {
  const auto memory = softmax(70, 10, 3);
  const Vector x = wave(10, 0.4);
  Vector m(70);
  memory.rule().overlaps(x.data(), m.data());
  for (std::size_t mu = 0; mu < 70; ++mu)
    CHECK(m[mu] == doctest::Approx(
                       static_cast<double>(product(&memory.patterns()[mu * 10], x.data(), 10) / 10))
                       .epsilon(1e-13));
}

TEST_CASE("what a softmax memory cannot be is refused by name") {
  const double inf = std::numeric_limits<double>::infinity();
  const auto refused = [](const Vector& values, std::int64_t count, std::int64_t units, double beta,
                          const char* message) {
    CHECK_THROWS_WITH_AS(SoftmaxMemory(values, count, units, beta), message, InvalidValue);
  };
  refused({1}, 1, 1, 0, "DenseAssociativeMemory: beta = 0: expected a value in (0, inf)");
  refused({1}, 1, 1, inf, "DenseAssociativeMemory: beta = inf: expected a value in (0, inf)");
  refused({}, 0, 1, 1, "DenseAssociativeMemory: patterns = 0: expected 1 to 2^30 of them");
  refused({1, 2, inf, 0}, 2, 2, 1,
          "DenseAssociativeMemory: patterns[1] = inf: expected finite values, the sum of whose "
          "squares a double can hold");
  refused({1, 1e200}, 2, 1, 1,
          "DenseAssociativeMemory: patterns[1] = inf: expected finite values, the sum of whose "
          "squares a double can hold");
  CHECK_THROWS_AS(SoftmaxMemory({1}, 1, 1).with_beta(-1), InvalidValue);
  CHECK(SoftmaxMemory({1}, 1, 1).with_beta(7).beta() == 7);
}
