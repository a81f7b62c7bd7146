/// @file
/// How Adam moves a number, or a pack of them, for the host and for devices; the formulas are in
/// adam.hpp.
#pragma once

#include <attractornet/core/fields.hpp>
#include <attractornet/core/math.hpp>
#include <cmath>
#include <cstdint>

namespace attractornet::learn {

/// How the moments of gradients are taken.
struct AdamOptions {
  double beta1 = 0.9, beta2 = 0.999, epsilon = 1e-7;

  static constexpr std::string_view label = "Adam";
  static constexpr auto fields() {
    using F = AdamOptions;
    return std::tuple{
        field("beta1", &F::beta1, {0, 1, false, true}, "",
              "share of Adam's mean gradient that a step keeps"),
        field("beta2", &F::beta2, {0, 1, false, true}, "",
              "share of Adam's mean squared gradient that a step keeps"),
        field("epsilon", &F::epsilon, above(0), "",
              "gradients that are small beside it move little; 1e-7 in Keras, 1e-8 in torch"),
    };
  }

  /// A step's length in step t, from 1 on, where the mean of few gradients is too small.
  double length(double rate, std::int64_t t) const {
    return rate / (1 - std::pow(beta1, static_cast<double>(t)));
  }
  /// What squares are multiplied with in step t.
  double square_scale(std::int64_t t) const {
    return 1 / (1 - std::pow(beta2, static_cast<double>(t)));
  }
};

/// A step of a number or a pack P.
template <class P>
struct AdamStep {
  P keep_mean, add_mean, keep_square, add_square, epsilon;

  ATTRACTORNET_HD explicit AdamStep(const AdamOptions& options)
      : keep_mean(of(options.beta1)),
        add_mean(of(1 - options.beta1)),
        keep_square(of(options.beta2)),
        add_square(of(1 - options.beta2)),
        epsilon(of(options.epsilon)) {}

  ATTRACTORNET_HD static P of(double value) { return P(static_cast<Element<P>>(value)); }

  /// @param gradient of w; @param minus_length the step's, with a minus; @param mean,
  /// square moments.
  ATTRACTORNET_HD ATTRACTORNET_INLINE void operator()(P gradient, P minus_length, P square_scale,
                                                      P& w, P& mean, P& square) const {
    using std::sqrt;
    mean = fma(keep_mean, mean, add_mean * gradient);
    square = fma(keep_square, square, add_square * (gradient * gradient));
    w = fma(minus_length, mean / (sqrt(square_scale * square) + epsilon), w);
  }
};

}  // namespace attractornet::learn
