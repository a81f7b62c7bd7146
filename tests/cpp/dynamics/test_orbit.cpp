#include <doctest/doctest.h>

#include <attractornet/core/monitor.hpp>
#include <attractornet/dynamics/orbit.hpp>
#include <attractornet/dynamics/trajectory.hpp>
#include <attractornet/systems/feedback_network.hpp>
#include <attractornet/systems/feedback_orbit.hpp>
#include <attractornet/systems/textbook_maps.hpp>
#include <chrono>
#include <thread>
#include <vector>

using namespace attractornet;
using namespace attractornet::textbook;

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

TEST_CASE("pieces add up to the steps, are short in time, and each is told of") {
  struct Ticks {
    std::int64_t sum = 0, count = 0;
    void tick(std::int64_t n) { sum += n, ++count; }
  } ticks;
  std::int64_t sum = 0;
  in_pieces(1001, ticks, [&](std::int64_t n) {
    sum += n;
    std::this_thread::sleep_for(std::chrono::microseconds(20 * n));  // a slow step
  });
  CHECK(sum == 1001);
  CHECK(ticks.sum == 1001);
  CHECK(ticks.count > 10);  // milliseconds each
}

TEST_CASE("recorded observables are those of the states") {
  const auto recorded_as_observed = [](const auto& rule, std::vector<double> state) {
    OrbitOf<std::decay_t<decltype(rule)>> one(rule), other(rule);
    one.load(state.data());
    other.load(state.data());
    double series[50];
    one.record(50, series);
    for (const double value : series) {
      other.advance(1);
      other.state(state.data());
      CHECK(value == observable_of(rule, state.data()));
    }
  };
  recorded_as_observed(Henon{}, {0.3, 0.1});
  const auto net = feedback::Network::random({.neurons = 4, .inputs = 9, .scale = 2});
  recorded_as_observed(net.rule(), std::vector<double>(9, 0.1));
  static_assert(HasObservable<feedback::Rule<>> && !HasObservable<Henon>);
}

TEST_CASE("a trajectory is every state after the ones that are discarded") {
  const double initial[] = {0.1, 0.2};
  std::vector<double> rows(2 * 5);
  Monitor monitor;
  trajectory(Henon{}, 5, 3, initial, rows.data(), monitor);
  StepOrbit orbit(Henon{});
  orbit.load(initial);
  orbit.advance(3);
  for (int row = 0; row < 5; ++row) {
    double state[2];
    orbit.advance(1);
    orbit.state(state);
    CHECK(rows[2 * row] == state[0]);
    CHECK(rows[2 * row + 1] == state[1]);
  }
  CHECK_THROWS_AS(trajectory(Henon{}, 0, 0, initial, rows.data(), monitor), InvalidValue);
}
