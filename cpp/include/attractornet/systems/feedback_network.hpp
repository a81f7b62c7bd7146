/// @file
/// A feedback network that owns its weights.
#pragma once

#include <attractornet/core/error.hpp>
#include <attractornet/core/memory.hpp>
#include <attractornet/systems/feedback.hpp>
#include <attractornet/systems/feedback_draw.hpp>
#include <attractornet/systems/feedback_orbit.hpp>
#include <cmath>
#include <span>
#include <utility>
#include <vector>

namespace attractornet::feedback {

class Network {
 public:
  /// @param w row-major (b.size(), inputs); @param b (neurons,). Both finite, neither empty.
  Network(std::vector<double> w, std::vector<double> b, std::int64_t inputs)
      : w_(std::move(w)), b_(std::move(b)), inputs_(static_cast<int>(inputs)) {
    const auto neurons = static_cast<std::int64_t>(b_.size());
    if (neurons < 1 || neurons > most)
      reject(label, "neurons", neurons, "1 to 1048576 output weights b");
    if (inputs < 1 || inputs > most) reject(label, "inputs", inputs, "1 to 1048576 columns of w");
    if (w_.size() != b_.size() * static_cast<std::size_t>(inputs))
      reject(label, "w", static_cast<std::int64_t>(w_.size()), "neurons x inputs values");
    for (const double value : w_)
      if (!std::isfinite(value)) reject(label, "w", value, "finite values only");
    for (const double value : b_)
      if (!std::isfinite(value)) reject(label, "b", value, "finite values only");
  }

  static Network random(const Ensemble& ensemble) {
    validate(ensemble);
    std::vector<double> w(
        checked_size(Ensemble::label, "neurons x inputs", {ensemble.neurons, ensemble.inputs}));
    std::vector<double> b(static_cast<std::size_t>(ensemble.neurons));
    draw(ensemble, w.data(), b.data());
    return {std::move(w), std::move(b), ensemble.inputs};
  }

  std::span<const double> w() const { return w_; }
  std::span<const double> b() const { return b_; }
  int neurons() const { return static_cast<int>(b_.size()); }
  int inputs() const { return inputs_; }
  Rule<> rule() const { return {{w_.data(), b_.data(), neurons(), inputs()}}; }

  /// ln(|b_1| |w_(.,1)|), the number that the article prints as "lambda": how far one step
  /// stretches a small change of the first hidden unit at the origin. It is not a Lyapunov
  /// exponent.
  double one_step_stretch() const {
    double square = 0;
    for (int i = 0; i < neurons(); ++i) square = fma(w_[column(i)], w_[column(i)], square);
    return log(std::abs(b_[0]) * std::sqrt(square));
  }

 private:
  static constexpr std::int64_t most = 1 << 20;
  static constexpr std::string_view label = "FeedbackNetwork";

  std::size_t column(int i) const {
    return static_cast<std::size_t>(i) * static_cast<std::size_t>(inputs_);
  }

  std::vector<double> w_, b_;
  int inputs_;
};

}  // namespace attractornet::feedback
