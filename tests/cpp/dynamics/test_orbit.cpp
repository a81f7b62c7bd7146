#include <doctest/doctest.h>

#include <attractornet/core/monitor.hpp>
#include <attractornet/dynamics/orbit.hpp>
#include <attractornet/dynamics/trajectory.hpp>
#include <vector>

#include "../rules.hpp"

using namespace attractornet;

TEST_CASE("an orbit is its rule, again and again") {
  const Henon henon;
  double state[] = {0.1, 0.2}, next[2];
  StepOrbit orbit(henon);
  orbit.load(state);
  orbit.advance(7);
  for (int i = 0; i < 7; ++i) {
    henon.step(state, next);
    std::copy_n(next, 2, state);
  }
  orbit.state(next);
  CHECK(next[0] == state[0]);
  CHECK(next[1] == state[1]);
}

TEST_CASE("a tangent orbit carries its frame by the jvp") {
  const Henon henon;
  constexpr int stride = frame_stride(2);
  std::vector<double> frame(2 * stride);
  frame[0] = frame[stride + 1] = 1;
  const double state[] = {0.3, 0.1};
  StepTangentOrbit orbit(henon, 2);
  orbit.load(state, frame.data());
  orbit.advance(1);
  CHECK(orbit.frame()[0] == doctest::Approx(-2 * 1.4 * 0.3));
  CHECK(orbit.frame()[1] == 1);
  CHECK(orbit.frame()[stride] == 0.3);
  CHECK(orbit.frame()[stride + 1] == 0);
}

TEST_CASE("pieces add up to the steps, and each is told of") {
  struct Ticks : Monitor {
  } monitor;
  std::int64_t sum = 0, pieces = 0;
  in_pieces(100'001, 1 << 20, monitor, [&](std::int64_t n) {
    sum += n;
    ++pieces;
  });
  CHECK(sum == 100'001);
  CHECK(pieces > 1000);
}
