#include <doctest/doctest.h>

#include <attractornet/core/quantile.hpp>
#include <cmath>
#include <initializer_list>
#include <limits>

using namespace attractornet;

namespace {

/// Probability that |t| stays below a value, as a finite sum in the angle atan(t / sqrt(n)):
/// M. Abramowitz, I. A. Stegun, Handbook of Mathematical Functions, 26.7.3 and 26.7.4.
double student_probability(double t, int n) {
  const double angle = std::atan(t / std::sqrt(n)), square = std::cos(angle) * std::cos(angle);
  double sum = n == 1 ? 0 : 1, term = 1;
  for (int k = n % 2 ? 3 : 2; k < n - 1; k += 2) sum += term *= (k - 1.0) / k * square;
  if (n % 2 == 0) return std::sin(angle) * sum;
  return 2 / 3.14159265358979323846 * (angle + std::sin(angle) * std::cos(angle) * sum);
}

}  // namespace

TEST_CASE("Student's quantiles are the tabulated ones") {
  struct Row {
    double freedom, quantile[4];
  };
  constexpr double levels[] = {0.5, 0.9, 0.95, 0.99};
  constexpr Row table[] = {{1, {1.000000, 6.313752, 12.706205, 63.656741}},
                           {2, {0.816497, 2.919986, 4.302653, 9.924843}},
                           {3, {0.764892, 2.353363, 3.182446, 5.840909}},
                           {5, {0.726687, 2.015048, 2.570582, 4.032143}},
                           {10, {0.699812, 1.812461, 2.228139, 3.169273}},
                           {31, {0.682486, 1.695519, 2.039513, 2.744042}},
                           {100, {0.676951, 1.660234, 1.983972, 2.625891}}};
  for (const Row& row : table)
    for (int i = 0; i < 4; ++i) {
      CAPTURE(row.freedom);
      CAPTURE(levels[i]);
      CHECK(student_quantile(levels[i], row.freedom) ==
            doctest::Approx(row.quantile[i]).epsilon(1e-5));
    }
}

TEST_CASE("Student's quantile inverts the distribution function, from the middle to the tails") {
  for (const int n : {1, 2, 3, 4, 5, 6, 7, 8, 15, 31, 63, 127, 1000})
    for (const double level :
         {1e-6, 0.01, 0.1, 0.3, 0.5, 0.683, 0.8, 0.954, 0.997, 0.9999, 0.999999, 1 - 1e-9}) {
      CAPTURE(n);
      CAPTURE(level);
      const double t = student_quantile(level, n);
      CHECK(std::abs(student_probability(t, n) - level) < 2e-5);
      // By the relative error of what lies outside, too.
      CHECK(1 - student_probability(t, n) ==
            doctest::Approx(1 - level).epsilon(level > 1 - 1e-8 ? 1e-3 : 1e-4));
    }
}

TEST_CASE("Student's quantile tends to the normal one, from above, and grows with the level") {
  for (const double level : {0.1, 0.5, 0.9, 0.95, 0.999}) {
    const double normal = normal_quantile(0.5 * (1 + level));
    double before = std::numeric_limits<double>::infinity();
    for (const double n : {1.0, 2.0, 3.0, 4.0, 5.0, 8.0, 31.0, 100.0, 1e3, 1e4, 1e6}) {
      const double t = student_quantile(level, n);
      CHECK(t > normal);
      CHECK(t < before);
      before = t;
    }
    CHECK(student_quantile(level, 1e9) == doctest::Approx(normal).epsilon(1e-8));
  }
}
