#include <doctest/doctest.h>

#include <algorithm>
#include <attractornet/core/monitor.hpp>
#include <attractornet/core/pack.hpp>
#include <attractornet/dynamics/feedback_trajectory.hpp>
#include <attractornet/systems/feedback_network.hpp>
#include <cmath>
#include <limits>
#include <vector>

using namespace attractornet;
using namespace attractornet::feedback;

namespace {

std::vector<double> record(const Network& net, std::int64_t steps, Observable observe,
                           const double* initial = nullptr, std::int64_t discard = 0) {
  Monitor monitor;
  std::vector<double> out(static_cast<std::size_t>(steps) * width_of(net.rule(), observe));
  trajectory(net.rule(), steps, discard, initial, observe, out.data(), monitor);
  return out;
}

/// W networks at once, one a lane, by the rule on packs: states after `steps` steps, (inputs, W).
template <int W>
std::vector<double> by_lanes(const std::vector<Network>& nets, int steps) {
  using P = Pack<double, W>;
  const int neurons = nets[0].neurons(), inputs = nets[0].inputs();
  const auto gather = [&](auto values, std::size_t i) {
    double lane[W];
    for (int l = 0; l < W; ++l) lane[l] = values(nets[l])[i];
    return P::load(lane);
  };
  std::vector<P> w, b, y(inputs), next(inputs);
  for (std::size_t i = 0; i < nets[0].w().size(); ++i)
    w.push_back(gather([](const Network& n) { return n.w(); }, i));
  for (std::size_t i = 0; i < nets[0].b().size(); ++i)
    b.push_back(gather([](const Network& n) { return n.b(); }, i));
  const Rule<P> rule{{w.data(), b.data(), neurons, inputs}};
  rule.start(y.data());
  for (int t = 0; t < steps; ++t) {
    rule.step(y.data(), next.data());
    y.swap(next);
  }
  std::vector<double> out(static_cast<std::size_t>(inputs) * W);
  for (int j = 0; j < inputs; ++j) y[j].store(out.data() + static_cast<std::size_t>(j) * W);
  return out;
}

template <int W>
void check_lanes(const std::vector<Network>& nets) {
  const auto lanes = by_lanes<W>(nets, 200);
  for (int l = 0; l < W; ++l) {
    const auto y = record(nets[l], 1, Observable::y, nullptr, 200);
    for (int j = 0; j < nets[l].inputs(); ++j)
      REQUIRE(lanes[static_cast<std::size_t>(j) * W + l] == y[j]);
  }
}

}  // namespace

TEST_CASE("the article's networks are redrawn bit for bit") {
  const auto net = Network::random({.neurons = 4, .inputs = 32, .scale = 0.22, .seed = 174658140});
  CHECK(net.w()[0] == -0.42240135003240287);
  CHECK(net.w()[3 * 32 + 31] == -0.45102926451724357);
  CHECK(net.b()[0] == doctest::Approx(0.0274945702648819).epsilon(1e-15));
  CHECK(net.one_step_stretch() == doctest::Approx(-3.64572906).epsilon(1e-9));
}

TEST_CASE("early orbits have the reference's values") {
  const auto net = Network::random({.neurons = 4, .inputs = 16, .scale = 1.4, .seed = 174658140});
  const auto y0 = record(net, 100, Observable::y0);
  const auto x = record(net, 100, Observable::x);
  CHECK(y0[0] == doctest::Approx(0.0029910802205573).epsilon(1e-12));
  CHECK(x[0] == doctest::Approx(-0.00126343565095665).epsilon(1e-12));
  CHECK(y0[99] == doctest::Approx(-1.70086811562).epsilon(1e-11));
  CHECK(x[4 * 99 + 1] == doctest::Approx(0.998734051172).epsilon(1e-11));
}

TEST_CASE("observables agree, and discarding shifts the rows") {
  const auto net = Network::random({.neurons = 5, .inputs = 7, .scale = 1.1, .seed = 3});
  const auto y = record(net, 50, Observable::y), y0 = record(net, 50, Observable::y0),
             x = record(net, 50, Observable::x);
  for (int t = 0; t < 50; ++t) {
    CHECK(y[t * 7] == y0[t]);
    for (int i = 0; i < 5; ++i) CHECK(x[t * 5 + i] == net.rule().hidden(i, y.data() + t * 7));
  }
  CHECK(record(net, 10, Observable::y0, nullptr, 40) ==
        std::vector<double>(y0.begin() + 40, y0.end()));
  // From a given register, row 0 is one step later.
  CHECK(record(net, 49, Observable::y0, y.data()) == std::vector<double>(y0.begin() + 1, y0.end()));
}

TEST_CASE("networks in lanes have the bits of the single network") {
  std::vector<Network> nets;
  for (std::int64_t seed = 0; seed < 8; ++seed) nets.push_back(Network::random({5, 19, 2.0, seed}));
  check_lanes<2>(nets);
  check_lanes<4>(nets);
  check_lanes<8>(nets);
}

TEST_CASE("a column of zeros changes nothing; nor does the order of units beyond rounding") {
  const auto net = Network::random({4, 9, 1.2, 11});
  std::vector<double> w;
  for (int i = 0; i < 4; ++i) {
    w.insert(w.end(), net.w().begin() + i * 9, net.w().begin() + (i + 1) * 9);
    w.push_back(0);
  }
  const Network wider(w, {net.b().begin(), net.b().end()}, 10);
  CHECK(record(net, 100, Observable::y0) == record(wider, 100, Observable::y0));
}

TEST_CASE("the gaussian ensemble is normalised") {
  const auto net = Network::random({50, 400, 2.0, 1, Distribution::gaussian});
  double square = 0, mean = 0, b_square = 0;
  for (const double w : net.w()) {
    mean += w / 20'000;
    square += w * w / 20'000;
  }
  for (const double b : net.b()) {
    CHECK(b > 0);
    b_square += b * b;
  }
  CHECK(std::abs(mean) < 4 * 2 / std::sqrt(20'000.0));
  CHECK(square == doctest::Approx(4).epsilon(0.04));
  CHECK(b_square == doctest::Approx(50).epsilon(1e-13));
}

TEST_CASE("bad weights and ensembles are refused by name") {
  CHECK_THROWS_AS(Network({1, 2, 3}, {1, 2}, 2), InvalidValue);
  CHECK_THROWS_AS(Network({}, {}, 2), InvalidValue);
  CHECK_THROWS_AS(Network({1}, {std::numeric_limits<double>::infinity()}, 1), InvalidValue);
  CHECK_THROWS_WITH_AS(Network::random({.scale = -1}),
                       "FeedbackNetwork.random: scale = -1: expected a value in [0, inf)",
                       InvalidValue);
}
