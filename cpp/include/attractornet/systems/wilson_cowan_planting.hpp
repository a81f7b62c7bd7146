/// @file
/// Where couplings with planted attractors start from: target patterns, and frames of eigenvectors
/// that hold them (R. Marino et al., arXiv 2406.16453, section II and the authors' code).
///
/// A pattern whose nodes rest in one of both stable states of a node alone is a rest state of the
/// network if A takes it to 0. So patterns become columns of Phi with eigenvalue 0, or what spans
/// the kernel of a projected coupling.
#pragma once

#include <Eigen/QR>
#include <algorithm>
#include <array>
#include <attractornet/core/error.hpp>
#include <attractornet/core/fields.hpp>
#include <attractornet/core/rng.hpp>
#include <attractornet/systems/wilson_cowan_coupling.hpp>
#include <cmath>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace attractornet {

namespace wilson_cowan {

/// What becomes of the planted patterns in Phi: columns of an orthonormal basis of their span, as
/// the authors' code has it; the patterns themselves; nothing, and random columns in their place.
enum class Planting { qr, raw, none };

}  // namespace wilson_cowan

template <>
struct Names<wilson_cowan::Planting> {
  static constexpr std::array<std::string_view, 3> list = {"qr", "raw", "none"};
};

namespace wilson_cowan {

/// A frame of eigenvectors with eigenvalues, as training starts from.
struct FrameOptions {
  Planting planted = Planting::qr;
  double planted_eigenvalue = 0;
  std::optional<double> eigenvalue_mean;
  double eigenvalue_spread = 1;
  double gain = 1.15;
  std::int64_t seed = 0;

  static constexpr std::string_view label = "SpectralCoupling.plant";
  static constexpr auto fields() {
    using F = FrameOptions;
    return std::tuple{
        field(
            "planted", &F::planted, {}, "",
            "what becomes of the patterns: qr, columns of an orthonormal basis of their span; raw, "
            "columns themselves; none, random columns in their place, of eigenvalue "
            "planted_eigenvalue still"),
        field("planted_eigenvalue", &F::planted_eigenvalue, finite(), "",
              "eigenvalue of the planted columns; patterns are rest states where it is 0"),
        field("eigenvalue_mean", &F::eigenvalue_mean, finite(), "",
              "mean of the other eigenvalues, normal numbers; None: -sqrt(nodes), so that with the "
              "scale 1/sqrt(N) Gamma lambda is about -1"),
        field("eigenvalue_spread", &F::eigenvalue_spread, finite_from(0), "",
              "standard deviation of them"),
        field("gain", &F::gain, between(1e-3, 1e3), "",
              "length of the other columns, orthogonal ones"),
        field("seed", &F::seed, between(0, 9007199254740991.0), "", "seed of what is random"),
    };
  }
};

/// Patterns (classes, nodes): `high` everywhere, but for class k `low` in the k-th of classes + 2
/// blocks. Throws where nodes < classes + 2.
inline std::vector<double> block_targets(std::int64_t classes, std::int64_t nodes, double low,
                                         double high) {
  if (classes < 1) reject("block_targets", "classes", classes, "a value in [1, inf)");
  const std::int64_t width = nodes / (classes + 2);
  if (width < 1)
    reject("block_targets", "nodes", nodes,
           "at least classes + 2 = " + text(classes + 2) + ", a node for each block");
  std::vector<double> targets(static_cast<std::size_t>(classes * nodes), high);
  for (std::int64_t k = 0; k < classes; ++k)
    std::fill_n(targets.begin() + k * nodes + k * width, width, low);
  return targets;
}

namespace detail {

using Columns = Eigen::MatrixXd;

/// An orthonormal basis of the columns' span, each with a positive share of its column. Throws
/// where they are not independent.
inline Columns orthonormal(const Columns& columns, std::string_view where) {
  const Eigen::HouseholderQR<Columns> qr(columns);
  const Eigen::VectorXd diagonal = qr.matrixQR().diagonal();
  const double most = columns.colwise().norm().maxCoeff();
  for (Eigen::Index k = 0; k < diagonal.size(); ++k)
    if (!(std::abs(diagonal[k]) > 1e-12 * most))
      refuse(where, "pattern " + text(std::int64_t{k}) + " of targets follows from those before it",
             "linearly independent patterns");
  Columns q = qr.householderQ() * Columns::Identity(columns.rows(), columns.cols());
  for (Eigen::Index k = 0; k < diagonal.size(); ++k)
    if (diagonal[k] < 0) q.col(k) = -q.col(k);
  return q;
}

/// Patterns (count, nodes) as columns; throws where there are none, or more than nodes.
inline Columns columns_of(std::span<const double> patterns, std::int64_t nodes,
                          std::string_view where) {
  const std::int64_t count = static_cast<std::int64_t>(patterns.size()) / nodes;
  if (count < 1 || count > nodes)
    reject(where, "targets", count, "1 to " + text(nodes) + " patterns, the number of nodes");
  return Eigen::Map<const Columns>(patterns.data(), nodes, count);
}

}  // namespace detail

/// Phi and Lambda, whose last columns are planted.
struct Frame {
  Matrix<double> phi;
  std::vector<double> eigenvalues;
};

/// @param patterns (count, nodes).
inline Frame plant(std::span<const double> patterns, std::int64_t nodes,
                   const FrameOptions& options) {
  validate(options);
  const auto targets = detail::columns_of(patterns, nodes, FrameOptions::label);
  const Eigen::Index n = nodes, count = targets.cols();
  const Eigen::Index random = options.planted == Planting::none ? n : n - count;
  detail::Columns phi(n, n);
  if (random > 0) {
    detail::Columns normal(n, random);
    for (Eigen::Index k = 0; k < random; ++k) {
      const Stream stream(options.seed, Purpose::weights, static_cast<std::uint64_t>(k));
      for (Eigen::Index i = 0; i < n; ++i)
        normal(i, k) = stream.normal(static_cast<std::uint32_t>(i));
    }
    phi.leftCols(random) = options.gain * detail::orthonormal(normal, FrameOptions::label);
  }
  if (options.planted == Planting::qr)
    phi.rightCols(count) = detail::orthonormal(targets, FrameOptions::label);
  if (options.planted == Planting::raw) phi.rightCols(count) = targets;

  Frame frame{{nodes, nodes}, {}};
  for (Eigen::Index i = 0; i < n; ++i)
    for (Eigen::Index k = 0; k < n; ++k) frame.phi.row(i)[k] = phi(i, k);
  const double mean = options.eigenvalue_mean.value_or(-std::sqrt(static_cast<double>(nodes)));
  const Stream stream(options.seed, Purpose::weights, static_cast<std::uint64_t>(nodes));
  for (Eigen::Index k = 0; k < n; ++k)
    frame.eigenvalues.push_back(
        k < n - count
            ? fma(options.eigenvalue_spread, stream.normal(static_cast<std::uint32_t>(k)), mean)
            : options.planted_eigenvalue);
  return frame;
}

/// An orthonormal basis (nodes, count) of the patterns' span. @param patterns (count, nodes).
inline Matrix<double> basis_of(std::span<const double> patterns, std::int64_t nodes,
                               std::string_view where) {
  const auto q = detail::orthonormal(detail::columns_of(patterns, nodes, where), where);
  Matrix<double> basis{nodes, q.cols()};
  for (Eigen::Index i = 0; i < nodes; ++i)
    for (Eigen::Index k = 0; k < q.cols(); ++k) basis.row(i)[k] = q(i, k);
  return basis;
}

}  // namespace wilson_cowan

}  // namespace attractornet
