/// @file
/// The fields of a dense associative memory of some order, by way of the overlaps. A visit of a
/// unit costs P, a flip costs P.
#pragma once

#include <algorithm>
#include <attractornet/core/dot.hpp>
#include <attractornet/core/memory.hpp>
#include <attractornet/core/pack.hpp>
#include <attractornet/systems/dense_memory.hpp>
#include <cstdint>
#include <vector>

namespace attractornet::hopfield {

/// For Recall. What the turn of a unit costs is a sum over the patterns, in each of which it agrees
/// or not; both costs are kept for each pattern. Exact where 2 P N^n is below 2^53; beyond, F is
/// rounded, and only pairs of equal terms are sure to cancel. A field never depends on its own
/// unit.
class PolynomialFields {
 public:
  /// All are borrowed. @param signs those of the patterns at each unit. @param order n of F = x^n.
  PolynomialFields(const Patterns& patterns, const std::vector<std::uint64_t>& signs, int order)
      : patterns_(patterns),
        signs_(signs.data()),
        order_(order),
        words_(padded(patterns.count()) / 64),
        state_(static_cast<std::size_t>(patterns.stride()), 0),
        whole_(static_cast<std::size_t>(patterns.count())),
        overlap_(static_cast<std::size_t>(64 * words_), 0.0),
        agree_(overlap_.size(), 0.0),
        oppose_(overlap_.size(), 0.0) {}

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
    for (std::int64_t mu = 0; mu < patterns_.count(); ++mu) sum += power(overlap_[mu], order_);
    return 2 * sum;
  }

  void load(const std::int8_t* state) {
    std::copy_n(state, units(), state_.begin());
    update();
  }
  void flip(std::int64_t i) {
    turn(i);
    const Lanes more(2.0 * state_[static_cast<std::size_t>(i)]);
    const std::uint64_t* signs = row(i);
    set([=, this](std::int64_t mu) {
      const auto down = mask_of_bits<double, width>(signs[mu / 64] >> (mu % 64));
      const Lanes before = Lanes::load(overlap_.data() + mu);
      return select(down, before - more, before + more);
    });
  }
  /// All of these.
  void flip(const std::vector<std::int64_t>& units) {
    // To begin anew takes the time of some N / 128 flips, as was measured at N = 784.
    if (std::ssize(units) * 128 <= patterns_.units()) {
      for (const auto i : units) flip(i);
    } else {
      for (const auto i : units) turn(i);
      update();
    }
  }
  /// Asks for what a visit of that unit will read.
  void expect(std::int64_t i) const {
    for (std::int64_t word = 0; word < words_; word += 8) __builtin_prefetch(row(i) + word);
  }

 private:
  static constexpr int width = 8;
  using Lanes = Pack<double, width>;

  const std::uint64_t* row(std::int64_t i) const { return signs_ + i * words_; }
  void turn(std::int64_t i) {
    std::int8_t& s = state_[static_cast<std::size_t>(i)];
    s = static_cast<std::int8_t>(-s);
  }
  /// What follows from the state.
  void update() {
    patterns_.overlaps(state_.data(), whole_.data());
    std::copy(whole_.begin(), whole_.end(), overlap_.begin());
    set([this](std::int64_t mu) { return Lanes::load(overlap_.data() + mu); });
  }
  /// What follows from the overlaps x(mu), (mu, ..., mu + 7).
  template <class Overlaps>
  void set(const Overlaps& x) {
    const int order = order_;
    // NOTE: in variables of their own, since compilers take no member for unchanged by the writes.
    double *overlap = overlap_.data(), *agree = agree_.data(), *oppose = oppose_.data();
    const std::int64_t count = patterns_.count();
    const Lanes two(2.0);
    for (std::int64_t mu = 0; mu < count; mu += width) {
      const Lanes now = x(mu), value = power(now, order);
      now.store(overlap + mu);
      (value - power(now - two, order)).store(agree + mu);
      (value - power(now + two, order)).store(oppose + mu);
    }
    for (std::int64_t mu = count; mu % width != 0; ++mu) agree[mu] = oppose[mu] = 0;
  }

  const Patterns& patterns_;
  const std::uint64_t* signs_;
  int order_;
  std::int64_t words_;
  AlignedVector<std::int8_t> state_;
  std::vector<std::int32_t> whole_;  ///< overlaps, before they are doubles
  /// Overlaps, and what the turn of a unit adds to E, pattern by pattern, where it agrees with the
  /// pattern and where it is opposed; zeros behind the patterns. No unit has the one if all are
  /// opposed, nor the other if all agree.
  AlignedVector<double> overlap_, agree_, oppose_;
};

}  // namespace attractornet::hopfield
