#include <doctest/doctest.h>

#include <attractornet/core/random_words.hpp>

using attractornet::philox;
using attractornet::Purpose;
using attractornet::RandomWords;

TEST_CASE("words are the planes of Philox's counters") {
  constexpr std::int64_t count = 100;  // 25 counters, in planes of 32
  RandomWords words(count);
  const std::uint64_t seed = 0x123456789abcdef, index = (std::uint64_t{7} << 32) | 9;
  words.draw(seed, Purpose::order, index);
  for (std::uint32_t i = 0; i < 32; ++i) {
    const auto expected = philox({{i, 5, 9, 7}}, 0x89abcdef, 0x01234567);
    for (int plane = 0; plane < 4; ++plane) CHECK(words[32 * plane + i] == expected.word[plane]);
  }
}

TEST_CASE("purposes and indices have words of their own") {
  RandomWords a(8), b(8);
  a.draw(1, Purpose::order, 0);
  b.draw(1, Purpose::noise, 0);
  CHECK(a[0] != b[0]);
  b.draw(1, Purpose::order, 1);
  CHECK(a[0] != b[0]);
}
