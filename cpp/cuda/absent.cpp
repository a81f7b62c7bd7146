// What attractornet::cuda is where it was built without CUDA.
#include <attractornet/core/error.hpp>
#include <attractornet/scan/feedback_cuda.hpp>

namespace attractornet::cuda {

namespace {

[[noreturn]] void refuse(const char* where) {
  throw BackendUnavailable(std::string(where) +
                           ": device = 'cuda': built without CUDA; configure with "
                           "-D ATTRACTORNET_CUDA=ON where nvcc 12 or later is");
}

}  // namespace

std::span<const scan::Measurement<Ensembles>> Ensembles::measurements() { refuse("scan"); }

}  // namespace attractornet::cuda
