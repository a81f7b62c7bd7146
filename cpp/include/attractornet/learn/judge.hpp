/// @file
/// What a batch's last states are worth, by one of the losses or by any function.
#pragma once

#include <algorithm>
#include <attractornet/core/monitor.hpp>
#include <attractornet/core/parallel.hpp>
#include <attractornet/learn/losses.hpp>
#include <cstdint>
#include <functional>
#include <vector>

namespace attractornet::learn {

/// What a batch's last states are worth.
struct Judgement {
  double loss = 0;           ///< mean over the batch
  std::int64_t correct = 0;  ///< states of the right class
};

/// Judges states (samples, stride) by their labels, and leaves the loss's derivatives in dx.
template <class T>
using Judge = std::function<Judgement(const T* x, std::int64_t stride, const std::int32_t* labels,
                                      std::int64_t samples, T* dx, Monitor& monitor)>;

/// By one of the losses.
template <class T>
Judge<T> judge_of(const Targets<T>& targets, Loss kind, int threads) {
  return [&targets, kind, threads](const T* x, std::int64_t stride, const std::int32_t* labels,
                                   std::int64_t samples, T* dx, Monitor& monitor) {
    std::vector<typename Targets<T>::Judgement> each(static_cast<std::size_t>(samples));
    constexpr std::int64_t most = 32;
    parallel_for((samples + most - 1) / most, threads, monitor, [&](std::int64_t task, Progress&) {
      for (std::int64_t b = task * most; b < std::min(samples, (task + 1) * most); ++b)
        each[static_cast<std::size_t>(b)] = targets.judge(
            kind, x + b * stride, labels[b], 1 / static_cast<double>(samples), dx + b * stride);
    });
    Judgement result;
    for (const auto& one : each) {
      result.loss += one.loss / static_cast<double>(samples);
      result.correct += one.correct;
    }
    return result;
  };
}

}  // namespace attractornet::learn
