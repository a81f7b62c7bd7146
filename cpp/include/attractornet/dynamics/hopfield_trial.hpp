/// @file
/// A trial of a Hopfield network: one recall of one of its random patterns.
#pragma once

#include <attractornet/core/random_words.hpp>
#include <attractornet/dynamics/hopfield_recall.hpp>
#include <attractornet/systems/hopfield.hpp>
#include <attractornet/systems/hopfield_network.hpp>
#include <cmath>
#include <cstdint>
#include <numeric>
#include <span>
#include <tuple>
#include <utility>
#include <vector>

namespace attractornet::hopfield {

/// The scalars of a trial: those that its network is drawn from, and how the pattern that was
/// stored first is recalled.
struct Trial : Ensemble {
  double temperature = 0;
  double flips = 0;
  Update update = Update::asynchronous;

  static constexpr auto fields() {
    return std::tuple_cat(
        Ensemble::fields(),
        std::tuple{
            field("temperature", &Trial::temperature, finite_from(0), "",
                  "T of the noise, as of HopfieldNetwork.recall; 0: none"),
            field("flips", &Trial::flips, between(0, 1), "",
                  "share of the pattern's units that are flipped at the start, drawn at random"),
            field("update", &Trial::update, {}, "",
                  "which units are updated, and when, as of HopfieldNetwork.recall"),
        });
  }

  /// A recall of so many sweeps in a network of this trial: that of state 0 of a batch.
  RecallOptions recall(const Network& network, std::int64_t max_sweeps) const {
    return {.update = update,
            .max_sweeps = max_sweeps,
            .temperature = network.bipolar_temperature(temperature),
            .seed = seed};
  }
  /// Where the recall starts: the pattern with round(flips N) of its units flipped.
  /// @param pattern (units,), -1 and 1.
  std::vector<std::int8_t> start(std::span<const std::int8_t> pattern) const {
    std::vector<std::int8_t> state(pattern.begin(), pattern.end());
    RandomWords words(units);
    words.draw(static_cast<std::uint64_t>(seed), Purpose::sampling, 0);
    std::vector<std::size_t> left(state.size());
    std::iota(left.begin(), left.end(), std::size_t{0});
    const auto count = std::llround(flips * static_cast<double>(units));
    for (std::int64_t k = 0; k < count; ++k) {
      const std::uint64_t other = words[k] * static_cast<std::uint64_t>(units - k) >> 32;
      const auto taken = static_cast<std::size_t>(k);
      std::swap(left[taken], left[taken + other]);
      state[left[taken]] = static_cast<std::int8_t>(-state[left[taken]]);
    }
    return state;
  }
};

}  // namespace attractornet::hopfield
