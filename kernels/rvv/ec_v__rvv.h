/* SPDX-License-Identifier: 0BSD
 * The vector vocabulary of kernels/README.md on RISC-V Vector 1.0: LMUL 4 of 32-bit elements, so 4 * VLEN / 32 lanes.
 *
 * n is the vector length of every operation; callers keep n <= EC_V_LANES, so that VSETVL grants it exactly. Tails are
 * agnostic except in ec_vacc. VFMIN and VFMAX drop NaN, so min and max compare and merge. Rounding is the default
 * mode's, to nearest even; round passes through integers where |a| < 2^23, floor and ceil correct it; -0 and NaN stay.
 */
#ifndef EC_V__RVV_H
#define EC_V__RVV_H

#if !defined(__riscv_vector)
#error "kernels/rvv needs the RISC-V V extension, 1.0"
#endif

#include <riscv_vector.h>

#include "ec_base.h"
#include "ec_window.h"

#define EC_V_LANES ((int32_t)__riscv_vsetvlmax_e32m4())

typedef vfloat32m4_t ec_vf32;
typedef vint32m4_t ec_vi32;
typedef vbool8_t ec_vm32;

/* Lanes of the next vector while `left` elements remain. */
EC_INLINE int32_t ec_vnext__rvv(int32_t left) { return left < EC_V_LANES ? left : EC_V_LANES; }

typedef void (*ec_epi_f32)(ec_vf32 acc, const ec_epilogue *e, ptrdiff_t px, int32_t oc, int32_t n);
typedef void (*ec_epi_i32)(ec_vi32 acc, const ec_epilogue *e, ptrdiff_t px, int32_t oc, int32_t n);

#define EC_VL ((size_t)n) /* inside words */

#define EC_V_UNARY(word, result, operand, value)                                                                       \
  EC_INLINE result word(operand a, int32_t n) { return value; }
#define EC_V_BINARY(word, result, operand, second, value)                                                              \
  EC_INLINE result word(operand a, second b, int32_t n) { return value; }

/* Memory */

EC_V_UNARY(ec_vload_f32, ec_vf32, const void *, __riscv_vle32_v_f32m4((const float *)a, EC_VL))
EC_V_UNARY(ec_vload_i32, ec_vi32, const void *, __riscv_vle32_v_i32m4((const int32_t *)a, EC_VL))
EC_V_BINARY(ec_vload_strided_f32, ec_vf32, const void *, ptrdiff_t, __riscv_vlse32_v_f32m4((const float *)a, b, EC_VL))

EC_INLINE void ec_vstore_f32(void *p, ec_vf32 v, int32_t n) { __riscv_vse32_v_f32m4((float *)p, v, EC_VL); }
EC_INLINE void ec_vstore_i32(void *p, ec_vi32 v, int32_t n) { __riscv_vse32_v_i32m4((int32_t *)p, v, EC_VL); }
EC_INLINE void ec_vstore_strided_f32(void *p, ptrdiff_t stride, ec_vf32 v, int32_t n) {
  __riscv_vsse32_v_f32m4((float *)p, stride, v, EC_VL);
}

/* Masks */

EC_V_BINARY(ec_vlt_f32, ec_vm32, ec_vf32, ec_vf32, __riscv_vmflt_vv_f32m4_b8(a, b, EC_VL))
EC_V_BINARY(ec_vle_f32, ec_vm32, ec_vf32, ec_vf32, __riscv_vmfle_vv_f32m4_b8(a, b, EC_VL))
EC_V_BINARY(ec_veq_f32, ec_vm32, ec_vf32, ec_vf32, __riscv_vmfeq_vv_f32m4_b8(a, b, EC_VL))
EC_V_BINARY(ec_vand_m32, ec_vm32, ec_vm32, ec_vm32, __riscv_vmand_mm_b8(a, b, EC_VL))
EC_V_BINARY(ec_vor_m32, ec_vm32, ec_vm32, ec_vm32, __riscv_vmor_mm_b8(a, b, EC_VL))
EC_V_UNARY(ec_vnot_m32, ec_vm32, ec_vm32, __riscv_vmnot_m_b8(a, EC_VL))

