/// @file
/// Long products in lanes: how much something has grown, without a logarithm a factor.
#pragma once

#include <attractornet/core/math.hpp>
#include <attractornet/core/pack.hpp>
#include <cstdint>

namespace attractornet {

/// A product of positive, finite, normal numbers in each lane, kept as m 2^e with m in [1, 2).
template <class T, int L>
class RunningProduct {
 public:
  ATTRACTORNET_INLINE void multiply(const Pack<T, L>& factor) {
    const Bits product = bits(mantissa_ * factor);
    exponent_ = exponent_ + ((product >> mantissa_bits) + (Integer{0} - bias));
    mantissa_ = from_bits((product & fraction) + one);
  }
  /// The product's logarithm in one lane.
  double logarithm(int lane) const {
    using Signed = std::make_signed_t<Integer>;
    const auto exponent =
        static_cast<double>(static_cast<Signed>(exponent_.part[lane / width][lane % width]));
    return log(static_cast<double>(mantissa_[lane])) + exponent * 0.69314718055994530942;
  }

 private:
  using Bits = PackBits<T, L>;
  using Integer = typename Bits::Integer;
  static constexpr int width = L / Pack<T, L>::parts;
  static constexpr int mantissa_bits = sizeof(T) == 8 ? 52 : 23;
  static constexpr Integer fraction = (Integer{1} << mantissa_bits) - 1;
  static constexpr Integer bias = sizeof(T) == 8 ? 1023 : 127;
  static constexpr Integer one = bias << mantissa_bits;

  Pack<T, L> mantissa_ = Pack<T, L>(T(1));
  Bits exponent_ = bits(Pack<T, L>(T(0)));
};

}  // namespace attractornet
