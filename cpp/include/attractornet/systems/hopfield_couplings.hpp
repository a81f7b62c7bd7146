/// @file
/// The weights of a Hopfield network, made of patterns or given, in the form that recalls fastest.
#pragma once

#include <algorithm>
#include <attractornet/core/error.hpp>
#include <attractornet/core/memory.hpp>
#include <attractornet/core/monitor.hpp>
#include <attractornet/systems/hopfield.hpp>
#include <attractornet/systems/hopfield_dense_fields.hpp>
#include <attractornet/systems/hopfield_factored_fields.hpp>
#include <attractornet/systems/hopfield_storage.hpp>
#include <cmath>
#include <cstdint>
#include <limits>
#include <numeric>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace attractornet::hopfield {

/// How patterns become weights.
struct Storage {
  StorageRule rule = StorageRule::hebbian;
  Coding coding = Coding::bipolar;
  bool diagonal = false;  ///< whether w_ii is kept; else it is 0
  double center = 0;      ///< of the Hebbian rule: what is taken away from each value of a pattern
  double a = 0, b = 0;    ///< of low_activity
  /// Sweeps of recall that the network is made for: few of them are not worth a matrix.
  double sweeps = std::numeric_limits<double>::infinity();

  /// c of low_activity: the overlap of a pattern of activity a with itself is 1.
  double scale_of_low_activity(std::int64_t units) const {
    return (coding == Coding::binary ? 1.0 : 0.5) / (a * (1 - a) * static_cast<double>(units));
  }
  /// Whether the weights are whole numbers over N.
  bool exact() const { return rule == StorageRule::hebbian && center == 0; }
  bool symmetric() const { return rule != StorageRule::low_activity || a == b; }
  /// No weight of so many patterns is larger in magnitude; inf or NaN where numbers do not hold it.
  double largest_weight(std::int64_t units, std::int64_t patterns) const {
    const auto count = static_cast<double>(patterns);
    if (rule == StorageRule::low_activity)
      return count * scale_of_low_activity(units) * (1 + std::abs(b));
    const double value = 1 + std::abs(center);
    return count / static_cast<double>(units) * value * value;
  }
};

/// Forms. Weights of the Hebbian rule are integers over N, and everything is exact: a matrix of
/// them, or the signs of the patterns, whichever recalls faster. Other rules have numbers: a
/// matrix, or two factors of N x P. Weights that are given are a matrix; of integers if they, or N
/// times them, are some.
class Couplings {
 public:
  using Signs = std::vector<std::uint64_t>;
  using Form =
      std::variant<Matrix<std::int8_t>, Matrix<std::int16_t>, Matrix<double>, Signs, Factors>;

  Couplings() = default;
  /// Those of stored patterns. @param values row-major (count, units), -1 and 1.
  /// @param monitor may throw to stop; null: none.
  Couplings(std::span<const std::int8_t> values, std::int64_t units, const Storage& storage,
            Monitor* monitor = nullptr)
      : units_(units),
        sweeps_(storage.sweeps),
        diagonal_(storage.diagonal),
        symmetric_(storage.symmetric()),
        patterns_(values.data(), std::ssize(values) / units, units) {
    const PatternView xi{values.data(), patterns_.count(), units};
    if (storage.exact()) {
      scale_ = static_cast<double>(units);
      build_counts(xi);
    } else if (storage.rule == StorageRule::storkey) {
      form_ = empty<double>();
      add_by_storkey(values, values, monitor);
    } else if (as_matrix(sizeof(double))) {
      build_matrix(xi, storage, monitor);
    } else {
      build_factors(xi, storage, monitor);
    }
  }
  /// Those of Storkey's rule as they were. @param weights row-major (units, units), symmetric.
  Couplings(std::span<const std::int8_t> values, std::int64_t units, const Storage& storage,
            std::span<const double> weights)
      : units_(units),
        diagonal_(storage.diagonal),
        patterns_(values.data(), std::ssize(values) / units, units) {
    form_ = matrix_of<double>(weights);
  }
  /// Given ones. @param weights row-major (units, units), w_ij from unit j to i.
  Couplings(std::span<const double> weights, std::int64_t units, bool symmetric)
      : units_(units), diagonal_(true), symmetric_(symmetric) {
    for (const double scale : {1.0, static_cast<double>(units)}) {
      if (!are_whole(weights, scale)) continue;
      scale_ = scale;
      auto shorts = matrix_of<std::int16_t>(weights);
      if (!holds_fields<std::int32_t>(shorts)) break;
      const auto is_byte = [](std::int16_t value) { return std::abs(value) <= 127; };
      if (fits_shorts(shorts) && std::all_of(shorts.values.begin(), shorts.values.end(), is_byte))
        form_ = matrix_of<std::int8_t>(weights);
      else
        form_ = std::move(shorts);
      return;
    }
    scale_ = 1;
    form_ = matrix_of<double>(weights);
  }

