/// @file
/// Elementary functions with one definition for scalars and packs, so that a result does not depend
/// on how many lanes computed it.
///
/// Every function is written in terms of fma, +, -, *, / and integer operations on the bits, in a
/// fixed order; with a hardware fma the bits agree on every level, lane width and compiler.
#pragma once

#include <attractornet/core/platform.hpp>
#include <cstdint>

namespace attractornet {

// ------------------------------------------------------------------------------ scalar primitives

/// a * b + c, rounded once where the hardware has a fused multiply-add.
/// NOTE: std::fma without the instruction is a slow library call, so there it is two roundings.
ATTRACTORNET_HD ATTRACTORNET_INLINE double fma(double a, double b, double c) {
  if constexpr (has_fma) return __builtin_fma(a, b, c);
  return a * b + c;
}
ATTRACTORNET_HD ATTRACTORNET_INLINE float fma(float a, float b, float c) {
  if constexpr (has_fma) return __builtin_fmaf(a, b, c);
  return a * b + c;
}

ATTRACTORNET_HD ATTRACTORNET_INLINE std::uint64_t bits(double x) {
  return __builtin_bit_cast(std::uint64_t, x);
}
ATTRACTORNET_HD ATTRACTORNET_INLINE std::uint32_t bits(float x) {
  return __builtin_bit_cast(std::uint32_t, x);
}
ATTRACTORNET_HD ATTRACTORNET_INLINE double from_bits(std::uint64_t x) {
  return __builtin_bit_cast(double, x);
}
ATTRACTORNET_HD ATTRACTORNET_INLINE float from_bits(std::uint32_t x) {
  return __builtin_bit_cast(float, x);
}

/// yes where the condition holds, else no.
template <class T>
ATTRACTORNET_HD ATTRACTORNET_INLINE T select(bool condition, T yes, T no) {
  return condition ? yes : no;
}

/// x where x <= limit, else limit; NaN stays NaN.
template <class T>
ATTRACTORNET_HD ATTRACTORNET_INLINE T at_most(T x, T limit) {
  return select(x > limit, limit, x);
}

/// The scalar under T: T itself, or a pack's element.
template <class T>
struct ElementOf {
  using type = T;
};
template <class T>
using Element = typename ElementOf<T>::type;

/// |x|; the sign's bit is cleared.
template <class T>
ATTRACTORNET_HD ATTRACTORNET_INLINE T magnitude(T x) {
  if constexpr (sizeof(Element<T>) == 8)
    return from_bits(bits(x) & 0x7FFFFFFFFFFFFFFF);
  else
    return from_bits(bits(x) & 0x7FFFFFFF);
}

// ------------------------------------------------------------------------------------------- tanh

namespace detail {

/// c[0] + c[1] z + c[2] z^2 + ...
template <class T, class E, int N>
ATTRACTORNET_HD ATTRACTORNET_INLINE T polynomial(const E (&c)[N], T z) {
  T sum = T(c[N - 1]);
  for (int i = N - 2; i >= 0; --i) sum = fma(sum, z, T(c[i]));
  return sum;
}

/// How tanh is evaluated in one precision: tanh r = r P(r^2) / Q(r^2) on -0.087 <= r <= 0.260, a
/// minimax fit (relative error 3.3e-20 in double, 6e-9 in float) with
/// P = 1 + z p(z) and Q = 1 + z q(z), z = r^2.
template <class T>
struct TanhTraits;

template <>
struct TanhTraits<double> {
  static constexpr double limit = 350.0;  ///< beyond it tanh is 1 and sech^2 below 1e-303
  static constexpr double two_over_ln2 = 2.8853900817779268147;
  static constexpr double half_ln2 = 0.34657359027997265471;
  static constexpr double shifter = 6755399441055744.0;  ///< 1.5 * 2^52: adding it rounds
  static constexpr int mantissa = 52;
  static constexpr std::uint64_t one = 0x3FF0000000000000, sign = 0x8000000000000000;
  template <class T>
  ATTRACTORNET_HD static ATTRACTORNET_INLINE T p(T z) {
    constexpr double c[] = {0.1211978181844442237, 0.002018840320114213075};
    return polynomial(c, z);
  }
  template <class T>
  ATTRACTORNET_HD static ATTRACTORNET_INLINE T q(T z) {
    constexpr double c[] = {0.4545311515177775223, 0.02019589082604608755,
                            0.00009606404084835275563};
    return polynomial(c, z);
  }
};

template <>
struct TanhTraits<float> {
  static constexpr float limit = 40.0f;  ///< beyond it tanh is 1 and sech^2 below 1e-34
  static constexpr float two_over_ln2 = 2.88539008f;
  static constexpr float half_ln2 = 0.34657359f;
  static constexpr float shifter = 12582912.0f;  ///< 1.5 * 2^23
  static constexpr int mantissa = 23;
  static constexpr std::uint32_t one = 0x3F800000, sign = 0x80000000;
  template <class T>
  ATTRACTORNET_HD static ATTRACTORNET_INLINE T p(T) {
    return T(0.06647446329f);
  }
  template <class T>
  ATTRACTORNET_HD static ATTRACTORNET_INLINE T q(T) {
    return T(0.39980618261f);
  }
};

/// |x| = k ln(2)/2 + r and e = 2^k; the addition theorem of tanh then needs one division:
///     tanh|x| = ((e-1) Q + (e+1) r P) / ((e+1) Q + (e-1) r P).
/// k steps at tanh|x| = 0.254 and 0.542, where the numerator's cancellation costs least.
template <class T>
struct TanhParts {
  T e, r, z, p, q;  ///< p(z) as above, but q is all of Q

