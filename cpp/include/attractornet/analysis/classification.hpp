/// @file
/// What classify takes and gives.
#pragma once

#include <array>
#include <attractornet/core/fields.hpp>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

namespace attractornet {

enum class Kind { fixed_point, periodic, quasiperiodic, chaotic, diverged, undecided };

template <>
struct Names<Kind> {
  static constexpr std::array<std::string_view, 6> list{"fixed point", "periodic", "quasiperiodic",
                                                        "chaotic",     "diverged", "undecided"};
};

struct ClassifyOptions {
  std::int64_t horizon = 5'000'000;
  std::int64_t max_period = 10'000;
  std::int64_t seed = 0;

  static constexpr std::string_view label = "classify";
  static constexpr auto fields() {
    using O = ClassifyOptions;
    return std::tuple{
        field(
            "horizon", &O::horizon, between(1000, 1e15), "steps",
            "how long the orbit is watched before it is called chaotic or undecided (half as long "
            "again where chaos ends in the last look)"),
        field("max_period", &O::max_period, between(1, 1 << 18), "steps",
              "longest period that is looked for"),
        field("seed", &O::seed, between(0, 1e15), "", "seed of the first tangent vectors"),
    };
  }
};

struct Classification {
  Kind kind = Kind::undecided;
  std::string reason;  ///< the evidence in words

  double period = 0;         ///< of fixed points and cycles, in time units; else 0
  int torus_dimension = -1;  ///< 0 fixed point or cycle of a map, 1 circle, ...; -1 where not known
  std::vector<double> frequencies;  ///< independent ones, cycles per unit time; strongest first

  double exponent = std::numeric_limits<double>::quiet_NaN();  ///< largest, per unit time
  double exponent_error = std::numeric_limits<double>::quiet_NaN();
  std::vector<double> exponents;  ///< leading ones, as many as the verdict needed
  double digits = 0;              ///< that weighted averages over two halves share
  double recurrence = std::numeric_limits<double>::quiet_NaN();  ///< closest return, by the extent
  std::int64_t recurrence_lag = 0;                               ///< steps after which it happens
  std::int64_t horizon = 0;                                      ///< steps watched in all
  std::int64_t window = 0;    ///< steps of the last window, which the evidence is of
  std::vector<double> state;  ///< the last one reached
};

}  // namespace attractornet
