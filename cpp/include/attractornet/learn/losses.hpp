/// @file
/// Losses of states x (N,) against a target pattern T_k of each class, of which class y is the true
/// one, and what class a state is taken for. With d_k = |x - T_k|^2, q_k as in R. Marino et al.,
/// arXiv 2406.16453, eq. 10 to 12:
///
///     mean_square           d_y / N (the authors' code)
///     sum_of_squares        d_y (eq. 9)
///     cross_entropy         -ln q_y, q_k = (1 / m_k) / sum_l (1 / m_l), m_k = d_k / (|x| |T_k|)
///     binary_cross_entropy  -(ln q_y + sum_{k != y} ln(1 - q_k)) / K
///
/// The cross-entropies depend on ratios of distances: near the true pattern they are as d_y, as the
/// squares are, and far from it as ln d_y. The class of a state is that of the largest q.
#pragma once

#include <algorithm>
#include <attractornet/core/memory.hpp>
#include <attractornet/core/pack.hpp>
#include <attractornet/learn/loss_of_distances.hpp>
#include <cmath>
#include <cstdint>
#include <span>
#include <vector>

namespace attractornet {

namespace learn {

/// Patterns of classes, and what states mean by them.
template <class T>
class Targets {
 public:
  /// @param patterns (classes, nodes).
  Targets(std::span<const double> patterns, std::int64_t nodes)
      : nodes_(nodes),
        stride_((nodes + lanes - 1) / lanes * lanes),
        classes_(static_cast<std::int64_t>(patterns.size()) / nodes),
        rows_(static_cast<std::size_t>(classes_ * stride_)) {
    for (std::int64_t k = 0; k < classes_; ++k) {
      double square = 0;
      for (std::int64_t i = 0; i < nodes; ++i) {
        const double value = patterns[static_cast<std::size_t>(k * nodes + i)];
        rows_[static_cast<std::size_t>(k * stride_ + i)] = static_cast<T>(value);
        square += value * value;
      }
      lengths_.push_back(std::sqrt(square));
    }
  }

  std::int64_t nodes() const { return nodes_; }
  std::int64_t classes() const { return classes_; }
  const T* row(std::int64_t k) const { return rows_.data() + k * stride_; }
  /// Of the patterns, |T_k|.
  std::span<const double> lengths() const { return lengths_; }

  /// q_k of a state, and its class. @param x (nodes,); @param q (classes,).
  std::int64_t probabilities(const T* x, double* q) const {
    Scratch scratch(*this, x);
    return of(scratch.distances).probabilities(q);
  }

  struct Judgement {
    double loss;
    bool correct;
  };
  /// @param x (nodes,); @param dx the loss's derivatives by x, times `weight`.
  Judgement judge(Loss kind, const T* x, std::int64_t label, double weight, T* dx) const {
    Scratch scratch(*this, x);
    const Distances distances = of(scratch.distances);
    std::vector<double> q(lengths_.size()), by_distance(lengths_.size());
    const bool correct = distances.probabilities(q.data()) == label;
    const double loss = distances.loss(kind, q.data(), static_cast<int>(label),
                                       static_cast<int>(nodes_), by_distance.data());
    pull_back(scratch.x, by_distance, weight, dx);
    return {loss, correct};
  }

 private:
  static constexpr int lanes = 64 / sizeof(T);
  using P = Pack<T, lanes>;

  /// A state in whole packs, and its squared distances.
  struct Scratch {
    AlignedVector<T> x;
    std::vector<double> distances;

    Scratch(const Targets& targets, const T* from) : x(static_cast<std::size_t>(targets.stride_)) {
      std::copy_n(from, targets.nodes_, x.begin());
      for (std::int64_t k = 0; k < targets.classes_; ++k)
        distances.push_back(targets.distance(x.data(), targets.row(k)));
    }
  };

  Distances of(const std::vector<double>& d) const {
    return {d.data(), lengths_.data(), static_cast<int>(classes_)};
  }
  double distance(const T* a, const T* b) const {
    P sum{};
    for (std::int64_t i = 0; i < stride_; i += lanes) {
      const P apart = P::load(a + i) - P::load(b + i);
      sum = fma(apart, apart, sum);
    }
    return static_cast<double>(fold(sum)[0]);
  }

  /// dx = 2 weight sum_k dL/dd_k (x - T_k).
  void pull_back(const AlignedVector<T>& x, const std::vector<double>& by_distance, double weight,
                 T* dx) const {
    double total = 0;
    for (const double value : by_distance) total += value;
    AlignedVector<T> sums(x.size());
    for (std::int64_t i = 0; i < stride_; i += lanes) {
      P sum = P(static_cast<T>(2 * weight * total)) * P::load(x.data() + i);
      for (std::int64_t k = 0; k < classes_; ++k)
        sum = fma(P(static_cast<T>(-2 * weight * by_distance[static_cast<std::size_t>(k)])),
                  P::load(row(k) + i), sum);
      sum.store(sums.data() + i);
    }
    std::copy_n(sums.data(), nodes_, dx);
  }

  std::int64_t nodes_, stride_, classes_;
  AlignedVector<T> rows_;
  std::vector<double> lengths_;
};

}  // namespace learn

}  // namespace attractornet
