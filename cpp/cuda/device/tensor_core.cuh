/// @file
/// The one instruction of tensor cores that products of float32 use.
#pragma once

namespace attractornet::cuda {

/// c += a b of a warp, 16 x 8 x 8, of numbers with 11 bits: PTX's mma.m16n8k8, where lane l holds
/// a(l / 4 + 8 (i % 2), l % 4 + 4 (i / 2)), b(l % 4 + 4 i, l / 4) and c(l / 4 + 8 (i / 2), l % 4 *
/// 2
/// + i % 2).
__device__ inline void multiply_add(float (&c)[4], const float (&a)[4], const float (&b)[2]) {
  asm volatile(
      "mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, "
      "{%8, %9}, {%0, %1, %2, %3};"
      : "+f"(c[0]), "+f"(c[1]), "+f"(c[2]), "+f"(c[3])
      : "r"(__float_as_uint(a[0])), "r"(__float_as_uint(a[1])), "r"(__float_as_uint(a[2])),
        "r"(__float_as_uint(a[3])), "r"(__float_as_uint(b[0])), "r"(__float_as_uint(b[1])));
}

}  // namespace attractornet::cuda
