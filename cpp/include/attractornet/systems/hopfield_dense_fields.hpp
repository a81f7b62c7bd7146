/// @file
/// The fields of a Hopfield network whose weights are a matrix, kept up to date flip by flip.
///
/// A sweep in any order is driven by events. Each unit has a rank in the order, and the next unit
/// that flips is the one of least rank, beyond the rank reached, among those that would change. It
/// is found in the same pass that adds a flipped unit's row to the fields, so that visits of units
/// which stay as they are cost nothing, and a sweep without flips costs one pass.
#pragma once

#include <algorithm>
#include <attractornet/core/dot.hpp>
#include <attractornet/core/memory.hpp>
#include <attractornet/core/pack.hpp>
#include <attractornet/systems/hopfield.hpp>
#include <attractornet/systems/hopfield_limits.hpp>
#include <attractornet/systems/hopfield_patterns.hpp>
#include <cmath>
#include <cstdint>
#include <limits>
#include <type_traits>
#include <vector>

namespace attractornet::hopfield {

/// A matrix of weights: row j holds what unit j gives to the others, w_ij over i, padded with
/// zeros.
template <class R>
struct Matrix {
  std::int64_t units = 0, stride = 0;
  AlignedVector<R> values;
  std::vector<double> sums;  ///< sum_j w_ij
  double bound = 0;          ///< the largest sum_j |w_ij|

  const R* row(std::int64_t j) const { return values.data() + j * stride; }

  /// Fills sums and bound.
  void finish() {
    constexpr int lanes = register_bytes / 8;
    using Values = NativeVector<double, register_bytes>;
    AlignedVector<double> sizes(static_cast<std::size_t>(stride), 0.0);
    sums.assign(sizes.size(), 0.0);
    for (std::int64_t j = 0; j < units; ++j)
      for (std::int64_t i = 0; i < stride; i += lanes) {
        const auto w = load_converted<Values>(row(j) + i);
        store_vector(&sums[i], load_vector<Values>(&sums[i]) + w);
        store_vector(&sizes[i], load_vector<Values>(&sizes[i]) + (w < 0 ? -w : w));
      }
    sums.resize(static_cast<std::size_t>(units));
    bound = units > 0 ? *std::max_element(sizes.begin(), sizes.end()) : 0;
  }
};

namespace detail {

/// The least lane of a register of unsigned integers.
template <class V>
ATTRACTORNET_INLINE auto least_lane(V v) {
  if constexpr (sizeof(V) > 16) {
    const auto half = halves(v);
    return least_lane(half.low < half.high ? half.low : half.high);
  } else {
#if defined(__SSE4_1__)
    if constexpr (sizeof(v[0]) == 2)
      return static_cast<std::uint16_t>(_mm_extract_epi16(_mm_minpos_epu16((__m128i)v), 0));
#endif
    auto least = v[0];
    for (unsigned lane = 1; lane < sizeof(V) / sizeof(v[0]); ++lane)
      least = v[lane] < least ? v[lane] : least;
    return least;
  }
}

}  // namespace detail

/// @tparam R the weights: integers (the network's times its scale), or double.
/// @tparam F the fields: double, or integers that hold 4 x bound + 1, bound that of the matrix.
///
/// Fields are doubled, 2 sum_j w_ij s_j, and are compared with limits (see set_limits).
template <class F, class R>
class DenseFields {
  static constexpr bool exact = std::is_integral_v<F>;
  using Key = std::conditional_t<sizeof(F) == 2, std::uint16_t,
                                 std::conditional_t<sizeof(F) == 4, std::uint32_t, std::uint64_t>>;
  static constexpr int lanes = register_bytes / static_cast<int>(sizeof(F));
  using Field = NativeVector<F, register_bytes>;
  using Keys = NativeVector<Key, register_bytes>;
  static constexpr int few = register_bytes / 8;  ///< doubles in a register
  using Few = NativeVector<F, few* int{sizeof(F)}>;
  static constexpr Key top = Key(1) << (8 * sizeof(Key) - 1);
  static constexpr Key none = top - 1;

