/* SPDX-License-Identifier: 0BSD
 * The vector vocabulary of kernels/README.md in plain C99: one lane, so that n is always 1. */
#ifndef EC_V__PORTABLE_H
#define EC_V__PORTABLE_H

#include <math.h>

#include "ec_base.h"
#include "ec_window.h"

#define EC_V_LANES  1
#define EC_V_SCALAR 1 /* a vector is a float: ec_vmath.h takes libm, tiles keep gcc from vectorizing sums */

typedef float ec_vf32;
typedef int32_t ec_vi32;
typedef int ec_vm32;

typedef void (*ec_epi_f32)(ec_vf32 acc, const ec_epilogue *e, ptrdiff_t px, int32_t oc, int32_t n);
#if !defined(EC_W_LANES) /* as of kernels/neon7, where those of sums are wide */
typedef void (*ec_epi_i32)(ec_vi32 acc, const ec_epilogue *e, ptrdiff_t px, int32_t oc, int32_t n);
#endif

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

EC_V_UNARY(ec_vload_f32, ec_vf32, const void *, ec_load_f32(a))
EC_V_UNARY(ec_vload_i32, ec_vi32, const void *, ec_load_i32(a))

EC_INLINE void ec_vstore_f32(void *p, ec_vf32 v, int32_t n) {
  (void)n;
  ec_store_f32(p, v);
}

EC_INLINE void ec_vstore_i32(void *p, ec_vi32 v, int32_t n) {
  (void)n;
  ec_store_i32(p, v);
}

EC_INLINE ec_vf32 ec_vload_strided_f32(const void *p, ptrdiff_t stride, int32_t n) {
  (void)stride, (void)n;
  return ec_load_f32(p);
}

EC_INLINE void ec_vstore_strided_f32(void *p, ptrdiff_t stride, ec_vf32 v, int32_t n) {
  (void)stride, (void)n;
  ec_store_f32(p, v);
}

/* Arithmetic */

EC_V_UNARY(ec_vsplat_f32, ec_vf32, float, a)
EC_V_UNARY(ec_vneg_f32, ec_vf32, ec_vf32, -a)
EC_V_UNARY(ec_vabs_f32, ec_vf32, ec_vf32, fabsf(a))
EC_V_UNARY(ec_vsqrt_f32, ec_vf32, ec_vf32, sqrtf(a))
EC_V_UNARY(ec_vfloor_f32, ec_vf32, ec_vf32, floorf(a))
EC_V_UNARY(ec_vceil_f32, ec_vf32, ec_vf32, ceilf(a))
EC_V_UNARY(ec_vround_f32, ec_vf32, ec_vf32, rintf(a))
EC_V_BINARY(ec_vadd_f32, ec_vf32, ec_vf32, ec_vf32, a + b)
EC_V_BINARY(ec_vsub_f32, ec_vf32, ec_vf32, ec_vf32, a - b)
EC_V_BINARY(ec_vmul_f32, ec_vf32, ec_vf32, ec_vf32, (a * b))
EC_V_BINARY(ec_vdiv_f32, ec_vf32, ec_vf32, ec_vf32, a / b)
EC_V_BINARY(ec_vmin_f32, ec_vf32, ec_vf32, ec_vf32, a < b || a != a ? a : b)
EC_V_BINARY(ec_vmax_f32, ec_vf32, ec_vf32, ec_vf32, a > b || a != a ? a : b)
EC_V_BINARY(ec_vclampmin_f32, ec_vf32, ec_vf32, ec_vf32, a < b ? b : a)
EC_V_BINARY(ec_vclampmax_f32, ec_vf32, ec_vf32, ec_vf32, a > b ? b : a)

EC_INLINE ec_vf32 ec_vfma_f32(ec_vf32 a, ec_vf32 b, ec_vf32 c, int32_t n) {
  (void)n;
#ifdef FP_FAST_FMAF
  return fmaf(a, b, c);
#else
  return a * b + c;
#endif
}

/* Masks */

EC_V_BINARY(ec_vlt_f32, ec_vm32, ec_vf32, ec_vf32, a < b)
EC_V_BINARY(ec_vle_f32, ec_vm32, ec_vf32, ec_vf32, a <= b)
EC_V_BINARY(ec_veq_f32, ec_vm32, ec_vf32, ec_vf32, a == b)
EC_V_BINARY(ec_vand_m32, ec_vm32, ec_vm32, ec_vm32, (a & b))
EC_V_BINARY(ec_vor_m32, ec_vm32, ec_vm32, ec_vm32, a | b)
EC_V_UNARY(ec_vnot_m32, ec_vm32, ec_vm32, !a)

EC_INLINE ec_vf32 ec_vselect_f32(ec_vm32 m, ec_vf32 a, ec_vf32 b, int32_t n) {
  (void)n;
  return m ? a : b;
}

/* Integers: they wrap; shr is arithmetic; shift counts are 0…31 */

EC_INLINE int32_t ec_wrap_i32(uint32_t a) {
  int32_t v;
  memcpy(&v, &a, sizeof v);
  return v;
}

EC_INLINE ec_vi32 ec_vbits_i32_f32(ec_vf32 a, int32_t n) {
  ec_vi32 v;
  (void)n;
  memcpy(&v, &a, sizeof v);
  return v;
}

EC_INLINE ec_vf32 ec_vbits_f32_i32(ec_vi32 a, int32_t n) {
  ec_vf32 v;
  (void)n;
  memcpy(&v, &a, sizeof v);
  return v;
}

EC_V_UNARY(ec_vsplat_i32, ec_vi32, int32_t, a)
EC_V_BINARY(ec_vadd_i32, ec_vi32, ec_vi32, ec_vi32, ec_wrap_i32((uint32_t)a + (uint32_t)b))
EC_V_BINARY(ec_vsub_i32, ec_vi32, ec_vi32, ec_vi32, ec_wrap_i32((uint32_t)a - (uint32_t)b))
EC_V_BINARY(ec_vand_i32, ec_vi32, ec_vi32, ec_vi32, (a & b))
EC_V_BINARY(ec_vshl_i32, ec_vi32, ec_vi32, int32_t, ec_wrap_i32((uint32_t)a << b))
EC_V_BINARY(ec_vshr_i32, ec_vi32, ec_vi32, int32_t, a < 0 ? ~(~a >> b) : a >> b)
EC_V_UNARY(ec_vcvt_i32_f32, ec_vi32, ec_vf32, (int32_t)rintf(a))
EC_V_UNARY(ec_vcvt_f32_i32, ec_vf32, ec_vi32, (float)a)

/* Reductions over vectors */

EC_V_BINARY(ec_vacc_add_f32, ec_vf32, ec_vf32, ec_vf32, a + b)
EC_V_BINARY(ec_vacc_mul_f32, ec_vf32, ec_vf32, ec_vf32, (a * b))
EC_V_BINARY(ec_vacc_max_f32, ec_vf32, ec_vf32, ec_vf32, ec_vmax_f32(a, b, 1))
EC_V_BINARY(ec_vacc_min_f32, ec_vf32, ec_vf32, ec_vf32, ec_vmin_f32(a, b, 1))

EC_INLINE float ec_vreduce_add_f32(ec_vf32 acc) { return acc; }
EC_INLINE float ec_vreduce_max_f32(ec_vf32 acc) { return acc; }
EC_INLINE float ec_vreduce_min_f32(ec_vf32 acc) { return acc; }
EC_INLINE float ec_vreduce_mul_f32(ec_vf32 acc) { return acc; }

#include "ec_vi__portable.h"

#undef EC_V_UNARY
#undef EC_V_BINARY

#endif
