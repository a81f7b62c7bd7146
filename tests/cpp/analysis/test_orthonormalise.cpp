#include <doctest/doctest.h>

#include <attractornet/analysis/orthonormalise.hpp>
#include <cmath>
#include <vector>

using namespace attractornet;

TEST_CASE("columns become orthonormal, and R times Q is what they were") {
  for (const int rows : {1, 3, 8, 33})
    for (const int k : {1, 2, rows}) {
      if (k > rows) continue;
      const int stride = (k + 7) / 8 * 8;
      std::vector<double> a(static_cast<std::size_t>(rows) * stride);
      for (int row = 0; row < rows; ++row)
        for (int c = 0; c < k; ++c)
          a[row * stride + c] = std::sin(1 + 3 * row + 7 * c * c + row * c);
      std::vector<double> q = a;
      Orthonormaliser orthonormalise(rows, k, stride);
      orthonormalise(q.data());
      const auto dot = [&](const std::vector<double>& left, int i, const std::vector<double>& right,
                           int j) {
        double sum = 0;
        for (int row = 0; row < rows; ++row)
          sum += left[row * stride + i] * right[row * stride + j];
        return sum;
      };
      for (int i = 0; i < k; ++i)
        for (int j = 0; j < k; ++j) CHECK(std::abs(dot(q, i, q, j) - (i == j)) < 1e-11);
      for (int c = 0; c < k; ++c)
        CHECK(orthonormalise.diagonal()[c] == doctest::Approx(dot(q, c, a, c)).epsilon(1e-9));
    }
}

TEST_CASE("the share tells how much of a column the ones before it leave") {
  // Columns (1, 0) and (1, 1e-6).
  std::vector<double> frame(16);
  frame[0] = frame[1] = 1;
  frame[9] = 1e-6;
  Orthonormaliser orthonormalise(2, 2, 8);
  orthonormalise(frame.data());
  CHECK(orthonormalise.shares()[0] == 1);
  CHECK(orthonormalise.shares()[1] == doctest::Approx(1e-6));
  CHECK(orthonormalise.diagonal()[1] == doctest::Approx(1e-6));
}
