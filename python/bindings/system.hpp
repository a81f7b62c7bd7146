/// @file
/// Any dynamical system, behind one type: what the analyses are bound over.
///
/// Virtual functions are capabilities (step, tangent, adjoint), never analyses. One that a system
/// lacks is a TypeError that names it. A System is also what the core's analyses call a subject.
#pragma once

#include <attractornet/core/concepts.hpp>
#include <attractornet/dynamics/orbit.hpp>
#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "convert.hpp"

namespace attractornet::python {

/// An orbit of any system; the interface of StepOrbit.
class AnyOrbit {
 public:
  virtual ~AnyOrbit() = default;
  virtual void load(const double* state) = 0;
  virtual void state(double* out) const = 0;
  virtual void advance(std::int64_t steps) = 0;
  virtual void record(std::int64_t steps, double* out) = 0;
};

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
  /// Parameters by name.
  using Values = std::vector<std::pair<std::string_view, double>>;

  virtual ~System() = default;
  virtual std::string name() const = 0;
  virtual int dimension() const = 0;
  virtual double time_step() const { return 1; }
  virtual bool samples_flow() const { return false; }
  virtual void start(double*) const { lacks("start state: give an initial one"); }
  virtual void step(const double*, double*) const { lacks("step"); }
  virtual void rhs(const double*, double*) const { lacks("right-hand side: it is a map"); }
  virtual void jvp(const double*, const double*, int, double*, double*) const { lacks("tangent"); }
  virtual void vjp(const double*, const double*, double*) const { lacks("adjoint"); }
  virtual double observe(const double*) const { lacks("observable"); }
  /// Throws unless the values are some that states may have: finite numbers, but where a system
  /// asks for more.
  virtual void expect_values(const Numbers&, const Place&) const {}
  /// Parameters that are numbers.
  virtual Values values() const { lacks("parameters by name"); }
  /// The same system with other values of some parameters; needs no GIL.
  virtual std::unique_ptr<System> with(const Values&) const { lacks("parameters to scan"); }
  virtual std::unique_ptr<AnyOrbit> orbit() const { lacks("step"); }
  virtual std::unique_ptr<AnyTangentOrbit> tangent_orbit(int) const { lacks("tangent"); }

 protected:
  [[noreturn]] void lacks(const std::string& what) const {
    throw py::type_error(name() + " has no " + what);
  }
};

/// A system in continuous time; a map once it is Discretised.
class Flow : public System {
 public:
  double time_step() const override { return std::numeric_limits<double>::quiet_NaN(); }
  void step(const double*, double*) const override { lacks(no_step); }
  std::unique_ptr<AnyOrbit> orbit() const override { lacks(no_step); }
  std::unique_ptr<AnyTangentOrbit> tangent_orbit(int) const override { lacks(no_step); }

 private:
  static constexpr const char* no_step =
      "step: it is a flow; attractornet.Discretised(flow, dt) is the map that samples it";
};

/// A System made of a rule: `Derived` has rule(). @tparam Base System, Flow, or a class of theirs.
template <class Derived, class Base = System>
class SystemOf : public Base {
 public:
  using Base::Base;
  int dimension() const override { return rule().dimension(); }
  double time_step() const override {
    if constexpr (requires { rule().step(nullptr, nullptr); })
      return time_step_of(rule());
    else
      return Base::time_step();
  }
  bool samples_flow() const override {
    return attractornet::samples_flow<std::decay_t<decltype(rule())>>;
  }
  void start(double* state) const override {
    if constexpr (requires { rule().start(state); })
      rule().start(state);
    else
      Base::start(state);
  }
  void step(const double* state, double* next) const override {
    if constexpr (requires { rule().step(state, next); })
      rule().step(state, next);
    else
      Base::step(state, next);
  }
  void rhs(const double* state, double* derivative) const override {
    if constexpr (requires { rule().rhs(state, derivative); })
      rule().rhs(state, derivative);
    else
      Base::rhs(state, derivative);
  }
  void jvp(const double* state, const double* v, int k, double* next,
           double* image) const override {
    if constexpr (requires { rule().jvp(state, v, k, next, image); })
      rule().jvp(state, v, k, next, image);
    else
      Base::jvp(state, v, k, next, image);
  }
  void vjp(const double* state, const double* a, double* result) const override {
    if constexpr (requires { rule().vjp(state, a, result); })
      rule().vjp(state, a, result);
    else
      Base::vjp(state, a, result);
  }
  double observe(const double* state) const override { return observable_of(rule(), state); }
  std::unique_ptr<AnyOrbit> orbit() const override {
    if constexpr (requires { rule().step(nullptr, nullptr); })
      return std::make_unique<Erased<std::decay_t<decltype(rule())>>>(rule());
    else
      return Base::orbit();
  }
  std::unique_ptr<AnyTangentOrbit> tangent_orbit(int k) const override {
    if constexpr (requires {
                    rule().step(nullptr, nullptr);
                    rule().jvp(nullptr, nullptr, k, nullptr, nullptr);
                  })
      return std::make_unique<ErasedTangent<std::decay_t<decltype(rule())>>>(rule(), k);
    else
      return Base::tangent_orbit(k);
  }

