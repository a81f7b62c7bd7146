/// @file
/// Pack<T, W>: W lanes of float or double that add, multiply and divide as one value.
///
/// A pack is a few native vector registers, so that Pack<double, 8> is one 512-bit, two 256-bit or
/// four 128-bit registers and gives the same bits on each.
#pragma once

#include <attractornet/core/math.hpp>
#include <attractornet/core/platform.hpp>
#include <cstdint>
#include <type_traits>

#if defined(__SSE2__)
#include <immintrin.h>
#endif

namespace attractornet {

namespace detail {

template <class T, int Bytes>
struct VectorOf {
  typedef T type __attribute__((vector_size(Bytes)));
};

}  // namespace detail

/// A vector of the compiler's own, for integers; floating-point numbers are Packs.
template <class T, int Bytes>
using NativeVector = typename detail::VectorOf<T, Bytes>::type;

/// The address need not be aligned.
template <class V>
ATTRACTORNET_INLINE V load_vector(const void* from) {
  V result;
  __builtin_memcpy(&result, from, sizeof result);
  return result;
}
template <class V>
ATTRACTORNET_INLINE void store_vector(void* to, const V& value) {
  __builtin_memcpy(to, &value, sizeof value);
}

template <class V>
struct Halves {
  NativeVector<std::remove_reference_t<decltype(V{}[0])>, sizeof(V) / 2> low, high;
};
/// The lower and the upper lanes of a register.
template <class V>
ATTRACTORNET_INLINE Halves<V> halves(V v) {
  using Half = decltype(Halves<V>::low);
  // NOTE: compilers would store the register and read its halves.
  const auto x = (NativeVector<std::int64_t, sizeof(V)>)v;
  if constexpr (sizeof(V) == 64)
    return {(Half)__builtin_shufflevector(x, x, 0, 1, 2, 3),
            (Half)__builtin_shufflevector(x, x, 4, 5, 6, 7)};
  else
    return {(Half)__builtin_shufflevector(x, x, 0, 1), (Half)__builtin_shufflevector(x, x, 2, 3)};
}

/// Reads as many integers as Wide has lanes, and widens them.
template <class Wide, class T>
ATTRACTORNET_INLINE Wide load_widened(const T* from) {
  using Lane = std::remove_cvref_t<decltype(Wide{}[0])>;
  using Narrow = NativeVector<T, int(sizeof(Wide) / sizeof(Lane) * sizeof(T))>;
  const auto narrow = load_vector<Narrow>(from);
  // NOTE: compilers widen the halves of a register apart, and put them together.
#if defined(__AVX512BW__)
  if constexpr (sizeof(Wide) == 64 && sizeof(Lane) == 2 && sizeof(T) == 1)
    return (Wide)_mm512_maskz_cvtepi8_epi16(~0u, (__m256i)narrow);
  if constexpr (sizeof(Wide) == 64 && sizeof(Lane) == 4 && sizeof(T) == 2)
    return (Wide)_mm512_maskz_cvtepi16_epi32(0xFFFF, (__m256i)narrow);
#endif
#if defined(__AVX2__)
  if constexpr (sizeof(Wide) == 32 && sizeof(Lane) == 2 && sizeof(T) == 1)
    return (Wide)_mm256_cvtepi8_epi16((__m128i)narrow);
  if constexpr (sizeof(Wide) == 32 && sizeof(Lane) == 4 && sizeof(T) == 2)
    return (Wide)_mm256_cvtepi16_epi32((__m128i)narrow);
#endif
  return __builtin_convertvector(narrow, Wide);
}

/// Reads as many numbers as Wide has lanes, and makes them what it holds.
template <class Wide, class T>
ATTRACTORNET_INLINE Wide load_converted(const T* from) {
  constexpr int lanes = sizeof(Wide) / sizeof(Wide{}[0]);
  return __builtin_convertvector(load_vector<NativeVector<T, lanes* int{sizeof(T)}>>(from), Wide);
}

/// Lane i of a register of integers: all of its bits set where bit first + i is, else none.
template <class V>
ATTRACTORNET_INLINE V lanes_of_bits(std::uint64_t bits, int first = 0) {
  using Lane = std::remove_cvref_t<decltype(V{}[0])>;
  if constexpr (sizeof(Lane) < sizeof(bits)) {  // else all bits fit into a lane
    bits >>= first;
    first = 0;
  }
  V bit;
  ATTRACTORNET_UNROLL for (int lane = 0; lane < static_cast<int>(sizeof(V) / sizeof(Lane));
                           ++lane) {
    const std::uint64_t one = std::uint64_t{1} << (first + lane);
    bit[lane] = static_cast<Lane>(one);
  }
  return ((V{} + static_cast<Lane>(bits)) & bit) != 0;
}

/// sum, with lane i of v added where bit i is set.
template <class V>
ATTRACTORNET_INLINE V add_where(V sum, V v, std::uint64_t bits) {
  using Lane [[maybe_unused]] = std::remove_cvref_t<decltype(V{}[0])>;
#if defined(__AVX512BW__)
  if constexpr (sizeof(V) == 64 && sizeof(Lane) == 2)
    return (V)_mm512_mask_add_epi16((__m512i)sum, (__mmask32)bits, (__m512i)sum, (__m512i)v);
  if constexpr (sizeof(V) == 64 && sizeof(Lane) == 4)
    return (V)_mm512_mask_add_epi32((__m512i)sum, (__mmask16)bits, (__m512i)sum, (__m512i)v);
#endif
  return sum + (v & lanes_of_bits<V>(bits));
}
/// v, with the sign of lane i changed where bit i is set.
template <class V>
ATTRACTORNET_INLINE V change_signs(V v, std::uint64_t bits) {
  using Lane [[maybe_unused]] = std::remove_cvref_t<decltype(V{}[0])>;
#if defined(__AVX512BW__)
  if constexpr (sizeof(V) == 64 && sizeof(Lane) == 2)
    return (V)_mm512_mask_sub_epi16((__m512i)v, (__mmask32)bits, __m512i{}, (__m512i)v);
  if constexpr (sizeof(V) == 64 && sizeof(Lane) == 4)
    return (V)_mm512_mask_sub_epi32((__m512i)v, (__mmask16)bits, __m512i{}, (__m512i)v);
#endif
  const auto chosen = lanes_of_bits<V>(bits);
  return (v ^ chosen) - chosen;
}

namespace detail {

/// Lane-wise square root of one native register.
template <class V>
ATTRACTORNET_INLINE V register_sqrt(V a) {
  constexpr bool is_double = std::is_same_v<std::remove_reference_t<decltype(a[0])>, double>;
#if defined(__AVX512F__)
  if constexpr (is_double && sizeof(V) == 64) return (V)_mm512_sqrt_pd((__m512d)a);
  if constexpr (!is_double && sizeof(V) == 64) return (V)_mm512_sqrt_ps((__m512)a);
#endif
#if defined(__AVX__) && defined(__FMA__)
  if constexpr (is_double && sizeof(V) == 32) return (V)_mm256_sqrt_pd((__m256d)a);
  if constexpr (!is_double && sizeof(V) == 32) return (V)_mm256_sqrt_ps((__m256)a);
#endif
  for (unsigned i = 0; i < sizeof(V) / sizeof(a[0]); ++i)
    a[i] = is_double ? __builtin_sqrt(a[i]) : __builtin_sqrtf(a[i]);
  return a;
}

/// Lane-wise at_most of one native register.
/// NOTE: of a NaN and a number the instruction gives its second operand.
template <class V>
ATTRACTORNET_INLINE V register_at_most(V a, V limit) {
#if defined(__SSE2__)
  constexpr bool is_double = std::is_same_v<std::remove_reference_t<decltype(a[0])>, double>;
  if constexpr (is_double && sizeof(V) == 16) return (V)_mm_min_pd((__m128d)limit, (__m128d)a);
  if constexpr (!is_double && sizeof(V) == 16) return (V)_mm_min_ps((__m128)limit, (__m128)a);
#if defined(__AVX__)
  if constexpr (is_double && sizeof(V) == 32) return (V)_mm256_min_pd((__m256d)limit, (__m256d)a);
  if constexpr (!is_double && sizeof(V) == 32) return (V)_mm256_min_ps((__m256)limit, (__m256)a);
#endif
#if defined(__AVX512F__)
  if constexpr (is_double && sizeof(V) == 64) return (V)_mm512_min_pd((__m512d)limit, (__m512d)a);
  if constexpr (!is_double && sizeof(V) == 64) return (V)_mm512_min_ps((__m512)limit, (__m512)a);
#endif
#endif
  return a > limit ? limit : a;
}

/// Lane-wise fma of one native register.
template <class V>
ATTRACTORNET_INLINE V register_fma(V a, V b, V c) {
#if defined(__FMA__)
  constexpr bool is_double = std::is_same_v<std::remove_reference_t<decltype(a[0])>, double>;
  if constexpr (is_double && sizeof(V) == 16)
    return (V)_mm_fmadd_pd((__m128d)a, (__m128d)b, (__m128d)c);
  if constexpr (!is_double && sizeof(V) == 16)
    return (V)_mm_fmadd_ps((__m128)a, (__m128)b, (__m128)c);
  if constexpr (is_double && sizeof(V) == 32)
    return (V)_mm256_fmadd_pd((__m256d)a, (__m256d)b, (__m256d)c);
  if constexpr (!is_double && sizeof(V) == 32)
    return (V)_mm256_fmadd_ps((__m256)a, (__m256)b, (__m256)c);
#if defined(__AVX512F__)
  if constexpr (is_double && sizeof(V) == 64)
    return (V)_mm512_fmadd_pd((__m512d)a, (__m512d)b, (__m512d)c);
  if constexpr (!is_double && sizeof(V) == 64)
    return (V)_mm512_fmadd_ps((__m512)a, (__m512)b, (__m512)c);
#endif
  return V{};
#else
  if constexpr (has_fma) {
    for (unsigned i = 0; i < sizeof(V) / sizeof(a[0]); ++i) c[i] = fma(a[i], b[i], c[i]);
    return c;
  }
  return a * b + c;
#endif
}

}  // namespace detail

/// W lanes of T; W a power of two.
template <class T, int W>
struct Pack {
  static constexpr int bytes =
      W * int(sizeof(T)) < register_bytes ? W * int(sizeof(T)) : register_bytes;
  static constexpr int parts = W * int(sizeof(T)) / bytes;
  using Register = typename detail::VectorOf<T, bytes>::type;

