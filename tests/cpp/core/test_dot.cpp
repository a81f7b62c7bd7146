#include <doctest/doctest.h>

#include <attractornet/core/dot.hpp>
#include <attractornet/core/memory.hpp>
#include <random>
#include <vector>

using attractornet::AlignedVector;
using attractornet::chosen_sum;
using attractornet::dot;
using attractornet::sum_where;

TEST_CASE("sums of products of integers are exact") {
  std::mt19937 generator(1);
  AlignedVector<std::int8_t> a(192);
  AlignedVector<std::int16_t> b(192);
  std::int64_t expected = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    a[i] = static_cast<std::int8_t>(generator());
    b[i] = static_cast<std::int16_t>(generator());
    expected += std::int64_t{a[i]} * b[i];
  }
  CHECK(dot(a.data(), b.data(), 192) == expected);
}

namespace {

template <class T>
void check_sum_where() {
  std::mt19937_64 generator(2);
  const std::vector<std::uint64_t> signs{generator(), generator()};
  AlignedVector<T> x(128);
  std::int64_t expected = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    x[i] = static_cast<T>(static_cast<std::int16_t>(generator()) / 2);
    expected += signs[i / 64] >> i % 64 & 1 ? x[i] : 0;
  }
  CHECK(sum_where(signs.data(), x.data(), 128) == expected);
}

}  // namespace

TEST_CASE("sums of chosen integers are exact, of 16 and of 32 bits") {
  check_sum_where<std::int16_t>();
  check_sum_where<std::int32_t>();
}

TEST_CASE("sums of products of doubles go by eight lanes, then by halves") {
  std::vector<double> a(24), b(24, 1.0);
  for (std::size_t i = 0; i < a.size(); ++i) a[i] = 1.0 / (1.0 + static_cast<double>(i));
  double lane[8] = {};
  for (std::size_t i = 0; i < a.size(); ++i) lane[i % 8] += a[i];
  const auto half = [&](int i) { return lane[i] + lane[i + 4]; };
  CHECK(dot(a.data(), b.data(), 24) == (half(0) + half(2)) + (half(1) + half(3)));
}

TEST_CASE("chosen sums take one of two numbers by a bit, in 32 lanes") {
  std::mt19937_64 generator(3);
  const std::vector<std::uint64_t> bits{generator(), generator()};
  std::vector<double> yes(128), no(128);
  for (std::size_t i = 0; i < yes.size(); ++i) {
    yes[i] = 1.0 / (1.0 + static_cast<double>(i));
    no[i] = -3.0 / (2.0 + static_cast<double>(i));
  }
  for (const std::uint64_t flip : {std::uint64_t{0}, ~std::uint64_t{0}}) {
    double lane[32] = {};
    for (std::size_t i = 0; i < yes.size(); ++i)
      lane[i % 32] += (bits[i / 64] ^ flip) >> i % 64 & 1 ? yes[i] : no[i];
    const auto pack = [&](int i) {
      return (lane[i] + lane[i + 8]) + (lane[i + 16] + lane[i + 24]);
    };
    const auto half = [&](int i) { return pack(i) + pack(i + 4); };
    CHECK(chosen_sum(bits.data(), flip, yes.data(), no.data(), 128) ==
          (half(0) + half(2)) + (half(1) + half(3)));
  }
}
