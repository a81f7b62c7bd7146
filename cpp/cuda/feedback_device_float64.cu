#include "feedback_device.cuh"

namespace attractornet::cuda {

template class DeviceNetworks<double>;

}  // namespace attractornet::cuda
