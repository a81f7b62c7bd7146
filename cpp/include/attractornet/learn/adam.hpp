/// @file
/// Adam: steps against the gradient, each number's own by how large its gradients were (D. P.
/// Kingma, J. Ba, arXiv 1412.6980, algorithm 1). With g the gradient of step t,
///
///     m <- beta1 m + (1 - beta1) g,   v <- beta2 v + (1 - beta2) g^2
///     w <- w - rate (m / (1 - beta1^t)) / (sqrt(v / (1 - beta2^t)) + epsilon)
#pragma once

#include <algorithm>
#include <attractornet/core/memory.hpp>
#include <attractornet/core/monitor.hpp>
#include <attractornet/core/pack.hpp>
#include <attractornet/core/parallel.hpp>
#include <attractornet/learn/adam_step.hpp>
#include <cstdint>

namespace attractornet::learn {

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
    const double length = options_.length(rate, trained_.steps);
    const double square = options_.square_scale(trained_.steps);
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
    const AdamStep<P> rule(options_);
    const P minus_length = rule.of(-length), square_scale = rule.of(square);
    T *w = trained_.values.data(), *m = trained_.mean.data(), *v = trained_.square.data();
    const auto step = [&](const T* g, T* at_w, T* at_m, T* at_v) {
      P now = P::load(at_w), mean = P::load(at_m), squares = P::load(at_v);
      rule(P::load(g), minus_length, square_scale, now, mean, squares);
      now.store(at_w);
      mean.store(at_m);
      squares.store(at_v);
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
