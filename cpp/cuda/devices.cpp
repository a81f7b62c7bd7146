#include <attractornet/cuda.hpp>

#include "runtime.hpp"

namespace attractornet::cuda {

std::vector<Device> devices() {
  int count = 0;
  check(cudaGetDeviceCount(&count), "looking for devices");
  if (count == 0) check(cudaErrorNoDevice, "looking for devices");
  std::vector<Device> result;
  for (int i = 0; i < count; ++i) {
    cudaDeviceProp found;
    check(cudaGetDeviceProperties(&found, i), "a device's properties");
    result.push_back({found.name, found.totalGlobalMem, found.major, found.minor});
  }
  return result;
}

}  // namespace attractornet::cuda
