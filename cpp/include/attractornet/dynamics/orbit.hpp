/// @file
/// Orbits: a rule with a place for its state, advanced many steps without allocation.
///
/// A rule may name a faster type `Orbit` (or `TangentOrbit`) with the same members; OrbitOf and
/// TangentOrbitOf pick it, and the contract test compares the two.
#pragma once

#include <algorithm>
#include <attractornet/core/concepts.hpp>
#include <attractornet/core/memory.hpp>
#include <cstdint>
#include <memory>
#include <vector>

namespace attractornet {

/// The orbit of any map, by its step.
template <Map R>
class StepOrbit {
 public:
  explicit StepOrbit(const R& rule)
      : rule_(rule), state_(rule.dimension()), next_(rule.dimension()) {}

  void load(const double* state) { std::copy_n(state, state_.size(), state_.begin()); }
  void state(double* out) const { std::copy(state_.begin(), state_.end(), out); }
  void advance(std::int64_t steps) {
    for (; steps > 0; --steps) {
      rule_.step(state_.data(), next_.data());
      state_.swap(next_);
    }
  }
  /// Advances, writing the observable of each state that is reached.
  void record(std::int64_t steps, double* out) {
    for (; steps > 0; --steps) {
      advance(1);
      *out++ = observable_of(rule_, state_.data());
    }
  }

 private:
  R rule_;
  std::vector<double> state_, next_;
};

/// The orbit of any map together with k tangent vectors, by its jvp.
template <Map R>
  requires HasTangent<R>
class StepTangentOrbit {
 public:
  StepTangentOrbit(const R& rule, int k)
      : rule_(rule),
        stride_(frame_stride(k)),
        state_(rule.dimension()),
        next_(rule.dimension()),
        frame_(state_.size() * stride_),
        next_frame_(frame_.size()) {}

  /// Sets the state and the frame, a row-major (dimension, stride) array whose columns from k on
  /// are 0.
  void load(const double* state, const double* frame) {
    std::copy_n(state, state_.size(), state_.begin());
    std::copy_n(frame, frame_.size(), frame_.begin());
  }
  void state(double* out) const { std::copy(state_.begin(), state_.end(), out); }
  /// The tangent vectors, in place: row-major (dimension, stride).
  double* frame() { return frame_.data(); }
  void advance(std::int64_t steps) {
    for (; steps > 0; --steps) {
      rule_.jvp(state_.data(), frame_.data(), stride_, next_.data(), next_frame_.data());
      state_.swap(next_);
      frame_.swap(next_frame_);
    }
  }

 private:
  R rule_;
  int stride_;
  std::vector<double> state_, next_;
  AlignedVector<double> frame_, next_frame_;
};

namespace detail {

template <class R>
struct OrbitType {
  using type = StepOrbit<R>;
};
template <class R>
  requires requires { typename R::Orbit; }
struct OrbitType<R> {
  using type = typename R::Orbit;
};

template <class R>
struct TangentOrbitType {
  using type = StepTangentOrbit<R>;
};
template <class R>
  requires requires { typename R::TangentOrbit; }
struct TangentOrbitType<R> {
  using type = typename R::TangentOrbit;
};

}  // namespace detail

/// The rule's own fast orbit, or StepOrbit.
template <class R>
using OrbitOf = typename detail::OrbitType<R>::type;

/// The rule's own fast tangent orbit, or StepTangentOrbit.
template <class R>
using TangentOrbitOf = typename detail::TangentOrbitType<R>::type;

/// What an analysis needs of a system: its orbits, made anew for each run. A rule is one such
/// subject; a front end that knows its systems only by virtual functions brings another.
template <Map R>
struct RuleSubject {
  const R& rule;

  int dimension() const { return rule.dimension(); }
  double time_step() const { return time_step_of(rule); }
  bool samples_flow() const { return attractornet::samples_flow<R>; }
  auto orbit() const { return std::make_unique<OrbitOf<R>>(rule); }
  auto tangent_orbit(int k) const
    requires HasTangent<R>
  {
    return std::make_unique<TangentOrbitOf<R>>(rule, k);
  }
};

}  // namespace attractornet
