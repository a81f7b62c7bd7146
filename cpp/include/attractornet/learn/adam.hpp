/// @file
/// Adam: steps against the gradient, each number's own by how large its gradients were (D. P.
/// Kingma, J. Ba, arXiv 1412.6980, algorithm 1). With g the gradient of step t,
///
///     m <- beta1 m + (1 - beta1) g,   v <- beta2 v + (1 - beta2) g^2
///     w <- w - rate (m / (1 - beta1^t)) / (sqrt(v / (1 - beta2^t)) + epsilon)
#pragma once

#include <algorithm>
#include <attractornet/core/fields.hpp>
#include <attractornet/core/memory.hpp>
#include <attractornet/core/monitor.hpp>
#include <attractornet/core/pack.hpp>
#include <attractornet/core/parallel.hpp>
#include <cmath>
#include <cstdint>

namespace attractornet::learn {

/// How the moments of gradients are taken.
struct AdamOptions {
  double beta1 = 0.9, beta2 = 0.999, epsilon = 1e-7;

  static constexpr std::string_view label = "Adam";
  static constexpr auto fields() {
    using F = AdamOptions;
    return std::tuple{
        field("beta1", &F::beta1, {0, 1, false, true}, "",
              "share of Adam's mean gradient that a step keeps"),
        field("beta2", &F::beta2, {0, 1, false, true}, "",
              "share of Adam's mean squared gradient that a step keeps"),
        field("epsilon", &F::epsilon, above(0), "",
              "gradients that are small beside it move little; 1e-7 in Keras, 1e-8 in torch"),
    };
  }
};

/// Numbers that are trained, and the moments of their gradients.
template <class T>
struct Trained {
  /// @param count numbers; arrays go on with 0 to whole packs.
  explicit Trained(std::int64_t count)
      : count(count), values(whole(count)), mean(values), square(values) {}

  static constexpr int lanes = 64 / sizeof(T);
  static std::size_t whole(std::int64_t count) {
    return static_cast<std::size_t>((count + lanes - 1) / lanes * lanes);
  }

  std::int64_t count, steps = 0;
  AlignedVector<T> values, mean, square;
};

/// One step of Adam is `next` at first, then `move` for each range of numbers with a rate of its
/// own.
template <class T>
class Adam {
 public:
  Adam(const AdamOptions& options, Trained<T>& trained, int threads)
      : options_(options), trained_(trained), threads_(threads) {}

  void next() { ++trained_.steps; }

  /// @param gradient of all numbers, as many as `values` has; @param first, end the range that
  /// moves.
  void move(const T* gradient, std::int64_t first, std::int64_t end, double rate,
            Monitor& monitor) {
    const auto t = static_cast<double>(trained_.steps);
    const double length = rate / (1 - std::pow(options_.beta1, t));
    const double square = 1 / (1 - std::pow(options_.beta2, t));
    const std::int64_t tasks = (end - first + most - 1) / most;
    parallel_for(tasks, threads_, monitor, [&](std::int64_t task, Progress&) {
      const std::int64_t from = first + task * most;
      move_range(gradient, from, std::min(from + most, end), length, square);
    });
  }

 private:
  static constexpr std::int64_t most = 1 << 16;  ///< numbers of a task
  static constexpr int lanes = Trained<T>::lanes;
  using P = Pack<T, lanes>;

  void move_range(const T* gradient, std::int64_t first, std::int64_t end, double length,
                  double square) {
    const auto of = [](double value) { return P(static_cast<T>(value)); };
    const P keep_mean = of(options_.beta1), add_mean = of(1 - options_.beta1);
    const P keep_square = of(options_.beta2), add_square = of(1 - options_.beta2);
    const P minus_length = of(-length), square_scale = of(square), epsilon = of(options_.epsilon);
    T *w = trained_.values.data(), *m = trained_.mean.data(), *v = trained_.square.data();
    const auto step = [&](const T* g, T* at_w, T* at_m, T* at_v) {
      const P gradients = P::load(g);
      const P mean = fma(keep_mean, P::load(at_m), add_mean * gradients);
      const P squares = fma(keep_square, P::load(at_v), add_square * (gradients * gradients));
      mean.store(at_m);
      squares.store(at_v);
      fma(minus_length, mean / (sqrt(square_scale * squares) + epsilon), P::load(at_w)).store(at_w);
    };
    std::int64_t k = first;
    for (; k + lanes <= end; k += lanes) step(gradient + k, w + k, m + k, v + k);
    if (k == end) return;
    // The last numbers of a range lie before those of another: they move in a pack of their own.
    const auto rest = static_cast<std::size_t>(end - k);
    T last[4][lanes] = {};
    const T* from[] = {gradient + k, w + k, m + k, v + k};
    for (int a = 0; a < 4; ++a) std::copy_n(from[a], rest, last[a]);
    step(last[0], last[1], last[2], last[3]);
    std::copy_n(last[1], rest, w + k);
    std::copy_n(last[2], rest, m + k);
    std::copy_n(last[3], rest, v + k);
  }

  const AdamOptions& options_;
  Trained<T>& trained_;
  int threads_;
};

}  // namespace attractornet::learn
