#include <attractornet/dynamics/hopfield_cuda.hpp>
#include <vector>

#include "hopfield_device.hpp"

namespace attractornet::cuda {

void WholeRecall::run(std::int8_t* states, std::int64_t count, hopfield::Recalled* endings,
                      double* quadratic, Monitor& monitor) const {
  std::vector<std::int64_t> sweeps(static_cast<std::size_t>(count)), cycles(sweeps);
  const DeviceRecalls recalls{weights,
                              limits,
                              units,
                              options.update,
                              options.tie,
                              options.max_sweeps,
                              static_cast<std::uint64_t>(options.seed)};
  monitor.begin(count);
  recalls.run(states, count, sweeps.data(), cycles.data(), quadratic,
              [&](std::int64_t ended) { monitor.tick(ended); });
  for (std::size_t k = 0; k < sweeps.size(); ++k) endings[k] = {sweeps[k], cycles[k]};
}

}  // namespace attractornet::cuda
