#include <doctest/doctest.h>

#include <attractornet/core/triangular_tiles.hpp>
#include <cmath>

using namespace attractornet;

TEST_CASE_TEMPLATE("triangular tiles: solutions solve", T, float, double) {
  constexpr std::int64_t width = tile_columns<T>;
  const auto of = [](std::int64_t i, std::int64_t k) {
    return i == k ? 2 + std::cos(double(i)) : 0.3 * std::sin(double(1 + i + 7 * k)) / double(i + k);
  };
  for (const Triangle triangle : {Triangle::lower, Triangle::upper})
    for (const bool unit : {false, true})
      for (std::int64_t n = 1; n < 3 * tile_rows; ++n) {
        AlignedVector<T> t(static_cast<std::size_t>(n * (n + 3)));
        for (std::int64_t i = 0; i < n; ++i)
          for (std::int64_t k = 0; k < n; ++k) t[k * (n + 3) + i] = static_cast<T>(of(i, k));
        const TriangularTiles<T> matrix(n, triangle, unit, t.data(), n + 3);
        AlignedVector<T> x(static_cast<std::size_t>(n * width)), b = x;
        for (std::size_t k = 0; k < x.size(); ++k)
          x[k] = b[k] = static_cast<T>(std::sin(0.7 * static_cast<double>(k)));
        AlignedVector<T> narrow = b;
        matrix.solve(x.data(), width, 2);
        matrix.solve(narrow.data(), width, 1);
        double worst = 0;
        std::int64_t different = 0;
        for (std::int64_t i = 0; i < n; ++i)
          for (std::int64_t c = 0; c < width; ++c) {
            double sum = 0;
            for (std::int64_t k = 0; k < n; ++k)
              if (i == k || (triangle == Triangle::lower) == (k < i))
                sum += (unit && i == k ? 1 : of(i, k)) * static_cast<double>(x[k * width + c]);
            worst = std::max(worst, std::abs(sum - static_cast<double>(b[i * width + c])));
            different += c < register_lanes<T> && narrow[i * width + c] != x[i * width + c];
          }
        CHECK(worst < 20 * static_cast<double>(std::numeric_limits<T>::epsilon()));
        CHECK(different == 0);
      }
}
