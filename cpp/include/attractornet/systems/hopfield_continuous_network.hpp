/// @file
/// A continuous Hopfield network that owns its weights.
#pragma once

#include <attractornet/core/error.hpp>
#include <attractornet/systems/hopfield_continuous.hpp>
#include <attractornet/systems/hopfield_weights.hpp>
#include <cstdint>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

namespace attractornet::hopfield {

class ContinuousNetwork {
 public:
  /// @param weights row-major (units, units); @param current (units,). Neither is empty.
  /// @param symmetric whether w_ij = w_ji is promised: it must then be true but for rounding, see
  ///        check_symmetry, and the mean of both is taken.
  ContinuousNetwork(std::vector<double> weights, std::vector<double> current, bool symmetric = true)
      : weights_(std::move(weights)), current_(std::move(current)), symmetric_(symmetric) {
    const auto units = static_cast<std::int64_t>(current_.size());
    if (units < 1 || units > most) reject(label, "rows of weights", units, "1 to 1048576");
    if (weights_.size() != current_.size() * current_.size())
      reject(label, "weights", static_cast<std::int64_t>(weights_.size()), "units x units values");
    check_magnitude(label, "weights", weights_);
    check_magnitude(label, "current", current_);
    if (symmetric_ && !check_symmetry(label, weights_, units)) make_symmetric(weights_, units);
  }

  std::span<const double> weights() const { return weights_; }
  std::span<const double> current() const { return current_; }
  int units() const { return static_cast<int>(current_.size()); }
  /// Whether the weights were promised to be symmetric, so that the energy never rises.
  bool symmetric() const { return symmetric_; }

  ContinuousRule rule(const ContinuousParams& params = {}) const {
    validate(params);
    return {params, {weights_.data(), current_.data(), units()}};
  }

 private:
  static constexpr std::int64_t most = 1 << 20;
  static constexpr std::string_view label = ContinuousParams::label;

  std::vector<double> weights_, current_;
  bool symmetric_;
};

}  // namespace attractornet::hopfield