  ATTRACTORNET_HD ATTRACTORNET_INLINE explicit TanhParts(T x) {
    using Traits = TanhTraits<Element<T>>;
    constexpr auto quarter_step = Traits::half_ln2 / 4;
    const T a = at_most(magnitude(x), T(Traits::limit));
    const T shifted = fma(a - T(quarter_step), T(Traits::two_over_ln2), T(Traits::shifter));
    const T k = shifted - T(Traits::shifter);
    e = from_bits((bits(shifted) << Traits::mantissa) + Traits::one);
    r = fma(k, T(-Traits::half_ln2), a);
    z = r * r;
    p = Traits::p(z);
    q = fma(Traits::q(z), z, T(1));
  }
  /// c Q + s r P; m + (m z) p keeps P's rounding below that of m = s r.
  ATTRACTORNET_HD ATTRACTORNET_INLINE T combine(T c, T s) const {
    const T m = s * r;
    return fma(c, q, fma(m * z, p, m));
  }
  ATTRACTORNET_HD ATTRACTORNET_INLINE T numerator() const { return combine(e - T(1), e + T(1)); }
  ATTRACTORNET_HD ATTRACTORNET_INLINE T denominator() const { return combine(e + T(1), e - T(1)); }
};

template <class T>
ATTRACTORNET_HD ATTRACTORNET_INLINE T with_sign_of(T size, T x) {
  return from_bits(bits(size) | (bits(x) & TanhTraits<Element<T>>::sign));
}

}  // namespace detail

/// Hyperbolic tangent, at most 3 ulp from the true value; odd, NaN in NaN out.
template <class T>
ATTRACTORNET_HD ATTRACTORNET_INLINE T tanh(T x) {
  const detail::TanhParts<T> t(x);
  return detail::with_sign_of(t.numerator() / t.denominator(), x);
}

/// A hyperbolic tangent and its derivative.
template <class T>
struct TanhSech2 {
  T tanh, sech2;
};

/// tanh x (the same bits as tanh) and sech^2 x = (1 + |tanh x|) (1 - |tanh x|). The second factor
/// is 2 (Q - r P) over tanh's denominator, so that the tails keep their relative accuracy, where
/// 1 - tanh^2 would cancel to zero; beyond |x| = 350 (float: 40) sech^2 is 0.
template <class T>
ATTRACTORNET_HD ATTRACTORNET_INLINE TanhSech2<T> tanh_sech2(T x) {
  const detail::TanhParts<T> t(x);
  const T denominator = t.denominator();
  const T size = t.numerator() / denominator;
  const T rest = t.q - fma(t.r * t.z, t.p, t.r);
  const T sech2 = (T(1) + size) * ((rest + rest) / denominator);
  const T tail = select(magnitude(x) > T(detail::TanhTraits<Element<T>>::limit), T(0), sech2);
  return {detail::with_sign_of(size, x), tail};
}

// -------------------------------------------------------------------------------------------- log

/// Natural logarithm of a normal positive number, at most 2 ulp from the true value.
/// x = 2^k m with m in [sqrt(1/2), sqrt(2)), ln m = 2 artanh((m - 1)/(m + 1)).
template <class T>
ATTRACTORNET_HD ATTRACTORNET_INLINE T log_of_normal(T x) {
  constexpr std::uint64_t root_half = 0x3FE6A09E667F3BCD, fraction = 0xFFFFFFFFFFFFF;
  constexpr std::uint64_t one = 0x3FF0000000000000, two52 = 0x4330000000000000;
  const auto offset = bits(x) + (one - root_half);
  const T k = from_bits((offset >> 52) + two52) - T(0x1p52 + 1023);
  const T m = from_bits((offset & fraction) + root_half);
  const T f = (m - T(1)) / (m + T(1));
  const T z = f * f;
  // artanh f = f (1 + z/3 + z^2/5 + ...); z <= 0.0295, so eleven terms leave less than 1e-18.
  T series = T(1.0 / 23.0);
  for (int n = 21; n >= 3; n -= 2) series = fma(series, z, T(1.0 / n));
  const T low = fma(T(2) * f * z, series, k * T(1.90821492927058770002e-10));
  return fma(k, T(6.93147180369123816490e-01), T(2) * f + low);
}

/// Natural logarithm, at most 2 ulp from the true value; log(0) = -inf.
ATTRACTORNET_HD inline double log(double x) {
  if (!(x > 0.0)) return x == 0.0 ? -__builtin_inf() : __builtin_nan("");
  if (x > 1.7976931348623157e308) return x;
  if (x >= 2.2250738585072014e-308) return log_of_normal(x);
  return log_of_normal(x * 0x1p54) - 54 * 6.93147180559945309417e-01;
}

/// ln(1 + x), at most 4 ulp from the true value; x > -1, finite. The factor takes back the rounding
/// of 1 + x.
ATTRACTORNET_HD inline double log1p(double x) {
  const double sum = 1.0 + x;
  return sum == 1.0 ? x : log(sum) * (x / (sum - 1.0));
}

// -------------------------------------------------------------------------------------------- exp

namespace detail {

/// e^x for -708 <= x <= 709.
/// x = k ln 2 + r with |r| <= ln(2)/2, and fourteen terms of the series of e^r.
template <class T>
ATTRACTORNET_HD ATTRACTORNET_INLINE T exp_of_moderate(T x) {
  constexpr double shifter = 6755399441055744.0;  // 1.5 * 2^52: adding it rounds
  const T shifted = fma(x, T(1.44269504088896340736), T(shifter));
  const T k = shifted - T(shifter);
  const T r = fma(k, T(-1.90821492927058770002e-10), fma(k, T(-6.93147180369123816490e-01), x));
  constexpr double c[] = {1.0,
                          1.0,
                          1.0 / 2,
                          1.0 / 6,
                          1.0 / 24,
                          1.0 / 120,
                          1.0 / 720,
                          1.0 / 5040,
                          1.0 / 40320,
                          1.0 / 362880,
                          1.0 / 3628800,
                          1.0 / 39916800,
                          1.0 / 479001600,
                          1.0 / 6227020800};
  return polynomial(c, r) * from_bits((bits(shifted) << 52) + bits(1.0));
}

}  // namespace detail

/// e^x, at most 2 ulp from the true value; 0 below x = -708, where it would be subnormal.
ATTRACTORNET_HD inline double exp(double x) {
  if (!(x <= 709.0)) return x > 709.0 ? __builtin_inf() : x;
  if (x < -708.0) return 0.0;
  return detail::exp_of_moderate(x);
}

/// e^-|x|, of a double or a pack, with the bits of exp; NaN in NaN out.
template <class T>
ATTRACTORNET_HD ATTRACTORNET_INLINE T exp_of_minus(T x) {
  const T size = magnitude(x);
  return select(size > T(708.0), T(0.0), detail::exp_of_moderate(T(0.0) - at_most(size, T(708.0))));
}

// ------------------------------------------------------------------------------------ sine, cosine

/// A point of the unit circle.
struct CosSin {
  double cos, sin;
};

/// cos(2 pi t) and sin(2 pi t), at most 2e-16 from the true values; |t| < 2^50.
/// t = q/4 + r with |r| <= 1/8, and the series in 2 pi r.
ATTRACTORNET_HD inline CosSin cos_sin_turns(double t) {
  constexpr double shifter = 6755399441055744.0;
  const double shifted = fma(t, 4.0, shifter);
  const double x = 6.283185307179586477 * fma(shifted - shifter, -0.25, t);
  const double z = x * x;
  constexpr double c[] = {1.0,
                          -1.0 / 2,
                          1.0 / 24,
                          -1.0 / 720,
                          1.0 / 40320,
                          -1.0 / 3628800,
                          1.0 / 479001600,
                          -1.0 / 87178291200,
                          1.0 / 20922789888000};
  constexpr double s[] = {1.0,          -1.0 / 6,        1.0 / 120,        -1.0 / 5040,
                          1.0 / 362880, -1.0 / 39916800, 1.0 / 6227020800, -1.0 / 1307674368000};
  const double cos = detail::polynomial(c, z), sin = x * detail::polynomial(s, z);
  switch (bits(shifted) & 3) {
    case 0:
      return {cos, sin};
    case 1:
      return {-sin, cos};
    case 2:
      return {-cos, -sin};
    default:
      return {sin, -cos};
  }
}

/// Numbers in [-1, 1], no two alike, for i = 0, 1, 2, ...: a state that no symmetry leaves as it
/// is.
ATTRACTORNET_HD inline double generic_number(int i) {
  return cos_sin_turns(0.6180339887498949 * (i + 1)).cos;  // the golden ratio's multiples
}

}  // namespace attractornet
