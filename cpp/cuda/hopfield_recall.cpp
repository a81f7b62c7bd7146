#include <attractornet/dynamics/hopfield_cuda.hpp>
#include <vector>

#include "hopfield_device.hpp"

namespace attractornet::cuda {

namespace {

Sweep sweep_of(hopfield::Update update) {
  switch (update) {
    case hopfield::Update::asynchronous:
      return Sweep::ordered;
    case hopfield::Update::sequential:
      return Sweep::sequential;
    case hopfield::Update::random:
      return Sweep::sites;
    case hopfield::Update::synchronous:
      return Sweep::synchronous;
  }
  return Sweep::ordered;
}

}  // namespace

void WholeRecall::run(std::int8_t* states, std::int64_t count, hopfield::Recalled* endings,
                      double* quadratic, Monitor& monitor) const {
  std::vector<std::int64_t> sweeps(static_cast<std::size_t>(count)), cycles(sweeps);
  const DeviceRecalls recalls{weights,
                              limits,
                              units,
                              sweep_of(options.update),
                              options.tie == hopfield::Tie::plus,
                              options.max_sweeps,
                              static_cast<std::uint64_t>(options.seed)};
  monitor.begin(count);
  recalls.run(states, count, sweeps.data(), cycles.data(), quadratic,
              [&](std::int64_t ended) { monitor.tick(ended); });
  for (std::size_t k = 0; k < sweeps.size(); ++k) endings[k] = {sweeps[k], cycles[k]};
}

}  // namespace attractornet::cuda
