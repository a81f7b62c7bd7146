/// @file
/// What the compiler and the target offer: host/device marks and the width of a vector register.
#pragma once

#if defined(__CUDACC__)
/// Marks a function that the CPU and the CUDA compiler both take.
#define ATTRACTORNET_HD __host__ __device__
#else
#define ATTRACTORNET_HD
#endif

/// Inlining is part of the speed of the kernels, not a hint.
#define ATTRACTORNET_INLINE inline __attribute__((always_inline))

/// Before a loop of few, known turns over packs: as a loop it would keep them in memory; and before
/// one of many short turns.
#if defined(__clang__) || defined(__CUDACC__)
#define ATTRACTORNET_UNROLL _Pragma("unroll")
#define ATTRACTORNET_UNROLL_BY_4 _Pragma("unroll 4")
#else
#define ATTRACTORNET_UNROLL _Pragma("GCC unroll 16")
#define ATTRACTORNET_UNROLL_BY_4 _Pragma("GCC unroll 4")
#endif

namespace attractornet {

/// Bytes in the widest vector register that the compiler may use.
inline constexpr int register_bytes =
#if defined(__AVX512F__)
    64;
#elif defined(__AVX__)
    32;
#else
    16;
#endif

/// True where a fused multiply-add is one instruction; without it fma(a, b, c) is a * b + c.
inline constexpr bool has_fma =
#if defined(__FMA__) || defined(__ARM_FEATURE_FMA) || defined(__CUDA_ARCH__)
    true;
#else
    false;
#endif

}  // namespace attractornet
