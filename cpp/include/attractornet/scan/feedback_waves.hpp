/// @file
/// Feedback networks in waves: many of one size, run in lanes piece by piece.
///
/// All walkers of a wave are at the same time. After each piece they may change company: those that
/// have ended leave their lane to others, and those whose tangent vectors need the same care run
/// together. What a walker does depends on itself alone, so it makes no difference with whom it
/// ran.
#pragma once

#include <algorithm>
#include <attractornet/analysis/lane_frames.hpp>
#include <attractornet/analysis/lyapunov.hpp>
#include <attractornet/scan/general.hpp>
#include <attractornet/systems/feedback_cells.hpp>
#include <attractornet/systems/feedback_lanes.hpp>
#include <attractornet/systems/feedback_network.hpp>
#include <cmath>
#include <cstdint>
#include <optional>
#include <span>
#include <utility>
#include <vector>

namespace attractornet::feedback {

/// A network on its way, in a wave.
template <class T>
struct Walker {
  Network network;
  std::vector<T> state;  ///< (inputs,)
  std::vector<T> frame;  ///< (k, inputs)

  Walker(Network net, const double* start) : network(std::move(net)) {
    state.assign(start, start + network.inputs());
  }
};

/// Lanes for a wave, kept from piece to piece: weights are loaded only where a lane changes hands.
template <class Lanes>
class LanePool {
 public:
  using T = typename Lanes::Value;
  static constexpr int count = Lanes::count;

  LanePool(int neurons, int inputs, int k) : neurons_(neurons), inputs_(inputs), k_(k) {}

  /// Puts up to `count` walkers into lanes and calls run(lanes). Empty lanes repeat the first one.
  /// @param slot which lanes to take: those that these walkers were in before, if
  /// possible.
  template <class Run>
  void in_lanes(std::size_t slot, std::span<Walker<T>* const> walkers, Run&& run) {
    while (slots_.size() <= slot) slots_.emplace_back(Lanes(neurons_, inputs_, k_));
    Slot& place = slots_[slot];
    for (int lane = 0; lane < count; ++lane) {
      Walker<T>* walker = walkers[static_cast<std::size_t>(lane) < walkers.size() ? lane : 0];
      if (std::exchange(place.occupants[lane], walker) != walker)
        place.lanes.set(lane, walker->network.w().data(), walker->network.b().data());
      place.lanes.load(lane, walker->state.data());
      if (k_ > 0) place.lanes.load_frame(lane, walker->frame.data());
    }
    run(place.lanes);
  }

 private:
  struct Slot {
    Lanes lanes;
    Walker<T>* occupants[count] = {};

    explicit Slot(Lanes made) : lanes(std::move(made)) {}
  };

  int neurons_, inputs_, k_;
  std::vector<Slot> slots_;
};

// -------------------------------------------------------------------------------------- exponents

/// A walker with tangent vectors: their growth, and how often they are made orthonormal.
template <class T>
struct TangentWalker : Walker<T> {
  using Walker<T>::Walker;
  std::int64_t interval = 1;
  bool lost = false;  ///< even single steps lose too much: for the careful path
  std::vector<double> growth;

  /// What a piece of its orbit came to.
  struct Piece {
    double least_share;    ///< squared, see LaneOrthonormaliser
    double volume_defect;  ///< |growth - ln|det|| a step; 0 where the frame is not complete
  };
  /// Takes a piece, or takes it back: then the interval is shorter, or the walker lost.
  bool accept(const Piece& piece, std::int64_t longest) {
    const double square = piece.least_share, least = interval == 1 ? lost_share : least_share;
    if (!(square > least * least) || !(piece.volume_defect <= worst_defect)) {
      lost = interval == 1;
      interval = std::max<std::int64_t>(1, interval / 2);
      return false;
    }
    // Twice as long an interval leaves about the square of the share. The factors are margins, or
    // the interval would go back and forth.
    if (2 * interval <= longest && square > 10 * least_share &&
        piece.volume_defect < 0.01 * worst_defect)
      interval *= 2;
    return true;
  }

 private:
  // Rounding by the share that is left of a direction: 1e-6, and 1e-3 where a second pass mends it.
  static constexpr double least_share = sizeof(T) == 8 ? 1e-10 : 1e-4;
  static constexpr double lost_share = sizeof(T) == 8 ? 1e-13 : 1e-5;
  static constexpr double worst_defect = sizeof(T) == 8 ? 1e-8 : 1e-4;
};

/// Lyapunov exponents of networks of one size.
template <class T, Tangent With, int G>
class WaveExponents {
 public:
  WaveExponents(int neurons, int inputs, int k, const scan::Options& options, Progress& progress)
      : inputs_(inputs),
        k_(k),
        options_(options),
        progress_(progress),
        longest_(options.interval.value_or(longest_interval)),
        pool_(neurons, inputs, k),
        orthonormalise_(inputs, k) {}

