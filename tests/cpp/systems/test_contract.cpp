#include <doctest/doctest.h>

#include <attractornet/systems/feedback_network.hpp>
#include <attractornet/systems/feedback_orbit.hpp>

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
