/// @file
/// Quantiles of the distributions that random numbers and error bars need.
#pragma once

#include <attractornet/core/math.hpp>
#include <cmath>

namespace attractornet {

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

/// The number that a variable of Student's t distribution stays within, on both sides of 0, with
/// probability `level`, to about six digits (G. W. Hill, algorithm 396, Commun. ACM 13 (1970) 619).
/// @param level in (0, 1); @param freedom degrees of freedom, at least 1.
inline double student_quantile(double level, double freedom) {
  constexpr double pi = 3.14159265358979323846;
  const double outside = 1 - level, n = freedom;
  if (n == 1) return std::tan(0.5 * pi * level);
  if (n == 2) return std::sqrt(2 / (outside * (2 - outside)) - 2);
  const double a = 1 / (n - 0.5), b = 48 / (a * a);
  double c = ((20700 * a / b - 98) * a - 16) * a + 96.36;
  const double d = ((94.5 / (b + c) - 3) / b + 1) * std::sqrt(0.5 * a * pi) * n;
  double y = std::pow(d * outside, 2 / n);
  if (y > 0.05 + a) {  // the middle: an expansion about the normal distribution
    const double x = normal_quantile(0.5 * outside);
    y = x * x;
    if (n < 5) c += 0.3 * (n - 4.5) * (x + 0.6);
    c += (((0.05 * d * x - 5) * x - 7) * x - 2) * x + b;
    y = (((((0.4 * y + 6.3) * y + 36) * y + 94.5) / c - y - 3) / b + 1) * x;
    y = std::expm1(a * y * y);
  } else {  // the tail
    y = ((1 / (((n + 6) / (n * y) - 0.089 * d - 0.822) * (n + 2) * 3) + 0.5 / (n + 4)) * y - 1) *
            (n + 1) / (n + 2) +
        1 / y;
  }
  return std::sqrt(n * y);
}

}  // namespace attractornet
