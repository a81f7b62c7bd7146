/// @file
/// A cart on a spring that a feedback network pushes, and whose place the network feels.
///
///     x_i = tanh(sum_j w_ij y_j),   output = b . x
///     mass dv/dt = push output - stiffness q - friction v,   dq/dt = v
///     (y_1, ..., y_D)  ->  (output + feel q, y_1, ..., y_{D-1})   once every dt
///
/// State: the register y, then the place q and the velocity v. The cart moves by the semi-implicit
/// Euler rule, v first.
#pragma once

#include <attractornet/core/fields.hpp>
#include <attractornet/systems/feedback.hpp>

struct Cart {
  double mass = 1, stiffness = 4, friction = 0.5, push = 2, feel = 0.5, dt = 0.1;

  static constexpr std::string_view label = "Cart";
  static constexpr auto fields() {
    using attractornet::above, attractornet::field, attractornet::finite_from;
    return std::tuple{
        field("mass", &Cart::mass, above(0), "kg", "mass of the cart"),
        field("stiffness", &Cart::stiffness, finite_from(0), "N/m", "stiffness of the spring"),
        field("friction", &Cart::friction, finite_from(0), "N s/m", "viscous friction"),
        field("push", &Cart::push, finite_from(0), "N", "force of the network's output 1"),
        field("feel", &Cart::feel, finite_from(0), "1/m", "what the network feels of the place"),
        field("dt", &Cart::dt, above(0), "s", "time between two steps of the network"),
    };
  }
};

/// Network and cart as one map, which every analysis takes.
struct CartRule {
  attractornet::feedback::Rule<> network;
  Cart cart;

  int dimension() const { return network.dimension() + 2; }
  double time_step() const { return cart.dt; }

  void start(double* s) const {
    network.start(s);
    s[place()] = s[velocity()] = 0;
  }
  void step(const double* s, double* next) const {
    const double q = s[place()], v = s[velocity()];
    network.step(s, next);
    next[velocity()] = v + cart.dt * acceleration(next[0], q, v);
    next[place()] = q + cart.dt * next[velocity()];
    next[0] += cart.feel * q;
  }
  void jvp(const double* s, const double* tangents, int k, double* next, double* image) const {
    network.jvp(s, tangents, k, next, image);  // the register's rows come first
    for (int c = 0; c < k; ++c) {
      const double q = tangents[place() * k + c], v = tangents[velocity() * k + c];
      // The cart is linear, and so its own tangent.
      const double v_next = v + cart.dt * acceleration(image[c], q, v);
      image[velocity() * k + c] = v_next;
      image[place() * k + c] = q + cart.dt * v_next;
      image[c] += cart.feel * q;
    }
    step(s, next);
  }

  double acceleration(double output, double q, double v) const {
    return (cart.push * output - cart.stiffness * q - cart.friction * v) / cart.mass;
  }
  int place() const { return network.dimension(); }
  int velocity() const { return network.dimension() + 1; }
};

static_assert(attractornet::Map<CartRule> && attractornet::HasTangent<CartRule>);
