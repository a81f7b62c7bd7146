/// @file
/// What is trained of a Wilson-Cowan network's coupling: flat numbers, of which a coupling is made,
/// and their gradients. By eigenvectors and eigenvalues, or projected (systems/
/// wilson_cowan_coupling.hpp).
#pragma once

#include <algorithm>
#include <attractornet/learn/orthogonality.hpp>
#include <attractornet/systems/wilson_cowan_coupling.hpp>
#include <concepts>
#include <cstdint>
#include <limits>
#include <optional>
#include <utility>
#include <vector>

namespace attractornet {

namespace learn {

/// Numbers that share a learning rate: those from `first` on, up to the next group's.
struct Group {
  std::int64_t first;
  int rate;  ///< 0 of weights and eigenvectors, 1 of eigenvalues, 2 of gamma
};

/// What a Trainer trains: numbers that a coupling is made of.
///
/// `make(numbers)` is the coupling, or nothing where it cannot be made; `is_sound(made)` tells
/// whether it has digits, without which a training may pass but not end; `gradient(made, numbers,
/// da, to)` writes dL/dnumbers to `to`, given da = dL/dA, which it may overwrite, and returns the
/// penalty that it has added.
template <class W, class T>
concept WeightsOf = requires(const W& weights, const typename W::Made& made, const T* numbers,
                             T* to, wilson_cowan::Matrix<T>& da, int threads, Monitor& monitor) {
  { weights.nodes() } -> std::same_as<std::int64_t>;
  { weights.count() } -> std::same_as<std::int64_t>;
  { weights.groups() } -> std::same_as<std::vector<Group>>;
  { weights.make(numbers, threads, monitor) } -> std::same_as<std::optional<typename W::Made>>;
  { weights.is_sound(made) } -> std::same_as<bool>;
  { made.a() } -> std::same_as<const wilson_cowan::Matrix<T>&>;
  { weights.gradient(made, numbers, da, to, threads, monitor) } -> std::same_as<double>;
};

/// Numbers are Phi, row by row, then the eigenvalues.
template <class T>
class SpectralWeights {
 public:
  using Made = wilson_cowan::SpectralCoupling<T>;

  /// @param orthogonality weight of the penalty on columns of Phi that are not at right angles.
  SpectralWeights(std::int64_t nodes, wilson_cowan::SpectralTraining training, double orthogonality)
      : nodes_(nodes), training_(std::move(training)), orthogonality_(orthogonality) {}

  std::int64_t nodes() const { return nodes_; }
  std::int64_t count() const { return nodes_ * nodes_ + nodes_; }
  std::vector<Group> groups() const { return {{0, 0}, {nodes_ * nodes_, 1}}; }
  const wilson_cowan::SpectralTraining& training() const { return training_; }
  double orthogonality() const { return orthogonality_; }

  /// None where Phi is singular.
  std::optional<Made> make(const T* numbers, int threads, Monitor& monitor) const {
    wilson_cowan::Matrix<T> phi{nodes_, nodes_};
    phi.read(numbers, nodes_);
    std::optional<Made> made(std::in_place, std::move(phi),
                             training_.bounded(numbers + nodes_ * nodes_, nodes_), threads,
                             monitor);
    if (!(made->rcond() > 0)) made.reset();
    return made;
  }
  /// Whether something is left of an inverse of Phi.
  bool is_sound(const Made& made) const { return made.rcond() > std::numeric_limits<T>::epsilon(); }

  /// @param da dL/dA; @param to derivatives by the numbers, where the penalty's own are added.
  /// @return the penalty.
  double gradient(const Made& made, const T* numbers, const wilson_cowan::Matrix<T>& da, T* to,
                  int threads, Monitor& monitor) const {
    auto gradient = made.gradient(da, monitor);
    training_.restrict_gradient(numbers + nodes_ * nodes_, gradient);
    double penalty = 0;
    if (orthogonality_ > 0)
      penalty = add_orthogonality(made.phi(), training_.columns, orthogonality_, gradient.phi,
                                  threads, monitor);
    gradient.phi.write(to, nodes_);
    std::copy(gradient.lambda.begin(), gradient.lambda.end(), to + nodes_ * nodes_);
    return penalty;
  }

 private:
  std::int64_t nodes_;
  wilson_cowan::SpectralTraining training_;
  double orthogonality_;
};

/// Numbers are B, row by row.
template <class T>
class ProjectedWeights {
 public:
  class Made {
   public:
    explicit Made(wilson_cowan::Matrix<T> a) : a_(std::move(a)) {}
    const wilson_cowan::Matrix<T>& a() const { return a_; }

   private:
    wilson_cowan::Matrix<T> a_;
  };

  /// @param basis Q (nodes, planted), orthonormal columns.
  explicit ProjectedWeights(wilson_cowan::Matrix<T> basis) : basis_(std::move(basis)) {}

  std::int64_t nodes() const { return basis_.rows; }
  std::int64_t count() const { return nodes() * nodes(); }
  std::vector<Group> groups() const { return {{0, 0}}; }
  const wilson_cowan::Matrix<T>& basis() const { return basis_; }

  std::optional<Made> make(const T* numbers, int, Monitor&) const {
    wilson_cowan::Matrix<T> a{nodes(), nodes()};
    a.read(numbers, nodes());
    project(a, basis_);
    return Made(std::move(a));
  }
  bool is_sound(const Made&) const { return true; }

  double gradient(const Made&, const T*, wilson_cowan::Matrix<T>& da, T* to, int, Monitor&) const {
    project(da, basis_);
    da.write(to, nodes());
    return 0;
  }

 private:
  wilson_cowan::Matrix<T> basis_;
};

}  // namespace learn

}  // namespace attractornet
