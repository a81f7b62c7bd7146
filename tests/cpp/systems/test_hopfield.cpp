#include <doctest/doctest.h>

#include <attractornet/dynamics/hopfield_recalls.hpp>
#include <attractornet/systems/hopfield_network.hpp>
#include <cmath>
#include <numeric>
#include <random>
#include <variant>
#include <vector>

namespace {

using namespace attractornet;
using namespace attractornet::hopfield;
using Signs = std::vector<std::int8_t>;

Signs random_signs(std::int64_t size, unsigned seed) {
  std::mt19937 generator(seed);
  Signs result(static_cast<std::size_t>(size));
  for (auto& s : result) s = generator() & 1 ? 1 : -1;
  return result;
}

/// Weights, fields and energy by the formulas, of a state in the network's coding.
struct Plain {
  std::int64_t n;
  UnfilledVector<double> w;
  std::vector<double> theta, s;

  Plain(const Network& net, const std::int8_t* state)
      : n(net.units()), w(net.couplings().weights()), s(static_cast<std::size_t>(n)) {
    theta.assign(net.thresholds().begin(), net.thresholds().end());
    for (std::size_t i = 0; i < s.size(); ++i)
      s[i] = net.coding() == Coding::binary ? 0.5 * (state[i] + 1) : state[i];
  }
  double field(std::size_t i) const {
    double sum = -theta[i];
    for (std::size_t j = 0; j < s.size(); ++j) sum += w[i * s.size() + j] * s[j];
    return sum;
  }
  double energy() const {
    double sum = 0;
    for (std::size_t i = 0; i < s.size(); ++i) sum += s[i] * (theta[i] - field(i)) / 2;
    return sum;  // -1/2 s (W s) + theta s, W s = field + theta
  }
};

void check_against_formulas(const Network& net, unsigned seed) {
  const Signs state = random_signs(net.units(), seed);
  const Plain plain(net, state.data());
  const bool binary = net.coding() == Coding::binary;
  net.couplings().with_fields([&](auto fields) {
    fields.load(state.data());
    const Limits limits = net.limits();
    for (std::int64_t i = 0; i < net.units(); ++i) {
      const double h = (binary ? 0.25 : 0.5) * (fields.doubled_field(i) - limits.limit[i]);
      CHECK(h / limits.scale ==
            doctest::Approx(plain.field(static_cast<std::size_t>(i))).epsilon(1e-9));
    }
    CHECK(net.energy(state.data(), fields.quadratic()) ==
          doctest::Approx(plain.energy()).epsilon(1e-10));
  });
}

}  // namespace

TEST_CASE("fields and energies are those of weights and thresholds, in every form and coding") {
  struct Size {
    std::int64_t units, count;
  };
  // Of few units the form is a matrix; of many units and few patterns there is none.
  for (const auto& [units, count] : {Size{1, 1}, Size{37, 5}, Size{150, 140}, Size{2100, 3}})
    for (const auto rule : {StorageRule::hebbian, StorageRule::storkey, StorageRule::pseudoinverse,
                            StorageRule::low_activity})
      for (const auto coding : {Coding::bipolar, Coding::binary})
        for (const bool diagonal : {false, true}) {
          if (units > 1000 && rule == StorageRule::storkey) continue;
          Storage storage{.rule = rule, .coding = coding, .diagonal = diagonal, .a = 0.5, .b = 0.4};
          check_against_formulas(Network(random_signs(units * count, 5), units, storage), 6);
          if (rule != StorageRule::hebbian) continue;
          storage.center = 0.2;
          check_against_formulas(Network(random_signs(units * count, 5), units, storage,
                                         std::vector<double>(static_cast<std::size_t>(units), 0.3)),
                                 7);
        }
}

TEST_CASE("weights that are whole numbers, or such over N, are kept exactly") {
  const std::int64_t n = 30;
  const Network stored(random_signs(4 * n, 1), n, {});
  UnfilledVector<double> w = stored.couplings().weights();
  const Network given(w, n, Coding::bipolar, true);
  CHECK(given.limits().scale == n);
  w[1] = w[static_cast<std::size_t>(n)] = 0.01;
  CHECK(Network(w, n, Coding::bipolar, true).limits().scale == 1);
}

