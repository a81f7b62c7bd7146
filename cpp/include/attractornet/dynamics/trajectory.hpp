/// @file
/// Long recordings in pieces, so that progress and Ctrl-C are answered between them.
#pragma once

#include <algorithm>
#include <cstdint>

namespace attractornet {

/// Steps between two looks at the monitor, about a millisecond of work; a multiple of 4, which
/// orbits may take together.
/// @param work multiply-adds of a step, roughly.
constexpr std::int64_t steps_between_ticks(std::int64_t work) {
  if (work > (1 << 25)) return 1;
  return 4 * std::max<std::int64_t>(1, (1 << 22) / (4 * (work + 64)));
}

/// Calls advance(n) for `steps` steps in pieces, telling `ticker` of each.
/// @param work multiply-adds of a step, roughly.
template <class Advance, class Ticker>
void in_pieces(std::int64_t steps, std::int64_t work, Ticker& ticker, Advance&& advance) {
  const std::int64_t piece = steps_between_ticks(work);
  while (steps > 0) {
    const std::int64_t n = std::min(piece, steps);
    advance(n);
    ticker.tick(n);
    steps -= n;
  }
}

}  // namespace attractornet
