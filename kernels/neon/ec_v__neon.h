/* SPDX-License-Identifier: 0BSD
 * The vector vocabulary of kernels/README.md on AArch64 Advanced SIMD: 4 lanes of 32 bits.
 *
 * Arithmetic ignores n: idle lanes hold anything and no result of theirs is used. Loads, stores and ec_vacc obey it;
 * with the constant EC_V_LANES they are one instruction. Loads fill lanes from n on with zero. FMIN and FMAX propagate
 * NaN as the contract asks. Memory is untyped: access through types that may alias. */
#ifndef EC_V__NEON_H
#define EC_V__NEON_H

#if !defined(__ARM_NEON) || !defined(__aarch64__)
#error "kernels/neon needs AArch64 with Advanced SIMD"
#endif

#include <arm_neon.h>

#include "ec_base.h"
#include "ec_window.h"

#define EC_V_LANES 4

typedef float32x4_t ec_vf32;
typedef int32x4_t ec_vi32;
typedef uint32x4_t ec_vm32;

typedef void (*ec_epi_f32)(ec_vf32 acc, const ec_epilogue *e, ptrdiff_t px, int32_t oc, int32_t n);

#define EC_V_UNARY(word, result, operand, value)                                                                       \
  EC_INLINE result word(operand a, int32_t n) {                                                                        \
    (void)n;                                                                                                           \
    return value;                                                                                                      \
  }
#define EC_V_BINARY(word, result, operand, second, value)                                                              \
  EC_INLINE result word(operand a, second b, int32_t n) {                                                              \
    (void)n;                                                                                                           \
    return value;                                                                                                      \
  }

/* Memory */

typedef float32x4_t __attribute__((may_alias, aligned(4))) ec_alias_f32x4;
typedef float32x2_t __attribute__((may_alias, aligned(4))) ec_alias_f32x2;

EC_INLINE ec_vf32 ec_vload_f32(const void *p, int32_t n) {
  const unsigned char *bytes = (const unsigned char *)p;
  const float32x2_t zero = vdup_n_f32(0.0F);
  if (n >= EC_V_LANES) {
    return *(const ec_alias_f32x4 *)p;
  }
  if (n == 3) {
    return vcombine_f32(*(const ec_alias_f32x2 *)p, vset_lane_f32(ec_load_f32(bytes + 8), zero, 0));
  }
  if (n == 2) {
    return vcombine_f32(*(const ec_alias_f32x2 *)p, zero);
  }
  return vcombine_f32(n == 1 ? vset_lane_f32(ec_load_f32(bytes), zero, 0) : zero, zero);
}

EC_INLINE void ec_vstore_f32(void *p, ec_vf32 v, int32_t n) {
  unsigned char *bytes = (unsigned char *)p;
  if (n >= EC_V_LANES) {
    *(ec_alias_f32x4 *)p = v;
  } else if (n >= 2) {
    *(ec_alias_f32x2 *)p = vget_low_f32(v);
  }
  if (n == 3) {
    ec_store_f32(bytes + 8, vgetq_lane_f32(v, 2));
  } else if (n == 1) {
    ec_store_f32(bytes, vgetq_lane_f32(v, 0));
  }
}

EC_INLINE ec_vf32 ec_vload_strided_f32(const void *p, ptrdiff_t stride, int32_t n) {
  const unsigned char *bytes = (const unsigned char *)p;
  ec_vf32 v = vdupq_n_f32(0.0F);
  if (n > 0) {
    v = vsetq_lane_f32(ec_load_f32(bytes), v, 0);
  }
  if (n > 1) {
    v = vsetq_lane_f32(ec_load_f32(bytes + stride), v, 1);
  }
  if (n > 2) {
    v = vsetq_lane_f32(ec_load_f32(bytes + 2 * stride), v, 2);
  }
  if (n > 3) {
    v = vsetq_lane_f32(ec_load_f32(bytes + 3 * stride), v, 3);
  }
  return v;
}

EC_INLINE void ec_vstore_strided_f32(void *p, ptrdiff_t stride, ec_vf32 v, int32_t n) {
  unsigned char *bytes = (unsigned char *)p;
  if (n > 0) {
    ec_store_f32(bytes, vgetq_lane_f32(v, 0));
  }
  if (n > 1) {
    ec_store_f32(bytes + stride, vgetq_lane_f32(v, 1));
  }
  if (n > 2) {
    ec_store_f32(bytes + 2 * stride, vgetq_lane_f32(v, 2));
  }
  if (n > 3) {
    ec_store_f32(bytes + 3 * stride, vgetq_lane_f32(v, 3));
  }
}

EC_INLINE ec_vi32 ec_vload_i32(const void *p, int32_t n) { return vreinterpretq_s32_f32(ec_vload_f32(p, n)); }
EC_INLINE void ec_vstore_i32(void *p, ec_vi32 v, int32_t n) { ec_vstore_f32(p, vreinterpretq_f32_s32(v), n); }

/* Arithmetic */