TEST_CASE("patterns are recalled, whatever the threads") {
  const std::int64_t n = 300, count = 15, states = 60;
  const Signs xi = random_signs(n * count, 2);
  const Network net(xi, n, {});
  Signs starts(static_cast<std::size_t>(n * states));
  std::mt19937 generator(3);
  for (std::size_t k = 0; k < starts.size(); ++k)
    starts[k] = static_cast<std::int8_t>(xi[k % xi.size()] * (generator() % 10 == 0 ? -1 : 1));
  Monitor monitor;
  const auto recalled = [&](int threads) {
    Signs ends(starts.size());
    std::vector<double> energies(states);
    std::vector<Recalled> endings(states);
    recall(net, starts.data(), states, {}, {}, threads, monitor,
           {energies.data(), endings.data(), nullptr}, CopyTo{ends.data(), n});
    for (const auto& ending : endings) CHECK(ending.cycle_length == 1);
    return ends;
  };
  const Signs one = recalled(1);
  CHECK(recalled(2) == one);
  int right = 0;
  for (std::size_t k = 0; k < starts.size(); ++k) right += one[k] == xi[k % xi.size()];
  CHECK(right > 0.99 * static_cast<double>(starts.size()));
}

TEST_CASE("patterns come and go") {
  const std::int64_t n = 40;
  const Signs xi = random_signs(5 * n, 4);
  const std::span<const std::int8_t> all(xi), first = all.first(3 * n), rest = all.subspan(3 * n);
  const auto weights = [](const Network& net) { return net.couplings().weights(); };
  for (const auto rule : {StorageRule::hebbian, StorageRule::storkey, StorageRule::pseudoinverse}) {
    const Network net({first.begin(), first.end()}, n, {.rule = rule});
    const Network more = net.with_added(rest), at_once(xi, n, {.rule = rule});
    const auto a = weights(more), b = weights(at_once);
    for (std::size_t k = 0; k < a.size(); ++k) CHECK(std::abs(a[k] - b[k]) < 1e-14);
    CHECK(more.count() == 5);
    if (rule == StorageRule::storkey)
      CHECK_THROWS_AS(more.with_removed(rest), InvalidValue);
    else
      CHECK(weights(more.with_removed(rest)) == weights(net));
  }
  CHECK_THROWS_WITH_AS(Network(xi, n, {}).with_removed(random_signs(n, 9)),
                       doctest::Contains("HopfieldNetwork.remove: patterns[0] = ["), InvalidValue);
}

TEST_CASE("weights that are symmetric but for rounding are made so") {
  const double uneven = 1 + 1e-11;
  const std::vector<double> w{0, 1, uneven, 0};
  const auto weights = Network(w, 2, Coding::bipolar, true).couplings().weights();
  CHECK(weights[1] == 0.5 * (1 + uneven));
  CHECK(weights[2] == weights[1]);
}

TEST_CASE("what cannot be a network is refused by name") {
  CHECK_THROWS_AS(Network(random_signs(30, 1), 5, {.rule = StorageRule::pseudoinverse}),
                  InvalidValue);
  CHECK_THROWS_AS(Network({}, 5, {}), InvalidValue);
  CHECK_THROWS_AS(Network(random_signs(10, 1), 5, {.rule = StorageRule::low_activity}),
                  InvalidValue);
  const std::vector<double> w{0, 1, 2, 0};
  CHECK_THROWS_WITH_AS(Network(w, 2, Coding::bipolar, true),
                       "HopfieldNetwork: weights[0, 1] = 1: expected weights[1, 0], which is 2, "
                       "but for 1e-10 of the largest weight: the energy needs symmetric weights "
                       "(symmetric=False: any)",
                       InvalidValue);
  CHECK(Network(w, 2, Coding::bipolar, false).units() == 2);
  const std::vector<double> huge{0, 1e308, 1e308, 0};
  CHECK_THROWS_WITH_AS(Network(huge, 2, Coding::bipolar, true),
                       doctest::Contains("HopfieldNetwork: weights = 1e+308: expected finite "
                                         "values of at most 1e+290"),
                       InvalidValue);
  CHECK_THROWS_AS(Network(w, 2, Coding::bipolar, false, std::vector<double>(3)), InvalidValue);
}
