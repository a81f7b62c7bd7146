/// @file
/// Any dynamical system, behind one type: what the analyses are bound over.
///
/// Virtual functions are capabilities (step, tangent, adjoint), never analyses. One that a system
/// lacks is a TypeError that names it.
#pragma once

#include <attractornet/core/concepts.hpp>
#include <attractornet/dynamics/orbit.hpp>
#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "convert.hpp"

namespace attractornet::python {

/// A tangent orbit of any system; the interface of StepTangentOrbit.
class AnyTangentOrbit {
 public:
  virtual ~AnyTangentOrbit() = default;
  virtual void load(const double* state, const double* frame) = 0;
  virtual void state(double* out) const = 0;
  virtual double* frame() = 0;
  virtual void advance(std::int64_t steps) = 0;
  virtual double log_volume() = 0;
};

class System {
 public:
  virtual ~System() = default;
  virtual std::string name() const = 0;
  virtual int dimension() const = 0;
  virtual double time_step() const { return 1; }
  virtual void start(double*) const { lacks("a start state"); }
  virtual void step(const double*, double*) const { lacks("a step"); }
  virtual void jvp(const double*, const double*, int, double*, double*) const {
    lacks("a tangent");
  }
  virtual void vjp(const double*, const double*, double*) const { lacks("an adjoint"); }
  virtual std::unique_ptr<AnyTangentOrbit> tangent_orbit(int) const { lacks("a tangent"); }

 protected:
  [[noreturn]] void lacks(const std::string& what) const {
    throw py::type_error(name() + " has not " + what);
  }
};

/// A System made of a rule: `Derived` has rule().
template <class Derived>
class SystemOf : public System {
 public:
  int dimension() const override { return rule().dimension(); }
  double time_step() const override { return time_step_of(rule()); }
  void start(double* state) const override {
    if constexpr (requires { rule().start(state); })
      rule().start(state);
    else
      System::start(state);
  }
  void step(const double* state, double* next) const override {
    if constexpr (requires { rule().step(state, next); })
      rule().step(state, next);
    else
      System::step(state, next);
  }
  void jvp(const double* state, const double* v, int k, double* next,
           double* image) const override {
    if constexpr (requires { rule().jvp(state, v, k, next, image); })
      rule().jvp(state, v, k, next, image);
    else
      System::jvp(state, v, k, next, image);
  }
  void vjp(const double* state, const double* a, double* result) const override {
    if constexpr (requires { rule().vjp(state, a, result); })
      rule().vjp(state, a, result);
    else
      System::vjp(state, a, result);
  }
  std::unique_ptr<AnyTangentOrbit> tangent_orbit(int k) const override {
    if constexpr (requires { rule().jvp(nullptr, nullptr, k, nullptr, nullptr); }) {
      return std::make_unique<Erased<decltype(rule())>>(rule(), k);
    } else {
      return System::tangent_orbit(k);
    }
  }

 private:
  decltype(auto) rule() const { return static_cast<const Derived*>(this)->rule(); }

  template <class Rule>
  struct Erased final : AnyTangentOrbit {
    TangentOrbitOf<Rule> orbit;

    Erased(const Rule& rule, int k) : orbit(rule, k) {}
    void load(const double* state, const double* frame) override { orbit.load(state, frame); }
    void state(double* out) const override { orbit.state(out); }
    double* frame() override { return orbit.frame(); }
    void advance(std::int64_t steps) override { orbit.advance(steps); }
    double log_volume() override {
      if constexpr (requires { orbit.log_volume(); }) return orbit.log_volume();
      return std::numeric_limits<double>::quiet_NaN();
    }
  };
};

template <>
struct Convert<const System*> {
  static std::string type() { return "System"; }
  static const System* from(py::handle value, const Place& place, const std::string&) {
    if (!py::isinstance<System>(value))
      wrong_type(place, value, "a system, such as a FeedbackNetwork");
    return &made<System>(value, place);
  }
};

/// A state of the system: (dimension,).
inline void expect_state(const Numbers& state, const System& system, const Place& place) {
  expect_shape(state, place, {system.dimension()},
               "(" + std::to_string(system.dimension()) + ",), the dimension of the system");
}

}  // namespace attractornet::python