 public:
  /// Units whose ranks keys can tell apart, those behind the rank reached and those beyond it.
  static constexpr std::int64_t most_units = exact ? top / 2 : std::int64_t{1} << 31;

  /// All are borrowed.
  /// @param patterns that integers are the Hebbian rule's of, scaled by N; null: others. Initial
  ///        fields then cost 2 N P in place of N^2 / 2.
  /// @param diagonal whether that matrix has kept its diagonal.
  DenseFields(const Matrix<R>& weights, const Patterns* patterns, bool diagonal)
      : weights_(weights),
        patterns_(patterns),
        diagonal_(diagonal),
        state_(size(), 0),
        field_(size(), F(0)),
        limit_(size(), F(0)),
        key_(size(), none),
        can_tie_(weights.units) {}

  std::int64_t units() const { return weights_.units; }
  const std::int8_t* state() const { return state_.data(); }
  /// 2 sum_j w_ij s_j.
  double doubled_field(std::int64_t i) const {
    if constexpr (exact)
      return static_cast<double>(field_[at(i)]) + limit_[at(i)] -
             held<F>(limit_[at(i)], state_[at(i)]);
    else
      return field_[at(i)];
  }
  /// sum_ij w_ij s_i s_j.
  double quadratic() const {
    if constexpr (sizeof(F) == 2) {
      const auto with = [&](const F* values) {
        return dot(state_.data(), values, weights_.stride);
      };
      return 0.5 * static_cast<double>(with(field_.data()) + with(limit_.data()) - can_tie_);
    }
    double sum = 0;
    for (std::int64_t i = 0; i < units(); ++i) sum += state_[at(i)] * doubled_field(i);
    return 0.5 * sum;
  }

  void load(const std::int8_t* state) {
    std::copy_n(state, units(), state_.begin());
    mark();
    if constexpr (exact)
      if (patterns_) return load_by_overlaps();
    load_by_rows();
  }

  /// The limit of a unit's doubled field: above it the unit becomes 1, below it -1.
  /// @param limits (units,), in the units of the weights.
  void set_limits(const double* limits, Tie tie) {
    keeps_ = tie == Tie::keep;
    if constexpr (!exact) {
      std::copy_n(limits, units(), limit_.begin());
    } else {
      can_tie_ = 0;
      Few even{};  // limits, in each lane
      std::int64_t i = 0;
      for (; i + few <= units(); i += few) even += set_few_limits(i, limits + i);
      for (int l = 0; l < few; ++l) can_tie_ += even[l];
      double last[few] = {};
      std::copy(limits + i, limits + units(), last);
      if (i < units()) even = set_few_limits(i, last);
      for (std::int64_t l = 0; i < units(); ++i, ++l) can_tie_ += even[l];
    }
  }
  /// The order of sweeps from now on: unit order[r] is the r-th.
  void set_order(const std::int32_t* order) {
    for (std::int64_t r = 0; r < units(); ++r) key_[at(order[r])] = static_cast<Key>(r);
    mark();
  }
  /// Whether any unit would change.
  bool unsettled() {
    Keys any{};
    Cursor at = begin();
    for (const F* end = at.field + used(); at.field != end; at.advance())
      any |= below(load_vector<Field>(at.field), at) ^ load_vector<Keys>(at.key);
    return detail::least_lane(~any) < top;
  }

  /// The rank, from 1, of the first unit of the order that would change; 0: none would.
  std::int64_t find() { return pass<false>(nullptr, 0, 0); }
  /// Flips a unit, and finds the next one beyond rank `now` in one pass.
  std::int64_t flip_and_find(std::int64_t i, std::int64_t now) {
    const std::int64_t next = pass<true>(weights_.row(i), change(i), now);
    turn(i);
    return next;
  }

  void flip(std::int64_t i) {
    add(weights_.row(i), change(i));
    turn(i);
  }

