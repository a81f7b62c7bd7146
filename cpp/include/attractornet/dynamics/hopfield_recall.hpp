/// @file
/// Recall: from a state to a stored one, by whole sweeps of updates (see systems/hopfield.hpp).
#pragma once

#include <algorithm>
#include <atomic>
#include <attractornet/core/fields.hpp>
#include <attractornet/core/monitor.hpp>
#include <attractornet/core/parallel.hpp>
#include <attractornet/core/random_words.hpp>
#include <attractornet/systems/hopfield.hpp>
#include <attractornet/systems/hopfield_patterns.hpp>
#include <cstdint>
#include <numeric>
#include <utility>
#include <vector>

namespace attractornet::hopfield {

struct RecallOptions {
  Update update = Update::asynchronous;
  std::int64_t max_sweeps = 100;
  double temperature = 0;
  Tie tie = Tie::keep;
  std::int64_t seed = 0;

  static constexpr std::string_view label = "HopfieldNetwork.recall";
  static constexpr auto fields() {
    constexpr double most = 4294967295.0;
    using O = RecallOptions;
    return std::tuple{
        field("update", &O::update, {}, "",
              "asynchronous: sweeps, each unit once, in an order drawn for each sweep; sequential: "
              "sweeps in the order of the units; random: units drawn with replacement, N to a "
              "sweep; synchronous: all units at once"),
        field("max_sweeps", &O::max_sweeps, between(0, most), "sweeps",
              "recall ends after so many at the latest, and at T > 0 then"),
        field("temperature", &O::temperature, finite_from(0), "",
              "T of the noise (Glauber); 0: none"),
        field("tie", &O::tie, {}, "", "what a unit of field 0 does: keep its value, or become 1"),
        field("seed", &O::seed, between(0, 9007199254740991.0), "",
              "seed of orders and noise; state b of a batch has a stream of its own"),
    };
  }
};

/// How a recall ended.
struct Recalled {
  std::int64_t sweeps = 0;  ///< those that were made, with the last one, which changed nothing
  /// States that are run through for ever: 1 for a fixed point, 0 if none was found.
  std::int64_t cycle_length = 0;
};

/// Records a recall every so many visits of units; see Recall.
class Recorder {
 public:
  virtual ~Recorder() = default;
  explicit Recorder(std::int64_t every) : every_(every), next_(0) {}
  /// `visits` updates were made in all.
  template <class Fields>
  void reach(std::int64_t visits, const Fields& fields) {
    for (; next_ <= visits; next_ += every_) record(fields.state(), fields.quadratic());
  }

 protected:
  /// @param state (units,), -1 and 1; @param quadratic sum_ij w_ij s_i s_j, weights scaled.
  virtual void record(const std::int8_t* state, double quadratic) = 0;

 private:
  std::int64_t every_, next_;
};

/// The workspace of recalls with one network, one at a time; two that advance in turn hide each
/// other's waiting. @tparam Fields DenseFields, FactoredFields, ...
template <class Fields>
class Recall {
 public:
  /// `limits` is borrowed.
  Recall(Fields fields, const Limits& limits, const RecallOptions& options)
      : fields_(std::move(fields)),
        limits_(limits),
        options_(options),
        units_(fields_.units()),
        words_(units_),
        order_(static_cast<std::size_t>(units_)) {
    std::iota(order_.begin(), order_.end(), 0);
    if constexpr (by_events) fields_.set_order(order_.data());
    if constexpr (takes_limits) fields_.set_limits(limits.limit, options.tie);
    if (options.temperature > 0) noisy_.resize(static_cast<std::size_t>(padded(units_)));
  }

  const Fields& fields() const { return fields_; }

  /// How the last recall ended.
  const Recalled& ending() const { return ending_; }

  /// Begins a recall. @param start (units,), -1 and 1. @param index of the state in its batch.
  /// @param recorder null: none.
  void begin(const std::int8_t* start, std::uint32_t index, Recorder* recorder) {
    fields_.load(start);
    index_ = index;
    recorder_ = recorder;
    ending_ = {};
    under_way_ = false;
    next_ = 0;
    previous_.clear();
    anchor_.clear();
    record(0);
  }
  /// Goes on, by a flip or by a sweep; false once the recall has ended.
  /// @param progress ticked with 0 now and then.
  template <class Progress>
  bool advance(Progress& progress) {
    if constexpr (by_events)
      if (next_ != 0) {
        watch(next_ - 1, progress);
        ++flips_;
        next_ = fields_.flip_and_find(order_[at(next_ - 1)], next_);
        return true;
      }
    return turn(progress);
  }
  /// A whole recall.
  template <class Progress>
  Recalled operator()(const std::int8_t* start, std::uint32_t index, Recorder* recorder,
                      Progress& progress) {
    begin(start, index, recorder);
    while (advance(progress)) {
    }
    return ending_;
  }