 private:
  decltype(auto) rule() const { return static_cast<const Derived*>(this)->rule(); }

  template <class Rule>
  struct Erased final : AnyOrbit {
    OrbitOf<Rule> orbit;

    explicit Erased(const Rule& rule) : orbit(rule) {}
    void load(const double* state) override { orbit.load(state); }
    void state(double* out) const override { orbit.state(out); }
    void advance(std::int64_t steps) override { orbit.advance(steps); }
    void record(std::int64_t steps, double* out) override { orbit.record(steps, out); }
  };

  template <class Rule>
  struct ErasedTangent final : AnyTangentOrbit {
    TangentOrbitOf<Rule> orbit;

    ErasedTangent(const Rule& rule, int k) : orbit(rule, k) {}
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
      wrong_type(place, value,
                 "a system, such as a FeedbackNetwork or textbook.Henon() (rules of one's own are "
                 "written in C++)");
    return &made<System>(value, place);
  }
};

/// A flow and what keeps it: a Python object, or, where there is none, C++.
struct SharedFlow {
  py::object object;
  const Flow* flow = nullptr;
  std::shared_ptr<const System> owner = nullptr;
};

template <>
struct Convert<SharedFlow> {
  static std::string type() { return "Flow"; }
  static SharedFlow from(py::handle value, const Place& place, const std::string&) {
    if (!py::isinstance<Flow>(value)) wrong_type(place, value, "a flow, such as textbook.Lorenz()");
    return {py::reinterpret_borrow<py::object>(value), &made<Flow>(value, place)};
  }
};

/// A number for each variable of the system: (dimension,).
inline void expect_vector(const Numbers& vector, const System& system, const Place& place) {
  expect_shape(vector, place, {system.dimension()},
               "(" + std::to_string(system.dimension()) + ",), the dimension of the system");
}
/// A state of the system.
inline void expect_state(const Numbers& state, const System& system, const Place& place) {
  expect_vector(state, system, place);
  system.expect_values(state, place);
}

/// The derivative of a step or of the right-hand side at a state, (dimension, dimension).
py::array_t<double> jacobian_of(const System& system, const double* state);

/// A state, or states along any axes in front: (..., dimension). Returns how many.
inline std::int64_t expect_states(const Numbers& states, const System& system, const Place& place) {
  const auto ndim = static_cast<std::size_t>(std::max<std::int64_t>(states.ndim(), 1));
  std::vector<std::int64_t> shape(ndim, -1);
  shape.back() = system.dimension();
  expect_shape(states, place, shape,
               "(..., " + std::to_string(system.dimension()) + "), the dimension of the system");
  system.expect_values(states, place);
  return states.array.size() / system.dimension();
}

/// The state that an analysis starts from: the argument, or the system's own start.
inline std::vector<double> start_of(const System& system, const std::optional<Numbers>& initial,
                                    std::string_view where) {
  std::vector<double> state(system.dimension());
  if (initial) {
    expect_state(*initial, system, {std::string(where), "initial"});
    std::copy_n(initial->data(), state.size(), state.begin());
  } else {
    system.start(state.data());
  }
  return state;
}

}  // namespace attractornet::python
