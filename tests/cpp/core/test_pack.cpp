#include <doctest/doctest.h>

#include <attractornet/core/pack.hpp>
#include <attractornet/core/product.hpp>
#include <cmath>
#include <limits>

using namespace attractornet;

TEST_CASE_TEMPLATE("pack: magnitude and square root are those of each lane", T, float, double) {
  constexpr int lanes = 2 * register_bytes / int(sizeof(T));
  const T special[] = {T(0), T(-0.0), T(2), T(1e-30), std::numeric_limits<T>::infinity()};
  for (const T value : special) {
    T x[lanes], sizes[lanes], roots[lanes];
    for (int l = 0; l < lanes; ++l) x[l] = value * T(l + 1);
    const auto size = magnitude(Pack<T, lanes>::load(x));
    size.store(sizes);
    sqrt(size).store(roots);
    for (int l = 0; l < lanes; ++l) {
      CHECK(bits(sizes[l]) == bits(std::abs(x[l])));
      CHECK(bits(roots[l]) == bits(std::sqrt(std::abs(x[l]))));
    }
  }
}

TEST_CASE_TEMPLATE("product: far beyond the range of its type", T, float, double) {
  constexpr int lanes = register_bytes / int(sizeof(T));
  RunningProduct<T, lanes> product;
  for (int l = 0; l < lanes; ++l) CHECK(product.logarithm(l) == 0.0);
  double expected[lanes] = {};
  for (int n = 0; n < 1000; ++n) {
    T factors[lanes];
    for (int l = 0; l < lanes; ++l) {
      factors[l] = T((l % 2 ? 1e20 : 1e-20) * (1 + 0.1 * ((n + l) % 7)));
      expected[l] += std::log(static_cast<double>(factors[l]));
    }
    product.multiply(Pack<T, lanes>::load(factors));
  }
  const double rounding = 1000 * std::numeric_limits<T>::epsilon();
  for (int l = 0; l < lanes; ++l)
    CHECK(std::abs(product.logarithm(l) - expected[l]) < rounding + 1e-12 * std::abs(expected[l]));
}
