/// @file
/// Couplings with planted attractors on the device, made of what is trained, and their adjoints
/// (systems/wilson_cowan_coupling.hpp has the formulas).
///
/// Matrices are (nodes, stride). Both couplings have the functions
///
///     make(stream, numbers, state)             A, of the numbers
///     gradient(stream, numbers, gradient, state)   from dL/dA, which lies in da, by the numbers
///
/// where numbers are a matrix, eigenvalues (stride,), which a projected coupling has no use for,
/// and gamma.
#pragma once

#include <algorithm>
#include <optional>
#include <span>

#include "inverse.cuh"
#include "orthogonality.cuh"

namespace attractornet::cuda {

// ---------------------------------------------------------------------------------------- spectral

/// Which columns and eigenvalues are trained (stride,), and what eigenvalues are kept within.
struct Trains {
  const std::uint8_t *columns, *eigenvalues;
  double low, high;

  __device__ float bounded(float value) const {
    const auto exact = static_cast<double>(value);
    return static_cast<float>(exact < low ? low : exact > high ? high : exact);
  }
  __device__ bool moves(std::int64_t k, float value) const {
    const auto exact = static_cast<double>(value);
    return eigenvalues[k] && !(exact < low) && !(exact > high);
  }
};

/// Phi Lambda.
static __global__ void scale_columns(Layout layout, Trains trains, const float* numbers,
                                     float* to) {
  const std::int64_t at = thread_index();
  if (at < layout.matrix())
    to[at] = numbers[at] * trains.bounded(numbers[layout.matrix() + at % layout.stride]);
}

/// dL/dlambda_l = sum_i Phi_il M_il.
struct GradientByEigenvalues {
  Layout layout;
  Trains trains;
  const float *numbers, *m;
  float* gradient;

  __device__ float term(std::int64_t at) const { return numbers[at] * m[at]; }
  __device__ void close(std::int64_t l, float sum) const {
    gradient[layout.matrix() + l] = trains.moves(l, numbers[layout.matrix() + l]) ? sum : 0.0f;
  }
};

/// dL/dPhi = M Lambda - A^T M, of A^T M.
struct GradientByPhi {
  Layout layout;
  Trains trains;
  const float *numbers, *m;
  float* gradient;

  struct Fetched {
    float m, lambda;
    bool moves;
  };
  static constexpr int at_once = 16;
  __device__ Fetched fetch(int i, int l) const {
    return {m[i * layout.stride + l], trains.bounded(numbers[layout.matrix() + l]),
            trains.columns[l] != 0};
  }
  __device__ float make(float product, Fetched f) const {
    return f.moves ? fma(f.m, f.lambda, -product) : 0.0f;
  }
  __device__ void keep(int i, int l, float sum) const { gradient[i * layout.stride + l] = sum; }
};

/// A = Phi Lambda X, with X = Phi^-1 from the batch before.
class SpectralOnDevice {
 public:
  /// @param columns, eigenvalues which are trained (stride,).
  SpectralOnDevice(const Stream& stream, Layout layout, Products how,
                   std::span<const std::uint8_t> columns, std::span<const std::uint8_t> eigenvalues,
                   double low, double high, double orthogonality)
      : layout_(layout),
        // A residual has no more digits than products have.
        how_(how == Products::tf32 ? Products::tf32x3 : how),
        columns_(buffer_of(columns, stream)),
        eigenvalues_(buffer_of(eigenvalues, stream)),
        low_(low),
        high_(high),
        follower_(stream, layout.nodes, layout.stride),
        inverse_(size()),
        scaled_(size()),
        a_(size()),
        da_(size()),
        m_(size()) {
    for (Buffer<float>* matrix : {&inverse_, &a_, &da_, &m_}) matrix->clear(stream);
    const auto trained = std::count(columns.begin(), columns.end(), std::uint8_t{1});
    if (orthogonality > 0 && trained > 1)
      penalty_.emplace(stream, layout, how_, static_cast<int>(trained), orthogonality);
  }

