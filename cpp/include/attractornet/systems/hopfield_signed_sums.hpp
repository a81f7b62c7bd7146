/// @file
/// Sums of rows with signs, s_ij = sum_mu x_i^mu b_mu,j with x = -1 or 1: what storing patterns is.
///
/// Four signs have 16 combinations. A table holds what each of them makes of four rows of b, and a
/// unit adds one entry in place of four products (the method of the four Russians: Arlazarov,
/// Dinic, Kronrod and Faradzhev 1970).
#pragma once

#include <algorithm>
#include <attractornet/core/memory.hpp>
#include <attractornet/core/monitor.hpp>
#include <attractornet/core/pack.hpp>
#include <bit>
#include <cstdint>
#include <vector>

namespace attractornet::hopfield {

/// Borrowed patterns xi, row-major (count, units), values -1 and 1.
struct PatternView {
  const std::int8_t* xi;
  std::int64_t count;
  std::int64_t units;
};

namespace detail {

/// Lets whoever waits stop the work.
inline void poll(Monitor* monitor) {
  if (monitor) monitor->tick(0);
}

/// `size` rounded up to a multiple of `step`.
constexpr std::int64_t padded(std::int64_t size, std::int64_t step) {
  return (size + step - 1) / step * step;
}

/// Columns that are summed together: two lines of the cache, in two registers or more, since one
/// would wait for its additions.
inline constexpr int panel_bytes = 128;
inline constexpr int registers = panel_bytes / register_bytes;
template <class T>
inline constexpr int panel_width = panel_bytes / int(sizeof(T));

/// Entries of the tables, (groups of four patterns) a unit, as distances in bytes.
class SignCodes {
 public:
  explicit SignCodes(const PatternView& patterns)
      : units_(patterns.units),
        groups_((patterns.count + 3) / 4),
        codes_(static_cast<std::size_t>(units_ * groups_)) {
    const std::vector<std::int8_t> none(static_cast<std::size_t>(units_));
    for (std::int64_t group = 0; group < groups_; ++group) {
      const std::int8_t* row[4];
      for (std::int64_t k = 0; k < 4; ++k)
        row[k] =
            4 * group + k < patterns.count ? patterns.xi + (4 * group + k) * units_ : none.data();
      for (std::int64_t i = 0; i < units_; ++i) {
        int signs = 0;
        ATTRACTORNET_UNROLL for (int k = 0; k < 4; ++k) signs |= (row[k][i] > 0) << k;
        codes_[i * groups_ + group] = static_cast<std::uint16_t>(signs * panel_bytes);
      }
    }
  }
  std::int64_t units() const { return units_; }
  std::int64_t groups() const { return groups_; }
  const std::uint16_t* of(std::int64_t unit) const { return codes_.data() + unit * groups_; }

 private:
  std::int64_t units_, groups_;
  std::vector<std::uint16_t> codes_;
};

/// Rows b that are summed, with zeros up to whole groups and whole panels.
template <class T>
class SignedRows {
 public:
  SignedRows(std::int64_t count, std::int64_t columns)
      : stride_(padded(columns, panel_width<T>)),
        values_(static_cast<std::size_t>(padded(count, 4) * stride_)) {}
  std::int64_t stride() const { return stride_; }
  T* row(std::int64_t mu) { return values_.data() + mu * stride_; }
  const T* row(std::int64_t mu) const { return values_.data() + mu * stride_; }

 private:
  std::int64_t stride_;
  AlignedVector<T> values_;
};

/// Sums s_ij of some units and columns; the rows are `stride` apart.
template <class T>
struct Panel {
  static constexpr std::int64_t stride = panel_width<T>;
  T* sums;
  std::int64_t unit, units;      ///< the first, and how many
  std::int64_t column, columns;  ///< the first, and how many
};

/// Makes panels; the workspace is built once.
template <class T>
class SignedSums {
 public:
  static constexpr int width = panel_width<T>;
  static constexpr std::int64_t most_units = 512;  // so that the panel stays in the second cache