 private:
  std::size_t size() const { return static_cast<std::size_t>(weights_.stride); }
  /// Of the lanes of a row, those of registers with units in them.
  std::int64_t used() const { return (units() + lanes - 1) / lanes * lanes; }
  static std::size_t at(std::int64_t i) { return static_cast<std::size_t>(i); }

  /// How often a unit's weights are added to the fields when it flips: a change of sign is twice
  /// the weight, and fields are doubled.
  F change(std::int64_t i) const { return static_cast<F>(-4 * state_[at(i)]); }
  /// The unit takes its other value. NOTE: after the pass of its flip, which does not look at the
  /// unit itself, and would wait for what was written; and as a whole register, as it is read.
  void turn(std::int64_t i) {
    Key* block = key_.data() + i / lanes * lanes;
    Keys lane;
    for (int l = 0; l < lanes; ++l) lane[l] = static_cast<Key>(l);
    const auto own = static_cast<Key>(i % lanes);
    const auto hit = (Keys)(lane == own);
    store_vector(block, load_vector<Keys>(block) ^ (hit & top));
    if constexpr (exact) {
      F* field = field_.data() + i / lanes * lanes;
      const F holds = held<F>(limit_[at(i)], state_[at(i)]);
      const Field change = (Field)hit & static_cast<F>(2 * holds);
      store_vector(field, load_vector<Field>(field) - change);
    }
    state_[at(i)] = static_cast<std::int8_t>(-state_[at(i)]);
  }
  /// Limits of units i, i + 1, ... Returns 1 where the integer is even.
  ATTRACTORNET_INLINE Few set_few_limits(std::int64_t i, const double* limits) {
    const auto whole = whole_limit(Pack<double, few>::load(limits), keeps_, weights_.bound);
    const auto limit = __builtin_convertvector(whole.part[0], Few);
    const auto before = load_vector<Few>(&limit_[at(i)]);
    const auto s = load_widened<Few>(&state_[at(i)]);
    const auto field = load_vector<Few>(&field_[at(i)]);
    store_vector(&field_[at(i)], field + before - limit + held(limit, s) - held(before, s));
    store_vector(&limit_[at(i)], limit);
    return (limit & 1) ^ 1;
  }
  /// Puts the units' signs on their keys.
  void mark() {
    for (std::int64_t b = 0; b < used(); b += lanes) {
      const auto sign = load_widened<Keys>(state_.data() + b) & top;
      store_vector(key_.data() + b, (load_vector<Keys>(key_.data() + b) & none) | sign);
    }
  }

  void load_by_overlaps() {
    const Patterns& xi = *patterns_;
    std::vector<F> overlap(static_cast<std::size_t>(xi.count()));
    xi.overlaps(state_.data(), overlap.data());
    const auto own = static_cast<F>(diagonal_ ? 0 : xi.count());
    for (std::int64_t b = 0; b < used(); b += lanes)
      store_vector(field_.data() + b, load_widened<Field>(state_.data() + b) * F(-own));
    constexpr int together = 4;  // patterns, so that fields are read and written less often
    std::int64_t mu = 0;
    for (; mu + together <= xi.count(); mu += together)
      add_patterns<together>(mu, &overlap[at(mu)]);
    for (; mu < xi.count(); ++mu) add_patterns<1>(mu, &overlap[at(mu)]);
    for (std::int64_t b = 0; b < used(); b += lanes) {
      const auto field = load_vector<Field>(field_.data() + b);
      const auto limit = load_vector<Field>(limit_.data() + b);
      const auto holds = held(limit, load_widened<Field>(state_.data() + b));
      store_vector(field_.data() + b, field + field - limit + holds);
    }
  }
  /// Adds Count patterns, each times its overlap. NOTE: what wraps has come back at the end.
  template <int Count>
  void add_patterns(std::int64_t first, const F* overlap) {
    const std::int8_t* xi = patterns_->pattern(first);
    const std::int64_t stride = patterns_->stride();
    Field times[Count];
    for (int c = 0; c < Count; ++c) times[c] = Field{} + overlap[c];
    F* field = field_.data();
    for (const F* end = field + used(); field != end; field += lanes, xi += lanes) {
      auto sum = load_vector<Field>(field);
      ATTRACTORNET_UNROLL
      for (int c = 0; c < Count; ++c) sum += load_widened<Field>(xi + c * stride) * times[c];
      store_vector(field, sum);
    }
  }
  /// From the state of all units up, or down, whichever is nearer.
  void load_by_rows() {
    const auto up = std::count(state_.begin(), state_.begin() + units(), std::int8_t{1});
    const int most = 2 * up >= units() ? 1 : -1;
    for (std::int64_t i = 0; i < units(); ++i) {
      field_[at(i)] = static_cast<F>(2 * most * weights_.sums[at(i)]);
      if constexpr (exact)
        field_[at(i)] =
            static_cast<F>(field_[at(i)] - limit_[at(i)] + held<F>(limit_[at(i)], state_[at(i)]));
    }
    for (std::int64_t j = 0; j < units(); ++j)
      if (state_[at(j)] != most) add(weights_.row(j), static_cast<F>(-4 * most));
  }

