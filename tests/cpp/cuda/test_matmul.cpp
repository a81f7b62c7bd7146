#include <doctest/doctest.h>

#include <cmath>
#include <random>
#include <vector>

#include "matmul.cuh"

using namespace attractornet;
using namespace attractornet::cuda;

namespace {

struct Matrix {
  int rows, columns;
  std::int64_t step = (columns + 15) / 16 * 16;
  std::vector<float> values = std::vector<float>(static_cast<std::size_t>(rows * step));

  float& at(int i, int j) { return values[static_cast<std::size_t>(i * step + j)]; }
};

Matrix random_matrix(int rows, int columns, unsigned seed) {
  std::mt19937 random(seed);
  std::normal_distribution<float> normal;
  Matrix result{rows, columns};
  for (int i = 0; i < rows; ++i)
    for (int j = 0; j < columns; ++j) result.at(i, j) = normal(random);
  return result;
}

/// Largest error of C, over the length of what its entries are sums of.
template <Products How, bool TransposedA, bool TransposedB>
double error(int m, int n, int depth) {
  Matrix a = TransposedA ? random_matrix(depth, m, 1) : random_matrix(m, depth, 1);
  Matrix b = TransposedB ? random_matrix(n, depth, 2) : random_matrix(depth, n, 2);
  const Stream stream;
  Buffer<float> at(a.values.size()), bt(b.values.size()), ct(static_cast<std::size_t>(m * n));
  at.write(a.values, stream);
  bt.write(b.values, stream);
  multiply<TransposedA, TransposedB>(stream, How, m, n, depth, {at.data(), a.step},
                                     {bt.data(), b.step}, KeepScaled{ct.data(), n});
  const std::vector<float> c = ct.read(stream);
  double worst = 0;
  for (int i = 0; i < m; ++i)
    for (int j = 0; j < n; ++j) {
      double sum = 0, square = 0;
      for (int k = 0; k < depth; ++k) {
        const double term = static_cast<double>(TransposedA ? a.at(k, i) : a.at(i, k)) *
                            (TransposedB ? b.at(j, k) : b.at(k, j));
        sum += term;
        square += term * term;
      }
      const double apart = std::abs(c[static_cast<std::size_t>(i * n + j)] - sum);
      worst = std::isnan(apart) ? INFINITY : std::max(worst, apart / std::sqrt(square));
    }
  return worst;
}

template <Products How>
double worst_error(int m, int n, int depth) {
  return std::max({error<How, false, false>(m, n, depth), error<How, false, true>(m, n, depth),
                   error<How, true, false>(m, n, depth), error<How, true, true>(m, n, depth)});
}

}  // namespace

TEST_CASE("device: products of matrices, of any size and either way round") {
  for (const auto& [m, n, depth] :
       {std::tuple{1, 1, 1}, {33, 65, 17}, {50, 20, 40}, {32, 64, 16}}) {
    CAPTURE(m);
    CHECK(worst_error<Products::float32>(m, n, depth) < 1e-6);
    CHECK(worst_error<Products::tf32x3>(m, n, depth) < 2e-6);
    const double coarse = worst_error<Products::tf32>(m, n, depth);
    CHECK(coarse < 2e-3);
    CHECK(coarse > 1e-6);
  }
}

TEST_CASE("device: products do not depend on the order of threads") {
  const double before = error<Products::tf32x3, false, true>(40, 70, 50);
  for (const int order : {1, 4}) {
    emulator::machine.order = order;
    CHECK(error<Products::tf32x3, false, true>(40, 70, 50) == before);
  }
  emulator::machine.order = 0;
}
