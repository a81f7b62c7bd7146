// The pointwise headers, compiled for the device: one step and one tangent of a feedback network.
#include <attractornet/core/rng.hpp>
#include <attractornet/systems/feedback.hpp>

using attractornet::feedback::Rule;

template <class T>
__global__ void advance(Rule<T> rule, const T* state, const T* tangents, T* next, T* images) {
  rule.step(state, next);
  rule.jvp(state, tangents, 2, next, images);
  rule.vjp(state, tangents, images);
  next[0] = next[0] + T(attractornet::Stream(1, attractornet::Purpose::weights).normal(0));
}

template __global__ void advance<double>(Rule<double>, const double*, const double*, double*,
                                         double*);
template __global__ void advance<float>(Rule<float>, const float*, const float*, float*, float*);
