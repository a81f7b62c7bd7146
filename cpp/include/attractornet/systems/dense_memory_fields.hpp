/// @file
/// The fields of a dense associative memory of some order, by way of the overlaps. A visit of a
/// unit costs P, a flip costs P.
#pragma once

#include <algorithm>
#include <attractornet/core/dot.hpp>
#include <attractornet/core/memory.hpp>
#include <attractornet/systems/dense_memory.hpp>
#include <cstdint>
#include <vector>

namespace attractornet::hopfield {

/// F at every overlap that there is, by the number k of units that agree: x = 2 k - N.
class OverlapPowers {
 public:
  OverlapPowers() = default;
  OverlapPowers(std::int64_t units, int order)
      : value_(static_cast<std::size_t>(units + 1)), loss_(value_.size() + 1, 0.0) {
    for (std::int64_t k = 0; k <= units; ++k)
      value_[static_cast<std::size_t>(k)] = power(static_cast<double>(2 * k - units), order);
    for (std::size_t k = 1; k < value_.size(); ++k) loss_[k] = value_[k] - value_[k - 1];
  }

  /// F where k units agree.
  double value(std::int64_t k) const { return value_[static_cast<std::size_t>(k)]; }
  /// What F loses if one of them turns; 0 where there is none, k = 0 and k = N + 1.
  const double* loss() const { return loss_.data(); }

 private:
  std::vector<double> value_, loss_;
};

/// For Recall. What the turn of a unit costs is a sum over the patterns, in each of which it agrees
/// or not; both costs are kept for each pattern. Exact where 2 P N^n is below 2^53; beyond, F is
/// rounded, and only pairs of equal terms are sure to cancel. A field never depends on its own
/// unit.
class PolynomialFields {
 public:
  /// All are borrowed. @param signs those of the patterns at each unit.
  PolynomialFields(const Patterns& patterns, const std::vector<std::uint64_t>& signs,
                   const OverlapPowers& powers)
      : patterns_(patterns),
        signs_(signs.data()),
        powers_(powers),
        words_(padded(patterns.count()) / 64),
        state_(static_cast<std::size_t>(patterns.stride()), 0),
        agreeing_(static_cast<std::size_t>(patterns.count())),
        agree_(static_cast<std::size_t>(64 * words_), 0.0),
        oppose_(agree_.size(), 0.0) {}

  std::int64_t units() const { return patterns_.units(); }
  const std::int8_t* state() const { return state_.data(); }
  /// E(s_i = -1) - E(s_i = 1).
  double doubled_field(std::int64_t i) const {
    const bool down = state_[static_cast<std::size_t>(i)] < 0;
    // The signs are those where a pattern is -1: where a unit of 1 does not agree.
    const double cost = chosen_sum(row(i), down ? ~std::uint64_t{0} : 0, oppose_.data(),
                                   agree_.data(), 64 * words_);
    return down ? -cost : cost;
  }
  /// -2 E.
  double quadratic() const {
    double sum = 0;
    for (const auto k : agreeing_) sum += powers_.value(k);
    return 2 * sum;
  }

  void load(const std::int8_t* state) {
    std::copy_n(state, units(), state_.begin());
    patterns_.overlaps(state_.data(), agreeing_.data());
    const auto n = static_cast<std::int32_t>(units());
    for (std::size_t mu = 0; mu < agreeing_.size(); ++mu)
      set((agreeing_[mu] + n) / 2, powers_.loss(), agreeing_[mu], agree_[mu], oppose_[mu]);
  }
  void flip(std::int64_t i) {
    std::int8_t& s = state_[static_cast<std::size_t>(i)];
    s = static_cast<std::int8_t>(-s);
    const std::uint64_t down = s < 0 ? ~std::uint64_t{0} : 0;
    // NOTE: in variables of its own, since compilers take no member for unchanged by the writes.
    const double* loss = powers_.loss();
    std::int32_t* agreeing = agreeing_.data();
    double *agree = agree_.data(), *oppose = oppose_.data();
    const std::uint64_t* signs = row(i);
    const auto count = static_cast<std::int64_t>(agreeing_.size());
    for (std::int64_t mu = 0; mu < count;) {
      std::uint64_t opposed = *signs++ ^ down;
      for (const std::int64_t end = std::min(mu + 64, count); mu < end; ++mu, opposed >>= 1)
        set(agreeing[mu] + 1 - 2 * static_cast<std::int32_t>(opposed & 1), loss, agreeing[mu],
            agree[mu], oppose[mu]);
    }
  }
  /// Asks for what a visit of that unit will read.
  void expect(std::int64_t i) const {
    for (std::int64_t word = 0; word < words_; word += 8) __builtin_prefetch(row(i) + word);
  }

 private:
  const std::uint64_t* row(std::int64_t i) const { return signs_ + i * words_; }
  /// What follows from k units that agree with a pattern.
  static void set(std::int32_t k, const double* loss, std::int32_t& agreeing, double& agree,
                  double& oppose) {
    const double less = loss[k], more = loss[k + 1];
    agreeing = k;
    agree = less;
    oppose = -more;
  }

  const Patterns& patterns_;
  const std::uint64_t* signs_;
  const OverlapPowers& powers_;
  std::int64_t words_;
  AlignedVector<std::int8_t> state_;
  std::vector<std::int32_t> agreeing_;  ///< units, with each pattern
  /// What the turn of a unit adds to E, pattern by pattern, where it agrees with the pattern and
  /// where it is opposed; zeros behind the patterns.
  AlignedVector<double> agree_, oppose_;
};

}  // namespace attractornet::hopfield
