/// @file
/// Hopfield networks: N two-valued units that fall into stored patterns (J. J. Hopfield, PNAS 79
/// (1982) 2554).
///
///     h_i = sum_j w_ij s_j - theta_i,   i = 1..N
///     s_i  ->  1 where h_i > 0, the lower value where h_i < 0
///     E   = -1/2 sum_ij w_ij s_i s_j + sum_i theta_i s_i
///
/// States: bipolar, s_i in {-1, 1}, or binary, s_i in {0, 1}. All quantities are dimensionless.
/// With symmetric w and w_ii >= 0, E never rises when one unit is updated at a time; where all are
/// updated at once, orbits end in a fixed point or in a cycle of two states (E. Goles, Discrete
/// Appl. Math. 3 (1981) 1). At temperature T a unit becomes 1 with probability
/// 1 / (1 + exp(-(1 - lower) h_i / T)), whatever its value was.
///
/// The core computes with bipolar units. A binary network, s = (1 + sigma) / 2, is the bipolar one
/// of thresholds 2 theta_i - sum_j w_ij; its fields are half as large, so that its temperature T is
/// 4 T there.
#pragma once

#include <algorithm>
#include <array>
#include <attractornet/core/fields.hpp>
#include <cmath>
#include <cstdint>
#include <string_view>
#include <tuple>

namespace attractornet::hopfield {

/// The two values of a unit.
enum class Coding { bipolar, binary };

/// What a unit does whose field is 0.
enum class Tie {
  keep,  ///< keeps its value
  plus,  ///< becomes 1
};

/// Which units are updated, and when.
enum class Update {
  asynchronous,  ///< sweeps: one unit at a time, each once, in an order drawn anew for each sweep
  sequential,    ///< sweeps in the order of the units
  random,        ///< one unit at a time, drawn with replacement; N of them are called a sweep
  synchronous,   ///< all units at once, which is called a sweep as well
};

/// How weights are made of patterns xi, values -1 and 1 (low_activity: 0 and 1).
enum class StorageRule {
  hebbian,        ///< w_ij = sum_mu (xi_i - center)(xi_j - center) / N
  storkey,        ///< w_ij += (xi_i xi_j - xi_i h_ji - h_ij xi_j) / N, pattern after pattern
  pseudoinverse,  ///< the projector onto the span of the patterns
  low_activity,   ///< w_ij = c sum_mu (xi_i - b)(xi_j - a)
};

/// What a network says of its fields: 2 sum_j w_ij s_j > limit_i means that unit i becomes 1.
struct Limits {
  const double* limit;  ///< twice the thresholds (units,), in the units of the weights
  double scale;         ///< what a weight of 1 is in those units
};

}  // namespace attractornet::hopfield

template <>
struct attractornet::Names<attractornet::hopfield::Coding> {
  static constexpr std::array<std::string_view, 2> list{"bipolar", "binary"};
};
template <>
struct attractornet::Names<attractornet::hopfield::Tie> {
  static constexpr std::array<std::string_view, 2> list{"keep", "plus"};
};
template <>
struct attractornet::Names<attractornet::hopfield::Update> {
  static constexpr std::array<std::string_view, 4> list{"asynchronous", "sequential", "random",
                                                        "synchronous"};
};
template <>
struct attractornet::Names<attractornet::hopfield::StorageRule> {
  static constexpr std::array<std::string_view, 4> list{"hebbian", "storkey", "pseudoinverse",
                                                        "low_activity"};
};

namespace attractornet::hopfield {

/// The scalars that a network of random patterns is drawn from. Its patterns are bipolar; those of
/// the rule for low activity are binary, with a = b = activity.
struct Ensemble {
  std::int64_t units = 1000;
  double alpha = 0.1;
  StorageRule rule = StorageRule::hebbian;
  bool diagonal = false;
  double activity = 0.5;
  std::int64_t seed = 0;

  static constexpr std::string_view label = "HopfieldNetwork.random";
  static constexpr auto fields() {
    return std::tuple{
        field("units", &Ensemble::units, between(1, 1 << 20), "", "number N of units"),
        field("alpha", &Ensemble::alpha, between(0, 1000), "",
              "load: round(alpha N) patterns are stored, one at least"),
        field("rule", &Ensemble::rule, {}, "", "how patterns become weights"),
        field("diagonal", &Ensemble::diagonal, {}, "",
              "keep w_ii as the rule gives it; else it is 0"),
        field("activity", &Ensemble::activity, {0, 1, true, true}, "",
              "probability that a unit of a pattern is 1; 0.5 but for rule = 'low_activity'"),
        field("seed", &Ensemble::seed, between(0, 9007199254740991.0), "",
              "seed of the random patterns"),
    };
  }
  /// Throws where values do not go together.
  void check(std::string_view where) const {
    if (rule == StorageRule::pseudoinverse && patterns() > units)
      reject(where, "alpha", alpha, "no more patterns than units for rule = 'pseudoinverse'");
    if (rule != StorageRule::low_activity && activity != 0.5)
      reject(where, "activity", activity, "0.5 but for rule = 'low_activity'");
  }

  /// Number P of patterns.
  std::int64_t patterns() const {
    return std::max<std::int64_t>(1, std::llround(alpha * static_cast<double>(units)));
  }
};

}  // namespace attractornet::hopfield
