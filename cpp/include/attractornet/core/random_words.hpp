/// @file
/// Many random words of one stream at once: Philox in vector registers.
#pragma once

#include <attractornet/core/pack.hpp>
#include <attractornet/core/rng.hpp>
#include <cstdint>
#include <vector>

namespace attractornet {

/// A block of 32-bit words. Word i is a function of (seed, purpose, index, i) and of the block's
/// length alone: planes of counters 0, 1, 2, ..., one plane for each of the four words of Philox.
class RandomWords {
 public:
  explicit RandomWords(std::int64_t count)
      : plane_((count + 4 * lanes - 1) / (4 * lanes) * lanes),
        words_(static_cast<std::size_t>(4 * plane_)) {}

  const std::uint32_t* data() const { return words_.data(); }
  std::uint32_t operator[](std::int64_t i) const { return words_[static_cast<std::size_t>(i)]; }

  /// Draws all words anew.
  void draw(std::uint64_t seed, Purpose purpose, std::uint64_t index) {
    for (std::int64_t first = 0; first < plane_; first += registers)
      draw_register(static_cast<std::uint32_t>(first), seed, purpose, index);
  }

 private:
  static constexpr std::int64_t lanes = 16;  ///< of the widest register: no plane ends inside one
  static constexpr std::int64_t registers = register_bytes / 4;
  using Half = NativeVector<std::uint32_t, register_bytes>;
  using Full = NativeVector<std::uint64_t, register_bytes>;

  struct Product {
    Half high, low;
  };
  /// The lower 32 bits of each lane times the factor.
  static ATTRACTORNET_INLINE Full multiply_low(Full a, Full factor) {
    // NOTE: as a product of 64 bits it would take three instructions.
#if defined(__AVX512F__)
    return (Full)_mm512_maskz_mul_epu32(0xFF, (__m512i)a, (__m512i)factor);
#elif defined(__AVX2__)
    return (Full)_mm256_mul_epu32((__m256i)a, (__m256i)factor);
#elif defined(__SSE2__)
    return (Full)_mm_mul_epu32((__m128i)a, (__m128i)factor);
#else
    return (a & 0xFFFFFFFF) * factor;
#endif
  }
  /// Lane-wise full product, of even and of odd lanes apart.
  static ATTRACTORNET_INLINE Product multiply(Half a, std::uint64_t times) {
    constexpr std::uint64_t low = 0xFFFFFFFF;
    const Full factor = Full{} + times;
    const Full even = multiply_low((Full)a, factor), odd = multiply_low((Full)a >> 32, factor);
    return {(Half)((even >> 32) | (odd & ~low)), (Half)((even & low) | (odd << 32))};
  }

  void draw_register(std::uint32_t first, std::uint64_t seed, Purpose purpose,
                     std::uint64_t index) {
    Half c0{};
    for (std::uint32_t lane = 0; lane < registers; ++lane) c0[lane] = first + lane;
    Half c1 = Half{} + static_cast<std::uint32_t>(purpose);
    Half c2 = Half{} + static_cast<std::uint32_t>(index);
    Half c3 = Half{} + static_cast<std::uint32_t>(index >> 32);
    auto key0 = static_cast<std::uint32_t>(seed), key1 = static_cast<std::uint32_t>(seed >> 32);
    for (int round = 0; round < 10; ++round) {
      const Product p0 = multiply(c0, 0xD2511F53), p1 = multiply(c2, 0xCD9E8D57);
      c0 = p1.high ^ c1 ^ key0;
      c2 = p0.high ^ c3 ^ key1;
      c1 = p1.low;
      c3 = p0.low;
      key0 += 0x9E3779B9;
      key1 += 0xBB67AE85;
    }
    std::uint32_t* to = words_.data() + first;
    for (const Half& plane : {c0, c1, c2, c3}) {
      store_vector(to, plane);
      to += plane_;
    }
  }

  std::int64_t plane_;
  std::vector<std::uint32_t> words_;
};

}  // namespace attractornet
