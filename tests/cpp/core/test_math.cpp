#include <doctest/doctest.h>

#include <algorithm>
#include <attractornet/core/math.hpp>
#include <attractornet/core/pack.hpp>
#include <attractornet/core/sum.hpp>
#include <cmath>
#include <limits>
#include <vector>

using attractornet::fold;
using attractornet::has_fma;
using attractornet::Pack;
using attractornet::tanh_sech2;
using attractornet::tree_sum;
namespace an = attractornet;  // an::tanh, lest the C library's be tested

namespace {

/// Distance from the true value in units of the last place of the result type.
template <class T>
double ulps(T value, long double truth) {
  const T rounded = static_cast<T>(std::abs(truth));
  const long double ulp = std::nextafter(rounded, std::numeric_limits<T>::infinity()) - rounded;
  return static_cast<double>(std::abs(value - truth) / ulp);
}

/// Without fma every product is rounded once more.
constexpr double allowed_ulps = has_fma ? 3.0 : 5.0;

std::vector<double> dense_samples() {
  std::vector<double> samples;
  for (double x = 1e-9; x < 40; x *= 1.00003) samples.push_back(x);
  for (double x = 0; x < 1; x += 1.7e-6) samples.push_back(x);
  return samples;
}

template <class T, int W>
void check_pack_is_scalar() {
  double x = -3;
  for (int trial = 0; trial < 1000; ++trial) {
    T in[W], out[W];
    for (T& value : in) value = static_cast<T>(x += 0.0007);
    an::tanh(Pack<T, W>::load(in)).store(out);
    for (int i = 0; i < W; ++i) CHECK(out[i] == an::tanh(in[i]));
    const auto both = tanh_sech2(Pack<T, W>::load(in));
    for (int i = 0; i < W; ++i) {
      CHECK(both.tanh[i] == tanh_sech2(in[i]).tanh);
      CHECK(both.sech2[i] == tanh_sech2(in[i]).sech2);
    }
  }
}

template <class T, int W>
void check_edges_in_packs() {
  const T inf = std::numeric_limits<T>::infinity(), nan = std::numeric_limits<T>::quiet_NaN();
  const T edges[] = {inf, -inf, nan, -nan, T(1e30), T(-0.0)};
  for (const T edge : edges) {
    const auto both = tanh_sech2(Pack<T, W>(edge));
    const auto alone = tanh_sech2(edge);
    for (int i = 0; i < W; ++i) {
      CHECK(std::isnan(both.tanh[i]) == std::isnan(edge));
      CHECK(std::isnan(both.sech2[i]) == std::isnan(edge));
      if (std::isnan(edge)) continue;
      CHECK(an::bits(both.tanh[i]) == an::bits(alone.tanh));
      CHECK(both.sech2[i] == alone.sech2);
    }
  }
}

template <int W>
void check_fold() {
  double in[W];
  for (int i = 0; i < W; ++i) in[i] = 1.0 / (3 + i * i) - 0.1 * i;
  const double tree = tree_sum<double>(W, [&](int i) { return in[i]; });
  const auto folded = fold(Pack<double, W>::load(in));
  for (int i = 0; i < W; ++i) CHECK(folded[i] == tree);
}

}  // namespace

TEST_CASE("tanh is within its bound of the true value") {
  double worst = 0, worst_float = 0;
  for (const double x : dense_samples()) {
    worst = std::max(worst, ulps(an::tanh(x), std::tanh(static_cast<long double>(x))));
    const auto f = static_cast<float>(x);
    worst_float = std::max(worst_float, ulps(an::tanh(f), std::tanh(static_cast<long double>(f))));
  }
  CHECK(worst <= allowed_ulps);
  CHECK(worst_float <= allowed_ulps);
}

TEST_CASE("tanh at the edges: odd, signed zero, infinities, NaN, the smallest numbers") {
  CHECK(an::tanh(0.0) == 0.0);
  CHECK(std::signbit(an::tanh(-0.0)));
  CHECK(an::tanh(std::numeric_limits<double>::infinity()) == 1.0);
  CHECK(an::tanh(-std::numeric_limits<double>::infinity()) == -1.0);
  CHECK(std::isnan(an::tanh(std::numeric_limits<double>::quiet_NaN())));
  CHECK(an::tanh(5e-324) == 5e-324);
  CHECK(an::tanh(1e300) == 1.0);
  for (double x = 1e-5; x < 1e3; x *= 1.1) CHECK(an::tanh(-x) == -an::tanh(x));
}

TEST_CASE("sech^2 keeps its relative accuracy where 1 - tanh^2 has lost all digits") {
  for (double x = 1e-6; x < 300; x *= 1.003) {
    const long double cosh = std::cosh(static_cast<long double>(x));
    const long double truth = 1 / (cosh * cosh);
    CHECK(std::abs(tanh_sech2(x).sech2 / truth - 1) < 2e-15L * (1 + x));
  }
  CHECK(tanh_sech2(1e6).sech2 == 0);  // true: 1e-868588
  CHECK(tanh_sech2(-2.0).sech2 == tanh_sech2(2.0).sech2);
}

