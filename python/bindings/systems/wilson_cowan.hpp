/// @file
/// WilsonCowanNetwork as Python sees it.
#pragma once

#include <attractornet/systems/wilson_cowan_network.hpp>
#include <memory>
#include <utility>

#include "../values.hpp"

namespace attractornet::python {

class WilsonCowanNetwork : public SystemOf<WilsonCowanNetwork, Flow> {
 public:
  WilsonCowanNetwork(std::shared_ptr<const wilson_cowan::Network> network,
                     const wilson_cowan::Params& params)
      : network_(std::move(network)), rule_(network_->rule(params)) {}

  std::string name() const override { return std::string(wilson_cowan::Params::label); }
  const wilson_cowan::Network& network() const { return *network_; }
  const wilson_cowan::Rule& rule() const { return rule_; }
  const wilson_cowan::Params& params() const { return rule_.params; }
  Values values() const override { return values_of(params()); }
  std::unique_ptr<System> with(const Values& others) const override {
    return std::make_unique<WilsonCowanNetwork>(
        network_, parameters_of<wilson_cowan::Params>(replaced(values(), others, name())));
  }

 private:
  std::shared_ptr<const wilson_cowan::Network> network_;  ///< of all that differ in scalars alone
  wilson_cowan::Rule rule_;
};

/// Binds `integrate`, `tape` and `adjoint`.
void define_runs(py::class_<WilsonCowanNetwork, Flow>& cls);

}  // namespace attractornet::python
