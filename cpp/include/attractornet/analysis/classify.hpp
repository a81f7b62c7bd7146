/// @file
/// What an orbit settles on: a fixed point, a cycle, a torus, chaos; with the evidence.
///
/// The orbit is watched through windows, each after a transient of its own length, of a scalar
/// observable s. A window speaks for
///  - a fixed point or a cycle, where s repeats itself and the orbit there is not unstable;
///  - a torus, where weighted Birkhoff averages over its halves agree to many digits (birkhoff.hpp)
///    and the largest exponents, themselves such averages, are 0: as many as the torus has
///    dimensions;
///  - chaos, where the largest exponent is positive by five standard errors. A chaotic orbit may
///  yet
///    fall into something simpler: it is followed to the horizon and looked at again there.
///    "Chaotic" holds for as long as it was watched.
/// Where a window says nothing, the next one is twice as long, up to the horizon; then the answer
/// is "undecided".
#pragma once

#include <algorithm>
#include <attractornet/analysis/birkhoff.hpp>
#include <attractornet/analysis/classification.hpp>
#include <attractornet/analysis/closure.hpp>
#include <attractornet/analysis/spectral_lines.hpp>
#include <attractornet/analysis/window_exponents.hpp>
#include <attractornet/core/monitor.hpp>
#include <attractornet/dynamics/orbit.hpp>
#include <attractornet/dynamics/trajectory.hpp>
#include <cmath>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace attractornet {

namespace detail {

/// Watches an orbit, look by look. Between looks the orbit may be advanced elsewhere, such as on a
/// device with many others: from state() by wanted() steps, from where look_from() takes it up.
template <class Subject>
class Classifier {
 public:
  Classifier(const Subject& subject, const ClassifyOptions& options, Monitor& monitor)
      : subject_(subject), options_(options), monitor_(monitor), orbit_(subject.orbit()) {}

  /// All looks, one after the other.
  Classification operator()(const double* initial) {
    start(initial);
    while (!over_) look();
    return result();
  }

  void start(const double* initial) {
    monitor_.begin(options_.horizon);
    orbit_->load(initial);
    see_start();
    limit_ = options_.horizon;
    look_next_at(first_window());
  }
  bool over() const { return over_; }
  std::int64_t wanted() const { return wanted_; }
  std::vector<double> state() const {
    std::vector<double> result(subject_.dimension());
    orbit_->state(result.data());
    return result;
  }
  void look() {
    orbit_advance(wanted_);
    go_on();
  }
  /// @param state that wanted() steps lead to.
  void look_from(const double* state) {
    orbit_->load(state);
    tick(wanted_);
    go_on();
  }
  /// Gives memory back until the next look.
  void rest() {
    series_ = {};
    averagers_.clear();
  }
  Classification result() {
    result_.state = state();
    monitor_.end();
    return std::move(result_);
  }

 private:
  static constexpr std::int64_t longest_window = 1 << 20, last_window = 1 << 18;
  static constexpr double closed = 1e-8;  ///< of the extent: a return that closes the orbit
  static constexpr double enough_digits =
      6;  ///< chaos reaches 3, more in narrow bands; a torus 6 to 16

  /// The next look is at so many steps, after a transient as long and `skipped` more.
  void look_next_at(std::int64_t window, std::int64_t skipped = 0) {
    window_ = window;
    wanted_ = std::max<std::int64_t>(0, skipped) + window;
  }
  /// Looks, and decides what follows.
  void go_on() {
    result_.kind = look_at(window_);
    result_.horizon = watched_;
    // What is left, as a window and as long a transient; too short a window would tell nothing.
    const std::int64_t rest = (limit_ - watched_) / 64 * 32;
    const bool at_the_end = rest < first_window() / 2;
    if (result_.kind == Kind::chaotic && !at_the_end) {
      const std::int64_t window = std::min(last_window, rest);
      look_next_at(window, limit_ - watched_ - 2 * window);
      chaos_seen_ = true;
    } else if (result_.kind != Kind::undecided || settled_) {
      over_ = true;
    } else if (chaos_seen_) {  // it has just ended: what follows deserves a look of its own
      limit_ = watched_ + options_.horizon / 2;
      look_next_at(first_window());
      chaos_seen_ = false;
    } else if (at_the_end) {
      over_ = true;
    } else {
      look_next_at(std::min({2 * window_, longest_window, rest}));
    }
  }

  std::int64_t first_window() const {
    const std::int64_t wanted = std::max<std::int64_t>(1 << 15, 3 * options_.max_period);
    return std::min(wanted, (options_.horizon - first_steps()) / 2) / 32 * 32;
  }

  void orbit_advance(std::int64_t steps) {
    if (steps <= 0) return;
    in_pieces(steps, *this, [&](std::int64_t n) { orbit_->advance(n); });
  }
  void record(std::int64_t steps) {
    series_.resize(static_cast<std::size_t>(steps));
    double* out = series_.data();
    in_pieces(steps, *this, [&](std::int64_t n) {
      orbit_->record(n, out);
      out += n;
    });
  }

