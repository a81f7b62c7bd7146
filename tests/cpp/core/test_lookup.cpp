#include <doctest/doctest.h>

#include <attractornet/core/lookup.hpp>
#include <cstdint>
#include <vector>

using namespace attractornet;

TEST_CASE_TEMPLATE("bytes find their numbers, wherever they lie", T, float, double) {
  using P = Pack<T, 64 / sizeof(T)>;
  constexpr int lanes = 64 / sizeof(T);
  std::vector<T> table(table_size);
  for (int k = 0; k < table_size; ++k)
    table[static_cast<std::size_t>(k)] = static_cast<T>(k * k) / 7;
  std::vector<std::uint8_t> index(3 * table_size);
  for (std::size_t k = 0; k < index.size(); ++k)
    index[k] = static_cast<std::uint8_t>(37 * k + k / 256);
  for (std::size_t first = 0; first + lanes <= index.size(); ++first) {
    const P found = look_up<P>(table.data(), index.data() + first);
    for (int lane = 0; lane < lanes; ++lane)
      REQUIRE(found[lane] == table[index[first + static_cast<std::size_t>(lane)]]);
  }
}
