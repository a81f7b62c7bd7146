#include <doctest/doctest.h>

#include <attractornet/dynamics/integrate.hpp>
#include <attractornet/systems/dense_memory_network.hpp>
#include <attractornet/systems/feedback_network.hpp>
#include <attractornet/systems/feedback_orbit.hpp>
#include <attractornet/systems/hopfield_continuous_network.hpp>
#include <attractornet/systems/wilson_cowan_network.hpp>
#include <attractornet/systems/wilson_cowan_node.hpp>
#include <vector>

#include "../contract.hpp"

using namespace attractornet;

TEST_CASE("feedback networks of every shape keep the contract") {
  // Units: 1 to 2, 4, 8 lanes, and more than a few; inputs: fewer than a block of steps, and more.
  for (const std::int64_t neurons : {1, 2, 3, 4, 5, 8, 9, 17, 40})
    for (const std::int64_t inputs : {1, 2, 3, 5, 16, 33}) {
      CAPTURE(neurons);
      CAPTURE(inputs);
      const auto net = feedback::Network::random({neurons, inputs, 0.9, 5});
      contract::holds(net.rule(), contract::wave(static_cast<std::size_t>(inputs), 0.4));
    }
}

TEST_CASE("few units with very many inputs take the wide path") {
  const auto net = feedback::Network::random({3, 4100, 0.1, 5});
  contract::orbit_is_the_rule(net.rule(), contract::wave(4100, 0.4), 7);
}

TEST_CASE("Wilson-Cowan networks of every size, and their samples, keep the contract") {
  // Nodes: fewer than a register, whole ones, panels of one and of two.
  for (const std::size_t nodes : {1, 2, 7, 8, 9, 16, 24, 33}) {
    CAPTURE(nodes);
    const wilson_cowan::Network net(contract::wave(nodes * nodes, 0.2), 0.3,
                                    contract::wave(nodes, 1.3), contract::wave(nodes, 2.4));
    const auto rule = net.rule({.w_ie = 2.5, .beta_e = 1.7, .gamma = 0.6});
    contract::holds(rule, contract::wave(2 * nodes, 0.4));
    contract::holds(RungeKutta4<wilson_cowan::Rule>{rule, 0.02}, contract::wave(2 * nodes, 0.4));
  }
}

TEST_CASE("Wilson-Cowan nodes keep the contract, and are networks of one") {
  const wilson_cowan::NodeRule node{{.w_ie = 2.5, .beta_e = 1.7, .gamma = 0.6}};
  const wilson_cowan::Network net({0.0});
  const auto state = contract::wave(2, 0.4);
  contract::holds(node, state);
  std::vector<double> ours(2), theirs(2);
  node.rhs(state.data(), ours.data());
  net.rule(node).rhs(state.data(), theirs.data());
  CHECK(ours == theirs);
}

TEST_CASE("continuous Hopfield networks of every size, and their samples, keep the contract") {
  // Units: fewer than four rows or a pack of columns, whole ones, and more than a block.
  for (const std::size_t units : {1, 2, 3, 4, 7, 8, 11, 20, 515}) {
    CAPTURE(units);
    const hopfield::ContinuousNetwork net(contract::wave(units * units, 0.2),
                                          contract::wave(units, 1.3), false);
    const auto rule = net.rule({.gain = 1.3, .tau = 0.8});
    contract::holds(rule, contract::wave(units, 0.4));
    if (units < 20)
      contract::holds(RungeKutta4<hopfield::ContinuousRule>{rule, 0.02},
                      contract::wave(units, 0.4));
  }
}

TEST_CASE("dense associative memories of every size keep the contract") {
  // Units: fewer than a pack, and more; patterns: fewer than four, and more than a block.
  for (const std::size_t units : {1, 2, 3, 7, 8, 11, 40})
    for (const std::size_t patterns : {1, 2, 4, 5, 64, 131}) {
      CAPTURE(units);
      CAPTURE(patterns);
      const auto values = contract::wave(units * patterns, 0.2);
      const auto count = static_cast<std::int64_t>(patterns), n = static_cast<std::int64_t>(units);
      const hopfield::SoftmaxMemory softmax(values, count, n, 0.7);
      contract::holds(softmax.rule(), contract::wave(units, 0.4));
      std::vector<std::int8_t> signs;
      for (const double value : values) signs.push_back(value < 0 ? -1 : 1);
      const hopfield::PolynomialMemory polynomial(signs, count, n, 3);
      contract::holds(polynomial.rule(), contract::wave(units, 0.4));
    }
}
