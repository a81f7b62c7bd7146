/// @file
/// Long recordings in pieces, so that progress and Ctrl-C are answered between them.
#pragma once

#include <algorithm>
#include <attractornet/core/concepts.hpp>
#include <attractornet/core/error.hpp>
#include <attractornet/dynamics/orbit.hpp>
#include <chrono>
#include <cstdint>

namespace attractornet {

/// Calls advance(n) for `steps` steps in pieces of about a millisecond, telling `ticker` of each.
/// Pieces are multiples of 4, which orbits may take together.
template <class Advance, class Ticker>
void in_pieces(std::int64_t steps, Ticker& ticker, Advance&& advance) {
  using Clock = std::chrono::steady_clock;
  constexpr std::int64_t most = std::int64_t{1} << 24;
  std::int64_t piece = 4;
  while (steps > 0) {
    const std::int64_t n = std::min(piece, steps);
    const auto before = Clock::now();
    advance(n);
    const auto taken = Clock::now() - before;
    if (taken < std::chrono::microseconds(500) && piece < most) piece *= 2;
    if (taken > std::chrono::milliseconds(2) && piece > 4) piece /= 2;
    ticker.tick(n);
    steps -= n;
  }
}

/// Iterates `discard` steps unseen, then `steps` steps, each a row of `out` (steps, dimension).
/// @param orbit has load, advance and state (see StepOrbit).
/// @param initial state to start from (dimension,); row 0 is after one step.
/// @param ticker told of progress: tick(steps).
template <class Orbit, class Ticker>
void trajectory_along(Orbit& orbit, int dimension, std::int64_t steps, std::int64_t discard,
                      const double* initial, double* out, Ticker& ticker) {
  orbit.load(initial);
  in_pieces(discard, ticker, [&](std::int64_t n) { orbit.advance(n); });
  in_pieces(steps, ticker, [&](std::int64_t n) {
    for (; n > 0; --n, out += dimension) {
      orbit.advance(1);
      orbit.state(out);
    }
  });
}

/// Every state of a rule's orbit; see trajectory_along.
template <Map R, class Ticker>
void trajectory(const R& rule, std::int64_t steps, std::int64_t discard, const double* initial,
                double* out, Ticker& ticker) {
  if (steps < 1) reject("trajectory", "steps", steps, "a value in [1, inf)");
  if (discard < 0) reject("trajectory", "discard", discard, "a value in [0, inf)");
  OrbitOf<R> orbit(rule);
  trajectory_along(orbit, rule.dimension(), steps, discard, initial, out, ticker);
}

}  // namespace attractornet
