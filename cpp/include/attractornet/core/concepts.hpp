/// @file
/// What a rule offers. Analyses ask for a concept; a rule that lacks it does not compile there.
///
/// A rule is a value: immutable, cheap to copy, free of allocation. States are arrays of
/// `dimension()` doubles; k tangent vectors are a row-major (dimension, k) array, one vector a
/// column. Inputs and outputs never overlap.
#pragma once

#include <concepts>

namespace attractornet {

/// Columns that k tangent vectors take in an orbit's frame: whole vector registers, the rest zero.
constexpr int frame_stride(int k) { return (k + 7) / 8 * 8; }

/// Something with a state.
template <class R>
concept System = requires(const R& rule) {
  { rule.dimension() } -> std::convertible_to<int>;
};

/// Discrete time: step(state, next).
template <class R>
concept Map = System<R> && requires(const R& rule, const double* state, double* next) {
  rule.step(state, next);
};

/// Continuous time: rhs(state, derivative).
template <class R>
concept Flow = System<R> && requires(const R& rule, const double* state, double* derivative) {
  rule.rhs(state, derivative);
};

/// Tangent arrow: jvp(state, tangents, k, image, image_tangents) writes step (or rhs) of the state
/// and the Jacobian times each of the k tangent vectors.
template <class R>
concept HasTangent =
    System<R> &&
    requires(const R& rule, const double* state, const double* tangents, int k, double* image,
             double* image_tangents) { rule.jvp(state, tangents, k, image, image_tangents); };

/// Adjoint arrow: vjp(state, cotangent, result) writes the transposed Jacobian times the cotangent.
template <class R>
concept HasAdjoint =
    System<R> && requires(const R& rule, const double* state, const double* cotangent,
                          double* result) { rule.vjp(state, cotangent, result); };

/// A fixed state to start from: start(state).
template <class R>
concept HasStart = System<R> && requires(const R& rule, double* state) { rule.start(state); };

/// A smooth number that tells states apart: observe(state). For rules whose state is on a circle or
/// torus, where the coordinates themselves jump; observable_of serves all others.
template <class R>
concept HasObservable = System<R> && requires(const R& rule, const double* state) {
  { rule.observe(state) } -> std::convertible_to<double>;
};

/// The rule's own observable, or a sum of all coordinates whose weights have no relation to one
/// another, so that a symmetry of the rule does not hide a difference between states.
template <System R>
double observable_of(const R& rule, const double* state) {
  if constexpr (HasObservable<R>) {
    return rule.observe(state);
  } else {
    double sum = 0, weight = 0;
    for (int i = 0; i < rule.dimension(); ++i) {
      weight += 0.6180339887498949;  // fractional parts of the golden ratio's multiples
      if (weight >= 1) weight -= 1;
      sum += (0.5 + weight) * state[i];
    }
    return sum;
  }
}

/// Whether the map samples a flow: its orbit then moves along a curve, in a neutral direction.
template <class R>
constexpr bool samples_flow = requires { requires R::samples_flow; };

/// Time that one step takes; 1 for a map in its own time.
template <class R>
constexpr double time_step_of(const R& rule) {
  if constexpr (requires { rule.time_step(); }) return rule.time_step();
  return 1.0;
}

}  // namespace attractornet
