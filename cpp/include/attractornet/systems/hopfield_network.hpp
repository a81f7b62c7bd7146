/// @file
/// A Hopfield network: its weights, thresholds and energy, and the patterns that it has stored.
#pragma once

#include <algorithm>
#include <attractornet/core/concepts.hpp>
#include <attractornet/core/error.hpp>
#include <attractornet/core/memory.hpp>
#include <attractornet/core/monitor.hpp>
#include <attractornet/core/random_words.hpp>
#include <attractornet/systems/hopfield.hpp>
#include <attractornet/systems/hopfield_couplings.hpp>
#include <attractornet/systems/hopfield_weights.hpp>
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <numeric>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace attractornet::hopfield {

class Network {
 public:
  using Thresholds = std::optional<std::vector<double>>;

  /// A network that has stored patterns.
  /// @param values row-major (patterns, units), -1 and 1 whatever the coding.
  /// @param thresholds (units,) in the network's coding; none: 0 for bipolar units, half the sum of
  ///        the weights for binary ones, 1/2 - b of low_activity.
  /// @param monitor may throw to stop; null: none.
  Network(std::vector<std::int8_t> values, std::int64_t units, const Storage& storage,
          Thresholds thresholds = std::nullopt, Monitor* monitor = nullptr)
      : storage_(storage), values_(std::move(values)) {
    check(units);
    couplings_ = Couplings(values_, units, storage_, monitor);
    set_thresholds(std::move(thresholds));
  }
  /// A network of Storkey's rule with the weights that it had. @param weights (units, units).
  static Network restored(std::vector<std::int8_t> values, std::int64_t units,
                          const Storage& storage, std::span<const double> weights,
                          Thresholds thresholds) {
    const std::vector<double> symmetrised = checked(weights, units, true);
    Network net;
    net.storage_ = storage;
    net.values_ = std::move(values);
    net.check(units);
    net.couplings_ = Couplings(net.values_, units, storage,
                               symmetrised.empty() ? weights : std::span(symmetrised));
    net.set_thresholds(std::move(thresholds));
    return net;
  }
  /// A network of given weights.
  /// @param weights row-major (units, units); w_ij is the weight from unit j to i.
  /// @param symmetric whether w_ij = w_ji is promised: it must then be true but for rounding, see
  ///        check_symmetry, and the mean of both is taken.
  Network(std::span<const double> weights, std::int64_t units, Coding coding, bool symmetric,
          Thresholds thresholds = std::nullopt) {
    storage_.coding = coding;
    const std::vector<double> symmetrised = checked(weights, units, symmetric);
    couplings_ =
        Couplings(symmetrised.empty() ? weights : std::span(symmetrised), units, symmetric);
    set_thresholds(std::move(thresholds));
  }

  /// A network of random patterns: unit i of pattern mu is 1 where word i of the pattern's stream,
  /// as a number in [0, 1), is below the activity. A larger load has the patterns of a smaller one,
  /// and more.
  /// @param sweeps of recall that it is drawn for, see Storage.
  /// @param monitor may throw to stop; null: none.
  static Network random(const Ensemble& ensemble, double sweeps = Storage{}.sweeps,
                        Monitor* monitor = nullptr) {
    validate(ensemble);
    const bool low = ensemble.rule == StorageRule::low_activity;
    return {random_patterns(ensemble, monitor),
            ensemble.units,
            {.rule = ensemble.rule,
             .coding = low ? Coding::binary : Coding::bipolar,
             .diagonal = ensemble.diagonal,
             .a = low ? ensemble.activity : 0,
             .b = low ? ensemble.activity : 0,
             .sweeps = sweeps},
            std::nullopt,
            monitor};
  }

  std::int64_t units() const { return couplings_.units(); }
  Coding coding() const { return storage_.coding; }
  const Couplings& couplings() const { return couplings_; }
  std::span<const double> thresholds() const { return thresholds_; }
  /// Whether the thresholds were given.
  bool own_thresholds() const { return own_thresholds_; }
  /// The stored patterns, row-major (patterns, units), -1 and 1; empty: weights were given.
  std::span<const std::int8_t> values() const { return values_; }
  std::int64_t count() const { return std::ssize(values_) / units(); }
  const Storage& storage() const { return storage_; }

  Limits limits() const { return {limits_.data(), couplings_.scale()}; }
  /// The temperature of the bipolar network that this one is.
  double bipolar_temperature(double temperature) const {
    return binary() ? 4 * temperature : temperature;
  }
  /// E of a state. @param state (units,), -1 and 1. @param quadratic sum_ij w_ij s_i s_j as the
  /// fields give it.
  double energy(const std::int8_t* state, double quadratic) const {
    double sum = constant_;
    for (std::size_t i = 0; i < linear_.size(); ++i) sum = fma(linear_[i], state[i], sum);
    return fma(binary() ? -0.125 : -0.5, quadratic / couplings_.scale(), sum);
  }
  /// m_mu = (1/N) sum_i xi_i s_i of the bipolar patterns and state; of low_activity
  /// c sum_i (xi_i - a) s_i with patterns 0 and 1. @param state (units,), -1 and 1.
  void overlaps(const std::int8_t* state, double* out) const {
    const auto signs = couplings_.patterns().signs_of(state);
    for (std::int64_t mu = 0; mu < count(); ++mu) out[mu] = overlap(mu, signs);
  }
  /// One of them.
  double overlap(std::int64_t mu, const std::int8_t* state) const {
    return overlap(mu, couplings_.patterns().signs_of(state));
  }

  /// The network with more patterns; thresholds that were given stay.
  Network with_added(std::span<const std::int8_t> more, Monitor* monitor = nullptr) const {
    expect_patterns("HopfieldNetwork.add");
    const std::int64_t most = storage_.rule == StorageRule::pseudoinverse ? units() - count() : -1;
    if (most >= 0 && std::ssize(more) / units() > most)
      reject("HopfieldNetwork.add", "rows of patterns", std::ssize(more) / units(),
             "at most " + text(most) + " beside the " + text(count()) +
                 " that are stored: rule = 'pseudoinverse' holds no more patterns than units, " +
                 text(units()));
    std::vector<std::int8_t> all = values_;
    all.insert(all.end(), more.begin(), more.end());
    if (storage_.rule != StorageRule::storkey)
      return {std::move(all), units(), storage_, given_thresholds(), monitor};
    Network net = *this;
    net.couplings_.add_by_storkey(more, all, monitor);
    net.values_ = std::move(all);
    net.set_thresholds(given_thresholds());
    return net;
  }
  /// The network without some of its patterns.
  Network with_removed(std::span<const std::int8_t> less, Monitor* monitor = nullptr) const {
    constexpr std::string_view where = "HopfieldNetwork.remove";
    expect_patterns(where);
    if (storage_.rule == StorageRule::storkey)
      throw InvalidValue(std::string(where) +
                         ": self stores by rule = 'storkey': expected another rule: its weights "
                         "depend on the order in which patterns came, so that none can be taken "
                         "out again");
    std::vector<std::int8_t> rest = values_;
    const auto n = static_cast<std::ptrdiff_t>(units());
    for (std::ptrdiff_t each = 0; each < std::ssize(less); each += n) {
      const auto pattern =
          less.subspan(static_cast<std::size_t>(each), static_cast<std::size_t>(n));
      auto place = rest.begin();
      while (place != rest.end() && !std::equal(pattern.begin(), pattern.end(), place)) place += n;
      if (place == rest.end())
        throw InvalidValue(std::string(where) + ": patterns[" + std::to_string(each / n) +
                           "] = " + shown(pattern) +
                           ": expected a pattern that is stored, and that no row above removes");
      rest.erase(place, place + n);
    }
    if (rest.empty())
      reject(where, "rows of patterns", count(),
             "fewer than the " + text(count()) + " that are stored: one must stay");
    return {std::move(rest), units(), storage_, given_thresholds(), monitor};
  }

 private:
  static constexpr std::string_view label = "HopfieldNetwork",
                                    stored_label = "HopfieldNetwork.store";

  Network() = default;

  static std::vector<std::int8_t> random_patterns(const Ensemble& ensemble, Monitor* monitor) {
    const std::int64_t n = ensemble.units, count = ensemble.patterns();
    checked_size(Ensemble::label, "alpha N patterns x units / 8", {count, (n + 7) / 8});
    std::vector<std::int8_t> values(static_cast<std::size_t>(count * n));
    const auto bound = static_cast<std::uint32_t>(std::ldexp(ensemble.activity, 32));
    RandomWords words(padded(n));
    for (std::int64_t mu = 0; mu < count; ++mu) {
      if (monitor) monitor->tick(0);
      words.draw(static_cast<std::uint64_t>(ensemble.seed), Purpose::weights,
                 static_cast<std::uint64_t>(mu));
      for (std::int64_t first = 0; first < n; first += 64) {
        std::int8_t some[64];
        // NOTE: at -O2 compilers vectorise loops of a known length.
        for (int i = 0; i < 64; ++i)
          some[i] = words[first + i] < bound ? std::int8_t{1} : std::int8_t{-1};
        std::copy_n(some, std::min<std::int64_t>(64, n - first), values.data() + mu * n + first);
      }
    }
    return values;
  }

  bool binary() const { return storage_.coding == Coding::binary; }
  bool low_activity() const {
    return !values_.empty() && storage_.rule == StorageRule::low_activity;
  }
  Thresholds given_thresholds() const {
    return own_thresholds_ ? Thresholds(thresholds_) : std::nullopt;
  }
  void expect_patterns(std::string_view where) const {
    if (values_.empty())
      throw InvalidValue(std::string(where) +
                         ": self is a network of given weights: expected one that has stored "
                         "patterns, made by HopfieldNetwork.store or random");
  }
  /// A pattern in the network's coding, cut to a length that a message can hold.
  std::string shown(std::span<const std::int8_t> pattern) const {
    constexpr std::size_t most = 8;
    std::string result;
    for (const auto value : pattern.first(std::min(most, pattern.size())))
      result.append(result.empty() ? "[" : ", ").append(value > 0 ? "1" : binary() ? "0" : "-1");
    return result + (pattern.size() > most ? ", ...]" : "]");
  }

  double overlap(std::int64_t mu, const Patterns::Signs& signs) const {
    const auto products = static_cast<double>(couplings_.patterns().overlap(mu, signs));
    if (!low_activity()) return products / static_cast<double>(units());
    std::int64_t down = 0;
    for (const std::uint64_t word : signs) down += std::popcount(word);
    return low_activity_overlap(mu, products, static_cast<double>(units() - 2 * down));
  }
  /// From the sums of products and of values of bipolar units.
  double low_activity_overlap(std::int64_t mu, double products, double sum) const {
    const double c = storage_.scale_of_low_activity(units()), a = storage_.a;
    const double bipolar = 0.5 * (products + sum) - a * sum;  // sum_i (xi_i - a) s_i
    if (!binary()) return c * bipolar;
    const std::int8_t* xi = couplings_.patterns().pattern(mu);
    const auto active = static_cast<double>(std::count(xi, xi + units(), std::int8_t{1}));
    return 0.5 * c * (bipolar + active - a * static_cast<double>(units()));
  }

  // ---------------------------------------------------------------------------------- checks

  void check(std::int64_t units) const {
    constexpr std::string_view where = stored_label;
    const auto count = units > 0 ? std::ssize(values_) / units : 0;
    if (count < 1) reject(where, "rows of patterns", count, "at least 1");
    const Storage& s = storage_;
    if (s.rule == StorageRule::pseudoinverse && count > units)
      reject(where, "rows of patterns", count,
             "at most " + text(units) + ", the number of units, with rule = 'pseudoinverse'");
    if (s.center != 0 && s.rule != StorageRule::hebbian)
      reject(where, "center", s.center, "0, except with rule = 'hebbian'");
    const bool low = s.rule == StorageRule::low_activity;
    if (low && !(s.a > 0 && s.a < 1)) reject(where, "a", s.a, "an activity in (0, 1)");
    if (s.largest_weight(units, count) <= most_weight) return;
    const std::string expected =
        "a finite value that makes no weight larger than " + text(most_weight) + " in magnitude";
    if (!low) reject(where, "center", s.center, expected);
    std::abs(s.b) <= 1 ? reject(where, "a", s.a, expected) : reject(where, "b", s.b, expected);
  }
  /// Throws unless the weights are what given ones have to be. Returns them made symmetric to the
  /// bit, or nothing where they are, or need not be.
  static std::vector<double> checked(std::span<const double> weights, std::int64_t units,
                                     bool symmetric) {
    if (units < 1) reject(label, "rows of weights", units, "at least 1");
    check_magnitude(label, "weights", weights);
    std::vector<double> result;
    if (symmetric && !check_symmetry(label, weights, units)) {
      result.assign(weights.begin(), weights.end());
      make_symmetric(result, units);
    }
    return result;
  }
  void check_thresholds() const {
    const std::string_view where = values_.empty() ? label : stored_label;
    if (std::ssize(thresholds_) != units())
      reject(where, "number of thresholds", std::ssize(thresholds_),
             text(units()) + ", one for each unit");
    check_magnitude(where, "thresholds", thresholds_);
  }

  // ------------------------------------------------------------------------------ thresholds

  /// Thresholds, and what follows of them: limits of the fields of bipolar units, and the energy
  /// as a constant, a linear and a quadratic form of these, see hopfield.hpp.
  void set_thresholds(Thresholds given) {
    const auto n = static_cast<std::size_t>(units());
    const double scale = couplings_.scale();
    own_thresholds_ = given.has_value();
    std::vector<double> in(n, 0.0), out(n, 0.0);
    if (binary()) in = couplings_.sums_in(), out = couplings_.sums_out();
    if (given)
      thresholds_ = std::move(*given);
    else
      thresholds_.assign(n, low_activity() ? 0.5 - storage_.b : 0.0);
    check_thresholds();
    const bool half = binary() && !own_thresholds_ && !low_activity();
    limits_.assign(n, 0.0);
    linear_.assign(n, 0.0);
    constant_ = 0;
    for (std::size_t i = 0; i < n; ++i) {
      double& theta = thresholds_[i];
      if (half) theta = 0.5 * in[i] / scale;
      if (!binary()) {
        limits_[i] = limit(2 * scale * theta, 0);
        linear_[i] = theta;
        continue;
      }
      if (!half) limits_[i] = limit(4 * scale * theta, 2 * in[i]);  // else 0, to the bit
      linear_[i] = 0.5 * theta - 0.125 * (in[i] + out[i]) / scale;
      constant_ += 0.5 * theta - 0.125 * in[i] / scale;
    }
    if (std::all_of(linear_.begin(), linear_.end(), [](double x) { return x == 0; }))
      linear_.clear();
  }

  /// a - b. Where fields are whole numbers, so is a limit that only rounding keeps from being one:
  /// units that meet it are tied.
  double limit(double a, double b) const {
    const double difference = a - b, whole = std::round(difference);
    constexpr double rounding = 4 * std::numeric_limits<double>::epsilon();
    const bool tied = std::abs(difference - whole) <= rounding * (std::abs(a) + std::abs(b));
    return couplings_.whole() && tied ? whole : difference;
  }

  Storage storage_;
  std::vector<std::int8_t> values_;
  Couplings couplings_;
  std::vector<double> thresholds_, limits_;
  std::vector<double> linear_;  ///< of the energy; empty: zeros
  double constant_ = 0;
  bool own_thresholds_ = false;
};

/// The synchronous update at temperature 0, as a map of states in the network's coding. Values
/// between the two are read as the nearer one.
class Rule {
 public:
  /// Borrowed.
  explicit Rule(const Network& network) : network_(&network) {}
  int dimension() const { return static_cast<int>(network_->units()); }
  void step(const double* state, double* next) const {
    const bool binary = network_->coding() == Coding::binary;
    const double lower = binary ? 0 : -1;
    std::vector<std::int8_t> s(static_cast<std::size_t>(dimension()));
    for (std::size_t i = 0; i < s.size(); ++i)
      s[i] = 2 * state[i] > 1 + lower ? std::int8_t{1} : std::int8_t{-1};
    network_->couplings().with_fields([&](auto fields) {
      fields.load(s.data());
      const double* limit = network_->limits().limit;
      for (std::int64_t i = 0; i < dimension(); ++i) {
        const double field = fields.doubled_field(i);
        const bool up =
            field > limit[i] || (field == limit[i] && s[static_cast<std::size_t>(i)] > 0);
        next[i] = up ? 1 : lower;
      }
    });
  }

 private:
  const Network* network_;
};

static_assert(Map<Rule>);

}  // namespace attractornet::hopfield
