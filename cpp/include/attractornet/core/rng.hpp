/// @file
/// Random numbers. Streams are counter-based (Philox4x32-10), keyed by a seed and a global index,
/// so that a draw never depends on threads, chunks or the order of work. The one exception is
/// NumPy's legacy stream, which redraws networks that an article published by their seeds.
#pragma once

#include <attractornet/core/math.hpp>
#include <cmath>
#include <cstdint>
#include <random>

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

/// The inverse of the standard normal distribution function, by rational functions in the middle
/// and in the tails (M. J. Wichura, algorithm AS 241, Appl. Stat. 37 (1988) 477); 0 < p < 1.
ATTRACTORNET_HD inline double normal_quantile(double p) {
  constexpr double a[] = {3.3871328727963666080,   1.3314166789178437745e2, 1.9715909503065514427e3,
                          1.3731693765509461125e4, 4.5921953931549871457e4, 6.7265770927008700853e4,
                          3.3430575583588128105e4, 2.5090809287301226727e3};
  constexpr double b[] = {1.0,
                          4.2313330701600911252e1,
                          6.8718700749205790830e2,
                          5.3941960214247511077e3,
                          2.1213794301586595867e4,
                          3.9307895800092710610e4,
                          2.8729085735721942674e4,
                          5.2264952788528545610e3};
  constexpr double c[] = {1.42343711074968357734,    4.63033784615654529590,
                          5.76949722146069140550,    3.64784832476320460504,
                          1.27045825245236838258,    2.41780725177450611770e-1,
                          2.27238449892691845833e-2, 7.74545014278341407640e-4};
  constexpr double d[] = {1.0,
                          2.05319162663775882187,
                          1.67638483018380384940,
                          6.89767334985100004550e-1,
                          1.48103976427480074590e-1,
                          1.51986665636164571966e-2,
                          5.47593808499534494600e-4,
                          1.05075007164441684324e-9};
  constexpr double e[] = {6.65790464350110377720,    5.46378491116411436990,
                          1.78482653991729133580,    2.96560571828504891230e-1,
                          2.65321895265761230930e-2, 1.24266094738807843860e-3,
                          2.71155556874348757815e-5, 2.01033439929228813265e-7};
  constexpr double f[] = {1.0,
                          5.99832206555887937690e-1,
                          1.36929880922735805310e-1,
                          1.48753612908506148525e-2,
                          7.86869131145613259100e-4,
                          1.84631831751005468180e-5,
                          1.42151175831644588870e-7,
                          2.04426310338993978564e-15};
  const double q = p - 0.5;
  if (q > -0.425 && q < 0.425) {
    const double r = 0.180625 - q * q;
    return q * detail::polynomial(a, r) / detail::polynomial(b, r);
  }
  double r = std::sqrt(-log(q < 0 ? p : 1.0 - p));
  r = r <= 5.0 ? detail::polynomial(c, r - 1.6) / detail::polynomial(d, r - 1.6)
               : detail::polynomial(e, r - 5.0) / detail::polynomial(f, r - 5.0);
  return q < 0 ? -r : r;
}

/// What a stream is for; two uses of one seed never share numbers.
enum class Purpose : std::uint32_t { weights = 1, tangent_frame = 2, angles = 3, sampling = 4 };

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
class LegacyStream {
 public:
  explicit LegacyStream(std::uint32_t seed) : generator_(seed) {}
  double uniform() {
    const std::uint64_t high = generator_() >> 5, low = generator_() >> 6;
    return static_cast<double>(high * 67108864 + low) / 9007199254740992.0;
  }

 private:
  std::mt19937 generator_;
};

}  // namespace attractornet
