/// @file
/// Dense associative memories that own their patterns.
#pragma once

#include <algorithm>
#include <attractornet/core/error.hpp>
#include <attractornet/core/memory.hpp>
#include <attractornet/systems/dense_memory.hpp>
#include <attractornet/systems/dense_memory_fields.hpp>
#include <attractornet/systems/softmax_memory.hpp>
#include <cmath>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace attractornet::hopfield {

namespace detail {

inline void check_memory(std::size_t values, std::int64_t count, std::int64_t units) {
  constexpr std::string_view label = DenseMemoryParams::label;
  constexpr std::int64_t most_units = 1 << 20, most_count = std::int64_t{1} << 30;
  if (units < 1 || units > most_units) reject(label, "units", units, "1 to 1048576 of them");
  if (count < 1 || count > most_count) reject(label, "patterns", count, "1 to 2^30 of them");
  if (values != static_cast<std::size_t>(count * units))
    reject(label, "patterns", static_cast<std::int64_t>(values), "count x units values");
}

}  // namespace detail

/// Of an order that is finite. Copies share their patterns.
class PolynomialMemory {
 public:
  /// @param values row-major (count, units), -1 and 1.
  PolynomialMemory(std::span<const std::int8_t> values, std::int64_t count, std::int64_t units,
                   double order = DenseMemoryParams{}.order)
      : order_(whole(order)) {
    detail::check_memory(values.size(), count, units);
    for (const std::int8_t value : values)
      if (value != -1 && value != 1)
        reject(label, "patterns", static_cast<std::int64_t>(value), "-1 and 1 only");
    check_powers(count, units);
    const Patterns patterns(values.data(), count, units);
    stored_ = std::make_shared<const Stored>(Stored{patterns, patterns.signs_of_units()});
  }

  /// The same patterns in another order.
  PolynomialMemory with_order(double order) const {
    PolynomialMemory result(*this);
    result.order_ = whole(order);
    result.check_powers(patterns().count(), patterns().units());
    return result;
  }

  const Patterns& patterns() const { return stored_->patterns; }
  int order() const { return order_; }
  PolynomialRule rule() const { return {&patterns(), order_}; }
  /// The workspace of one recall, which borrows from this.
  PolynomialFields fields() const { return {patterns(), stored_->signs, order_}; }

 private:
  static constexpr std::string_view label = DenseMemoryParams::label;

  struct Stored {
    Patterns patterns;
    std::vector<std::uint64_t> signs;  ///< those of the patterns at each unit
  };

  /// NOTE: 2^1023 is the largest power of two in a double.
  static int whole(double order) {
    if (!(order >= 2 && order <= 1023) || order != std::floor(order))
      reject(label, "order", order, "an integer from 2 to 1023, or inf");
    return static_cast<int>(order);
  }
  /// Fields and energies are sums of powers: those of all patterns at once have to be finite.
  void check_powers(std::int64_t count, std::int64_t units) const {
    const auto finite = [&](int order) {
      return std::isfinite(2 * static_cast<double>(count) *
                           power(static_cast<double>(units), order));
    };
    int most = order_;
    while (!finite(most)) --most;
    if (most < order_)
      reject(label, "order", std::int64_t{order_},
             "at most " + text(std::int64_t{most}) + ": energies of " + text(count) +
                 " patterns of " + text(units) + " units are beyond a double else");
  }

  int order_;
  std::shared_ptr<const Stored> stored_;
};

/// Of order infinity. Copies share their patterns.
class SoftmaxMemory {
 public:
  /// @param values row-major (count, units), of lengths whose square is finite.
  SoftmaxMemory(std::vector<double> values, std::int64_t count, std::int64_t units,
                double beta = DenseMemoryParams::default_beta)
      : beta_(valid(beta)) {
    detail::check_memory(values.size(), count, units);
    stored_ = std::make_shared<const std::vector<double>>(std::move(values));
    weights_ = {stored_->data(), static_cast<int>(count), static_cast<int>(units), 0};
    for (std::int64_t mu = 0; mu < count; ++mu) {
      const double square = rule().square(stored_->data() + mu * units);
      if (!std::isfinite(square))
        reject(label, "patterns[" + text(mu) + "]", square,
               "finite values, the sum of whose squares a double can hold");
      weights_.longest = std::max(weights_.longest, square);
    }
  }

  /// The same patterns with another inverse temperature.
  SoftmaxMemory with_beta(double beta) const {
    SoftmaxMemory result(*this);
    result.beta_ = valid(beta);
    return result;
  }

  std::span<const double> patterns() const { return *stored_; }
  std::int64_t count() const { return weights_.count; }
  std::int64_t units() const { return weights_.units; }
  double beta() const { return beta_; }
  SoftmaxRule rule() const { return {weights_, beta_}; }

 private:
  static constexpr std::string_view label = DenseMemoryParams::label;

  static double valid(double beta) {
    DenseMemoryParams params;
    params.beta = beta;
    validate(params);
    return beta;
  }

  double beta_;
  std::shared_ptr<const std::vector<double>> stored_;
  SoftmaxWeights weights_{};
};

}  // namespace attractornet::hopfield
