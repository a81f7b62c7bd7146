/// @file
/// The fields of a Hopfield network without its matrix: weights that are a product of two narrow
/// matrices, by way of the overlaps with their columns. A visit of a unit costs P, a flip costs P.
#pragma once

#include <algorithm>
#include <attractornet/core/dot.hpp>
#include <attractornet/core/memory.hpp>
#include <attractornet/systems/hopfield_limits.hpp>
#include <attractornet/systems/hopfield_patterns.hpp>
#include <bit>
#include <cstdint>
#include <numeric>
#include <vector>

namespace attractornet::hopfield {

/// The Hebbian rule's, scaled by N: w_ij = sum_mu xi_i xi_j, exact.
/// @tparam M overlaps: integers that hold 2 N.
template <class M>
class PatternFields {
 public:
  /// Borrowed. @param signs those of the patterns at each unit. @param diagonal whether w_ii = P is
  /// kept.
  PatternFields(const Patterns& patterns, const std::vector<std::uint64_t>& signs, bool diagonal)
      : patterns_(patterns),
        signs_(signs.data()),
        words_(padded(patterns.count()) / 64),
        own_(diagonal ? 0 : patterns.count()),
        state_(static_cast<std::size_t>(patterns.stride()), 0),
        overlap_(static_cast<std::size_t>(64 * words_), M(0)),
        each_(overlap_.size(), M(0)),
        limit_(static_cast<std::size_t>(patterns.units()), 0) {
    std::fill_n(each_.begin(), patterns.count(), M(1));
  }

  std::int64_t units() const { return patterns_.units(); }
  const std::int8_t* state() const { return state_.data(); }
  double doubled_field(std::int64_t i) const { return static_cast<double>(doubled(i)); }
  double quadratic() const {
    double sum = -static_cast<double>(own_) * static_cast<double>(units());
    for (const auto m : overlap_) sum += static_cast<double>(m) * static_cast<double>(m);
    return sum;
  }

  /// The limit of a unit's doubled field: above it the unit becomes 1, below it -1.
  /// @param limits (units,), in the units of the weights.
  void set_limits(const double* limits, Tie tie) {
    const double bound = static_cast<double>(patterns_.count()) * static_cast<double>(units());
    for (std::int64_t i = 0; i < units(); ++i)
      limit_[at(i)] = static_cast<std::int64_t>(whole_limit(limits[i], tie == Tie::keep, bound));
  }
  /// Whether a unit would change.
  bool changes(std::int64_t i) const {
    // NOTE: without a branch on the unit's value, which no processor can foresee.
    const std::int64_t s = state_[at(i)], limit = limit_[at(i)];
    return ((doubled(i) - limit + held(limit, s)) ^ s) < 0;
  }

  void load(const std::int8_t* state) {
    std::copy_n(state, units(), state_.begin());
    patterns_.overlaps(state_.data(), overlap_.data());
    sum_ = std::accumulate(overlap_.begin(), overlap_.end(), std::int64_t{0});
  }
  void flip(std::int64_t i) {
    constexpr int lanes = register_bytes / static_cast<int>(sizeof(M));
    using V = NativeVector<M, register_bytes>;
    std::int8_t& s = state_[at(i)];
    s = static_cast<std::int8_t>(-s);
    M* overlap = overlap_.data();
    const M* each = each_.data();
    std::int64_t minus = 0;
    for (std::int64_t word = 0; word < words_; ++word) {
      minus += std::popcount(row(i)[word]);
      for (int bit = 0; bit < 64; bit += lanes, overlap += lanes, each += lanes) {
        const V change = load_vector<V>(each) * static_cast<M>(2 * s);
        store_vector(overlap, load_vector<V>(overlap) + change_signs(change, row(i)[word] >> bit));
      }
    }
    sum_ += 2 * s * (patterns_.count() - 2 * minus);
  }
  /// Asks for what a visit of that unit will read.
  void expect(std::int64_t i) const {
    for (std::int64_t word = 0; word < words_; word += 8) __builtin_prefetch(row(i) + word);
  }