  std::int64_t units() const { return units_; }
  bool symmetric() const { return symmetric_; }
  /// Whether the fields are whole numbers.
  bool whole() const {
    return !std::holds_alternative<Matrix<double>>(form_) &&
           !std::holds_alternative<Factors>(form_);
  }
  /// What a weight of 1 is in the units of the fields.
  double scale() const { return scale_; }
  /// None if the weights were given.
  const Patterns& patterns() const { return patterns_; }

  /// Stores more patterns by Storkey's rule. @param all those that are stored then.
  void add_by_storkey(std::span<const std::int8_t> more, std::span<const std::int8_t> all,
                      Monitor* monitor = nullptr) {
    UnfilledVector<double> w = weights();
    storkey_add(w.data(), {more.data(), std::ssize(more) / units_, units_}, monitor);
    form_ = matrix_of<double>(w);
    patterns_ = Patterns(all.data(), std::ssize(all) / units_, units_);
  }

  /// w (units, units), row-major. @param monitor may throw to stop; null: none.
  UnfilledVector<double> weights(Monitor* monitor = nullptr) const {
    const auto n = static_cast<std::size_t>(units_);
    UnfilledVector<double> w = std::visit(
        [&]<class W>(const W& form) {
          if constexpr (std::is_same_v<W, Factors>) {
            if (spanning_) return projector(*spanning_, monitor);
            return product(form.left.data(), (form.right.empty() ? form.left : form.right).data(),
                           units_, form.stride, monitor);
          }
          UnfilledVector<double> result(
              checked_size("HopfieldNetwork.weights", "units x units", {units_, units_}));
          if constexpr (std::is_same_v<W, Signs>) {
            std::fill(result.begin(), result.end(), 0.0);
            add_counts(result.data(), units_, contiguous(patterns_).view, false, monitor);
            divide(result.data(), std::ssize(result), scale_, result.data());
          } else if constexpr (!std::is_same_v<W, Factors>) {
            for (std::size_t i = 0; i < n; ++i)
              if (symmetric_)
                divide(form.row(at(i)), units_, scale_, result.data() + i * n);
              else
                for (std::size_t j = 0; j < n; ++j)
                  result[i * n + j] = static_cast<double>(form.row(at(j))[i]) / scale_;
          }
          return result;
        },
        form_);
    if (!diagonal_)
      for (std::size_t i = 0; i < n; ++i) w[i * n + i] = 0;
    return w;
  }

  /// sum_j w_ij in the units of the fields.
  std::vector<double> sums_in() const { return sums(false); }
  /// sum_i w_ij.
  std::vector<double> sums_out() const { return sums(!symmetric_); }

  /// Calls use(fields) with a workspace of fields in the form of the weights.
  template <class Use>
  auto with_fields(Use&& use) const {
    return std::visit(
        [&]<class W>(const W& form) {
          const Patterns* exact = scale_ != 1 && patterns_.count() > 0 ? &patterns_ : nullptr;
          if constexpr (std::is_same_v<W, Matrix<std::int8_t>>)
            return use(DenseFields<std::int16_t, std::int8_t>(form, exact, diagonal_));
          else if constexpr (std::is_same_v<W, Matrix<std::int16_t>>)
            return use(DenseFields<std::int32_t, std::int16_t>(form, exact, diagonal_));
          else if constexpr (std::is_same_v<W, Matrix<double>>)
            return use(DenseFields<double, double>(form, nullptr, diagonal_));
          else if constexpr (std::is_same_v<W, Factors>)
            return use(FactoredFields(form));
          else
            return 2 * units_ <= most_short
                       ? use(PatternFields<std::int16_t>(patterns_, form, diagonal_))
                       : use(PatternFields<std::int32_t>(patterns_, form, diagonal_));
        },
        form_);
  }

