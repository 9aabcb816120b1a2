/* SPDX-License-Identifier: 0BSD
 * The integer words of kernels/README.md on RISC-V Vector 1.0. Included by ec_v__rvv.h.
 *
 * A rescale is a widening product of integers and VNCLIP, which shifts, rounds half to even and clamps: 7 instructions
 * for a vector, 5 of which take the multiplier apart.
 */
#ifndef EC_VI__RVV_H
#define EC_VI__RVV_H

#include "ec_rescale.h"

EC_V_UNARY(ec_vload_u8, ec_vi32, const void *,
           __riscv_vreinterpret_v_u32m4_i32m4(__riscv_vzext_vf4_u32m4(__riscv_vle8_v_u8m1((const uint8_t *)a, EC_VL),
                                                                      EC_VL)))
EC_V_UNARY(ec_vload_i8, ec_vi32, const void *,
           __riscv_vsext_vf4_i32m4(__riscv_vle8_v_i8m1((const int8_t *)a, EC_VL), EC_VL))
EC_V_UNARY(ec_vload_u16, ec_vi32, const void *,
           __riscv_vreinterpret_v_u32m4_i32m4(__riscv_vzext_vf2_u32m4(__riscv_vle16_v_u16m2((const uint16_t *)a, EC_VL),
                                                                      EC_VL)))
EC_V_UNARY(ec_vload_i16, ec_vi32, const void *,
           __riscv_vsext_vf2_i32m4(__riscv_vle16_v_i16m2((const int16_t *)a, EC_VL), EC_VL))

EC_INLINE void ec_vstore_i16(void *p, ec_vi32 v, int32_t n) {
  __riscv_vse16_v_i16m2((int16_t *)p, __riscv_vncvt_x_x_w_i16m2(v, EC_VL), EC_VL);
}
EC_INLINE void ec_vstore_u16(void *p, ec_vi32 v, int32_t n) { ec_vstore_i16(p, v, n); }
EC_INLINE void ec_vstore_i8(void *p, ec_vi32 v, int32_t n) {
  const vint16m2_t half = __riscv_vncvt_x_x_w_i16m2(v, EC_VL);
  __riscv_vse8_v_i8m1((int8_t *)p, __riscv_vncvt_x_x_w_i8m1(half, EC_VL), EC_VL);
}
EC_INLINE void ec_vstore_u8(void *p, ec_vi32 v, int32_t n) { ec_vstore_i8(p, v, n); }

EC_V_BINARY(ec_vmul_i32, ec_vi32, ec_vi32, ec_vi32, __riscv_vmul_vv_i32m4(a, b, EC_VL))
EC_V_BINARY(ec_vmin_i32, ec_vi32, ec_vi32, ec_vi32, __riscv_vmin_vv_i32m4(a, b, EC_VL))
EC_V_BINARY(ec_vmax_i32, ec_vi32, ec_vi32, ec_vi32, __riscv_vmax_vv_i32m4(a, b, EC_VL))
EC_V_UNARY(ec_vneg_i32, ec_vi32, ec_vi32, __riscv_vneg_v_i32m4(a, EC_VL))
EC_V_UNARY(ec_vabs_i32, ec_vi32, ec_vi32, ec_vmax_i32(a, ec_vneg_i32(a, n), n))
EC_V_BINARY(ec_vlt_i32, ec_vm32, ec_vi32, ec_vi32, __riscv_vmslt_vv_i32m4_b8(a, b, EC_VL))
EC_V_BINARY(ec_vle_i32, ec_vm32, ec_vi32, ec_vi32, __riscv_vmsle_vv_i32m4_b8(a, b, EC_VL))
EC_V_BINARY(ec_veq_i32, ec_vm32, ec_vi32, ec_vi32, __riscv_vmseq_vv_i32m4_b8(a, b, EC_VL))

EC_INLINE ec_vi32 ec_vselect_i32(ec_vm32 m, ec_vi32 a, ec_vi32 b, int32_t n) {
  return __riscv_vmerge_vvm_i32m4(b, a, m, EC_VL);
}

/* a times the 24 bits of the multiplier; by how many bits to shift that to the right, 1 … 63. */
EC_INLINE vint64m8_t ec_vproduct__rvv(ec_vi32 a, vuint32m4_t bits, int32_t n) {
  const vuint32m4_t m = __riscv_vor_vx_u32m4(__riscv_vand_vx_u32m4(bits, 0x7FFFFF, EC_VL), 0x800000, EC_VL);
  return __riscv_vwmul_vv_i64m8(a, __riscv_vreinterpret_v_u32m4_i32m4(m), EC_VL);
}

