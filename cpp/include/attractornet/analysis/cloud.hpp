/// @file
/// Attractors as clouds of states: whether an orbit runs on one is how near it comes to the cloud.
#pragma once

#include <algorithm>
#include <attractornet/core/math.hpp>
#include <attractornet/core/rng.hpp>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

namespace attractornet::detail {

/// Appends `count` states of an orbit, at irregular times, so that no cycle keeps step with them.
template <class Orbit>
void sample(Orbit& orbit, std::size_t dimension, int count, std::vector<double>& states) {
  const Stream stream(0, Purpose::sampling);
  for (int i = 0; i < count; ++i) {
    orbit.advance(1 + static_cast<std::int64_t>(59 * stream.uniform(i)));
    states.resize(states.size() + dimension);
    orbit.state(states.data() + states.size() - dimension);
  }
}

/// States on an attractor, and how near to them its own orbit runs.
class Cloud {
 public:
  static constexpr int size = 1024, probes = 32;
  static constexpr int groups = 32;  ///< of probes of its own, by which an attractor is known

  /// @param states (size, dimension) on the attractor; @param own (groups x probes, dimension)
  /// later ones: the median distance of a group varies on a fractal, and the largest one counts.
  /// @param scale what is small beside the system: a thousandth of it is taken as no distance.
  Cloud(const std::vector<double>& states, const std::vector<double>& own, std::size_t dimension,
        double scale)
      : dimension_(dimension), columns_(states.size()) {
    for (std::size_t i = 0; i < states.size(); ++i)
      columns_[i % dimension * size + i / dimension] = states[i];
    near_ = 1e-3 * scale;
    const auto length = static_cast<std::ptrdiff_t>(probes * dimension);
    for (auto group = own.begin(); group != own.end(); group += length)
      near_ = std::max(near_, 1.5 * distance({group, group + length}));
  }

  /// Whether the median of the probes is near; of any number of them.
  bool has(const std::vector<double>& probes) const { return distance(probes) <= near_; }

 private:
  /// Median over the probes of the distance to the nearest state.
  double distance(const std::vector<double>& probes) const {
    std::vector<double> nearest, square(size);
    for (std::size_t i = 0; i < probes.size(); i += dimension_) {
      std::fill(square.begin(), square.end(), 0.0);
      for (std::size_t c = 0; c < dimension_; ++c)
        for (std::size_t j = 0; j < size; ++j) {
          const double d = probes[i + c] - columns_[c * size + j];
          square[j] = fma(d, d, square[j]);
        }
      // By halves, in vector lanes; std::min_element looks at one at a time.
      for (std::size_t half = size / 2; half > 0; half /= 2)
        for (std::size_t j = 0; j < half; ++j)
          square[j] = square[j + half] < square[j] ? square[j + half] : square[j];
      nearest.push_back(square[0]);
    }
    const auto middle = nearest.begin() + static_cast<std::ptrdiff_t>(nearest.size() / 2);
    std::nth_element(nearest.begin(), middle, nearest.end());
    return std::sqrt(*middle);
  }

  std::size_t dimension_;
  std::vector<double> columns_;  ///< (dimension, size), for the vector lanes
  double near_ = 0;
};

}  // namespace attractornet::detail
