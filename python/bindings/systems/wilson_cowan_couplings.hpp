/// @file
/// Couplings of Wilson-Cowan networks as Python sees them, in one of both number types.
#pragma once

#include <attractornet/systems/wilson_cowan_planting.hpp>
#include <limits>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "../convert.hpp"
#include "../define.hpp"
#include "../real_arrays.hpp"

namespace attractornet::python {

using wilson_cowan::Matrix;

template <class T>
RealArray to_real_array(const Matrix<T>& matrix) {
  py::array_t<T> result({matrix.rows, matrix.columns});
  matrix.write(result.mutable_data(), matrix.columns);
  return result;
}
/// Without a copy, where rows have no padding.
template <class T>
RealArray to_real_array(Matrix<T>&& matrix) {
  if (matrix.stride != matrix.columns) return to_real_array(std::as_const(matrix));
  const std::vector<py::ssize_t> shape{matrix.rows, matrix.columns};
  return to_array(std::move(matrix.values), shape);
}
template <class T>
RealArray to_real_array(const std::vector<T>& values) {
  return py::array_t<T>(static_cast<py::ssize_t>(values.size()), values.data());
}

/// @param rows, columns -1: any.
template <class T>
Matrix<T> matrix_of(py::handle value, std::int64_t rows, std::int64_t columns, const Place& place) {
  const py::array array = as_array(value, place);
  expect_reals(array, value, place);
  const bool fits = array.ndim() == 2 && array.size() > 0 && (rows < 0 || array.shape(0) == rows) &&
                    (columns < 0 || array.shape(1) == columns);
  if (!fits)
    wrong_shape(array, place,
                "(" + (rows < 0 ? "rows" : std::to_string(rows)) + ", " +
                    (columns < 0 ? "columns" : std::to_string(columns)) + ")");
  const DenseArray<T> dense = finite_reals<T>(array, value, place);
  Matrix<T> result{dense.shape(0), dense.shape(1)};
  result.read(dense.data(), result.columns);
  return result;
}
template <class T>
Matrix<T> square_of(py::handle value, const Place& place) {
  const py::array array = as_array(value, place);
  const std::int64_t size = array.ndim() == 2 ? array.shape(0) : 1;
  return matrix_of<T>(value, size, size, place);
}
template <class T>
Matrix<T> converted(const Matrix<double>& from) {
  Matrix<T> result{from.rows, from.columns};
  result.read(from.row(0), from.stride);
  return result;
}

/// f(number of that type).
template <class F>
auto in_type(Real real, F f) {
  return real == Real::float32 ? f(float()) : f(double());
}

/// The patterns that are planted, (count, nodes).
struct Patterns {
  std::span<const double> values;
  std::int64_t count, nodes;
};
inline Patterns patterns_of(const Numbers& targets, const std::string& where) {
  expect_shape(targets, {where, "targets"}, {-1, -1}, "(patterns, nodes)");
  if (targets.array.size() == 0)
    wrong_shape(targets.array, {where, "targets"}, "one pattern at least");
  return {{targets.data(), static_cast<std::size_t>(targets.array.size())},
          targets.shape(0),
          targets.shape(1)};
}

inline const Defaulted<Real> dtype_argument{"dtype", Real::float64, "the type of its arrays"};

/// Eigenvalues, and the coupling of those within bounds.
template <class T>
struct Spectral {
  std::vector<T> eigenvalues;  ///< as given; those of the coupling are within bounds
  wilson_cowan::SpectralCoupling<T> coupling;
};

/// A = Phi Lambda Phi^-1.
class SpectralCoupling {
 public:
  using Training = wilson_cowan::SpectralTraining;

  /// Throws where nothing is left of an inverse of phi.
  /// @param where what errors name.
  template <class T>
  SpectralCoupling(Matrix<T> phi, std::vector<T> eigenvalues, Training training, int threads,
                   const std::string& where);

  /// f(Spectral<T>) of the type that it has.
  template <class F>
  auto visit(F f) const {
    return std::visit([&](const auto& made) { return f(*made); }, made_);
  }
  const Training& training() const { return training_; }
  int threads() const { return threads_; }
  Real real() const { return made_.index() == 0 ? Real::float32 : Real::float64; }
  std::int64_t nodes() const {
    return visit([](const auto& made) { return made.coupling.size(); });
  }
  double condition() const {
    return 1 / visit([](const auto& made) { return made.coupling.rcond(); });
  }

 private:
  Training training_;
  int threads_;
  std::variant<std::shared_ptr<const Spectral<float>>, std::shared_ptr<const Spectral<double>>>
      made_;
};

/// Weights B, the patterns' basis Q, and B (I - Q Q^T).
template <class T>
struct Projected {
  Matrix<T> weights, basis, coupling;
};

/// A = B (I - Q Q^T).
class ProjectedCoupling {
 public:
  template <class T>
  ProjectedCoupling(Matrix<T> weights, Matrix<T> basis) {
    released([&] {
      Matrix<T> coupling = weights;
      project(coupling, basis);
      made_ = std::make_shared<const Projected<T>>(
          Projected<T>{std::move(weights), std::move(basis), std::move(coupling)});
    });
  }

  template <class F>
  auto visit(F f) const {
    return std::visit([&](const auto& made) { return f(*made); }, made_);
  }
  Real real() const { return made_.index() == 0 ? Real::float32 : Real::float64; }
  std::int64_t nodes() const {
    return visit([](const auto& made) { return made.weights.rows; });
  }
  std::int64_t planted() const {
    return visit([](const auto& made) { return made.basis.columns; });
  }

 private:
  std::variant<std::shared_ptr<const Projected<float>>, std::shared_ptr<const Projected<double>>>
      made_;
};

}  // namespace attractornet::python
