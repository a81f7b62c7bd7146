/// @file
/// How the networks of an ensemble are drawn: one function for the host and for devices.
#pragma once

#include <attractornet/core/math.hpp>
#include <attractornet/core/rng.hpp>
#include <attractornet/systems/feedback.hpp>
#include <cmath>
#include <cstdint>

namespace attractornet::feedback {

/// Draws the weights of an ensemble's network. @param w (neurons, inputs); @param b (neurons,).
/// @tparam T of w; numbers are drawn in double.
template <class T>
ATTRACTORNET_HD void draw(const Ensemble& ensemble, T* w, double* b) {
  const std::int64_t neurons = ensemble.neurons, weights = neurons * ensemble.inputs;
  if (ensemble.distribution == Distribution::uniform) {
    LegacyStream stream(static_cast<std::uint32_t>(ensemble.seed));
    for (std::int64_t i = 0; i < weights; ++i) w[i] = static_cast<T>(2.0 * stream.uniform() - 1.0);
    for (std::int64_t i = 0; i < neurons; ++i) b[i] = ensemble.scale * stream.uniform();
    return;
  }
  const Stream stream(static_cast<std::uint64_t>(ensemble.seed), Purpose::weights);
  std::uint32_t place = 0;
  for (std::int64_t i = 0; i < weights; ++i)
    w[i] = static_cast<T>(ensemble.scale * stream.normal(place++));
  double square = 0;
  for (std::int64_t i = 0; i < neurons; ++i) {
    b[i] = stream.uniform(place++);
    square = fma(b[i], b[i], square);
  }
  const double factor = std::sqrt(static_cast<double>(neurons) / square);
  for (std::int64_t i = 0; i < neurons; ++i) b[i] *= factor;
}

}  // namespace attractornet::feedback
