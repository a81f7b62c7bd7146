#include "feedback_device.cuh"

namespace attractornet::cuda {

template class DeviceNetworks<float>;

}  // namespace attractornet::cuda