 private:
  static constexpr bool by_events = requires(Fields f) { f.flip_and_find(0, 0); };
  static constexpr bool takes_limits = requires(Fields f) { f.set_limits(nullptr, Tie::keep); };

  static std::size_t at(std::int64_t i) { return static_cast<std::size_t>(i); }
  void record(std::int64_t visits) const {
    if (recorder_) recorder_->reach(visits, fields_);
  }
  /// Ticks once in a while: a look at the clock takes as long as some visits.
  template <class Progress>
  void work(std::int64_t visits, Progress& progress) {
    worked_ += visits;
    if (worked_ < 4096) return;
    worked_ = 0;
    progress.tick(0);
  }
  /// Before a visit of this sweep.
  template <class Progress>
  void watch(std::int64_t visit, Progress& progress) {
    work(1, progress);
    if (recorder_) record((ending_.sweeps - 1) * units_ + visit);
  }
  std::uint64_t stream() const { return static_cast<std::uint64_t>(ending_.sweeps) << 32 | index_; }
  auto seed() const { return static_cast<std::uint64_t>(options_.seed); }

  /// Ends the sweep that is under way, and begins the next one; false if there is none.
  template <class Progress>
  [[gnu::noinline]] bool turn(Progress& progress) {
    if (under_way_) {
      work(units_, progress);
      record(ending_.sweeps * units_);
      if (options_.temperature == 0)
        ending_.cycle_length = flips_ == 0 && !unsettled() ? 1 : cycle(ending_.sweeps);
      if (ending_.cycle_length > 0) return false;
    }
    if (ending_.sweeps >= options_.max_sweeps) return false;
    ++ending_.sweeps;
    under_way_ = true;
    flips_ = 0;
    options_.update == Update::synchronous ? step(progress) : sweep(progress);
    return true;
  }

  // ----------------------------------------------------------------------------- what units do

  /// Draws the limits of one sweep: at temperature T a unit becomes 1 where 2 h > T ln(u / (1 - u))
  /// with u uniform in (0, 1). They are those of units, of random sites those of visits: a unit
  /// that is drawn twice meets noise of its own each time.
  void draw_limits() {
    using P = Pack<double, 8>;
    words_.draw(seed(), Purpose::noise, stream());
    const P width(options_.temperature * limits_.scale);
    const bool sites = options_.update == Update::random;
    double u[8], limit[8] = {};
    for (std::int64_t k = 0; k < units_; k += 8) {
      for (int l = 0; l < 8; ++l) u[l] = (words_[k + l] + 0.5) * 0x1p-32;
      const std::int64_t count = std::min<std::int64_t>(8, units_ - k);
      if (!sites)
        std::copy_n(limits_.limit + k, count, limit);
      else
        for (std::int64_t l = 0; l < count; ++l) limit[l] = limits_.limit[order_[at(k + l)]];
      const P chance = P::load(u);
      fma(width, log_of_normal(chance / (P(1.0) - chance)), P::load(limit)).store(&noisy_[at(k)]);
    }
    if constexpr (takes_limits)
      if (!sites) fields_.set_limits(noisy_.data(), options_.tie);
  }

  /// Whether a unit would change by its limit. With noise at random sites it is the visit that has
  /// one; see draw_limits.
  bool changes(std::int64_t i) const {
    if constexpr (requires { fields_.changes(i); })
      return fields_.changes(i);
    else
      return changes(i, noisy_.empty() ? limits_.limit[i] : noisy_[at(i)]);
  }
  /// Whether a unit would change that meets this limit.
  bool changes(std::int64_t i, double limit) const {
    // NOTE: without a branch on the unit's value, which no processor can foresee.
    const double s = fields_.state()[i];
    const double stays = (fields_.doubled_field(i) - limit) * s;
    return stays < 0 || (stays == 0 && s < 0 && options_.tie == Tie::plus);
  }
  /// Random sites may leave units out: then a sweep without flips proves nothing.
  bool unsettled() const {
    if (options_.update != Update::random) return false;
    for (std::int64_t i = 0; i < units_; ++i)
      if (changes(i)) return true;
    return false;
  }

  // ------------------------------------------------------------------------ one unit at a time

  /// Makes a sweep; where events drive it, only begins it.
  template <class Progress>
  void sweep(Progress& progress) {
    const bool noisy = options_.temperature > 0, sites = options_.update == Update::random;
    if (sites) draw_order();  // whose limits are drawn next
    if (noisy) draw_limits();
    if constexpr (by_events) {
      if (!sites) {
        if (!noisy && !fields_.unsettled()) return;
        if (options_.update == Update::asynchronous) {
          draw_order();
          fields_.set_order(order_.data());
        }
        next_ = fields_.find();
        return;
      }
    }
    if (options_.update == Update::asynchronous) draw_order();
    for (std::int64_t visit = 0; visit < units_; ++visit) {
      watch(visit, progress);
      if constexpr (requires { fields_.expect(0); }) expect(visit);
      const std::int64_t i = order_[at(visit)];
      if (!(sites && noisy ? changes(i, noisy_[at(visit)]) : changes(i))) continue;
      fields_.flip(i);
      ++flips_;
    }
  }
  /// Asks ahead for what a visit reads.
  void expect(std::int64_t visit) const {
    constexpr std::int64_t ahead = 6;
    if (visit + ahead < units_) fields_.expect(order_[at(visit + ahead)]);
  }

