/// @file
/// What every system promises, checked on any rule: run it over each new one.
#pragma once

#include <doctest/doctest.h>

#include <algorithm>
#include <attractornet/core/concepts.hpp>
#include <attractornet/dynamics/orbit.hpp>
#include <cmath>
#include <vector>

namespace attractornet::contract {

using Vector = std::vector<double>;

inline Vector wave(std::size_t size, double phase) {
  Vector result(size);
  for (std::size_t i = 0; i < size; ++i) result[i] = std::sin(phase + 1.7 * static_cast<double>(i));
  return result;
}

/// step (or rhs) as a function of the state.
template <class R>
Vector image(const R& rule, const Vector& state) {
  Vector result(state.size());
  if constexpr (Map<R>)
    rule.step(state.data(), result.data());
  else
    rule.rhs(state.data(), result.data());
  return result;
}

template <class R>
void is_pure(const R& rule, const Vector& state) {
  const Vector before = state;
  CHECK(image(rule, state) == image(rule, state));
  CHECK(state == before);
}

template <class R>
void tangent_is_the_derivative(const R& rule, const Vector& state) {
  constexpr double h = 1e-6;
  constexpr int k = 3;
  const std::size_t n = state.size();
  const Vector tangents = wave(n * k, 0.3);
  Vector next(n), images(n * k);
  rule.jvp(state.data(), tangents.data(), k, next.data(), images.data());
  CHECK(next == image(rule, state));
  for (int c = 0; c < k; ++c) {
    Vector plus = state, minus = state;
    for (std::size_t i = 0; i < n; ++i) {
      plus[i] += h * tangents[i * k + c];
      minus[i] -= h * tangents[i * k + c];
    }
    const Vector forward = image(rule, plus), backward = image(rule, minus);
    for (std::size_t i = 0; i < n; ++i)
      CHECK(images[i * k + c] ==
            doctest::Approx((forward[i] - backward[i]) / (2 * h)).epsilon(1e-6));
  }
}

template <class R>
void adjoint_is_the_transpose(const R& rule, const Vector& state) {
  const std::size_t n = state.size();
  const Vector v = wave(n, 0.1), a = wave(n, 2.0);
  Vector next(n), jv(n), ja(n);
  rule.jvp(state.data(), v.data(), 1, next.data(), jv.data());
  rule.vjp(state.data(), a.data(), ja.data());
  double left = 0, right = 0, size = 0;
  for (std::size_t i = 0; i < n; ++i) {
    left += ja[i] * v[i];
    right += a[i] * jv[i];
    size += std::abs(a[i] * jv[i]) + std::abs(ja[i] * v[i]);
  }
  CHECK(std::abs(left - right) <= 1e-14 * size);
}

template <class R>
void orbit_is_the_rule(const R& rule, const Vector& state, int steps) {
  OrbitOf<R> fast(rule);
  StepOrbit<R> slow(rule);
  fast.load(state.data());
  slow.load(state.data());
  Vector a(state.size()), b(state.size());
  for (int i = 1; i <= steps; ++i) {
    fast.advance(i);  // growing strides, so that blocks of steps are cut everywhere
    slow.advance(i);
    fast.state(a.data());
    slow.state(b.data());
    REQUIRE(a == b);
  }
}

template <class R>
void tangent_orbit_is_the_rule(const R& rule, const Vector& state, int steps, int k) {
  const std::size_t n = state.size(), stride = frame_stride(k);
  Vector frame(n * stride), a(n), b(n);
  const Vector values = wave(n * k, 0.7);
  for (std::size_t row = 0; row < n; ++row)
    std::copy_n(values.begin() + row * k, k, frame.begin() + row * stride);
  TangentOrbitOf<R> fast(rule, k);
  StepTangentOrbit<R> slow(rule, k);
  fast.load(state.data(), frame.data());
  slow.load(state.data(), frame.data());
  for (int i = 1; i <= steps; ++i) {
    fast.advance(i);
    slow.advance(i);
    fast.state(a.data());
    slow.state(b.data());
    REQUIRE(a == b);
    REQUIRE(std::equal(fast.frame(), fast.frame() + n * stride, slow.frame()));
  }
}

/// Everything that the rule's concepts promise.
template <class R>
void holds(const R& rule, const Vector& state) {
  REQUIRE(static_cast<std::size_t>(rule.dimension()) == state.size());
  is_pure(rule, state);
  if constexpr (HasTangent<R>) tangent_is_the_derivative(rule, state);
  if constexpr (HasTangent<R> && HasAdjoint<R>) adjoint_is_the_transpose(rule, state);
  if constexpr (Map<R>) orbit_is_the_rule(rule, state, 60);
  if constexpr (Map<R> && HasTangent<R>)
    for (const int k : {1, 3, rule.dimension()})
      if (k <= rule.dimension()) tangent_orbit_is_the_rule(rule, state, 20, k);
}

}  // namespace attractornet::contract