  /// @return for each walker its spectrum; none where it was lost.
  std::vector<std::optional<LyapunovSpectrum>> operator()(std::vector<TangentWalker<T>>& walkers) {
    load_frames(walkers);
    advance(walkers, options_.discard);
    std::vector<std::vector<std::vector<double>>> sums(walkers.size());
    std::vector<std::int64_t> lengths;
    for (std::int64_t block = 0; block < options_.blocks; ++block) {
      const auto end = [&](std::int64_t b) {
        return attractornet::detail::block_end(b, options_.blocks, options_.steps);
      };
      lengths.push_back(end(block + 1) - end(block));
      for (auto& walker : walkers) walker.growth.assign(static_cast<std::size_t>(k_), 0.0);
      advance(walkers, lengths.back());
      for (std::size_t i = 0; i < walkers.size(); ++i) sums[i].push_back(walkers[i].growth);
    }
    std::vector<std::optional<LyapunovSpectrum>> result(walkers.size());
    for (std::size_t i = 0; i < walkers.size(); ++i)
      if (!walkers[i].lost)
        attractornet::detail::summarise(result[i].emplace(), std::move(sums[i]), lengths, 1.0,
                                        k_ == inputs_);
    return result;
  }

 private:
  using Pool = LanePool<Lanes<T, With, G>>;
  /// NOTE: a single float vector that shrinks at every step would leave the normal numbers.
  static constexpr std::int64_t longest_interval =
      With == Tangent::vector && sizeof(T) == 4 ? 8 : 32;
  static constexpr std::int64_t first_piece = 32, longest_piece = 512;

  void load_frames(std::vector<TangentWalker<T>>& walkers) {
    Monitor silent;
    const auto rows = attractornet::detail::first_frame(inputs_, k_, options_.frame_seed, silent);
    std::vector<T> frame;
    for (int c = 0; c < k_; ++c)
      for (int j = 0; j < inputs_; ++j)
        frame.push_back(static_cast<T>(rows[static_cast<std::size_t>(j) * frame_stride(k_) + c]));
    for (auto& walker : walkers) {
      walker.frame = frame;
      walker.growth.assign(static_cast<std::size_t>(k_), 0.0);
    }
  }

  /// Short pieces at first, in which the intervals find their length.
  void advance(std::vector<TangentWalker<T>>& walkers, std::int64_t steps) {
    while (steps > 0) {
      const std::int64_t piece = std::min(steps, std::min(longest_piece, first_piece + time_));
      advance_piece(walkers, piece);
      time_ += piece;
      steps -= piece;
    }
  }

  void advance_piece(std::vector<TangentWalker<T>>& walkers, std::int64_t piece) {
    std::vector<TangentWalker<T>*> pending;
    for (auto& walker : walkers)
      if (!walker.lost) pending.push_back(&walker);
    while (!pending.empty()) {
      std::stable_sort(pending.begin(), pending.end(),
                       [](auto* a, auto* b) { return a->interval < b->interval; });
      std::vector<TangentWalker<T>*> again;
      std::size_t slot = 0;
      for (auto first = pending.begin(); first != pending.end();) {
        const std::int64_t interval = (*first)->interval;
        auto last = first;
        std::vector<Walker<T>*> group;
        while (last != pending.end() && (*last)->interval == interval && group.size() < Pool::count)
          group.push_back(*last++);
        pool_.in_lanes(slot++, group,
                       [&](auto& lanes) { run(lanes, piece, interval, {first, last}, again); });
        first = last;
        progress_.tick(0);
      }
      pending = std::move(again);
    }
  }