 public:
  /// NOTE: told by in_pieces.
  void tick(std::int64_t steps) {
    watched_ += steps;
    monitor_.done_at(std::min(watched_, options_.horizon));
  }

 private:
  /// The range of the first steps: what a fixed point has to be small beside.
  void see_start() {
    record(first_steps());
    see_range();
  }
  std::int64_t first_steps() const { return std::min<std::int64_t>(256, options_.horizon / 4); }
  void see_range() {
    const auto [low, high] = std::minmax_element(series_.begin(), series_.end());
    lowest_ = std::min(lowest_, *low);
    highest_ = std::max(highest_, *high);
  }

  /// Watches a window and says what it speaks for.
  Kind look_at(std::int64_t window) {
    start_.resize(subject_.dimension());
    orbit_->state(start_.data());
    record(window);
    result_.window = window;
    if (!all_finite()) return diverged();
    see_range();
    const std::span<const double> series(series_), half = series.subspan(series.size() / 2);
    const double extent = extent_of(half),
                 largest = std::max(std::abs(lowest_), std::abs(highest_)),
                 // Below the normal numbers nothing is left but rounding.
        rounding = std::max(16 * std::numeric_limits<double>::epsilon() * largest,
                            std::numeric_limits<double>::min());
    const auto [lag, distance] = closest_return(series, options_.max_period);
    result_.recurrence = distance / extent;
    result_.recurrence_lag = lag;
    result_.period = 0;
    result_.torus_dimension = -1;
    result_.frequencies.clear();

    const double range = highest_ - lowest_;
    if (extent <= std::max(closed * range, rounding)) {
      result_.recurrence = range > 0 ? extent / range : 0;
      return judge_cycle(1, extent);
    }
    const double tolerance = std::max(closed * extent, rounding);
    if (const auto period = least_period(series, options_.max_period, tolerance)) {
      const double misses = return_distance(series, period, window / 2);
      result_.recurrence = misses / extent;
      return judge_cycle(period, misses);
    }

    result_.digits = birkhoff_digits(series, averager(series_.size()));
    return result_.digits >= enough_digits ? judge_torus() : judge_chaos();
  }

  /// The series closes; `distance` is 0 where it does to the last bit.
  Kind judge_cycle(std::int64_t period, double distance) {
    result_.digits = 16;
    result_.recurrence_lag = period;
    const auto exponents = measure(1);
    if (!exponents) return diverged();
    const auto& first = exponents->averages.front();
    if (first.value > 3 * first.spread + 1e-7) {
      settled_ = distance == 0;
      result_.reason =
          "the orbit repeats itself after " + std::to_string(period) +
          " steps, but is unstable there" +
          (settled_ ? ": it started on an unstable orbit, or rounding led it there" : "");
      return Kind::undecided;
    }
    result_.torus_dimension = 0;
    result_.period = static_cast<double>(period) * subject_.time_step();
    if (period == 1) {
      result_.reason = "the orbit rests";
      if (subject_.samples_flow()) result_.period = 0;
      return Kind::fixed_point;
    }
    if (subject_.samples_flow()) {  // a circle: its samples may meet themselves after several turns
      const double line = fundamental_frequency(last_part());
      result_.frequencies = {std::max(1.0, std::round(line * static_cast<double>(period))) /
                             result_.period};
      result_.torus_dimension = 1;
      result_.period = 1 / result_.frequencies.front();
    } else {
      result_.frequencies = {rotation_of_cycle(period) / subject_.time_step()};
    }
    result_.reason = "the orbit repeats itself";
    return Kind::periodic;
  }

  /// The strongest of the multiples of 1/period: by the definition where that is quick.
  double rotation_of_cycle(std::int64_t period) const {
    if (period <= 1024) return strongest_harmonic(series_, static_cast<std::size_t>(period));
    const double line = SpectralLines(last_part()).next().frequency;
    return std::max(1.0, std::round(line * static_cast<double>(period))) /
           static_cast<double>(period);
  }

  /// Averages agree to many digits: a torus, if there are neutral directions.
  Kind judge_torus() {
    const int dimension = subject_.dimension();
    std::optional<WindowExponents> exponents;
    std::int64_t neutral = 0;
    for (int k = std::min(2, dimension);; k = std::min(2 * k, dimension)) {
      exponents = measure(k);
      if (!exponents) return diverged();
      neutral = exponents->neutral_count();
      if (neutral < k || k == dimension) break;
    }
    if (exponents->clearly_positive()) return chaos();  // in bands so narrow that averages agree
    if (neutral == 0) {
      result_.reason =
          "averages agree, but there is no neutral direction: a slow approach, or a period above "
          "max_period";
      return Kind::undecided;
    }
    for (std::int64_t c = 0; c < neutral; ++c)
      if (!(exponents->averages[c].spread <= 1e-5 || exponents->sheared())) {
        result_.reason = "averages agree, but the exponents are not known well enough";
        return Kind::undecided;
      }
    return name_torus(neutral);
  }

