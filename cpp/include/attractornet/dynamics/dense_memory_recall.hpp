/// @file
/// Recall of many states with a dense associative memory, on several threads.
#pragma once

#include <algorithm>
#include <attractornet/core/monitor.hpp>
#include <attractornet/dynamics/hopfield_recall.hpp>
#include <attractornet/systems/dense_memory_network.hpp>
#include <cmath>
#include <cstdint>
#include <numeric>
#include <tuple>
#include <vector>

namespace attractornet::hopfield {

/// When the recall of a softmax memory ends.
struct SettleOptions {
  double tolerance = 1e-6;
  std::int64_t max_sweeps = RecallOptions{}.max_sweeps;  ///< as there, of steps

  static constexpr std::string_view label = "DenseAssociativeMemory.recall";
  static constexpr auto fields() {
    return std::tuple{field("tolerance", &SettleOptions::tolerance, finite_from(0), "",
                            "of order = inf alone: recall has converged when a step moves no unit "
                            "by more")};
  }
};

/// Where the ends of recalls go: arrays with a place for each state.
template <class Unit>
struct MemoryRecalls {
  Unit* states;  ///< (count, units)
  double* energies;
  Recalled* endings;
};

/// Recalls `count` states with a memory of some order, each with a stream of its own.
/// @param states row-major (count, units), -1 and 1.
inline void recall(const PolynomialMemory& memory, const std::int8_t* states, std::int64_t count,
                   const RecallOptions& options, int threads, Monitor& monitor,
                   const MemoryRecalls<std::int8_t>& out) {
  validate(options, SettleOptions::label);
  const std::int64_t n = memory.patterns().units();
  const std::vector<double> limits(static_cast<std::size_t>(n), 0.0);
  recall_on_threads(count, threads, monitor, [&](Waiting& waiting, auto& progress) {
    Recall recall(memory.fields(), {limits.data(), 1}, options);
    for (auto [k, last] = waiting.take(1, 16); k < last; std::tie(k, last) = waiting.take(1, 16))
      for (; k < last; ++k) {
        out.endings[k] = recall(states + k * n, static_cast<std::uint32_t>(k), nullptr, progress);
        std::copy_n(recall.fields().state(), n, out.states + k * n);
        out.energies[k] = -0.5 * recall.fields().quadratic();
        progress.tick(1);
      }
  });
}

/// Recalls `count` states with a softmax memory: steps until one moves no unit by more than the
/// tolerance. @param states row-major (count, units).
inline void recall(const SoftmaxMemory& memory, const double* states, std::int64_t count,
                   const SettleOptions& options, int threads, Monitor& monitor,
                   const MemoryRecalls<double>& out) {
  validate(options);
  const SoftmaxRule rule = memory.rule();
  const std::int64_t n = memory.units();
  constexpr std::int64_t together = 16;  // states between two looks at the monitor
  recall_on_threads(count, threads, monitor, [&](Waiting& waiting, auto& progress) {
    std::vector<double> now, next;
    std::vector<std::int64_t> moving;  // the states that have not converged, row by row
    std::int64_t sweeps = 0;
    const auto end = [&](std::int64_t k, const double* state, std::int64_t cycle_length) {
      std::copy_n(state, n, out.states + k * n);
      out.energies[k] = rule.energy(state);
      out.endings[k] = {sweeps, cycle_length};
      progress.tick(1);
    };
    const auto step = [&] {
      ++sweeps;
      const std::int64_t rows = std::ssize(moving);
      for (std::int64_t row = 0; row < rows; row += together) {
        rule.steps(now.data() + row * n, std::min(together, rows - row), next.data() + row * n);
        progress.tick(0);
      }
      std::int64_t kept = 0;
      for (std::int64_t row = 0; row < rows; ++row) {
        const double *before = now.data() + row * n, *after = next.data() + row * n;
        const bool settled = std::equal(before, before + n, after, [&](double a, double b) {
          return std::abs(b - a) <= options.tolerance;
        });
        const std::int64_t k = moving[static_cast<std::size_t>(row)];
        if (settled) {
          end(k, after, 1);
        } else {
          std::copy_n(after, n, now.data() + kept * n);
          moving[static_cast<std::size_t>(kept++)] = k;
        }
      }
      moving.resize(static_cast<std::size_t>(kept));
    };
    for (auto [first, last] = waiting.take(together, 16 * together); first < last;
         std::tie(first, last) = waiting.take(together, 16 * together)) {
      now.assign(states + first * n, states + last * n);
      next.resize(now.size());
      moving.resize(static_cast<std::size_t>(last - first));
      std::iota(moving.begin(), moving.end(), first);
      for (sweeps = 0; !moving.empty() && sweeps < options.max_sweeps;) step();
      for (std::size_t row = 0; row < moving.size(); ++row)
        end(moving[row], now.data() + static_cast<std::int64_t>(row) * n, 0);
    }
  });
}

}  // namespace attractornet::hopfield
