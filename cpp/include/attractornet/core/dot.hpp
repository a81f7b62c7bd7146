/// @file
/// Sums of products in registers, in a fixed order.
#pragma once

#include <attractornet/core/pack.hpp>
#include <cstdint>

namespace attractornet {

namespace detail {

/// Adds the products of neighbouring 16-bit lanes.
template <class Wide, class Narrow>
ATTRACTORNET_INLINE Wide multiply_pairs(Narrow a, Narrow b) {
#if defined(__AVX512BW__)
  if constexpr (sizeof(a) == 64) return (Wide)_mm512_madd_epi16((__m512i)a, (__m512i)b);
#endif
#if defined(__AVX2__)
  if constexpr (sizeof(a) == 32) return (Wide)_mm256_madd_epi16((__m256i)a, (__m256i)b);
#endif
#if defined(__SSE2__)
  if constexpr (sizeof(a) == 16) return (Wide)_mm_madd_epi16((__m128i)a, (__m128i)b);
#endif
  // The halves of each pair, signs extended.
  const Wide x = (Wide)a, y = (Wide)b;
  return ((x << 16) >> 16) * ((y << 16) >> 16) + (x >> 16) * (y >> 16);
}

template <class V>
ATTRACTORNET_INLINE std::int64_t sum_of_lanes(V v) {
  if constexpr (sizeof(V) > 16) {
    const auto half = halves(v);
    return sum_of_lanes(half.low + half.high);
  } else {
    return (std::int64_t{v[0]} + v[1]) + (std::int64_t{v[2]} + v[3]);
  }
}

}  // namespace detail

/// sum_i x_i where bit i is set. @param count a multiple of 64; T holds the sum of two terms, and
/// 32 bits that of a quarter of them.
template <class T>
std::int64_t sum_where(const std::uint64_t* bits, const T* x, std::int64_t count) {
  constexpr int lanes = register_bytes / static_cast<int>(sizeof(T));
  using V = NativeVector<T, register_bytes>;
  using Wide = NativeVector<std::int32_t, register_bytes>;
  Wide sum{};
  for (; count > 0; count -= 64, ++bits) ATTRACTORNET_UNROLL
  for (int bit = 0; bit < 64; bit += 2 * lanes, x += 2 * lanes) {
    const V one = add_where(V{}, load_vector<V>(x), *bits >> bit);
    const V two = add_where(one, load_vector<V>(x + lanes), *bits >> (bit + lanes));
    if constexpr (sizeof(T) == 2)
      sum += detail::multiply_pairs<Wide>(two, V{} + T(1));
    else
      sum += two;
  }
  return detail::sum_of_lanes(sum);
}
/// sum_i a_i b_i. @param count a multiple of 64; sums of a quarter of the products fit in 32 bits.
inline std::int64_t dot(const std::int8_t* a, const std::int16_t* b, std::int64_t count) {
  constexpr int lanes = register_bytes / 2;
  using Narrow = NativeVector<std::int16_t, register_bytes>;
  using Wide = NativeVector<std::int32_t, register_bytes>;
  Wide sum{};
  for (std::int64_t i = 0; i < count; i += lanes) {
    sum += detail::multiply_pairs<Wide>(load_widened<Narrow>(a + i), load_vector<Narrow>(b + i));
  }
  return detail::sum_of_lanes(sum);
}
/// The same. @param count a multiple of 8; lanes of 8 are summed, then folded.
inline double dot(const double* a, const double* b, std::int64_t count) {
  using P = Pack<double, 8>;
  P sum(0.0);
  for (std::int64_t i = 0; i < count; i += 8) sum = fma(P::load(a + i), P::load(b + i), sum);
  return fold(sum)[0];
}

/// sum_i of yes_i where bit i is set, else of no_i, in 32 lanes, which are folded. @param flip all
/// bits set: what is set counts as not set. @param count a multiple of 64.
inline double chosen_sum(const std::uint64_t* bits, std::uint64_t flip, const double* yes,
                         const double* no, std::int64_t count) {
  using P = Pack<double, 8>;
  P sum[4] = {P(0.0), P(0.0), P(0.0), P(0.0)};
  for (; count > 0; count -= 64, ++bits, yes += 64, no += 64) ATTRACTORNET_UNROLL
  for (int pack = 0; pack < 8; ++pack) {
    const auto mask = mask_of_bits<double, 8>(*bits ^ flip, 8 * pack);
    sum[pack % 4] = sum[pack % 4] + select(mask, P::load(yes + 8 * pack), P::load(no + 8 * pack));
  }
  return fold((sum[0] + sum[1]) + (sum[2] + sum[3]))[0];
}

}  // namespace attractornet