  Kind name_torus(std::int64_t neutral) {
    std::vector<double> frequencies =
        independent_frequencies(last_part(), static_cast<int>(std::min<std::int64_t>(neutral, 4)));
    if (frequencies.empty()) {
      result_.reason = "averages agree and the largest exponent is 0, but all lines are rational";
      return Kind::undecided;
    }
    const auto found = static_cast<std::int64_t>(frequencies.size());
    result_.torus_dimension = static_cast<int>(neutral <= 4 ? std::min(neutral, found) : neutral);
    const bool cycle = subject_.samples_flow() && result_.torus_dimension == 1;
    if (cycle) frequencies = {fundamental_frequency(last_part())};
    for (double& frequency : frequencies) frequency /= subject_.time_step();
    result_.frequencies = std::move(frequencies);
    if (cycle) {
      result_.period = 1 / result_.frequencies.front();
      result_.reason = "averages agree, and the only neutral direction is that of the flow";
      return Kind::periodic;
    }
    result_.reason = "averages agree, and the largest exponent is 0";
    return Kind::quasiperiodic;
  }

  /// As much of the window as spectral lines need.
  std::span<const double> last_part() const {
    return std::span<const double>(series_).last(std::min<std::size_t>(series_.size(), 1 << 17));
  }

  Kind judge_chaos() {
    const auto exponents = measure(1);
    if (!exponents) return diverged();
    if (exponents->clearly_positive()) return chaos();
    result_.reason = "averages do not agree, yet the largest exponent is not clearly positive";
    return Kind::undecided;
  }

  Kind chaos() {
    if (grows()) {
      result_.reason = "neighbouring states separate, but so does the orbit from where it was";
      return Kind::undecided;
    }
    result_.reason = "neighbouring states separate";
    return Kind::chaotic;
  }
  Kind diverged() {
    result_.reason = "the orbit left the finite numbers";
    if (subject_.samples_flow()) result_.reason += "; if the flow itself does not, dt is too long";
    return Kind::diverged;
  }

  /// Whether the window ends out of all proportion to its beginning.
  bool grows() const {
    const std::span<const double> series(series_);
    const std::size_t quarter = series.size() / 4;
    return extent_of(series.last(quarter)) > 1e6 * extent_of(series.first(quarter));
  }

  bool all_finite() {
    std::vector<double> state(subject_.dimension());
    orbit_->state(state.data());
    const auto finite = [](double value) { return std::isfinite(value); };
    return std::all_of(series_.begin(), series_.end(), finite) &&
           std::all_of(state.begin(), state.end(), finite);
  }

  /// k exponents along the window that was recorded.
  std::optional<WindowExponents> measure(int k) {
    const auto orbit = subject_.tangent_orbit(k);
    Relay relay(monitor_, std::min(watched_, options_.horizon), false);
    const auto frame = first_frame(subject_.dimension(), k, options_.seed, relay);
    orbit->load(start_.data(), frame.data());
    auto exponents =
        window_exponents(*orbit, subject_.dimension(), k, result_.window, options_.seed, relay,
                         [this](std::size_t length) -> auto& { return averager(length); });
    if (exponents) keep(*exponents);
    return exponents;
  }

  void keep(const WindowExponents& exponents) {
    const double dt = subject_.time_step();
    result_.exponents.clear();
    for (const auto& a : exponents.averages) result_.exponents.push_back(a.value / dt);
    // The weighted average is the better one where it converges, and has no error bar elsewhere.
    const bool regular = result_.digits >= enough_digits;
    const auto& first = exponents.averages.front();
    result_.exponent = (regular ? first.value : exponents.mean) / dt;
    result_.exponent_error = (regular ? first.spread : exponents.standard_error) / dt;
  }

  /// Averagers of one length, kept since windows come in few lengths.
  const BirkhoffAverager& averager(std::size_t length) {
    for (const auto& each : averagers_)
      if (each->length() == length) return *each;
    return *averagers_.emplace_back(std::make_unique<BirkhoffAverager>(length));
  }

  const Subject& subject_;
  const ClassifyOptions& options_;
  Monitor& monitor_;
  decltype(std::declval<const Subject&>().orbit()) orbit_;
  Classification result_;
  std::int64_t watched_ = 0, limit_ = 0, window_ = 0, wanted_ = 0;
  bool settled_ = false;  ///< nothing will change any more
  bool chaos_seen_ = false, over_ = false;
  double lowest_ = std::numeric_limits<double>::infinity(), highest_ = -lowest_;
  std::vector<double> series_, start_;
  std::vector<std::unique_ptr<BirkhoffAverager>> averagers_;
};

}  // namespace detail

/// What the orbit of a subject (see RuleSubject) settles on.
/// @param initial state to start from (dimension,).
template <class Subject>
Classification classify_subject(const Subject& subject, const double* initial,
                                const ClassifyOptions& options, Monitor& monitor) {
  validate(options);
  return detail::Classifier<Subject>(subject, options, monitor)(initial);
}

/// What the orbit of a rule settles on.
/// @param initial state to start from (dimension,).
template <Map R>
  requires HasTangent<R>
Classification classify(const R& rule, const double* initial, const ClassifyOptions& options,
                        Monitor& monitor) {
  return classify_subject(RuleSubject<R>{rule}, initial, options, monitor);
}

}  // namespace attractornet
