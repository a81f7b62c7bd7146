/// @file
/// Tables of 256 numbers that bytes are looked up in.
#pragma once

#include <attractornet/core/pack.hpp>
#include <cstdint>
#include <type_traits>

namespace attractornet {

inline constexpr int table_size = 256;

/// A number of the table for each lane.
/// @param table (256,); @param index (lanes of P,).
template <class P>
ATTRACTORNET_INLINE P look_up(const typename ElementOf<P>::type* table, const std::uint8_t* index) {
  using T = typename ElementOf<P>::type;
  constexpr int lanes = sizeof(P) / sizeof(T) / P::parts;
  P result;
#if defined(__AVX512F__)
  // An instruction chooses from 32 numbers by the lower 5 bits: one for each such part of the
  // table, and the other 3 bits choose among what these found.
  if constexpr (std::is_same_v<T, float> && lanes == 16) {
    const __m512i at = _mm512_cvtepu8_epi32(_mm_loadu_si128((const __m128i*)index));
    __m512 found[8];
    ATTRACTORNET_UNROLL for (int part = 0; part < 8; ++part) found[part] = _mm512_permutex2var_ps(
        _mm512_loadu_ps(table + 32 * part), at, _mm512_loadu_ps(table + 32 * part + 16));
    const auto of_bit = [&](int bit, int part) {
      const __mmask16 upper = _mm512_test_epi32_mask(at, _mm512_set1_epi32(1 << bit));
      return _mm512_mask_blend_ps(upper, found[part], found[part + (1 << (bit - 5))]);
    };
    ATTRACTORNET_UNROLL for (int part = 0; part < 8; part += 2) found[part] = of_bit(5, part);
    ATTRACTORNET_UNROLL for (int part = 0; part < 8; part += 4) found[part] = of_bit(6, part);
    found[0] = of_bit(7, 0);
    result.part[0] = (typename P::Register)found[0];
    return result;
  }
#endif
  ATTRACTORNET_UNROLL for (int part = 0; part < P::parts; ++part)
      ATTRACTORNET_UNROLL for (int lane = 0; lane < lanes; ++lane)
          result.part[part][lane] = table[index[part * lanes + lane]];
  return result;
}

}  // namespace attractornet