  /// The sites of a sweep: a permutation (Fisher and Yates), or drawn with replacement.
  void draw_order() {
    words_.draw(seed(), Purpose::order, stream());
    const auto below = [&](std::int64_t i, std::int64_t bound) {
      return static_cast<std::int32_t>(words_[i] * static_cast<std::uint64_t>(bound) >> 32);
    };
    if (options_.update == Update::random) {
      for (std::int64_t i = 0; i < units_; ++i) order_[at(i)] = below(i, units_);
      return;
    }
    for (std::int64_t i = 0; i < units_; ++i) {
      const std::size_t j = at(below(i, i + 1));
      order_[at(i)] = order_[j];
      order_[j] = static_cast<std::int32_t>(i);
    }
  }

  // -------------------------------------------------------------------------- all units at once

  template <class Progress>
  void step(Progress& progress) {
    if (options_.temperature > 0) draw_limits();
    flipped_.clear();
    for (std::int64_t i = 0; i < units_; ++i) {
      work(1, progress);
      if (changes(i)) flipped_.push_back(i);
    }
    record(ending_.sweeps * units_ - 1);  // what they are until all have been updated
    if constexpr (requires { fields_.flip(flipped_); })
      fields_.flip(flipped_);
    else
      for (const auto i : flipped_) fields_.flip(i);
    flips_ = static_cast<std::int64_t>(flipped_.size());
  }
  /// The length of the cycle that this state closes; 0: none.
  std::int64_t cycle(std::int64_t sweeps) {
    if (options_.update != Update::synchronous) return 0;
    const bool back = flipped_ == previous_;  // what was flipped is flipped back
    std::swap(flipped_, previous_);
    if (back) return 2;
    // A state is kept at each power of two; what comes back to it has gone round (Brent 1980). With
    // symmetric weights nothing but rounding, where units are tied, makes a cycle as long.
    const std::int8_t* state = fields_.state();
    if (!anchor_.empty() && std::equal(anchor_.begin(), anchor_.end(), state))
      return sweeps - anchored_;
    if ((sweeps & (sweeps - 1)) == 0) {
      anchor_.assign(state, state + units_);
      anchored_ = sweeps;
    }
    return 0;
  }

  Fields fields_;
  Limits limits_;
  RecallOptions options_;
  std::int64_t units_;
  RandomWords words_;
  std::vector<std::int32_t> order_;
  std::vector<double> noisy_;  ///< limits of this sweep; empty at T = 0
  std::uint32_t index_ = 0;
  Recorder* recorder_ = nullptr;
  Recalled ending_;
  bool under_way_ = false;   ///< a sweep
  std::int64_t flips_ = 0;   ///< of this sweep
  std::int64_t worked_ = 0;  ///< visits since the last tick
  std::int64_t next_ = 0;    ///< rank of the unit that flips next, from 1; 0: none does
  std::vector<std::int64_t> flipped_, previous_;  ///< by this step and the one before
  std::vector<std::int8_t> anchor_;
  std::int64_t anchored_ = 0;
};

/// States of a batch that no thread has begun.
class Waiting {
 public:
  /// Several threads take few at a time, so that they end together.
  Waiting(std::int64_t count, int threads)
      : count_(count), share_(threads == 1 ? count : count / (64 * threads)) {}
  /// The next ones, [first, last), about so many; none once all have begun.
  std::pair<std::int64_t, std::int64_t> take(std::int64_t least, std::int64_t most) {
    const std::int64_t some = std::clamp(share_, least, most);
    const std::int64_t first = std::min(begun_.fetch_add(some), count_);
    return {first, std::min(first + some, count_)};
  }

 private:
  std::int64_t count_, share_;
  std::atomic<std::int64_t> begun_{0};
};

/// run(waiting, progress) on each thread, which takes states from `waiting` until there are none.
template <class Run>
void recall_on_threads(std::int64_t count, int threads, Monitor& monitor, Run run) {
  monitor.begin(count);
  const int workers = static_cast<int>(std::clamp<std::int64_t>(count, 1, threads));
  Waiting waiting(count, workers);
  if (workers == 1)
    run(waiting, monitor);
  else
    parallel_for(workers, workers, monitor,
                 [&](std::int64_t, Progress& progress) { run(waiting, progress); });
  monitor.end();
}

}  // namespace attractornet::hopfield
