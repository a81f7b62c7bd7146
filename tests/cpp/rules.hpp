/// @file
/// Small systems with known exponents, as a user would write them.
#pragma once

#include <attractornet/core/concepts.hpp>
#include <cmath>

/// x' = r x (1 - x). At r = 4 the exponent is ln 2.
struct Logistic {
  double r = 4;

  int dimension() const { return 1; }
  void step(const double* x, double* next) const { next[0] = r * x[0] * (1 - x[0]); }
  void jvp(const double* x, const double* v, int k, double* next, double* image) const {
    step(x, next);
    for (int c = 0; c < k; ++c) image[c] = r * (1 - 2 * x[0]) * v[c];
  }
};

/// M. Henon, Commun. Math. Phys. 50 (1976) 69: (x, y) -> (1 - a x^2 + y, b x). The sum of the
/// exponents is ln|b|; the largest is 0.4192 at the classical parameters.
struct Henon {
  double a = 1.4, b = 0.3;

  int dimension() const { return 2; }
  void step(const double* s, double* next) const {
    next[0] = 1 - a * s[0] * s[0] + s[1];
    next[1] = b * s[0];
  }
  void jvp(const double* s, const double* v, int k, double* next, double* image) const {
    step(s, next);
    for (int c = 0; c < k; ++c) {
      image[c] = -2 * a * s[0] * v[c] + v[k + c];
      image[k + c] = b * v[c];
    }
  }
  void start(double* s) const { s[0] = s[1] = 0.1; }
};

/// J. C. Sprott's two units whose output follows a logistic-like parabola: one tanh, one linear;
/// the exponent is 0.690714.
struct TwoNeurons {
  int dimension() const { return 1; }
  void step(const double* x, double* next) const {
    next[0] = 5.97811605717192 * std::tanh(1.42668906710772 * x[0]) - 5.32641819604181 * x[0];
  }
  void jvp(const double* x, const double* v, int k, double* next, double* image) const {
    step(x, next);
    const double t = std::tanh(1.42668906710772 * x[0]);
    const double slope = 5.97811605717192 * 1.42668906710772 * (1 - t * t) - 5.32641819604181;
    for (int c = 0; c < k; ++c) image[c] = slope * v[c];
  }
};

/// E. N. Lorenz, J. Atmos. Sci. 20 (1963) 130. The sum of the exponents is -(sigma + 1 + beta); the
/// largest is 0.9056.
struct Lorenz {
  double sigma = 10, rho = 28, beta = 8.0 / 3;

  int dimension() const { return 3; }
  void rhs(const double* s, double* d) const {
    d[0] = sigma * (s[1] - s[0]);
    d[1] = s[0] * (rho - s[2]) - s[1];
    d[2] = s[0] * s[1] - beta * s[2];
  }
  void jvp(const double* s, const double* v, int k, double* d, double* image) const {
    rhs(s, d);
    for (int c = 0; c < k; ++c) {
      const double x = v[c], y = v[k + c], z = v[2 * k + c];
      image[c] = sigma * (y - x);
      image[k + c] = (rho - s[2]) * x - y - s[0] * z;
      image[2 * k + c] = s[1] * x + s[0] * y - beta * z;
    }
  }
  void start(double* s) const { s[0] = s[1] = s[2] = 1; }
};

/// x' = -x: what integrators are measured on.
struct Decay {
  int dimension() const { return 1; }
  void rhs(const double* x, double* d) const { d[0] = -x[0]; }
};

static_assert(attractornet::Map<Logistic> && attractornet::HasTangent<Henon> &&
              attractornet::HasTangent<TwoNeurons>);
static_assert(attractornet::Flow<Lorenz> && attractornet::HasTangent<Lorenz> &&
              !attractornet::Map<Lorenz>);
static_assert(!attractornet::HasTangent<Decay> && !attractornet::HasAdjoint<Henon>);
