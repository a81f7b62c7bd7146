# Kernels, which a device's compiler takes or the tests' emulator, and what calls them.
set(ATTRACTORNET_CUDA_SOURCES devices.cpp feedback_device.cu feedback_scan.cpp)
list(TRANSFORM ATTRACTORNET_CUDA_SOURCES PREPEND "${CMAKE_CURRENT_LIST_DIR}/")