 private:
  static std::size_t at(std::int64_t i) { return static_cast<std::size_t>(i); }
  std::int64_t doubled(std::int64_t i) const {
    const std::int64_t minus = sum_where(row(i), overlap_.data(), 64 * words_);
    return 2 * (sum_ - 2 * minus - own_ * state_[at(i)]);
  }
  const std::uint64_t* row(std::int64_t i) const { return signs_ + i * words_; }

  const Patterns& patterns_;
  const std::uint64_t* signs_;
  std::int64_t words_, own_;
  AlignedVector<std::int8_t> state_;
  AlignedVector<M> overlap_;         ///< sum_i xi_i s_i; zeros behind the patterns
  std::int64_t sum_ = 0;             ///< of all overlaps
  AlignedVector<M> each_;            ///< 1 for every pattern; zeros behind them
  std::vector<std::int64_t> limit_;  ///< of doubled fields; see whole_limit
};

/// w = left right^T less a diagonal: unit after unit, rows padded with zeros.
struct Factors {
  std::int64_t units = 0, rank = 0, stride = 0;  ///< stride: a multiple of 8
  AlignedVector<double> left;
  AlignedVector<double> right;   ///< empty where it is left
  std::vector<double> diagonal;  ///< what is taken away from w_ii; empty: nothing

  const double* output(std::int64_t i) const { return left.data() + i * stride; }
  const double* input(std::int64_t j) const {
    return (right.empty() ? left : right).data() + j * stride;
  }
};

class FactoredFields {
 public:
  /// Borrowed.
  explicit FactoredFields(const Factors& factors)
      : factors_(factors),
        state_(static_cast<std::size_t>(factors.units), 0),
        in_(static_cast<std::size_t>(factors.stride), 0.0),
        out_(factors.right.empty() ? 0 : static_cast<std::size_t>(factors.stride), 0.0) {}

  std::int64_t units() const { return factors_.units; }
  const std::int8_t* state() const { return state_.data(); }
  double doubled_field(std::int64_t i) const {
    const double own = factors_.diagonal.empty() ? 0 : factors_.diagonal[at(i)] * state_[at(i)];
    return 2 * (dot(factors_.output(i), in_.data(), factors_.stride) - own);
  }
  double quadratic() const {
    double sum = dot(in_.data(), (out_.empty() ? in_ : out_).data(), factors_.stride);
    for (const double each : factors_.diagonal) sum -= each;
    return sum;
  }

  void load(const std::int8_t* state) {
    std::copy_n(state, units(), state_.begin());
    std::fill(in_.begin(), in_.end(), 0.0);
    std::fill(out_.begin(), out_.end(), 0.0);
    for (std::int64_t i = 0; i < units(); ++i) add(i, state[i]);
  }
  void flip(std::int64_t i) {
    state_[at(i)] = static_cast<std::int8_t>(-state_[at(i)]);
    add(i, 2 * state_[at(i)]);
  }
  /// Asks for what a visit of that unit will read.
  void expect(std::int64_t i) const {
    for (std::int64_t r = 0; r < factors_.stride; r += 8)
      __builtin_prefetch(factors_.output(i) + r);
  }

 private:
  static std::size_t at(std::int64_t i) { return static_cast<std::size_t>(i); }
  /// Adds `times` the unit to the overlaps.
  void add(std::int64_t i, double times) {
    add(factors_.input(i), times, in_);
    if (!out_.empty()) add(factors_.output(i), times, out_);
  }
  void add(const double* row, double times, AlignedVector<double>& overlaps) const {
    using P = Pack<double, 8>;
    for (std::int64_t r = 0; r < factors_.stride; r += 8)
      fma(P(times), P::load(row + r), P::load(&overlaps[at(r)])).store(&overlaps[at(r)]);
  }

  const Factors& factors_;
  std::vector<std::int8_t> state_;
  AlignedVector<double> in_, out_;  ///< overlaps with right, and with left if it differs
};

}  // namespace attractornet::hopfield
