/// @file
/// Bipolar patterns, and their overlaps with states by counting bits.
#pragma once

#include <algorithm>
#include <attractornet/core/memory.hpp>
#include <attractornet/core/platform.hpp>
#include <bit>
#include <cstdint>
#include <cstring>
#include <vector>

namespace attractornet::hopfield {

/// Elements that a row of `count` takes: whole cache lines of bytes, so that every register of any
/// element fits in.
constexpr std::int64_t padded(std::int64_t count) { return (count + 63) / 64 * 64; }

/// Signs as bits, eight values a byte; `padded` bytes are read.
inline void pack_signs(const std::int8_t* values, std::int64_t padded, std::uint64_t* bits) {
  for (std::int64_t word = 0; word < padded / 64; ++word) {
    std::uint64_t result = 0;
    for (int byte = 0; byte < 8; ++byte) {
      std::uint64_t eight;
      std::memcpy(&eight, values + 64 * word + 8 * byte, sizeof eight);
      // The product gathers the lowest bits of all bytes in the highest byte.
      eight = ((eight >> 7) & 0x0101010101010101) * 0x0102040810204080;
      result = result << 8 | eight >> 56;
    }
    bits[word] = result;
  }
}

/// P patterns of N units, values -1 and 1.
class Patterns {
 public:
  /// Of a state: bits that are set where a unit is -1.
  using Signs = std::vector<std::uint64_t>;

  Patterns() = default;
  /// @param values row-major (count, units).
  Patterns(const std::int8_t* values, std::int64_t count, std::int64_t units)
      : count_(count),
        units_(units),
        stride_(padded(units)),
        values_(static_cast<std::size_t>(count * stride_)),
        bits_(static_cast<std::size_t>(count * stride_ / 64)) {
    for (std::int64_t mu = 0; mu < count; ++mu) {
      std::memcpy(values_.data() + mu * stride_, values + mu * units,
                  static_cast<std::size_t>(units));
      pack_signs(pattern(mu), stride_, bits_.data() + mu * stride_ / 64);
    }
  }

  std::int64_t count() const { return count_; }
  std::int64_t units() const { return units_; }
  std::int64_t stride() const { return stride_; }
  /// (stride,), zeros behind the units.
  const std::int8_t* pattern(std::int64_t mu) const { return values_.data() + mu * stride_; }

  /// The signs of all patterns at each unit: bit mu of row i is set where xi_i is -1. Rows of
  /// padded(count) bits.
  std::vector<std::uint64_t> signs_of_units() const {
    const std::int64_t words = padded(count_) / 64;
    std::vector<std::uint64_t> signs(static_cast<std::size_t>(units_ * words));
    for (std::int64_t word = 0; word < words; ++word)
      for (std::int64_t first = 0; first < units_; first += 64) {
        std::uint64_t some[64] = {};
        for (std::int64_t mu = 64 * word; mu < std::min(64 * word + 64, count_); ++mu) {
          const std::int8_t* xi = pattern(mu) + first;
          // NOTE: at -O2 compilers vectorise loops of a known length.
          for (int i = 0; i < 64; ++i) some[i] |= std::uint64_t{xi[i] < 0} << mu % 64;
        }
        for (std::int64_t i = first; i < std::min(first + 64, units_); ++i)
          signs[static_cast<std::size_t>(i * words + word)] = some[i - first];
      }
    return signs;
  }

  /// sum_i xi_i s_i of every pattern. @param state (stride,), zeros behind the units.
  template <class Overlap>
  void overlaps(const std::int8_t* state, Overlap* out) const {
    const Signs signs = packed(state);
    for (std::int64_t mu = 0; mu < count_; ++mu) out[mu] = static_cast<Overlap>(overlap(mu, signs));
  }

  /// The signs of a state (units,).
  Signs signs_of(const std::int8_t* state) const {
    AlignedVector<std::int8_t> wide(static_cast<std::size_t>(stride_), 0);
    std::memcpy(wide.data(), state, static_cast<std::size_t>(units_));
    return packed(wide.data());
  }
  /// sum_i xi_i s_i of one pattern.
  std::int64_t overlap(std::int64_t mu, const Signs& signs) const {
    const std::uint64_t* pattern = bits_.data() + mu * stride_ / 64;
    int different = 0;
    ATTRACTORNET_UNROLL
    for (const std::uint64_t word : signs) different += std::popcount(word ^ *pattern++);
    return units_ - 2 * different;
  }

 private:
  Signs packed(const std::int8_t* state) const {
    Signs signs(static_cast<std::size_t>(stride_ / 64));
    pack_signs(state, stride_, signs.data());
    return signs;
  }

  std::int64_t count_ = 0, units_ = 0, stride_ = 0;
  AlignedVector<std::int8_t> values_;
  std::vector<std::uint64_t> bits_;
};

}  // namespace attractornet::hopfield