  Operand a() const { return {a_.data(), layout_.stride}; }
  float* da() const { return da_.data(); }
  Buffer<float>& inverse() { return inverse_; }

  void make(const Stream& stream, const float* numbers, TrainingState* state) {
    const int n = layout_.nodes;
    follower_.follow(stream, how_, numbers, inverse_.data(), state);
    launch(stream, layout_.matrix(), 256, scale_columns, layout_, trains(), numbers,
           scaled_.data());
    multiply<false, false>(stream, how_, n, n, n, {scaled_.data(), layout_.stride},
                           {inverse_.data(), layout_.stride},
                           KeepScaled{a_.data(), layout_.stride});
  }

  void gradient(const Stream& stream, const float* numbers, float* gradient, TrainingState* state) {
    const int n = layout_.nodes;
    multiply<false, true>(stream, how_, n, n, n, {da_.data(), layout_.stride},
                          {inverse_.data(), layout_.stride}, KeepScaled{m_.data(), layout_.stride});
    sum_columns(stream, layout_,
                GradientByEigenvalues{layout_, trains(), numbers, m_.data(), gradient});
    multiply<true, false>(stream, how_, n, n, n, a(), {m_.data(), layout_.stride},
                          GradientByPhi{layout_, trains(), numbers, m_.data(), gradient});
    if (penalty_) penalty_->add(stream, numbers, columns_.data(), gradient, state);
  }

 private:
  std::size_t size() const { return static_cast<std::size_t>(layout_.matrix()); }
  Trains trains() const { return {columns_.data(), eigenvalues_.data(), low_, high_}; }

  Layout layout_;
  Products how_;
  Buffer<std::uint8_t> columns_, eigenvalues_;
  double low_, high_;
  Follower follower_;
  Buffer<float> inverse_, scaled_, a_, da_, m_;
  std::optional<Orthogonality> penalty_;
};

// --------------------------------------------------------------------------------------- projected

/// Rows of a matrix without their parts along orthonormal vectors q (vectors, stride), a block a
/// row.
static __global__ void project_rows(Layout layout, const float* q, int vectors, const float* from,
                                    float* to) {
  const std::int64_t first = blockIdx.x * layout.stride;
  for (std::int64_t i = threadIdx.x; i < layout.nodes; i += blockDim.x)
    to[first + i] = from[first + i];
  for (int k = 0; k < vectors; ++k) {
    const float* own = q + k * layout.stride;
    const auto part = static_cast<float>(
        block_sum_of(0, layout.nodes, [&](std::int64_t i) { return to[first + i] * own[i]; }));
    for (std::int64_t i = threadIdx.x; i < layout.nodes; i += blockDim.x)
      to[first + i] = fma(-part, own[i], to[first + i]);
  }
}

/// A = B (I - Q Q^T).
class ProjectedOnDevice {
 public:
  /// @param basis Q transposed, (planted, stride).
  ProjectedOnDevice(const Stream& stream, Layout layout, std::span<const float> basis)
      : layout_(layout),
        vectors_(static_cast<int>(basis.size() / static_cast<std::size_t>(layout.stride))),
        basis_(buffer_of(basis, stream)),
        a_(static_cast<std::size_t>(layout.matrix())),
        da_(a_.size()) {
    a_.clear(stream);
    da_.clear(stream);
  }

  Operand a() const { return {a_.data(), layout_.stride}; }
  float* da() const { return da_.data(); }

  void make(const Stream& stream, const float* numbers, TrainingState*) {
    project(stream, numbers, a_.data());
  }
  void gradient(const Stream& stream, const float*, float* gradient, TrainingState*) {
    project(stream, da_.data(), gradient);
  }

 private:
  void project(const Stream& stream, const float* from, float* to) {
    launch(stream, std::int64_t{layout_.nodes} * 128, 128, project_rows, layout_, basis_.data(),
           vectors_, from, to);
  }

  Layout layout_;
  int vectors_;
  Buffer<float> basis_, a_, da_;
};

}  // namespace attractornet::cuda
