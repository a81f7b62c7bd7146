#include <doctest/doctest.h>

#include <attractornet/core/rng.hpp>
#include <cmath>

using namespace attractornet;

namespace {

void check_words(Words got, std::uint32_t a, std::uint32_t b, std::uint32_t c, std::uint32_t d) {
  CHECK(got.word[0] == a);
  CHECK(got.word[1] == b);
  CHECK(got.word[2] == c);
  CHECK(got.word[3] == d);
}

}  // namespace

TEST_CASE("Philox gives the known answers of its authors") {
  check_words(philox({{0, 0, 0, 0}}, 0, 0), 0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8);
  check_words(philox({{0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff}}, 0xffffffff, 0xffffffff),
              0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd);
  check_words(philox({{0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}}, 0xa4093822, 0x299f31d0),
              0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1);
}

TEST_CASE("the legacy stream is NumPy's: RandomState(174658140).random_sample(2)") {
  LegacyStream stream(174658140);
  CHECK(2 * stream.uniform() - 1 == -0.42240135003240287);
}

TEST_CASE("uniform numbers lie in the open unit interval, with mean 1/2 and variance 1/12") {
  const Stream stream(7, Purpose::weights, 3);
  constexpr int count = 200'000;
  double sum = 0, square = 0;
  for (int i = 0; i < count; ++i) {
    const double u = stream.uniform(i);
    REQUIRE(u > 0);
    REQUIRE(u < 1);
    sum += u;
    square += u * u;
  }
  CHECK(std::abs(sum / count - 0.5) < 4 * std::sqrt(1.0 / 12 / count));
  CHECK(std::abs(square / count - 1.0 / 3) < 4 * std::sqrt(4.0 / 45 / count));
}

TEST_CASE("streams of other seeds, purposes and indices differ") {
  const double first = Stream(1, Purpose::weights, 0).uniform(0);
  CHECK(first != Stream(2, Purpose::weights, 0).uniform(0));
  CHECK(first != Stream(1, Purpose::tangent_frame, 0).uniform(0));
  CHECK(first != Stream(1, Purpose::weights, 1).uniform(0));
  CHECK(first != Stream(1, Purpose::weights, std::uint64_t{1} << 32).uniform(0));
  CHECK(first != Stream(1, Purpose::weights, 0).uniform(1));
  CHECK(first == Stream(1, Purpose::weights, 0).uniform(0));
}

TEST_CASE("the normal quantile inverts the distribution function") {
  for (double x = -8; x <= 8; x += 0.037) {
    const double p = 0.5 * std::erfc(-x / std::sqrt(2.0));
    if (p > 0.9999) break;  // 1 - p has no digits left
    CHECK(normal_quantile(p) == doctest::Approx(x).epsilon(1e-12));
  }
  CHECK(normal_quantile(0.5) == 0);
  CHECK(normal_quantile(0.975) == doctest::Approx(1.959963984540054).epsilon(1e-15));
}