EC_INLINE ec_vf32 ec_vselect_f32(ec_vm32 m, ec_vf32 a, ec_vf32 b, int32_t n) {
  return __riscv_vmerge_vvm_f32m4(b, a, m, EC_VL);
}

/* Integers: shr is arithmetic; shift counts are 0…31 */

EC_V_UNARY(ec_vsplat_i32, ec_vi32, int32_t, __riscv_vmv_v_x_i32m4(a, EC_VL))
EC_V_BINARY(ec_vadd_i32, ec_vi32, ec_vi32, ec_vi32, __riscv_vadd_vv_i32m4(a, b, EC_VL))
EC_V_BINARY(ec_vsub_i32, ec_vi32, ec_vi32, ec_vi32, __riscv_vsub_vv_i32m4(a, b, EC_VL))
EC_V_BINARY(ec_vand_i32, ec_vi32, ec_vi32, ec_vi32, __riscv_vand_vv_i32m4(a, b, EC_VL))
EC_V_BINARY(ec_vshl_i32, ec_vi32, ec_vi32, int32_t, __riscv_vsll_vx_i32m4(a, (size_t)b, EC_VL))
EC_V_BINARY(ec_vshr_i32, ec_vi32, ec_vi32, int32_t, __riscv_vsra_vx_i32m4(a, (size_t)b, EC_VL))
EC_V_UNARY(ec_vcvt_i32_f32, ec_vi32, ec_vf32, __riscv_vfcvt_x_f_v_i32m4(a, EC_VL))
EC_V_UNARY(ec_vcvt_f32_i32, ec_vf32, ec_vi32, __riscv_vfcvt_f_x_v_f32m4(a, EC_VL))

EC_INLINE ec_vi32 ec_vbits_i32_f32(ec_vf32 a, int32_t n) {
  (void)n;
  return __riscv_vreinterpret_v_f32m4_i32m4(a);
}

EC_INLINE ec_vf32 ec_vbits_f32_i32(ec_vi32 a, int32_t n) {
  (void)n;
  return __riscv_vreinterpret_v_i32m4_f32m4(a);
}

/* Arithmetic */

EC_V_UNARY(ec_vsplat_f32, ec_vf32, float, __riscv_vfmv_v_f_f32m4(a, EC_VL))
EC_V_UNARY(ec_vneg_f32, ec_vf32, ec_vf32, __riscv_vfneg_v_f32m4(a, EC_VL))
EC_V_UNARY(ec_vabs_f32, ec_vf32, ec_vf32, __riscv_vfabs_v_f32m4(a, EC_VL))
EC_V_UNARY(ec_vsqrt_f32, ec_vf32, ec_vf32, __riscv_vfsqrt_v_f32m4(a, EC_VL))
EC_V_BINARY(ec_vadd_f32, ec_vf32, ec_vf32, ec_vf32, __riscv_vfadd_vv_f32m4(a, b, EC_VL))
EC_V_BINARY(ec_vsub_f32, ec_vf32, ec_vf32, ec_vf32, __riscv_vfsub_vv_f32m4(a, b, EC_VL))
EC_V_BINARY(ec_vmul_f32, ec_vf32, ec_vf32, ec_vf32, __riscv_vfmul_vv_f32m4(a, b, EC_VL))
EC_V_BINARY(ec_vdiv_f32, ec_vf32, ec_vf32, ec_vf32, __riscv_vfdiv_vv_f32m4(a, b, EC_VL))
EC_V_BINARY(ec_vclampmin_f32, ec_vf32, ec_vf32, ec_vf32, ec_vselect_f32(ec_vlt_f32(a, b, n), b, a, n))
EC_V_BINARY(ec_vclampmax_f32, ec_vf32, ec_vf32, ec_vf32, ec_vselect_f32(ec_vlt_f32(b, a, n), b, a, n))