TEST_CASE("log is within 2 ulp; log(0) is -inf, of a negative number NaN") {
  double worst = 0;
  for (double x = 1e-310; x < 1e308; x *= 1.0101)
    worst = std::max(worst, ulps(an::log(x), std::log(static_cast<long double>(x))));
  for (double x = 0.5; x < 2; x += 1.3e-5)
    if (x != 1) worst = std::max(worst, ulps(an::log(x), std::log(static_cast<long double>(x))));
  CHECK(worst <= 2.5);
  CHECK(an::log(1.0) == 0.0);
  CHECK(an::log(0.0) == -std::numeric_limits<double>::infinity());
  CHECK(std::isnan(an::log(-1.0)));
  CHECK(std::isinf(an::log(std::numeric_limits<double>::infinity())));
}

TEST_CASE("log1p is within 4 ulp, however small x") {
  double worst = 0;
  const auto compare = [&](double x) {
    worst = std::max(worst, ulps(an::log1p(x), std::log1p(static_cast<long double>(x))));
  };
  for (double x = 1e-320; x < 1e308; x *= 1.0103) compare(x);
  for (double x = -1e-320; x > -1; x *= 1.0007) compare(x);
  for (double x = -0.9999; x < 2; x += 1.3e-5) compare(x);
  CHECK(worst <= 4);
  CHECK(an::log1p(0.0) == 0.0);
  CHECK(an::log1p(-1.0) == -std::numeric_limits<double>::infinity());
  CHECK(std::isnan(an::log1p(std::numeric_limits<double>::quiet_NaN())));
}

TEST_CASE("exp is within 2 ulp") {
  double worst = 0;
  for (double x = -707.9; x < 709; x += 0.00731)
    worst = std::max(worst, ulps(an::exp(x), std::exp(static_cast<long double>(x))));
  CHECK(worst <= (has_fma ? 1.5 : 2.5));
  CHECK(an::exp(0.0) == 1.0);
  CHECK(an::exp(-709.0) == 0.0);
  CHECK(an::exp(-std::numeric_limits<double>::infinity()) == 0.0);
  CHECK(std::isinf(an::exp(std::numeric_limits<double>::infinity())));
  CHECK(std::isnan(an::exp(std::numeric_limits<double>::quiet_NaN())));
}

TEST_CASE_TEMPLATE("exp of minus a size, in packs, has the bits of exp", P, Pack<double, 2>,
                   Pack<double, 8>) {
  for (double x = 0; x < 800; x += 0.0173) {
    CHECK(an::exp_of_minus(P(x))[1] == an::exp(-x));
    CHECK(an::exp_of_minus(-x) == an::exp(-x));
  }
  const double inf = std::numeric_limits<double>::infinity();
  for (const double x : {708.0, 708.5, inf, -inf})
    CHECK(an::exp_of_minus(P(x))[0] == an::exp(-std::abs(x)));
  CHECK(std::isnan(an::exp_of_minus(P(std::numeric_limits<double>::quiet_NaN()))[1]));
}

TEST_CASE("generic numbers are in [-1, 1], and no two alike") {
  std::vector<double> numbers(1000);
  for (int i = 0; i < 1000; ++i) numbers[static_cast<std::size_t>(i)] = an::generic_number(i);
  std::sort(numbers.begin(), numbers.end());
  CHECK((numbers.front() >= -1 && numbers.back() <= 1));
  CHECK(std::adjacent_find(numbers.begin(), numbers.end()) == numbers.end());
}

TEST_CASE("cosine and sine of turns are within 3e-16, and exact at quarter turns") {
  constexpr long double turn = 6.283185307179586476925286766559L;
  double worst = 0;
  for (double t = -3; t < 3; t += 1.3e-5) {
    const auto [cos, sin] = an::cos_sin_turns(t);
    worst = std::max({worst, static_cast<double>(std::abs(cos - std::cos(turn * t))),
                      static_cast<double>(std::abs(sin - std::sin(turn * t)))});
  }
  CHECK(worst <= 3e-16);
  for (int quarter = -8; quarter <= 8; ++quarter) {
    const auto [cos, sin] = an::cos_sin_turns(0.25 * quarter);
    CHECK(std::abs(cos) + std::abs(sin) == 1);
    CHECK(cos == (quarter % 2 ? 0 : quarter % 4 ? -1 : 1));
  }
  CHECK(an::cos_sin_turns(1e12 + 0.25).sin == 1);
}

TEST_CASE("a pack computes what its lanes compute, whatever its width") {
  check_pack_is_scalar<double, 2>();
  check_pack_is_scalar<double, 4>();
  check_pack_is_scalar<double, 8>();
  check_pack_is_scalar<double, 16>();
  check_pack_is_scalar<float, 4>();
  check_pack_is_scalar<float, 8>();
  check_pack_is_scalar<float, 16>();
}

TEST_CASE("infinities, NaN and the sign of zero are those of one lane, in packs of every width") {
  check_edges_in_packs<double, 2>();
  check_edges_in_packs<double, 4>();
  check_edges_in_packs<double, 8>();
  check_edges_in_packs<float, 4>();
  check_edges_in_packs<float, 8>();
  check_edges_in_packs<float, 16>();
}

TEST_CASE("broadcasting keeps the sign of zero") {
  const Pack<double, 8> minus_zero(-0.0);
  CHECK(std::signbit(minus_zero[5]));
}

TEST_CASE("fold and tree_sum have one order of summation") {
  check_fold<2>();
  check_fold<4>();
  check_fold<8>();
  check_fold<16>();
  const double terms[] = {1e16, 1, -1e16, 1, 1};  // padded to 8: ((t0+t4) + t2) + (t1 + t3)
  CHECK(tree_sum<double>(5, [&](int i) { return terms[i]; }) == ((1e16 + 1) + -1e16) + (1.0 + 1.0));
}
