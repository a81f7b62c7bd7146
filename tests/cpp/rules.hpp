/// @file
/// A small system as a user would write it; the others are in systems/textbook_*.hpp.
#pragma once

#include <attractornet/core/concepts.hpp>

/// x' = -x: what integrators are measured on.
struct Decay {
  int dimension() const { return 1; }
  void rhs(const double* x, double* d) const { d[0] = -x[0]; }
};

static_assert(attractornet::Flow<Decay> && !attractornet::HasTangent<Decay>);
