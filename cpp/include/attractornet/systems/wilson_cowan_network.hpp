/// @file
/// A Wilson-Cowan network that owns its coupling and inputs.
#pragma once

#include <attractornet/core/error.hpp>
#include <attractornet/systems/wilson_cowan.hpp>
#include <cmath>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

namespace attractornet::wilson_cowan {

class Network {
 public:
  /// @param a the coupling A, row-major (nodes, nodes), not empty, finite.
  /// @param scale Gamma; none: 1 / nodes, as in the paper.
  /// @param input_e, input_i inputs (nodes,) beside h_e and h_i; empty: 0.
  explicit Network(std::vector<double> a, std::optional<double> scale = std::nullopt,
                   std::vector<double> input_e = {}, std::vector<double> input_i = {})
      : nodes_(nodes_of(a.size())),
        scale_(scale.value_or(1.0 / static_cast<double>(nodes_))),
        a_(std::move(a)),
        input_e_(filled(std::move(input_e), "input_e")),
        input_i_(filled(std::move(input_i), "input_i")),
        coupling_(a_.data(), nodes_) {
    if (!std::isfinite(scale_)) reject(label, "scale", scale_, "a finite value");
    expect_finite("coupling", a_);
    expect_finite("input_e", input_e_);
    expect_finite("input_i", input_i_);
  }

  int nodes() const { return static_cast<int>(nodes_); }
  double scale() const { return scale_; }
  std::span<const double> a() const { return a_; }
  std::span<const double> input_e() const { return input_e_; }
  std::span<const double> input_i() const { return input_i_; }

  Rule rule(const Params& params = {}) const {
    validate(params);
    return {params, {&coupling_, scale_, input_e_.data(), input_i_.data(), nodes()}};
  }

 private:
  static constexpr std::string_view label = Params::label;
  static constexpr std::int64_t most = 1 << 15;

  static std::int64_t nodes_of(std::size_t values) {
    const auto nodes = static_cast<std::int64_t>(std::lround(std::sqrt(values)));
    if (nodes < 1 || nodes > most || static_cast<std::size_t>(nodes * nodes) != values)
      reject(label, "values of coupling", static_cast<std::int64_t>(values),
             "nodes x nodes, of 1 to 32768 nodes");
    return nodes;
  }
  std::vector<double> filled(std::vector<double> input, std::string_view name) const {
    if (input.empty()) input.resize(static_cast<std::size_t>(nodes_));
    if (static_cast<std::int64_t>(input.size()) != nodes_)
      reject(label, name, static_cast<std::int64_t>(input.size()), "a value for each node");
    return input;
  }
  static void expect_finite(std::string_view name, const std::vector<double>& values) {
    for (const double value : values)
      if (!std::isfinite(value)) reject(label, name, value, "finite values");
  }

  std::int64_t nodes_;
  double scale_;
  std::vector<double> a_, input_e_, input_i_;
  Coupling<double> coupling_;
};

}  // namespace attractornet::wilson_cowan