  SignedSums(const SignCodes& codes, const SignedRows<T>& b)
      : codes_(codes),
        b_(b),
        tables_(table_size * most_groups),
        panel_(width * std::min(most_units, codes.units())) {}

  /// The sums of the units [first, last), of all columns that a panel has from j on.
  T* operator()(std::int64_t first, std::int64_t last, std::int64_t j) {
    const std::int64_t groups = codes_.groups();
    const std::int64_t passes = std::max<std::int64_t>((groups + most_groups - 1) / most_groups, 1);
    const std::int64_t pass = (groups + passes - 1) / passes;  // alike, so that none is short
    for (std::int64_t group = 0; group < groups; group += pass) {
      const std::int64_t end = std::min(group + pass, groups);
      for (std::int64_t g = group; g < end; ++g)
        for (int lane = 0; lane < width; lane += lanes)
          tabulate(b_.row(4 * g) + j + lane, tables_.data() + (g - group) * table_size + lane);
      for (std::int64_t unit = first; unit < last; ++unit)
        add_entries(codes_.of(unit) + group, codes_.of(unit) + end, /*fresh=*/group == 0,
                    panel_.data() + (unit - first) * width);
    }
    return panel_.data();
  }

 private:
  static constexpr int lanes = width / registers;
  static constexpr int table_size = 16 * width;
  static constexpr std::int64_t most_groups = 13;  // tables of 26 KiB, in the first cache
  using Lanes = Pack<T, lanes>;

  /// The sums of four rows with each combination of signs; bit k is set where row k has a +.
  void tabulate(const T* b, T* table) const {
    Lanes sums[16], twice[4];
    sums[0] = Lanes(T(0));
    ATTRACTORNET_UNROLL for (int k = 0; k < 4; ++k) {
      const Lanes row = Lanes::load(b + k * b_.stride());
      sums[0] = sums[0] - row;
      twice[k] = row + row;
    }
    ATTRACTORNET_UNROLL for (int c = 1; c < 16; ++c) sums[c] =
        sums[c & (c - 1)] + twice[std::countr_zero(static_cast<unsigned>(c))];
    ATTRACTORNET_UNROLL for (int c = 0; c < 16; ++c) sums[c].store(table + c * width);
  }

  ATTRACTORNET_INLINE void add_entries(const std::uint16_t* code, const std::uint16_t* end,
                                       bool fresh, T* to) const {
    Lanes sum[registers];
    ATTRACTORNET_UNROLL for (int r = 0; r < registers; ++r) sum[r] =
        fresh ? Lanes(T(0)) : Lanes::load(to + r * lanes);
    const char* table = reinterpret_cast<const char*>(tables_.data());
    ATTRACTORNET_UNROLL_BY_4
    for (; code != end; ++code, table += table_size * sizeof(T)) {
      const T* entry = reinterpret_cast<const T*>(table + *code);
      ATTRACTORNET_UNROLL for (int r = 0; r < registers; ++r) sum[r] =
          sum[r] + Lanes::load(entry + r * lanes);
    }
    ATTRACTORNET_UNROLL for (int r = 0; r < registers; ++r) sum[r].store(to + r * lanes);
  }

  const SignCodes& codes_;
  const SignedRows<T>& b_;
  AlignedVector<T> tables_, panel_;
};

/// Calls store(panel) for panels that make up all s_ij, j < columns; where `lower`, only for the
/// units from each panel's first column on.
template <class T, class Store>
void signed_sums(const SignCodes& codes, const SignedRows<T>& b, std::int64_t columns, bool lower,
                 Monitor* monitor, const Store& store) {
  using Sums = SignedSums<T>;
  Sums sums(codes, b);
  for (std::int64_t j = 0; j < columns; j += Sums::width)
    for (std::int64_t i = lower ? j : 0; i < codes.units(); i += Sums::most_units) {
      const std::int64_t end = std::min(i + Sums::most_units, codes.units());
      const auto width = std::min<std::int64_t>(Sums::width, columns - j);
      store(Panel<T>{sums(i, end, j), i, end - i, j, width});
      poll(monitor);
    }
}

}  // namespace detail

}  // namespace attractornet::hopfield