 private:
  /// Quotients, a register at a time.
  template <class R>
  static void divide(const R* values, std::int64_t count, double by, double* to) {
    constexpr int lanes = register_bytes / 8;
    using Quotients = NativeVector<double, register_bytes>;
    std::int64_t k = 0;
    for (; k + lanes <= count; k += lanes)
      store_vector(to + k, load_converted<Quotients>(values + k) / by);
    for (; k < count; ++k) to[k] = static_cast<double>(values[k]) / by;
  }
  std::string_view where() const {
    return patterns_.count() > 0 ? "HopfieldNetwork.store" : "HopfieldNetwork";
  }
  static constexpr std::int64_t most_short = std::numeric_limits<std::int16_t>::max();
  static std::int64_t at(std::size_t i) { return static_cast<std::int64_t>(i); }

  /// Patterns without what pads them.
  struct Contiguous {
    std::vector<std::int8_t> values;
    PatternView view;
  };
  static Contiguous contiguous(const Patterns& patterns) {
    const std::int64_t n = patterns.units(), count = patterns.count();
    Contiguous result{std::vector<std::int8_t>(static_cast<std::size_t>(n * count)), {}};
    for (std::int64_t mu = 0; mu < count; ++mu)
      std::copy_n(patterns.pattern(mu), n, result.values.data() + mu * n);
    result.view = {result.values.data(), count, n};
    return result;
  }

  /// Whether recall is faster with the matrix than with P overlaps, by rough figures in ns: a fifth
  /// of the units flip, each at the cost of a row, in three sweeps, each visit at the cost of P;
  /// and the matrix has to be made.
  bool as_matrix(int bytes) const {
    const double n = static_cast<double>(units_), p = static_cast<double>(patterns_.count());
    const bool doubles = bytes == sizeof(double);
    const double size = n * n * bytes,
                 byte = size < 0x1p24 ? 0.055 : 0.165;  // in the cache, or not
    const double visit = doubles ? 7 + 0.1 * p : 5 + 0.01 * p;
    const double making = (doubles ? 15 : 2) * n * n;
    return making / sweeps_ + 0.2 / 3 * size * byte < n * visit;
  }
  template <class R>
  Matrix<R> empty() const {
    Matrix<R> result;
    result.units = units_;
    result.stride = padded(units_);
    constexpr std::int64_t in_double = sizeof(double) / sizeof(R);
    result.values.assign(
        static_cast<std::size_t>(in_double) *
            checked_size(where(), "units x units", {units_, result.stride / in_double}),
        R(0));
    return result;
  }
  template <class R>
  Matrix<R> counts(const PatternView& xi) const {
    Matrix<R> result = empty<R>();
    add_counts(result.values.data(), result.stride, xi);
    if (!diagonal_)
      for (std::int64_t i = 0; i < units_; ++i)
        result.values[static_cast<std::size_t>(i * result.stride + i)] = R(0);
    result.finish();
    return result;
  }
  /// Whether integers F hold doubled fields less their limits, whatever the state; see DenseFields.
  template <class F, class R>
  static bool holds_fields(const Matrix<R>& matrix) {
    return 4 * matrix.bound + 1 <= std::numeric_limits<F>::max();
  }
  /// Whether 16 bits hold fields, limits and ranks; bytes hold the weights.
  template <class R>
  bool fits_shorts(const Matrix<R>& matrix) const {
    return holds_fields<std::int16_t>(matrix) &&
           units_ <= DenseFields<std::int16_t, std::int8_t>::most_units;
  }
  void build_counts(const PatternView& xi) {
    if (xi.count <= 127 && as_matrix(1)) {
      auto bytes = counts<std::int8_t>(xi);
      if (fits_shorts(bytes)) {
        form_ = std::move(bytes);
        return;
      }
    }
    if (xi.count <= most_short && as_matrix(2)) {
      auto shorts = counts<std::int16_t>(xi);
      if (holds_fields<std::int32_t>(shorts)) {
        form_ = std::move(shorts);
        return;
      }
    }
    form_ = patterns_.signs_of_units();
  }
  /// w = left right^T of patterns that are shifted and scaled.
  Factors shifted(const PatternView& xi, const Storage& storage) const {
    double left = storage.center, right = left;
    double factor = 1 / std::sqrt(static_cast<double>(units_)), times = 1, plus = 0;
    if (storage.rule == StorageRule::low_activity) {
      left = storage.b, right = storage.a,
      factor = std::sqrt(storage.scale_of_low_activity(units_));
      times = plus = 0.5;  // 0 and 1
    }
    const std::int64_t stride = detail::padded(xi.count, 8);
    Factors result{units_, xi.count, stride, {}, {}, {}};
    result.left.assign(checked_size(where(), "units x patterns", {units_, stride}), 0.0);
    if (!symmetric_) result.right = result.left;
    for (std::int64_t i = 0; i < units_; ++i)
      for (std::int64_t mu = 0; mu < xi.count; ++mu) {
        const double value = times * xi.xi[mu * units_ + i] + plus;
        const auto k = static_cast<std::size_t>(i * stride + mu);
        result.left[k] = factor * (value - left);
        if (!symmetric_) result.right[k] = factor * (value - right);
      }
    return result;
  }
  void build_factors(const PatternView& xi, const Storage& storage, Monitor* monitor) {
    Factors factors;
    if (storage.rule == StorageRule::pseudoinverse) {
      spanning_ = spanning(xi, where(), monitor);
      Basis basis = orthonormal_basis(*spanning_, monitor);
      factors = {units_, basis.rank, basis.stride, std::move(basis.q), {}, {}};
    } else {
      factors = shifted(xi, storage);
    }
    if (!diagonal_)
      for (std::int64_t i = 0; i < units_; ++i)
        factors.diagonal.push_back(dot(factors.output(i), factors.input(i), factors.stride));
    form_ = std::move(factors);
  }
  void build_matrix(const PatternView& xi, const Storage& storage, Monitor* monitor) {
    if (storage.rule == StorageRule::pseudoinverse) {
      form_ = matrix_of<double>(projector(xi, monitor));
      return;
    }
    const Factors f = shifted(xi, storage);
    form_ = matrix_of<double>(product(f.left.data(), (f.right.empty() ? f.left : f.right).data(),
                                      units_, f.stride, monitor));
  }

