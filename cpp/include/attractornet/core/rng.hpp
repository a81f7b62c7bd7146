/// @file
/// Random numbers. Streams are counter-based (Philox4x32-10), keyed by a seed and a global index,
/// so that a draw never depends on threads, chunks or the order of work. The one exception is
/// NumPy's legacy stream, which redraws networks that an article published by their seeds.
#pragma once

#include <attractornet/core/math.hpp>
#include <attractornet/core/quantile.hpp>
#include <cmath>
#include <cstdint>

namespace attractornet {

/// Four 32-bit words.
struct Words {
  std::uint32_t word[4];
};

/// Philox4x32-10 of Salmon et al., "Parallel random numbers: as easy as 1, 2, 3" (SC11).
ATTRACTORNET_HD inline Words philox(Words counter, std::uint32_t key0, std::uint32_t key1) {
  constexpr std::uint64_t m0 = 0xD2511F53, m1 = 0xCD9E8D57;
  const auto& c = counter.word;
  for (int round = 0; round < 10; ++round) {
    const std::uint64_t p0 = m0 * c[0], p1 = m1 * c[2];
    counter = {{static_cast<std::uint32_t>(p1 >> 32) ^ c[1] ^ key0, static_cast<std::uint32_t>(p1),
                static_cast<std::uint32_t>(p0 >> 32) ^ c[3] ^ key1,
                static_cast<std::uint32_t>(p0)}};
    key0 += 0x9E3779B9;
    key1 += 0xBB67AE85;
  }
  return counter;
}

/// What a stream is for; two uses of one seed never share numbers.
enum class Purpose : std::uint32_t {
  weights = 1,
  tangent_frame = 2,
  angles = 3,
  sampling = 4,
  order = 5,
  noise = 6
};

/// One stream of doubles: number i is a function of (seed, purpose, index, i) alone.
class Stream {
 public:
  /// @param index the global index of the network, walker or trajectory that draws.
  ATTRACTORNET_HD Stream(std::uint64_t seed, Purpose purpose, std::uint64_t index = 0)
      : seed_(seed), purpose_(static_cast<std::uint32_t>(purpose)), index_(index) {}

  /// Uniform in the open interval (0, 1): the middle of one of 2^52 equal cells.
  ATTRACTORNET_HD double uniform(std::uint32_t i) const {
    const Words w =
        philox({{i, purpose_, static_cast<std::uint32_t>(index_),
                 static_cast<std::uint32_t>(index_ >> 32)}},
               static_cast<std::uint32_t>(seed_), static_cast<std::uint32_t>(seed_ >> 32));
    // NOTE: 52 bits: half a cell more has 53, which a double holds; 1 is never reached by rounding.
    const std::uint64_t cell = (std::uint64_t{w.word[0]} << 20) ^ (w.word[1] >> 12);
    return (static_cast<double>(cell) + 0.5) * 0x1p-52;
  }
  /// Standard normal, by inversion of uniform(i).
  ATTRACTORNET_HD double normal(std::uint32_t i) const { return normal_quantile(uniform(i)); }

 private:
  std::uint64_t seed_;
  std::uint32_t purpose_;
  std::uint64_t index_;
};

/// numpy.random.RandomState(seed).random_sample(): MT19937 with 53-bit doubles in [0, 1).
/// NOTE: std::mt19937 is not for devices; this one turns its words one at a time, as they are asked
/// for.
class LegacyStream {
 public:
  ATTRACTORNET_HD explicit LegacyStream(std::uint32_t seed) {
    word_[0] = seed;
    for (std::uint32_t i = 1; i < count; ++i)
      word_[i] = 1812433253u * (word_[i - 1] ^ (word_[i - 1] >> 30)) + i;
  }
  ATTRACTORNET_HD double uniform() {
    const std::uint64_t high = next() >> 5, low = next() >> 6;
    return static_cast<double>(high * 67108864 + low) / 9007199254740992.0;
  }

 private:
  static constexpr std::uint32_t count = 624, shift = 397;

  /// M. Matsumoto and T. Nishimura, ACM TOMACS 8 (1998) 3.
  ATTRACTORNET_HD std::uint32_t next() {
    const std::uint32_t i = place_;
    place_ = i + 1 < count ? i + 1 : 0;
    const std::uint32_t other = i + shift < count ? i + shift : i + shift - count;
    const std::uint32_t joined = (word_[i] & 0x80000000) | (word_[place_] & 0x7FFFFFFF);
    std::uint32_t y = word_[other] ^ (joined >> 1) ^ (joined & 1 ? 0x9908B0DF : 0);
    word_[i] = y;
    y ^= y >> 11;
    y ^= (y << 7) & 0x9D2C5680;
    y ^= (y << 15) & 0xEFC60000;
    return y ^ (y >> 18);
  }

  std::uint32_t word_[count], place_ = 0;
};

}  // namespace attractornet
