#include <doctest/doctest.h>

#include <attractornet/systems/wilson_cowan_network.hpp>
#include <cmath>
#include <limits>
#include <vector>

#include "../contract.hpp"
#include "../wilson_cowan.hpp"

using namespace attractornet;
using namespace attractornet::wilson_cowan;
using contract::Vector;
using contract::wave;

namespace {

Network network(std::size_t nodes) {
  return Network(wave(nodes * nodes, 0.3), 0.4, wave(nodes, 1.1), wave(nodes, 2.3));
}

/// The equations as they are written.
Vector slow_rhs(const Network& net, const Params& p, const Vector& state) {
  const std::size_t n = state.size() / 2;
  Vector result(2 * n);
  for (std::size_t i = 0; i < n; ++i) {
    const double x = state[i], y = state[n + i];
    double sum = 0;
    for (std::size_t j = 0; j < n; ++j) sum += net.a()[i * n + j] * state[j];
    const double s_e = p.w_ee * x - p.w_ei * y + p.h_e + net.input_e()[i] + net.scale() * sum;
    const double s_i = p.w_ie * x - p.w_ii * y + p.h_i + net.input_i()[i];
    const double f = p.amplitude_e * std::tanh(p.beta_e * s_e) + p.offset_e;
    const double g = p.amplitude_i * std::tanh(p.beta_i * s_i) + p.offset_i;
    result[i] = -p.alpha_e * x + (1 - x) * f;
    result[n + i] = (-p.alpha_i * y + (1 - y) * g) / p.gamma;
  }
  return result;
}

}  // namespace

TEST_CASE("Wilson-Cowan networks: the right-hand side is the paper's") {
  for (const std::size_t nodes : {1, 2, 7, 16, 17, 40}) {
    const Network net = network(nodes);
    const Vector state = wave(2 * nodes, 0.7), slow = slow_rhs(net, general, state);
    const Vector fast = contract::image(net.rule(general), state);
    for (std::size_t i = 0; i < fast.size(); ++i)
      CHECK(fast[i] == doctest::Approx(slow[i]).epsilon(1e-13));
  }
}

TEST_CASE("Wilson-Cowan networks: the bistable node rests where the reference says") {
  const Network net({0});
  for (const double x : {0.213590341241998360, 0.283960153188196072, 0.373268984633266146})
    for (const double slope : contract::image(net.rule(), {x, 0.452562450770461772}))
      CHECK(std::abs(slope) < 1e-15);
}

TEST_CASE("Wilson-Cowan networks: bad arrays are named") {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  CHECK_THROWS_WITH_AS(Network({}),
                       "WilsonCowanNetwork: values of coupling = 0: expected nodes x "
                       "nodes, of 1 to 32768 nodes",
                       InvalidValue);
  CHECK_THROWS_AS(Network({1, 2}), InvalidValue);
  CHECK_THROWS_AS(Network({nan}), InvalidValue);
  CHECK_THROWS_AS(Network({1}, nan), InvalidValue);
  CHECK_THROWS_AS(Network({1}, 1, {1, 2}), InvalidValue);
  CHECK_THROWS_AS(Network({1}, 1, {1}, {nan}), InvalidValue);
  CHECK_THROWS_AS(Network({1}).rule({.gamma = 0}), InvalidValue);
}