/* Multipliers below 2^24. */
EC_INLINE ec_vi32 ec_vrescale_near_i32(ec_vi32 a, ec_vf32 scale, int32_t n) {
  const vuint32m4_t bits = __riscv_vreinterpret_v_f32m4_u32m4(scale);
  const vuint32m4_t s = __riscv_vrsub_vx_u32m4(__riscv_vsrl_vx_u32m4(bits, 23, EC_VL), 150, EC_VL);
  return __riscv_vnclip_wv_i32m4(ec_vproduct__rvv(a, bits, n), __riscv_vminu_vx_u32m4(s, 63, EC_VL), __RISCV_VXRM_RNE,
                                 EC_VL);
}

/* Rounded by a fused multiply-add (ec_rescale.h): 4 instructions. */
EC_INLINE ec_vi32 ec_vrescale_small_i32(ec_vi32 a, ec_vf32 scale, int32_t n) {
  const vfloat32m4_t magic = __riscv_vfmv_v_f_f32m4(EC_RESCALE_MAGIC, EC_VL);
  const vfloat32m4_t rounded = __riscv_vfmacc_vv_f32m4(magic, __riscv_vfcvt_f_x_v_f32m4(a, EC_VL), scale, EC_VL);
  return __riscv_vsub_vx_i32m4(__riscv_vreinterpret_v_f32m4_i32m4(rounded), EC_RESCALE_BITS, EC_VL);
}

/* Any multiplier: those from 2^24 on shift to the left, after a first clamp. */
EC_INLINE ec_vi32 ec_vrescale_i32(ec_vi32 a, ec_vf32 scale, int32_t n) {
  const vuint32m4_t bits = __riscv_vreinterpret_v_f32m4_u32m4(scale);
  const ec_vi32 s =
      __riscv_vreinterpret_v_u32m4_i32m4(__riscv_vrsub_vx_u32m4(__riscv_vsrl_vx_u32m4(bits, 23, EC_VL), 150, EC_VL));
  const ec_vi32 left = __riscv_vmin_vx_i32m4(__riscv_vmax_vx_i32m4(ec_vneg_i32(s, n), 0, EC_VL), 8, EC_VL);
  const vuint32m4_t right =
      __riscv_vreinterpret_v_i32m4_u32m4(__riscv_vmin_vx_i32m4(__riscv_vmax_vx_i32m4(s, 0, EC_VL), 62, EC_VL));
  vint64m8_t p = ec_vproduct__rvv(a, bits, n);
  p = __riscv_vmerge_vvm_i64m8(
      p, __riscv_vmin_vx_i64m8(__riscv_vmax_vx_i64m8(p, -(INT64_C(1) << 32), EC_VL), INT64_C(1) << 32, EC_VL),
      __riscv_vmsle_vx_i32m4_b8(s, 0, EC_VL), EC_VL);
  p = __riscv_vsll_vv_i64m8(p, __riscv_vzext_vf2_u64m8(__riscv_vreinterpret_v_i32m4_u32m4(left), EC_VL), EC_VL);
  return __riscv_vnclip_wv_i32m4(p, right, __RISCV_VXRM_RNE, EC_VL);
}

/* a 2^-s rounded half to even, 1 <= s <= 30. */
EC_V_BINARY(ec_vround_shift_i32, ec_vi32, ec_vi32, int32_t,
            __riscv_vssra_vx_i32m4(a, (size_t)b, __RISCV_VXRM_RNE, EC_VL))
EC_INLINE ec_vi32 ec_vshift_half_i32(ec_vi32 a, int32_t s, int32_t n) { return ec_vround_shift_i32(a, s, n); }

/* Reductions over vectors: lanes from n on keep acc. */

EC_V_BINARY(ec_vacc_add_i32, ec_vi32, ec_vi32, ec_vi32, __riscv_vadd_vv_i32m4_tu(a, a, b, EC_VL))
EC_V_BINARY(ec_vacc_max_i32, ec_vi32, ec_vi32, ec_vi32, __riscv_vmax_vv_i32m4_tu(a, a, b, EC_VL))
EC_V_BINARY(ec_vacc_min_i32, ec_vi32, ec_vi32, ec_vi32, __riscv_vmin_vv_i32m4_tu(a, a, b, EC_VL))

#define EC_V_REDUCE_I32(op, word)                                                                                      \
  EC_INLINE int32_t ec_vreduce_##op##_i32(ec_vi32 acc) {                                                               \
    const vint32m1_t first = __riscv_vmv_s_x_i32m1(__riscv_vmv_x_s_i32m4_i32(acc), 1);                                 \
    const ec_vi32 others = __riscv_vslidedown_vx_i32m4(acc, 1, (size_t)EC_V_LANES);                                    \
    return __riscv_vmv_x_s_i32m1_i32(word(others, first, (size_t)(EC_V_LANES - 1)));                                   \
  }
EC_V_REDUCE_I32(add, __riscv_vredsum_vs_i32m4_i32m1)
EC_V_REDUCE_I32(max, __riscv_vredmax_vs_i32m4_i32m1)
EC_V_REDUCE_I32(min, __riscv_vredmin_vs_i32m4_i32m1)
#undef EC_V_REDUCE_I32

#endif
