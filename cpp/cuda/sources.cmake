# Kernels, which a device's compiler takes or the tests' emulator, and what calls them.
set(ATTRACTORNET_CUDA_SOURCES
    devices.cpp feedback_device_float32.cu feedback_device_float64.cu feedback_scan.cpp
    hopfield_recall.cpp hopfield_recall.cu wilson_cowan_epoch.cpp wilson_cowan_settle.cu wilson_cowan_trainer.cu)
list(TRANSFORM ATTRACTORNET_CUDA_SOURCES PREPEND "${CMAKE_CURRENT_LIST_DIR}/")