  /// Weights k / scale with whole k, exactly.
  static bool are_whole(std::span<const double> weights, double scale) {
    return std::all_of(weights.begin(), weights.end(), [scale](double value) {
      const double k = std::round(value * scale);
      return std::abs(k) <= most_short && k / scale == value;
    });
  }
  /// @param w row-major (units, units), w_ij from unit j to i.
  template <class R>
  Matrix<R> matrix_of(std::span<const double> w) const {
    Matrix<R> result = empty<R>();
    const auto n = static_cast<std::size_t>(units_);
    for (std::size_t j = 0; j < n; ++j)
      for (std::size_t i = 0; i < n; ++i) {
        // NOTE: rows of symmetric weights are read in place of columns, which the cache dislikes.
        const double value = symmetric_ ? w[j * n + i] : w[i * n + j];
        result.values[j * static_cast<std::size_t>(result.stride) + i] =
            static_cast<R>(std::is_integral_v<R> ? std::round(value * scale_) : value);
      }
    if (!diagonal_)
      for (std::size_t i = 0; i < n; ++i)
        result.values[i * static_cast<std::size_t>(result.stride) + i] = R(0);
    result.finish();
    return result;
  }

  /// @param out sums over i in place of j.
  std::vector<double> sums(bool out) const {
    return std::visit(
        [&]<class W>(const W& form) {
          const auto n = static_cast<std::size_t>(units_);
          std::vector<double> result(n, 0.0);
          if constexpr (std::is_same_v<W, Signs>) {
            for (std::int64_t mu = 0; mu < patterns_.count(); ++mu) {
              const std::int8_t* xi = patterns_.pattern(mu);
              const double sum = std::accumulate(xi, xi + n, 0.0);
              for (std::size_t i = 0; i < n; ++i) result[i] += sum * xi[i];
            }
            if (!diagonal_)
              for (auto& value : result) value -= static_cast<double>(patterns_.count());
          } else if constexpr (std::is_same_v<W, Factors>) {
            std::vector<double> total(static_cast<std::size_t>(form.stride), 0.0);
            for (std::size_t j = 0; j < n; ++j)
              for (std::size_t r = 0; r < total.size(); ++r)
                total[r] += (out ? form.output(at(j)) : form.input(at(j)))[r];
            for (std::size_t i = 0; i < n; ++i) {
              const double* row = out ? form.input(at(i)) : form.output(at(i));
              result[i] = dot(row, total.data(), form.stride);
              if (!form.diagonal.empty()) result[i] -= form.diagonal[i];
            }
          } else {
            if (!out) return form.sums;
            for (std::size_t j = 0; j < n; ++j)
              result[j] = std::accumulate(form.row(at(j)), form.row(at(j)) + n, 0.0);
          }
          return result;
        },
        form_);
  }

  std::int64_t units_ = 0;
  double sweeps_ = std::numeric_limits<double>::infinity();
  bool diagonal_ = true, symmetric_ = true;
  double scale_ = 1;
  Patterns patterns_;
  std::optional<Spanning> spanning_;  ///< of the pseudo-inverse in factors
  Form form_;
};

}  // namespace attractornet::hopfield
