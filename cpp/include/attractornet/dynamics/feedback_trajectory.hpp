/// @file
/// Trajectories of feedback networks.
#pragma once

#include <algorithm>
#include <array>
#include <attractornet/dynamics/trajectory.hpp>
#include <attractornet/systems/feedback_orbit.hpp>
#include <cstdint>

namespace attractornet::feedback {

/// What a trajectory records of each state.
enum class Observable {
  x,   ///< hidden units (neurons,)
  y0,  ///< newest output (1,)
  y,   ///< the whole register (inputs,)
};

}  // namespace attractornet::feedback

template <>
struct attractornet::Names<attractornet::feedback::Observable> {
  static constexpr std::array<std::string_view, 3> list{"x", "y0", "y"};
};

namespace attractornet::feedback {

/// Values that an observable has.
inline int width_of(const Rule<>& rule, Observable observe) {
  return observe == Observable::x   ? rule.weights.neurons
         : observe == Observable::y ? rule.weights.inputs
                                    : 1;
}

namespace detail {

/// Writes one row of `out` for every state that is reached.
template <Observable Observe>
struct Recorder : Silent {
  const Orbit& orbit;
  int width;
  double* out;

  void reach(const double* x, double y0) {
    if constexpr (Observe == Observable::x) std::copy_n(x, width, out);
    if constexpr (Observe == Observable::y0) *out = y0;
    if constexpr (Observe == Observable::y) orbit.state(out);
    out += width;
  }
};

template <Observable Observe, class Ticker>
void record(const Rule<>& rule, std::int64_t steps, std::int64_t discard, const double* initial,
            double* out, Ticker& ticker) {
  Orbit orbit(rule);
  if (initial) {
    orbit.load(initial);
  } else {  // the state after the article's first step is itself the first row
    std::vector<double> y(rule.weights.inputs);
    rule.start(y.data());
    orbit.load(y.data());
  }
  Recorder<Observe> recorder{{}, orbit, width_of(rule, Observe), out};
  if (!initial && discard == 0) {
    recorder.reach(orbit.hidden(), orbit.output());
    --steps;
  } else if (!initial) {
    --discard;
  }
  in_pieces(discard, ticker, [&](std::int64_t n) { orbit.advance(n); });
  in_pieces(steps, ticker, [&](std::int64_t n) { orbit.advance(n, recorder); });
}

}  // namespace detail

/// Iterates `discard` steps unseen, then `steps` steps, each a row of `out` (steps,
/// width_of(observe)).
/// @param initial register to start from (inputs,), whose first step is row 0; or null for the
/// article's
///        start, x = 0.001 and y = 0, whose first step is row 0.
/// @param ticker told of progress: tick(steps).
template <class Ticker>
void trajectory(const Rule<>& rule, std::int64_t steps, std::int64_t discard, const double* initial,
                Observable observe, double* out, Ticker& ticker) {
  if (steps < 1) reject("feedback::trajectory", "steps", steps, "a value in [1, inf)");
  if (discard < 0) reject("feedback::trajectory", "discard", discard, "a value in [0, inf)");
  switch (observe) {
    case Observable::x:
      return detail::record<Observable::x>(rule, steps, discard, initial, out, ticker);
    case Observable::y0:
      return detail::record<Observable::y0>(rule, steps, discard, initial, out, ticker);
    case Observable::y:
      return detail::record<Observable::y>(rule, steps, discard, initial, out, ticker);
  }
}

}  // namespace attractornet::feedback