EC_V_UNARY(ec_vsplat_f32, ec_vf32, float, vdupq_n_f32(a))
EC_V_UNARY(ec_vneg_f32, ec_vf32, ec_vf32, vnegq_f32(a))
EC_V_UNARY(ec_vabs_f32, ec_vf32, ec_vf32, vabsq_f32(a))
EC_V_UNARY(ec_vsqrt_f32, ec_vf32, ec_vf32, vsqrtq_f32(a))
EC_V_UNARY(ec_vfloor_f32, ec_vf32, ec_vf32, vrndmq_f32(a))
EC_V_UNARY(ec_vceil_f32, ec_vf32, ec_vf32, vrndpq_f32(a))
EC_V_UNARY(ec_vround_f32, ec_vf32, ec_vf32, vrndnq_f32(a))
EC_V_BINARY(ec_vadd_f32, ec_vf32, ec_vf32, ec_vf32, vaddq_f32(a, b))
EC_V_BINARY(ec_vsub_f32, ec_vf32, ec_vf32, ec_vf32, vsubq_f32(a, b))
EC_V_BINARY(ec_vmul_f32, ec_vf32, ec_vf32, ec_vf32, vmulq_f32(a, b))
EC_V_BINARY(ec_vdiv_f32, ec_vf32, ec_vf32, ec_vf32, vdivq_f32(a, b))
EC_V_BINARY(ec_vmin_f32, ec_vf32, ec_vf32, ec_vf32, vminq_f32(a, b))
EC_V_BINARY(ec_vmax_f32, ec_vf32, ec_vf32, ec_vf32, vmaxq_f32(a, b))
EC_V_BINARY(ec_vclampmin_f32, ec_vf32, ec_vf32, ec_vf32, vmaxq_f32(a, b))
EC_V_BINARY(ec_vclampmax_f32, ec_vf32, ec_vf32, ec_vf32, vminq_f32(a, b))

EC_INLINE ec_vf32 ec_vfma_f32(ec_vf32 a, ec_vf32 b, ec_vf32 c, int32_t n) {
  (void)n;
  return vfmaq_f32(c, a, b);
}

/* Masks */

EC_V_BINARY(ec_vlt_f32, ec_vm32, ec_vf32, ec_vf32, vcltq_f32(a, b))
EC_V_BINARY(ec_vle_f32, ec_vm32, ec_vf32, ec_vf32, vcleq_f32(a, b))
EC_V_BINARY(ec_veq_f32, ec_vm32, ec_vf32, ec_vf32, vceqq_f32(a, b))
EC_V_BINARY(ec_vand_m32, ec_vm32, ec_vm32, ec_vm32, vandq_u32(a, b))
EC_V_BINARY(ec_vor_m32, ec_vm32, ec_vm32, ec_vm32, vorrq_u32(a, b))
EC_V_UNARY(ec_vnot_m32, ec_vm32, ec_vm32, vmvnq_u32(a))

EC_INLINE ec_vf32 ec_vselect_f32(ec_vm32 m, ec_vf32 a, ec_vf32 b, int32_t n) {
  (void)n;
  return vbslq_f32(m, a, b);
}

/* Integers: shr is arithmetic; shift counts are 0…31 */

EC_V_UNARY(ec_vsplat_i32, ec_vi32, int32_t, vdupq_n_s32(a))
#define EC_V_WRAPPING(word, op)                                                                                        \
  EC_V_BINARY(word, ec_vi32, ec_vi32, ec_vi32,                                                                         \
              vreinterpretq_s32_u32(op(vreinterpretq_u32_s32(a), vreinterpretq_u32_s32(b))))
EC_V_WRAPPING(ec_vadd_i32, vaddq_u32)
EC_V_WRAPPING(ec_vsub_i32, vsubq_u32)
EC_V_BINARY(ec_vand_i32, ec_vi32, ec_vi32, ec_vi32, vandq_s32(a, b))
EC_V_BINARY(ec_vshl_i32, ec_vi32, ec_vi32, int32_t, vshlq_s32(a, vdupq_n_s32(b)))
EC_V_BINARY(ec_vshr_i32, ec_vi32, ec_vi32, int32_t, vshlq_s32(a, vdupq_n_s32(-b)))
EC_V_UNARY(ec_vcvt_i32_f32, ec_vi32, ec_vf32, vcvtnq_s32_f32(a))
EC_V_UNARY(ec_vcvt_f32_i32, ec_vf32, ec_vi32, vcvtq_f32_s32(a))
EC_V_UNARY(ec_vbits_i32_f32, ec_vi32, ec_vf32, vreinterpretq_s32_f32(a))
EC_V_UNARY(ec_vbits_f32_i32, ec_vf32, ec_vi32, vreinterpretq_f32_s32(a))

/* Reductions over vectors: lanes from n on keep acc */

EC_INLINE ec_vf32 ec_vkeep__neon(ec_vf32 acc, ec_vf32 result, int32_t n) {
  static const int32_t lane[EC_V_LANES] = {0, 1, 2, 3};
  return n >= EC_V_LANES ? result : vbslq_f32(vcltq_s32(vld1q_s32(lane), vdupq_n_s32(n)), result, acc);
}

#define EC_V_ACC(op)                                                                                                   \
  EC_INLINE ec_vf32 ec_vacc_##op##_f32(ec_vf32 acc, ec_vf32 x, int32_t n) {                                            \
    return ec_vkeep__neon(acc, ec_v##op##_f32(acc, x, n), n);                                                          \
  }
EC_V_ACC(add)
EC_V_ACC(max)
EC_V_ACC(min)
EC_V_ACC(mul)

EC_INLINE float ec_vreduce_add_f32(ec_vf32 acc) { return vaddvq_f32(acc); }
EC_INLINE float ec_vreduce_max_f32(ec_vf32 acc) { return vmaxvq_f32(acc); }
EC_INLINE float ec_vreduce_min_f32(ec_vf32 acc) { return vminvq_f32(acc); }
EC_INLINE float ec_vreduce_mul_f32(ec_vf32 acc) {
  const float32x2_t half = vmul_f32(vget_low_f32(acc), vget_high_f32(acc));
  return vget_lane_f32(half, 0) * vget_lane_f32(half, 1);
}

#include "ec_vi__neon.h"
#include "ec_w__neon.h"

#undef EC_V_UNARY
#undef EC_V_BINARY
#undef EC_V_WRAPPING
#undef EC_V_ACC

#endif
