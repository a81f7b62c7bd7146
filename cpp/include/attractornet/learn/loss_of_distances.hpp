/// @file
/// Losses as functions of distances d_k = |x - T_k|^2 to the target patterns, for the host and for
/// devices; what they are is in losses.hpp.
#pragma once

#include <array>
#include <attractornet/core/fields.hpp>
#include <attractornet/core/platform.hpp>
#include <cmath>
#include <string_view>

namespace attractornet {

namespace learn {

enum class Loss { mean_square, sum_of_squares, cross_entropy, binary_cross_entropy };

}  // namespace learn

template <>
struct Names<learn::Loss> {
  static constexpr std::array<std::string_view, 4> list = {"mean_square", "sum_of_squares",
                                                           "cross_entropy", "binary_cross_entropy"};
};

namespace learn {

/// The distances of one state, and what follows from them.
class Distances {
 public:
  /// @param d (classes,); @param lengths |T_k|, (classes,).
  ATTRACTORNET_HD Distances(const double* d, const double* lengths, int classes)
      : d_(d), lengths_(lengths), classes_(classes) {}

  /// @param q probabilities of classes (classes,). @return the class of the largest.
  ATTRACTORNET_HD int probabilities(double* q) const {
    double sum = 0;
    for (int k = 0; k < classes_; ++k) sum += q[k] = nearness(k);
    int best = 0;
    for (int k = 0; k < classes_; ++k) {
      q[k] /= sum;
      if (q[k] > q[best]) best = k;
    }
    return best;
  }

  /// @param q as above; @param by_distance the loss's derivatives by d (classes,).
  ATTRACTORNET_HD double loss(Loss kind, const double* q, int label, int nodes,
                              double* by_distance) const {
    for (int k = 0; k < classes_; ++k) by_distance[k] = 0;
    switch (kind) {
      case Loss::mean_square:
        by_distance[label] = 1.0 / nodes;
        return d_[label] / nodes;
      case Loss::sum_of_squares:
        by_distance[label] = 1;
        return d_[label];
      case Loss::cross_entropy:
        return cross_entropy(q, label, label, label + 1, 1, by_distance);
      case Loss::binary_cross_entropy:
        return cross_entropy(q, label, 0, classes_, 1.0 / classes_, by_distance);
    }
    return 0;
  }

 private:
  static constexpr double floor = 1e-12;

  /// |T_k| / d_k: q but for its sum. On a pattern d counts as the least that is told from it.
  ATTRACTORNET_HD double nearness(int k) const {
    return lengths_[k] / (d_[k] < floor ? floor : d_[k]);
  }

  /// Of the classes from `first` to below `end`.
  ATTRACTORNET_HD double cross_entropy(const double* q, int label, int first, int end,
                                       double weight, double* by_distance) const {
    double loss = 0, mean = 0;
    for (int k = first; k < end; ++k) {
      double others = 0;  // 1 - q_k, of which a difference would lose the digits
      for (int l = 0; l < classes_; ++l) others += l == k ? 0 : q[l];
      const double right = k == label ? q[k] : others;
      loss -= weight * std::log(right);
      by_distance[k] = (k == label ? -weight : weight) / right;  // by q_k, as yet
      mean += by_distance[k] * q[k];
    }
    // q_k = r_k / sum r, and r_k ~ 1 / d_k, unless the least distance stands for d_k.
    for (int k = 0; k < classes_; ++k)
      by_distance[k] = d_[k] > floor ? -(by_distance[k] - mean) * q[k] / d_[k] : 0;
    return loss;
  }

  const double *d_, *lengths_;
  int classes_;
};

}  // namespace learn

}  // namespace attractornet
