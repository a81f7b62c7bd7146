/// @file
/// The Python class HopfieldNetwork, for the files that bind its methods.
#pragma once

#include <attractornet/systems/hopfield_network.hpp>
#include <string>
#include <utility>

#include "../hopfield_states.hpp"
#include "../system.hpp"

namespace attractornet::python {

class HopfieldNetwork : public SystemOf<HopfieldNetwork> {
 public:
  explicit HopfieldNetwork(hopfield::Network network) : network_(std::move(network)) {}
  std::string name() const override { return "HopfieldNetwork"; }
  const hopfield::Network& network() const { return network_; }
  hopfield::Rule rule() const { return hopfield::Rule(network_); }
  void expect_values(const Numbers& states, const Place& place) const override {
    states_of(states.array, place, network_.coding(), network_.units());
  }

 private:
  hopfield::Network network_;
};

/// The argument `states` of a method, read on so many threads.
inline States own_states(const HopfieldNetwork& self, const ArrayLike& states, const char* method,
                         int threads = 1) {
  const std::string where = self.name() + "." + method;
  return states_of(states.value, {where, "states"}, self.network().coding(), self.network().units(),
                   threads);
}

/// Binds recall (dynamics/hopfield_recalls.cpp).
[[gnu::cold]] void define_recall(py::class_<HopfieldNetwork, System>& cls);

}  // namespace attractornet::python
