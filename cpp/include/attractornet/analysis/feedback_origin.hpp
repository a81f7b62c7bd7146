/// @file
/// The origin of a feedback network, a fixed point of every one of them: its exponents, and the
/// scale at which it loses stability.
///
/// There the Jacobian is the companion matrix with first row c_j = sum_i b_i w_ij, and the
/// exponents are ln|eigenvalue|. Multiplying b by f multiplies c by f. An eigenvalue e^{i theta}
/// needs f h(theta) = 1 with h(theta) = sum_j c_j e^{-i j theta}; so the first crossing is at f = 1
/// / max h over those theta where h is real and positive.
#pragma once

#include <Eigen/Eigenvalues>
#include <algorithm>
#include <attractornet/core/math.hpp>
#include <attractornet/core/memory.hpp>
#include <attractornet/core/monitor.hpp>
#include <attractornet/systems/feedback.hpp>
#include <cmath>
#include <complex>
#include <functional>
#include <limits>
#include <numbers>
#include <vector>

namespace attractornet::feedback {

struct OriginStability {
  std::vector<double>
      exponents;               ///< (inputs,) ln|eigenvalue|, largest first; -inf for eigenvalue 0
  int unstable = 0;            ///< number of positive exponents
  double critical_factor = 0;  ///< factor on b at which stability is lost; inf if it never is
  double rotation = 0;  ///< angle of the eigenvalue that crosses there, in turns; NaN if none does
};

namespace detail {

/// Eigenvalues of an upper Hessenberg matrix, by Eigen's QR iteration in rounds that a monitor can
/// stop.
inline std::vector<std::complex<double>> eigenvalues(Eigen::MatrixXd t, Monitor& monitor) {
  const Eigen::Index n = t.rows();
  Eigen::RealSchur<Eigen::MatrixXd> schur(n);
  schur.setMaxIterations(std::max<Eigen::Index>(4, 10'000'000 / (n * n)));  // milliseconds
  for (Eigen::Index round = 0; round < 40 * n; ++round) {
    schur.computeFromHessenberg(t, Eigen::MatrixXd(), /*computeU=*/false);
    t = schur.matrixT();
    monitor.tick(0);
    if (schur.info() == Eigen::Success) break;
  }
  if (schur.info() != Eigen::Success)
    throw InternalError("eigenvalues of a companion matrix did not converge");
  std::vector<std::complex<double>> result;
  for (Eigen::Index i = 0; i < n; ++i) {
    if (i + 1 == n || t(i + 1, i) == 0) {
      result.emplace_back(t(i, i));
      continue;
    }
    const double half = 0.5 * (t(i, i) - t(i + 1, i + 1));  // a block of two: a complex pair
    const double imag = std::sqrt(std::abs(half * half + t(i + 1, i) * t(i, i + 1)));
    result.emplace_back(t(i + 1, i + 1) + half, imag);
    result.emplace_back(t(i + 1, i + 1) + half, -imag);
    ++i;
  }
  return result;
}

/// c_j = sum_i b_i w_ij.
inline std::vector<double> linear_row(const Rule<>& rule) {
  const auto& [w, b, neurons, inputs] = rule.weights;
  std::vector<double> row(inputs);
  for (int i = 0; i < neurons; ++i)
    for (int j = 0; j < inputs; ++j)
      row[j] = fma(b[i], w[static_cast<std::size_t>(i) * inputs + j], row[j]);
  return row;
}

/// Angles in [0, pi] where h is real: 0, pi and the zeros of sum_j c_j sin(j theta) / sin(theta), a
/// sum of Chebyshev polynomials of the second kind in cos(theta): eigenvalues of its comrade
/// matrix.
inline std::vector<double> real_angles(const std::vector<double>& c, Monitor& monitor) {
  std::vector<double> angles{0.0, std::numbers::pi};
  auto degree = static_cast<Eigen::Index>(c.size()) - 1;
  while (degree > 0 && c[degree] == 0) --degree;
  if (degree < 1) return angles;
  Eigen::MatrixXd comrade = Eigen::MatrixXd::Zero(degree, degree);
  for (Eigen::Index i = 0; i + 1 < degree; ++i) comrade(i, i + 1) = comrade(i + 1, i) = 0.5;
  for (Eigen::Index j = 0; j < degree; ++j) comrade(j, degree - 1) -= 0.5 * c[j] / c[degree];
  for (const std::complex<double>& root : eigenvalues(comrade, monitor))
    if (std::abs(root.imag()) < 1e-7 && std::abs(root.real()) <= 1 + 1e-7)
      angles.push_back(std::acos(std::clamp(root.real(), -1.0, 1.0)));
  return angles;
}

}  // namespace detail

inline OriginStability origin_stability(const Rule<>& rule, Monitor& monitor) {
  const std::vector<double> c = detail::linear_row(rule);
  const auto inputs = static_cast<Eigen::Index>(c.size());
  checked_size("FeedbackNetwork.origin", "2 x inputs x inputs", {2, inputs, inputs});
  for (const double value : c)
    if (!std::isfinite(value))
      reject("FeedbackNetwork.origin", "b . w", value, "weights whose products a double can hold");
  // Small eigenvalues in units of their bound: c_j / unit^j does not lose small weights to
  // rounding.
  double unit = 0;
  for (Eigen::Index j = 0; j < inputs; ++j)
    unit = std::max(unit, std::pow(std::abs(c[j]), 1.0 / static_cast<double>(j + 1)));
  unit = std::min(unit, 1.0);
  Eigen::MatrixXd companion = Eigen::MatrixXd::Zero(inputs, inputs);
  for (Eigen::Index j = 0; j < inputs && unit > 0; ++j)
    companion(0, j) = c[j] / std::pow(unit, static_cast<double>(j + 1));
  for (Eigen::Index j = 1; j < inputs; ++j) companion(j, j - 1) = 1;

  OriginStability result;
  for (const std::complex<double>& eigenvalue : detail::eigenvalues(companion, monitor))
    result.exponents.push_back(log(std::abs(eigenvalue)) + log(unit));
  std::sort(result.exponents.begin(), result.exponents.end(), std::greater<>());
  result.unstable = static_cast<int>(std::count_if(result.exponents.begin(), result.exponents.end(),
                                                   [](double e) { return e > 0; }));

  double largest = 0;
  result.rotation = std::numeric_limits<double>::quiet_NaN();
  for (const double angle : detail::real_angles(c, monitor)) {
    double h = 0;
    for (std::size_t j = 0; j < c.size(); ++j)
      h += c[j] * std::cos(static_cast<double>(j + 1) * angle);
    if (h <= largest) continue;
    largest = h;
    result.rotation = angle / (2 * std::numbers::pi);
  }
  result.critical_factor = 1 / largest;
  return result;
}

}  // namespace attractornet::feedback
