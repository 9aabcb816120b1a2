/* SPDX-License-Identifier: 0BSD
 * The integer words of kernels/README.md on NEON: 4 lanes. Included by ec_v__neon.h.
 *
 * A near rescale converts both halves to f64, where the product is exact, and back, which rounds half to even: 12
 * instructions for 4 lanes, of which 2 convert the multipliers.
 */
#ifndef EC_VI__NEON_H
#define EC_VI__NEON_H

#include "ec_rescale.h"

#define EC_V_LOAD(element, type, vector, wider)                                                                        \
  EC_INLINE ec_vi32 ec_vload_##element(const void *p, int32_t n) {                                                     \
    uint64_t bits = 0;                                                                                                 \
    memcpy(&bits, p, (n >= EC_V_LANES ? 4 : (size_t)n) * sizeof(type));                                                \
    return wider(vcreate_##vector(bits));                                                                              \
  }
#define EC_V_WIDER_U8(a)  vreinterpretq_s32_u32(vmovl_u16(vget_low_u16(vmovl_u8(a))))
#define EC_V_WIDER_U16(a) vreinterpretq_s32_u32(vmovl_u16(a))
#define EC_V_WIDER_I8(a)  vmovl_s16(vget_low_s16(vmovl_s8(a)))
EC_V_LOAD(u8, uint8_t, u8, EC_V_WIDER_U8)
EC_V_LOAD(i8, int8_t, s8, EC_V_WIDER_I8)
EC_V_LOAD(u16, uint16_t, u16, EC_V_WIDER_U16)
EC_V_LOAD(i16, int16_t, s16, vmovl_s16)
#undef EC_V_LOAD
#undef EC_V_WIDER_U8
#undef EC_V_WIDER_U16
#undef EC_V_WIDER_I8

EC_INLINE void ec_vstore_i16(void *p, ec_vi32 v, int32_t n) {
  const uint64_t bits = vget_lane_u64(vreinterpret_u64_s16(vmovn_s32(v)), 0);
  memcpy(p, &bits, n >= EC_V_LANES ? 8 : (size_t)n * 2);
}
EC_INLINE void ec_vstore_u16(void *p, ec_vi32 v, int32_t n) { ec_vstore_i16(p, v, n); }

EC_INLINE void ec_vstore_i8(void *p, ec_vi32 v, int32_t n) {
  const int16x4_t half = vmovn_s32(v);
  const uint32_t bits = vget_lane_u32(vreinterpret_u32_s8(vmovn_s16(vcombine_s16(half, half))), 0);
  memcpy(p, &bits, n >= EC_V_LANES ? 4 : (size_t)n);
}
EC_INLINE void ec_vstore_u8(void *p, ec_vi32 v, int32_t n) { ec_vstore_i8(p, v, n); }

EC_V_WRAPPING(ec_vmul_i32, vmulq_u32)
EC_V_BINARY(ec_vmin_i32, ec_vi32, ec_vi32, ec_vi32, vminq_s32(a, b))
EC_V_BINARY(ec_vmax_i32, ec_vi32, ec_vi32, ec_vi32, vmaxq_s32(a, b))
EC_V_UNARY(ec_vneg_i32, ec_vi32, ec_vi32, vnegq_s32(a))
EC_V_UNARY(ec_vabs_i32, ec_vi32, ec_vi32, vabsq_s32(a))
EC_V_BINARY(ec_vlt_i32, ec_vm32, ec_vi32, ec_vi32, vcltq_s32(a, b))
EC_V_BINARY(ec_vle_i32, ec_vm32, ec_vi32, ec_vi32, vcleq_s32(a, b))
EC_V_BINARY(ec_veq_i32, ec_vm32, ec_vi32, ec_vi32, vceqq_s32(a, b))

EC_INLINE ec_vi32 ec_vselect_i32(ec_vm32 m, ec_vi32 a, ec_vi32 b, int32_t n) {
  (void)n;
  return vbslq_s32(m, a, b);
}

EC_INLINE ec_vi32 ec_vrescale_near_i32(ec_vi32 a, ec_vf32 scale, int32_t n) {
  const float64x2_t low = vcvtq_f64_s64(vmovl_s32(vget_low_s32(a))), high = vcvtq_f64_s64(vmovl_high_s32(a));
  const int64x2_t y_low = vcvtnq_s64_f64(vmulq_f64(low, vcvt_f64_f32(vget_low_f32(scale))));
  const int64x2_t y_high = vcvtnq_s64_f64(vmulq_f64(high, vcvt_high_f64_f32(scale)));
  (void)n;
  return vmovn_high_s64(vmovn_s64(y_low), y_high);
}

/* Rounded by a fused multiply-add (ec_rescale.h): 4 instructions. */
EC_INLINE ec_vi32 ec_vrescale_small_i32(ec_vi32 a, ec_vf32 scale, int32_t n) {
  const float32x4_t rounded = vfmaq_f32(vdupq_n_f32(EC_RESCALE_MAGIC), vcvtq_f32_s32(a), scale);
  (void)n;
  return vsubq_s32(vreinterpretq_s32_f32(rounded), vdupq_n_s32(EC_RESCALE_BITS));
}

#include "ec_vrescale.h"

#include "ec_vround.h"

/* Reductions over vectors: lanes from n on keep acc. */

#define EC_V_FOLD_I32(op)                                                                                              \
  EC_INLINE ec_vi32 ec_vacc_##op##_i32(ec_vi32 acc, ec_vi32 x, int32_t n) {                                            \
    static const int32_t lanes[8] = {-1, -1, -1, -1, 0, 0, 0, 0};                                                      \
    const uint32x4_t first = vreinterpretq_u32_s32(vld1q_s32(lanes + 4 - (n < EC_V_LANES ? n : EC_V_LANES)));          \
    return vbslq_s32(first, ec_v##op##_i32(acc, x, n), acc);                                                           \
  }
EC_V_FOLD_I32(add)
EC_V_FOLD_I32(max)
EC_V_FOLD_I32(min)
#undef EC_V_FOLD_I32
EC_INLINE int32_t ec_vreduce_add_i32(ec_vi32 acc) { return vaddvq_s32(acc); }
EC_INLINE int32_t ec_vreduce_max_i32(ec_vi32 acc) { return vmaxvq_s32(acc); }
EC_INLINE int32_t ec_vreduce_min_i32(ec_vi32 acc) { return vminvq_s32(acc); }

#endif