  Register part[parts];

  Pack() = default;
  ATTRACTORNET_INLINE explicit Pack(T value) {
    for (auto& p : part)
      p = value - Register{};  // NOTE: + would cost an addition for the sign of 0
  }

  /// Reads W consecutive values; the address need not be aligned.
  static ATTRACTORNET_INLINE Pack load(const T* from) {
    Pack result;
    // NOTE: a register at a time; one copy of all parts goes through the stack.
    for (int i = 0; i < parts; ++i)
      __builtin_memcpy(&result.part[i], from + i * (W / parts), sizeof(Register));
    return result;
  }
  ATTRACTORNET_INLINE void store(T* to) const {
    for (int i = 0; i < parts; ++i)
      __builtin_memcpy(to + i * (W / parts), &part[i], sizeof(Register));
  }

  ATTRACTORNET_INLINE T operator[](int lane) const {
    constexpr int width = W / parts;
    return part[lane / width][lane % width];
  }

#define ATTRACTORNET_PACK_OPERATOR(op)                                        \
  friend ATTRACTORNET_INLINE Pack operator op(const Pack& a, const Pack& b) { \
    Pack result;                                                              \
    for (int i = 0; i < parts; ++i) result.part[i] = a.part[i] op b.part[i];  \
    return result;                                                            \
  }
  ATTRACTORNET_PACK_OPERATOR(+)
  ATTRACTORNET_PACK_OPERATOR(-)
  ATTRACTORNET_PACK_OPERATOR(*)
  ATTRACTORNET_PACK_OPERATOR(/)
#undef ATTRACTORNET_PACK_OPERATOR
};

/// The bits of a pack, as unsigned integers of the lanes' size.
template <class T, int W>
struct PackBits {
  using Integer = std::conditional_t<sizeof(T) == 8, std::uint64_t, std::uint32_t>;
  using Register = typename detail::VectorOf<Integer, Pack<T, W>::bytes>::type;