  void run(Lanes<T, With, G>& lanes, std::int64_t piece, std::int64_t interval,
           std::span<TangentWalker<T>* const> walkers, std::vector<TangentWalker<T>*>& again) {
    orthonormalise_.reset();
    lanes.volume();
    for (std::int64_t done = 0; done < piece; done += interval) {
      lanes.advance(std::min(interval, piece - done));
      orthonormalise_(lanes.frame(0), lanes.stride());
      if (interval == 1 && k_ > 1) orthonormalise_(lanes.frame(0), lanes.stride());
    }
    const auto volume = lanes.volume();
    for (int lane = 0; lane < static_cast<int>(walkers.size()); ++lane) {
      TangentWalker<T>& walker = *walkers[lane];
      std::vector<double> growth;
      double total = 0;
      for (int c = 0; c < k_; ++c) total += growth.emplace_back(orthonormalise_.growth(c, lane));
      const double defect = k_ == inputs_ && k_ > 1 ? std::abs(total - volume.logarithm(lane)) /
                                                          static_cast<double>(piece)
                                                    : 0.0;
      if (walker.accept({orthonormalise_.least_share(lane), defect}, longest_)) {
        lanes.state(lane, walker.state.data());
        lanes.frame(lane, walker.frame.data());
        for (int c = 0; c < k_; ++c) walker.growth[c] += growth[c];
      } else if (!walker.lost) {
        again.push_back(&walker);
      }
    }
  }

  int inputs_, k_;
  const scan::Options& options_;
  Progress& progress_;
  std::int64_t longest_, time_ = 0;
  Pool pool_;
  LaneOrthonormaliser<T, Pool::count> orthonormalise_;
};

// ----------------------------------------------------------------------------------------- orbits

template <class T>
struct OrbitWalker : Walker<T> {
  using Walker<T>::Walker;
  std::vector<T> before;  ///< the state a piece ago
  Cells cells;
};

/// Orbits of networks of one size. One that repeats a piece to the bit has ended: it would do so
/// for ever.
template <class T, int G>
class WaveOrbits {
 public:
  WaveOrbits(int neurons, int inputs, Progress& progress)
      : pool_(neurons, inputs, 0), progress_(progress) {}

  void advance(std::vector<OrbitWalker<T>>& walkers, std::int64_t steps) {
    run(walkers, steps, [](auto& lanes, std::int64_t n, auto&) { lanes.advance(n); });
  }
  /// Advances, noting the cells of all states that are reached.
  void watch(std::vector<OrbitWalker<T>>& walkers, std::int64_t steps) {
    const auto look = [](auto& lanes, std::int64_t n, auto& group) {
      lanes.advance(n, [&](const T* x) {
        for (std::size_t lane = 0; lane < group.size(); ++lane)
          static_cast<OrbitWalker<T>*>(group[lane])->cells.see(x[lane], x[Pool::count + lane]);
      });
    };
    advance(walkers, 1);  // lanes tell of states that they leave
    run(walkers, steps - 1, look);
    const auto ends = states_of(walkers);
    run(walkers, 1, look);
    for (std::size_t i = 0; i < walkers.size(); ++i) walkers[i].state = ends[i];
  }

 private:
  using Pool = LanePool<Lanes<T, Tangent::none, G>>;
  /// NOTE: many short cycles divide it.
  static constexpr std::int64_t piece = 720;

  static std::vector<std::vector<T>> states_of(const std::vector<OrbitWalker<T>>& walkers) {
    std::vector<std::vector<T>> result;
    for (const auto& walker : walkers) result.push_back(walker.state);
    return result;
  }

  template <class Go>
  void run(std::vector<OrbitWalker<T>>& walkers, std::int64_t steps, const Go& go) {
    std::vector<Walker<T>*> going;
    for (auto& walker : walkers) {
      walker.before.clear();
      going.push_back(&walker);
    }
    run_piece(going, steps % piece, go);
    for (steps -= steps % piece; steps > 0 && !going.empty(); steps -= piece) {
      run_piece(going, piece, go);
      std::erase_if(going, [](Walker<T>* each) {
        auto& walker = *static_cast<OrbitWalker<T>*>(each);
        const bool ended = walker.state == walker.before;
        walker.before = walker.state;
        return ended;
      });
    }
  }

  template <class Go>
  void run_piece(std::span<Walker<T>* const> going, std::int64_t steps, const Go& go) {
    std::size_t slot = 0;
    for (std::size_t first = 0; first < going.size(); first += Pool::count) {
      const auto group =
          going.subspan(first, std::min<std::size_t>(Pool::count, going.size() - first));
      pool_.in_lanes(slot++, group, [&](auto& lanes) {
        go(lanes, steps, group);
        for (std::size_t lane = 0; lane < group.size(); ++lane)
          lanes.state(static_cast<int>(lane), group[lane]->state.data());
      });
      progress_.tick(0);
    }
  }

  Pool pool_;
  Progress& progress_;
};

}  // namespace attractornet::feedback