/* b where it is beyond a or NaN, else a, which may be NaN. */
EC_INLINE ec_vf32 ec_vextreme__rvv(ec_vm32 beyond, ec_vf32 a, ec_vf32 b, int32_t n) {
  const ec_vm32 nan = __riscv_vmfne_vv_f32m4_b8(b, b, EC_VL);
  return ec_vselect_f32(ec_vor_m32(beyond, nan, n), b, a, n);
}
EC_V_BINARY(ec_vmin_f32, ec_vf32, ec_vf32, ec_vf32, ec_vextreme__rvv(ec_vlt_f32(b, a, n), a, b, n))
EC_V_BINARY(ec_vmax_f32, ec_vf32, ec_vf32, ec_vf32, ec_vextreme__rvv(ec_vlt_f32(a, b, n), a, b, n))

EC_INLINE ec_vf32 ec_vfma_f32(ec_vf32 a, ec_vf32 b, ec_vf32 c, int32_t n) {
  return __riscv_vfmacc_vv_f32m4(c, a, b, EC_VL);
}

EC_INLINE ec_vf32 ec_vround_f32(ec_vf32 a, int32_t n) {
  const ec_vf32 whole = ec_vcvt_f32_i32(ec_vcvt_i32_f32(a, n), n);
  const ec_vm32 fraction = __riscv_vmflt_vf_f32m4_b8(ec_vabs_f32(a, n), 0x1p23F, EC_VL);
  return ec_vselect_f32(fraction, __riscv_vfsgnj_vv_f32m4(whole, a, EC_VL), a, n);
}

EC_INLINE ec_vf32 ec_vfloor_f32(ec_vf32 a, int32_t n) {
  const ec_vf32 whole = ec_vround_f32(a, n);
  return __riscv_vfsub_vf_f32m4_mu(ec_vlt_f32(a, whole, n), whole, whole, 1.0F, EC_VL);
}

EC_INLINE ec_vf32 ec_vceil_f32(ec_vf32 a, int32_t n) {
  const ec_vf32 whole = ec_vround_f32(a, n);
  const ec_vf32 up = __riscv_vfadd_vf_f32m4_mu(ec_vlt_f32(whole, a, n), whole, whole, 1.0F, EC_VL);
  return __riscv_vfsgnj_vv_f32m4(up, a, EC_VL);
}

/* Reductions over vectors: lanes from n on keep acc */

EC_V_BINARY(ec_vacc_add_f32, ec_vf32, ec_vf32, ec_vf32, __riscv_vfadd_vv_f32m4_tu(a, a, b, EC_VL))
EC_V_BINARY(ec_vacc_mul_f32, ec_vf32, ec_vf32, ec_vf32, __riscv_vfmul_vv_f32m4_tu(a, a, b, EC_VL))
EC_V_BINARY(ec_vacc_max_f32, ec_vf32, ec_vf32, ec_vf32, __riscv_vmv_v_v_f32m4_tu(a, ec_vmax_f32(a, b, n), EC_VL))
EC_V_BINARY(ec_vacc_min_f32, ec_vf32, ec_vf32, ec_vf32, __riscv_vmv_v_v_f32m4_tu(a, ec_vmin_f32(a, b, n), EC_VL))

/* The upper half of the lanes onto the lower, until one is left. */
#define EC_V_REDUCE(op)                                                                                                \
  EC_INLINE float ec_vreduce_##op##_f32(ec_vf32 acc) {                                                                 \
    for (int32_t n = EC_V_LANES / 2; n > 0; n /= 2) {                                                                  \
      acc = ec_v##op##_f32(acc, __riscv_vslidedown_vx_f32m4(acc, (size_t)n, EC_VL), n);                                \
    }                                                                                                                  \
    return __riscv_vfmv_f_s_f32m4_f32(acc);                                                                            \
  }
EC_V_REDUCE(add)
EC_V_REDUCE(max)
EC_V_REDUCE(min)
EC_V_REDUCE(mul)

#include "ec_vi__rvv.h"

/* Weights of float kernels: floats of 4 bytes, or bytes that become floats; w_bytes is a constant. */
EC_INLINE ec_vf32 ec_vweights__rvv(const void *w, const int w_bytes, int32_t n) {
  return w_bytes == 1 ? ec_vcvt_f32_i32(ec_vload_i8(w, n), n) : ec_vload_f32(w, n);
}

#undef EC_VL
#undef EC_V_UNARY
#undef EC_V_BINARY
#undef EC_V_REDUCE

#endif
