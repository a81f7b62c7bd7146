#include <doctest/doctest.h>

#include <attractornet/systems/wilson_cowan_coupling.hpp>
#include <cmath>
#include <cstring>

#include "../contract.hpp"

using namespace attractornet;
using namespace attractornet::wilson_cowan;
using contract::wave;

namespace {

template <class T>
Matrix<T> matrix(std::int64_t rows, std::int64_t columns, double phase, double diagonal = 0) {
  Matrix<T> result{rows, columns};
  const auto values = wave(static_cast<std::size_t>(rows * columns), phase);
  for (std::int64_t i = 0; i < rows; ++i)
    for (std::int64_t j = 0; j < columns; ++j)
      result.row(i)[j] = static_cast<T>(values[static_cast<std::size_t>(i * columns + j)] +
                                        (i == (j + 1) % rows ? diagonal : 0));
  return result;
}
/// Well-conditioned, and in need of pivots.
template <class T>
Matrix<T> frame(std::int64_t n) {
  return matrix<T>(n, n, 0.4, static_cast<double>(n));
}
template <class T>
std::vector<T> eigenvalues(std::int64_t n) {
  const auto values = wave(static_cast<std::size_t>(n), 1.3);
  return {values.begin(), values.end()};
}

/// sum_ij w_ij A_ij.
double loss(const Matrix<double>& phi, const std::vector<double>& lambda, const Matrix<double>& w) {
  Monitor monitor;
  const SpectralCoupling<double> coupling(phi, lambda, 1, monitor);
  double sum = 0;
  for (std::int64_t i = 0; i < phi.rows; ++i)
    for (std::int64_t j = 0; j < phi.rows; ++j) sum += w.row(i)[j] * coupling.a().row(i)[j];
  return sum;
}

}  // namespace

TEST_CASE_TEMPLATE("spectral coupling: columns of Phi are eigenvectors of A", T, float, double) {
  Monitor monitor;
  for (const std::int64_t n : {1, 2, 7, 16, 45}) {
    const Matrix<T> phi = frame<T>(n);
    const auto lambda = eigenvalues<T>(n);
    const SpectralCoupling<T> coupling(phi, lambda, 1, monitor);
    double worst = 0;
    for (std::int64_t i = 0; i < n; ++i)
      for (std::int64_t l = 0; l < n; ++l) {
        double sum = 0;
        for (std::int64_t j = 0; j < n; ++j)
          sum += static_cast<double>(coupling.a().row(i)[j]) * static_cast<double>(phi.row(j)[l]);
        worst = std::max(worst, std::abs(sum - static_cast<double>(lambda[l] * phi.row(i)[l])));
      }
    CHECK(worst < 1e3 * static_cast<double>(std::numeric_limits<T>::epsilon()) * double(n));
    CHECK(coupling.rcond() > 1e-3);
  }
}

TEST_CASE("spectral coupling: gradients are the loss's derivatives") {
  constexpr double h = 1e-5;
  Monitor monitor;
  for (const std::int64_t n : {1, 3, 17}) {
    Matrix<double> phi = frame<double>(n);
    auto lambda = eigenvalues<double>(n);
    const Matrix<double> w = matrix<double>(n, n, 2.2);
    const auto gradient = SpectralCoupling<double>(phi, lambda, 1, monitor).gradient(w, monitor);
    for (const auto& [i, j] : {std::pair<std::int64_t, std::int64_t>{0, 0}, {n / 2, n - 1}}) {
      double& entry = phi.row(i)[j];
      const double at = entry;
      entry = at + h;
      const double above = loss(phi, lambda, w);
      entry = at - h;
      const double slope = (above - loss(phi, lambda, w)) / (2 * h);
      entry = at;
      CHECK(gradient.phi.row(i)[j] == doctest::Approx(slope).epsilon(1e-6));
    }
    for (std::size_t l = 0; l < lambda.size(); ++l) {
      const double at = lambda[l];
      lambda[l] = at + h;
      const double above = loss(phi, lambda, w);
      lambda[l] = at - h;
      const double slope = (above - loss(phi, lambda, w)) / (2 * h);
      lambda[l] = at;
      CHECK(gradient.lambda[l] == doctest::Approx(slope).epsilon(1e-6));
    }
  }
}

TEST_CASE("spectral coupling: threads change no bit; a singular Phi is known by its condition") {
  Monitor monitor;
  const Matrix<float> phi = frame<float>(70), w = matrix<float>(70, 70, 2.2);
  const SpectralCoupling<float> one(phi, eigenvalues<float>(70), 1, monitor),
      three(phi, eigenvalues<float>(70), 3, monitor);
  CHECK(one.a().values == three.a().values);
  CHECK(one.gradient(w, monitor).phi.values == three.gradient(w, monitor).phi.values);
  CHECK(one.gradient(w, monitor).lambda == three.gradient(w, monitor).lambda);
  const Matrix<double> singular{3, 3};
  CHECK(SpectralCoupling<double>(singular, {1, 2, 3}, 1, monitor).rcond() == 0);
}

TEST_CASE("projected coupling: the planted vectors are its kernel, and it is its own adjoint") {
  const std::int64_t n = 12;
  Matrix<double> q{n, 2};
  for (std::int64_t i = 0; i < n; ++i) q.row(i)[i % 2] = std::sqrt(2.0 / double(n));
  Matrix<double> a = matrix<double>(n, n, 0.3), b = matrix<double>(n, n, 1.9);
  const Matrix<double> a0 = a, b0 = b;
  project(a, q);
  project(b, q);
  double left = 0, right = 0;
  for (std::int64_t i = 0; i < n; ++i) {
    for (std::int64_t k = 0; k < 2; ++k) {
      double sum = 0;
      for (std::int64_t j = 0; j < n; ++j) sum += a.row(i)[j] * q.row(j)[k];
      CHECK(std::abs(sum) < 1e-14);
    }
    for (std::int64_t j = 0; j < n; ++j) {
      left += a.row(i)[j] * b0.row(i)[j];
      right += a0.row(i)[j] * b.row(i)[j];
    }
  }
  CHECK(left == doctest::Approx(right).epsilon(1e-13));
}
