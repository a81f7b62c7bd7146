// What attractornet::cuda is where it was built without CUDA.
#include <attractornet/core/error.hpp>
#include <attractornet/cuda.hpp>
#include <attractornet/dynamics/hopfield_cuda.hpp>
#include <attractornet/dynamics/wilson_cowan_cuda.hpp>
#include <attractornet/learn/wilson_cowan_cuda.hpp>
#include <attractornet/scan/feedback_cuda.hpp>

namespace attractornet::cuda {

namespace {

[[noreturn]] void refuse() {
  throw BackendUnavailable(
      "CUDA: attractornet was built without it; where nvcc 12 or later is, configure with "
      "-D ATTRACTORNET_CUDA=ON");
}

}  // namespace

std::span<const scan::Measurement<Ensembles>> Ensembles::measurements() { refuse(); }
std::vector<Device> devices() { refuse(); }
void WholeRecall::run(std::int8_t*, std::int64_t, hopfield::Recalled*, double*, Monitor&) const {
  refuse();
}
void EulerRun::settle(float*, std::int64_t, Monitor&) const { refuse(); }
void DeviceTape::forward(void*) const { refuse(); }
void DeviceTape::reverse(void*, const Gradient&) const { refuse(); }

struct Examples::Memory {};
Examples::Examples(const float*, std::int64_t, std::int64_t) { refuse(); }
Examples::~Examples() = default;
learn::EpochResult TrainedEpoch::run(const learn::SpectralWeights<float>&, learn::Trained<float>&,
                                     Monitor&) const {
  refuse();
}
learn::EpochResult TrainedEpoch::run(const learn::ProjectedWeights<float>&, learn::Trained<float>&,
                                     Monitor&) const {
  refuse();
}

}  // namespace attractornet::cuda
