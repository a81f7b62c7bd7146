/// @file
/// Bipolar patterns, and their overlaps with states by counting bits.
#pragma once

#include <algorithm>
#include <attractornet/core/memory.hpp>
#include <attractornet/core/pack.hpp>
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

namespace detail {

/// The bits that are set in each byte. @tparam V a register of 64-bit integers.
template <class V>
ATTRACTORNET_INLINE V bits_of_bytes(V x) {
  x -= x >> 1 & 0x5555555555555555;
  x = (x & 0x3333333333333333) + (x >> 2 & 0x3333333333333333);
  return (x + (x >> 4)) & 0x0F0F0F0F0F0F0F0F;
}
/// The sum of the bytes of each lane.
template <class V>
ATTRACTORNET_INLINE V sum_of_bytes(V x) {
  x = (x & 0x00FF00FF00FF00FF) + (x >> 8 & 0x00FF00FF00FF00FF);
  x += x >> 32;
  return (x + (x >> 16)) & 0xFFFF;
}

}  // namespace detail

/// P patterns of N units, values -1 and 1.
class Patterns {
  using Words = NativeVector<std::uint64_t, register_bytes>;  ///< a word of each of some patterns
  static constexpr std::int64_t together = register_bytes / 8;

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
        bits_(static_cast<std::size_t>((count + together - 1) / together * together * words())) {
    Signs signs(static_cast<std::size_t>(words()));
    for (std::int64_t mu = 0; mu < count; ++mu) {
      std::memcpy(values_.data() + mu * stride_, values + mu * units,
                  static_cast<std::size_t>(units));
      pack_signs(pattern(mu), stride_, signs.data());
      for (std::int64_t w = 0; w < words(); ++w)
        bits_[word(mu, w)] = signs[static_cast<std::size_t>(w)];
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
    for (std::int64_t first = 0; first < count_; first += together) {
      const Words different = differences(first, signs);
      for (std::int64_t mu = first; mu < std::min(first + together, count_); ++mu)
        out[mu] =
            static_cast<Overlap>(units_ - 2 * static_cast<std::int64_t>(different[mu - first]));
    }
  }

  /// The signs of a state (units,).
  Signs signs_of(const std::int8_t* state) const {
    AlignedVector<std::int8_t> wide(static_cast<std::size_t>(stride_), 0);
    std::memcpy(wide.data(), state, static_cast<std::size_t>(units_));
    return packed(wide.data());
  }
  /// sum_i xi_i s_i of one pattern.
  std::int64_t overlap(std::int64_t mu, const Signs& signs) const {
    std::int64_t different = 0;
    for (std::int64_t w = 0; w < words(); ++w)
      different += std::popcount(signs[static_cast<std::size_t>(w)] ^ bits_[word(mu, w)]);
    return units_ - 2 * different;
  }

 private:
  std::int64_t words() const { return stride_ / 64; }
  /// Where a word of a pattern's bits lies: the same word of some patterns fills a register.
  std::size_t word(std::int64_t mu, std::int64_t w) const {
    return static_cast<std::size_t>((mu / together * words() + w) * together + mu % together);
  }
  /// Units at which patterns first, first + 1, ... have another value.
  Words differences(std::int64_t first, const Signs& signs) const {
    constexpr std::int64_t most = 31;  // words whose counts a byte can hold
    const std::uint64_t* pattern = bits_.data() + word(first, 0);
    Words sum{};
    for (std::int64_t begin = 0; begin < words(); begin += most) {
      Words bytes{};
      for (std::int64_t w = begin; w < std::min(begin + most, words()); ++w, pattern += together)
        bytes +=
            detail::bits_of_bytes(load_vector<Words>(pattern) ^ signs[static_cast<std::size_t>(w)]);
      sum += detail::sum_of_bytes(bytes);
    }
    return sum;
  }
  Signs packed(const std::int8_t* state) const {
    Signs signs(static_cast<std::size_t>(stride_ / 64));
    pack_signs(state, stride_, signs.data());
    return signs;
  }

  std::int64_t count_ = 0, units_ = 0, stride_ = 0;
  AlignedVector<std::int8_t> values_;
  AlignedVector<std::uint64_t> bits_;
};

}  // namespace attractornet::hopfield
