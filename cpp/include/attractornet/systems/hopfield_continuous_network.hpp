/// @file
/// A continuous Hopfield network that owns its weights.
#pragma once

#include <algorithm>
#include <attractornet/core/error.hpp>
#include <attractornet/systems/hopfield_continuous.hpp>
#include <cmath>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace attractornet::hopfield {

class ContinuousNetwork {
 public:
  /// @param weights row-major (units, units); @param current (units,). Both finite, neither empty.
  /// @param symmetric whether w_ij = w_ji is promised: but for rounding, 1e-10 of the largest
  /// weight, it must then be true.
  ContinuousNetwork(std::vector<double> weights, std::vector<double> current, bool symmetric = true)
      : weights_(std::move(weights)), current_(std::move(current)), symmetric_(symmetric) {
    const auto units = static_cast<std::int64_t>(current_.size());
    if (units < 1 || units > most) reject(label, "units", units, "1 to 1048576 rows of weights");
    if (weights_.size() != current_.size() * current_.size())
      reject(label, "weights", static_cast<std::int64_t>(weights_.size()), "units x units values");
    for (const double value : weights_)
      if (!std::isfinite(value)) reject(label, "weights", value, "finite values only");
    for (const double value : current_)
      if (!std::isfinite(value)) reject(label, "current", value, "finite values only");
    if (symmetric_) check_symmetry();
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

  double weight(std::size_t i, std::size_t j) const { return weights_[i * current_.size() + j]; }

  void check_symmetry() const {
    double largest = 0;
    for (const double value : weights_) largest = std::max(largest, std::abs(value));
    for (std::size_t i = 0; i < current_.size(); ++i)
      for (std::size_t j = i + 1; j < current_.size(); ++j)
        // Halves, since the difference of two finite numbers may be infinite.
        if (std::abs(0.5 * weight(i, j) - 0.5 * weight(j, i)) > 0.5e-10 * largest)
          reject(label, entry(i, j), weight(i, j),
                 entry(j, i) + ", which is " + text(weight(j, i)) +
                     ": the energy needs symmetric weights (symmetric=False: any)");
  }
  static std::string entry(std::size_t i, std::size_t j) {
    return "weights[" + std::to_string(i) + ", " + std::to_string(j) + "]";
  }

  std::vector<double> weights_, current_;
  bool symmetric_;
};

}  // namespace attractornet::hopfield