  Register part[Pack<T, W>::parts];

#define ATTRACTORNET_BITS_OPERATOR(op)                                            \
  friend ATTRACTORNET_INLINE PackBits operator op(const PackBits& a, Integer b) { \
    PackBits result;                                                              \
    for (int i = 0; i < Pack<T, W>::parts; ++i) result.part[i] = a.part[i] op b;  \
    return result;                                                                \
  }
  ATTRACTORNET_BITS_OPERATOR(&)
  ATTRACTORNET_BITS_OPERATOR(+)
#undef ATTRACTORNET_BITS_OPERATOR
  friend ATTRACTORNET_INLINE PackBits operator<<(const PackBits& a, int count) {
    PackBits result;
    for (int i = 0; i < Pack<T, W>::parts; ++i) result.part[i] = a.part[i] << count;
    return result;
  }
  friend ATTRACTORNET_INLINE PackBits operator>>(const PackBits& a, int count) {
    PackBits result;
    for (int i = 0; i < Pack<T, W>::parts; ++i) result.part[i] = a.part[i] >> count;
    return result;
  }
  friend ATTRACTORNET_INLINE PackBits operator|(const PackBits& a, const PackBits& b) {
    PackBits result;
    for (int i = 0; i < Pack<T, W>::parts; ++i) result.part[i] = a.part[i] | b.part[i];
    return result;
  }
  friend ATTRACTORNET_INLINE PackBits operator+(const PackBits& a, const PackBits& b) {
    PackBits result;
    for (int i = 0; i < Pack<T, W>::parts; ++i) result.part[i] = a.part[i] + b.part[i];
    return result;
  }
};

template <class T, int W>
struct ElementOf<Pack<T, W>> {
  using type = T;
};

template <class T, int W>
ATTRACTORNET_INLINE PackBits<T, W> bits(const Pack<T, W>& x) {
  return __builtin_bit_cast(PackBits<T, W>, x);
}
template <class T, int W>
ATTRACTORNET_INLINE Pack<T, W> from_bits(const PackBits<T, W>& x) {
  return __builtin_bit_cast(Pack<T, W>, x);
}

template <class T, int W>
ATTRACTORNET_INLINE Pack<T, W> fma(const Pack<T, W>& a, const Pack<T, W>& b, const Pack<T, W>& c) {
  Pack<T, W> result;
  for (int i = 0; i < Pack<T, W>::parts; ++i)
    result.part[i] = detail::register_fma(a.part[i], b.part[i], c.part[i]);
  return result;
}

template <class T, int W>
ATTRACTORNET_INLINE Pack<T, W> sqrt(const Pack<T, W>& x) {
  Pack<T, W> result;
  for (int i = 0; i < Pack<T, W>::parts; ++i) result.part[i] = detail::register_sqrt(x.part[i]);
  return result;
}

template <class T, int W>
ATTRACTORNET_INLINE Pack<T, W> at_most(const Pack<T, W>& x, const Pack<T, W>& limit) {
  Pack<T, W> result;
  for (int i = 0; i < Pack<T, W>::parts; ++i)
    result.part[i] = detail::register_at_most(x.part[i], limit.part[i]);
  return result;
}

/// Says that a value has left memory for good: compilers else read it again for every use, and
/// where all is in the cache, loops wait for such reads.
template <class T, int W>
ATTRACTORNET_INLINE void keep_in_register([[maybe_unused]] Pack<T, W>& x) {
#if defined(__SSE2__)
  for (auto& p : x.part) asm("" : "+v"(p));
#elif defined(__aarch64__)
  for (auto& p : x.part) asm("" : "+w"(p));
#endif
}

/// What a comparison of packs gives: all bits of a lane set, or none.
template <class T, int W>
struct Mask {
  decltype(typename Pack<T, W>::Register{} >
           typename Pack<T, W>::Register{}) part[Pack<T, W>::parts];
};

template <class T, int W>
ATTRACTORNET_INLINE Mask<T, W> operator>(const Pack<T, W>& a, const Pack<T, W>& b) {
  Mask<T, W> result;
  for (int i = 0; i < Pack<T, W>::parts; ++i) result.part[i] = a.part[i] > b.part[i];
  return result;
}

/// Lane i where bit first + i is set.
template <class T, int W>
ATTRACTORNET_INLINE Mask<T, W> mask_of_bits(std::uint64_t bits, int first = 0) {
  using P = Pack<T, W>;
  Mask<T, W> result;
  ATTRACTORNET_UNROLL for (int i = 0; i < P::parts; ++i) result.part[i] =
      lanes_of_bits<std::remove_cvref_t<decltype(result.part[0])>>(bits,
                                                                   first + i * (W / P::parts));
  return result;
}

template <class T, int W>
ATTRACTORNET_INLINE Pack<T, W> select(const Mask<T, W>& mask, const Pack<T, W>& yes,
                                      const Pack<T, W>& no) {
  Pack<T, W> result;
  ATTRACTORNET_UNROLL for (int i = 0; i < Pack<T, W>::parts; ++i) result.part[i] =
      mask.part[i] ? yes.part[i] : no.part[i];
  return result;
}

namespace detail {

/// a with the lanes at distance H exchanged (lane l takes a[l ^ H]); H divides the lanes.
template <int H, class V>
ATTRACTORNET_INLINE V exchange(V a) {
  constexpr int lanes = sizeof(V) / sizeof(a[0]);
  if constexpr (lanes == 2) return __builtin_shufflevector(a, a, 1, 0);
  if constexpr (lanes == 4) return __builtin_shufflevector(a, a, 0 ^ H, 1 ^ H, 2 ^ H, 3 ^ H);
  if constexpr (lanes == 8)
    return __builtin_shufflevector(a, a, 0 ^ H, 1 ^ H, 2 ^ H, 3 ^ H, 4 ^ H, 5 ^ H, 6 ^ H, 7 ^ H);
  if constexpr (lanes == 16)
    return __builtin_shufflevector(a, a, 0 ^ H, 1 ^ H, 2 ^ H, 3 ^ H, 4 ^ H, 5 ^ H, 6 ^ H, 7 ^ H,
                                   8 ^ H, 9 ^ H, 10 ^ H, 11 ^ H, 12 ^ H, 13 ^ H, 14 ^ H, 15 ^ H);
  return a;
}

template <int H, class V>
ATTRACTORNET_INLINE V fold_register(V a) {
  a = a + exchange<H>(a);
  if constexpr (H > 1) return fold_register<H / 2>(a);
  return a;
}

}  // namespace detail

/// The sum of the lanes, in every lane. The order is that of tree_sum (core/sum.hpp): halves are
/// folded on each other until one value is left, whatever the registers' width.
template <class T, int W>
ATTRACTORNET_INLINE Pack<T, W> fold(Pack<T, W> x) {
  for (int half = Pack<T, W>::parts / 2; half > 0; half /= 2)
    for (int i = 0; i < half; ++i) x.part[i] = x.part[i] + x.part[i + half];
  if constexpr (W / Pack<T, W>::parts > 1)
    x.part[0] = detail::fold_register<W / Pack<T, W>::parts / 2>(x.part[0]);
  for (int i = 1; i < Pack<T, W>::parts; ++i) x.part[i] = x.part[0];
  return x;
}

}  // namespace attractornet