  static ATTRACTORNET_INLINE Field added(Field field, const R* row, F times) {
    return field + load_widened<Field>(row) * times;
  }
  void add(const R* row, F times) {
    F* field = field_.data();
    for (const F* end = field + used(); field != end; field += lanes, row += lanes)
      store_vector(field, added(load_vector<Field>(field), row, times));
  }
  /// Where a pass reads; in variables of its own, since compilers take no member for unchanged
  /// once the fields are written.
  struct Cursor {
    F* field;
    const F* limit;
    const Key* key;
    bool keeps;

    void advance() { field += lanes, limit += lanes, key += lanes; }
  };
  Cursor begin() { return {field_.data(), limit_.data(), key_.data(), keeps_}; }

  /// The top bit of a lane is set where its unit would be -1.
  static ATTRACTORNET_INLINE Keys below(Field field, const Cursor& at) {
    if constexpr (exact) {
      return (Keys)field;
    } else {
      const auto limit = load_vector<Field>(at.limit);
      const auto below = (Keys)(field < limit);
      return at.keeps ? below | ((Keys)(field == limit) & load_vector<Keys>(at.key)) : below;
    }
  }
  /// Adds a row to the fields, if any, and finds the least rank, from 1, beyond `now` of a unit
  /// that would change; 0: none would.
  template <bool Adds>
  std::int64_t pass(const R* row, F times, std::int64_t now) {
    Cursor at = begin();
    // NOTE: keys less `now`, so that ranks behind it wrap to the upper half of what keys without
    // their top bit can be. Where a unit would stay as it is the top bit gets set.
    const Keys back = Keys{} + static_cast<Key>(-now);
    Keys least = Keys{} + static_cast<Key>(~Key(0));
    ATTRACTORNET_UNROLL_BY_4
    for (const F* end = at.field + used(); at.field != end; at.advance()) {
      auto field = load_vector<Field>(at.field);
      if constexpr (Adds) {
        field = added(field, row, times);
        store_vector(at.field, field);
        row += lanes;
      }
      const Keys ahead = (load_vector<Keys>(at.key) + back) ^ (~below(field, at) & top);
      least = ahead < least ? ahead : least;
    }
    const Key ahead = detail::least_lane(least);
    return ahead < most_units ? now + 1 + static_cast<std::int64_t>(ahead) : 0;
  }

  const Matrix<R>& weights_;
  const Patterns* patterns_;
  bool diagonal_;
  AlignedVector<std::int8_t> state_;
  AlignedVector<F> field_, limit_;  ///< integers: field_ is the doubled field less limit_, held
  AlignedVector<Key> key_;          ///< rank in the order of the sweep, top bit set where it is -1
  bool keeps_ = true;               ///< a unit at a tie, its value
  std::int64_t can_tie_;            ///< units whose fields can meet their limits
};

}  // namespace attractornet::hopfield
