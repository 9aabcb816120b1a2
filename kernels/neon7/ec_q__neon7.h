/* SPDX-License-Identifier: 0BSD
 * The words ec_q of kernels/README.md, ec_v for integers alone, on NEON of ARMv7: 4 lanes. Floats are multipliers of
 * which only the bits are read, so that nothing is flushed to zero.
 *
 * A rescale in fixed point takes 2 instructions, 5 more for multipliers and 7 for ties:
 *   scale is m 2^-s with m of 24 bits; VQDMULH makes h = floor(a 2^left * m 2^7 * 2 / 2^32) = floor(a m 2^(left - 24)).
 *   VRSHL by r = s + left - 24 >= 1 makes floor((h + 2^(r-1)) / 2^r). As 2^(r-1) is an integer, that is the floor of
 * what it would be without the first one: floor(a scale + 1/2), the nearest integer, the greater one of two. Of two the
 * even one is nearest where a scale is half of an odd number: the low half of the product is 0 and of h only bit r-1 of
 * the last r ones is set. Then the last bit of the result is cleared. */
#ifndef EC_Q__NEON7_H
#define EC_Q__NEON7_H

#if !defined(__ARM_NEON) || !defined(__arm__)
#error "kernels/neon7 needs NEON of AArch32 (-mfpu=neon)"
#endif

#include <arm_neon.h>

#include "ec_base.h"
#include "ec_rescale.h"

#define EC_Q_LANES 4

typedef float32x4_t ec_qf32;
typedef int32x4_t ec_qi32;
typedef uint32x4_t ec_qm32;

#define EC_Q_UNARY(word, result, operand, value)                                                                       \
  EC_INLINE result word(operand a, int32_t n) {                                                                        \
    (void)n;                                                                                                           \
    return value;                                                                                                      \
  }
#define EC_Q_BINARY(word, result, operand, second, value)                                                              \
  EC_INLINE result word(operand a, second b, int32_t n) {                                                              \
    (void)n;                                                                                                           \
    return value;                                                                                                      \
  }

/* Memory: lanes from n on are loaded as zeros. */

EC_INLINE ec_qi32 ec_qload_i32(const void *p, int32_t n) {
  int32_t rest[EC_Q_LANES] = {0};
  if (n >= EC_Q_LANES) {
    return vreinterpretq_s32_u8(vld1q_u8((const uint8_t *)p));
  }
  memcpy(rest, p, (size_t)(n & 3) * 4);
  return vld1q_s32(rest);
}
EC_INLINE ec_qf32 ec_qload_f32(const void *p, int32_t n) { return vreinterpretq_f32_s32(ec_qload_i32(p, n)); }

EC_INLINE ec_qf32 ec_qload_strided_f32(const void *p, ptrdiff_t stride, int32_t n) {
  float lane[EC_Q_LANES] = {0.0F};
  for (int32_t i = 0; i < n; i++) {
    lane[i] = ec_load_f32((const unsigned char *)p + i * stride);
  }
  return vld1q_f32(lane);
}

EC_INLINE void ec_qstore_i32(void *p, ec_qi32 v, int32_t n) {
  int32_t rest[EC_Q_LANES];
  if (n >= EC_Q_LANES) {
    vst1q_u8((uint8_t *)p, vreinterpretq_u8_s32(v));
  } else {
    vst1q_s32(rest, v);
    memcpy(p, rest, (size_t)(n & 3) * 4);
  }
}

#define EC_Q_NARROW(element, type, vector, wider, narrower)                                                            \
  EC_INLINE ec_qi32 ec_qload_##element(const void *p, int32_t n) {                                                     \
    uint64_t bits = 0;                                                                                                 \
    memcpy(&bits, p, (n >= EC_Q_LANES ? 4 : (size_t)n) * sizeof(type));                                                \
    return wider(vcreate_##vector(bits));                                                                              \
  }                                                                                                                    \
  EC_INLINE void ec_qstore_##element(void *p, ec_qi32 v, int32_t n) {                                                  \
    const uint64_t bits = vget_lane_u64(narrower(vmovn_s32(v)), 0);                                                    \
    memcpy(p, &bits, (n >= EC_Q_LANES ? 4 : (size_t)n) * sizeof(type));                                                \
  }
#define EC_Q_WIDER_U8(a)    vreinterpretq_s32_u32(vmovl_u16(vget_low_u16(vmovl_u8(a))))
#define EC_Q_WIDER_U16(a)   vreinterpretq_s32_u32(vmovl_u16(a))
#define EC_Q_WIDER_I8(a)    vmovl_s16(vget_low_s16(vmovl_s8(a)))
#define EC_Q_NARROWER_8(a)  vreinterpret_u64_s8(vmovn_s16(vcombine_s16(a, a)))
#define EC_Q_NARROWER_16(a) vreinterpret_u64_s16(a)
EC_Q_NARROW(u8, uint8_t, u8, EC_Q_WIDER_U8, EC_Q_NARROWER_8)
EC_Q_NARROW(i8, int8_t, s8, EC_Q_WIDER_I8, EC_Q_NARROWER_8)
EC_Q_NARROW(u16, uint16_t, u16, EC_Q_WIDER_U16, EC_Q_NARROWER_16)
EC_Q_NARROW(i16, int16_t, s16, vmovl_s16, EC_Q_NARROWER_16)
#undef EC_Q_NARROW
#undef EC_Q_WIDER_U8
#undef EC_Q_WIDER_U16
#undef EC_Q_WIDER_I8
#undef EC_Q_NARROWER_8
#undef EC_Q_NARROWER_16

/* Integers and masks */

EC_Q_UNARY(ec_qsplat_i32, ec_qi32, int32_t, vdupq_n_s32(a))
EC_Q_UNARY(ec_qsplat_f32, ec_qf32, float, vdupq_n_f32(a))
EC_Q_UNARY(ec_qneg_i32, ec_qi32, ec_qi32, vnegq_s32(a))
EC_Q_UNARY(ec_qabs_i32, ec_qi32, ec_qi32, vabsq_s32(a))
EC_Q_BINARY(ec_qadd_i32, ec_qi32, ec_qi32, ec_qi32, vaddq_s32(a, b))
EC_Q_BINARY(ec_qsub_i32, ec_qi32, ec_qi32, ec_qi32, vsubq_s32(a, b))
EC_Q_BINARY(ec_qmul_i32, ec_qi32, ec_qi32, ec_qi32, vmulq_s32(a, b))
EC_Q_BINARY(ec_qmin_i32, ec_qi32, ec_qi32, ec_qi32, vminq_s32(a, b))
EC_Q_BINARY(ec_qmax_i32, ec_qi32, ec_qi32, ec_qi32, vmaxq_s32(a, b))
EC_Q_BINARY(ec_qlt_i32, ec_qm32, ec_qi32, ec_qi32, vcltq_s32(a, b))
EC_Q_BINARY(ec_qle_i32, ec_qm32, ec_qi32, ec_qi32, vcleq_s32(a, b))
EC_Q_BINARY(ec_qeq_i32, ec_qm32, ec_qi32, ec_qi32, vceqq_s32(a, b))
EC_Q_BINARY(ec_qand_m32, ec_qm32, ec_qm32, ec_qm32, vandq_u32(a, b))
EC_Q_BINARY(ec_qor_m32, ec_qm32, ec_qm32, ec_qm32, vorrq_u32(a, b))
EC_Q_UNARY(ec_qnot_m32, ec_qm32, ec_qm32, vmvnq_u32(a))

EC_INLINE ec_qi32 ec_qselect_i32(ec_qm32 m, ec_qi32 a, ec_qi32 b, int32_t n) {
  (void)n;
  return vbslq_s32(m, a, b);
}

/* Rescales */

/* m 2^7, and -r for VRSHL, of which only the last byte counts. */
EC_INLINE ec_qi32 ec_qmultiplier__neon7(ec_qf32 scale) {
  const uint32x4_t bits = vshlq_n_u32(vreinterpretq_u32_f32(scale), 8);
  return vreinterpretq_s32_u32(vshrq_n_u32(vorrq_u32(bits, vdupq_n_u32(0x80000000U)), 1));
}
EC_INLINE ec_qi32 ec_qexponent__neon7(ec_qf32 scale, int32_t left) {
  return vsubq_s32(vshrq_n_s32(vreinterpretq_s32_f32(scale), 23), vdupq_n_s32(126 + left));
}

EC_INLINE ec_qi32 ec_qrescale_fixed_i32(ec_qi32 a, ec_qf32 scale, int32_t left, int32_t n) {
  const ec_qi32 x = left > 0 ? vshlq_s32(a, vdupq_n_s32(left)) : a;
  (void)n;
  return vrshlq_s32(vqdmulhq_s32(x, ec_qmultiplier__neon7(scale)), ec_qexponent__neon7(scale, left));
}

EC_INLINE ec_qi32 ec_qrescale_ties_i32(ec_qi32 a, ec_qf32 scale, int32_t left, int32_t n) {
  const ec_qi32 x = left > 0 ? vshlq_s32(a, vdupq_n_s32(left)) : a;
  const ec_qi32 m = ec_qmultiplier__neon7(scale), by = ec_qexponent__neon7(scale, left);
  const ec_qi32 high = vqdmulhq_s32(x, m), low = vmulq_s32(x, vaddq_s32(m, m));
  const ec_qi32 last = veorq_s32(vshlq_s32(high, vaddq_s32(by, vdupq_n_s32(32))), vdupq_n_s32(INT32_MIN));
  const uint32x4_t tie = vceqq_s32(vorrq_s32(last, low), vdupq_n_s32(0));
  (void)n;
  return vbicq_s32(vrshlq_s32(high, by), vreinterpretq_s32_u32(vshrq_n_u32(tie, 31)));
}

/* Any other: lane by lane. */
EC_INLINE ec_qi32 ec_qrescale_i32(ec_qi32 a, ec_qf32 scale, int32_t n) {
  int32_t lane[EC_Q_LANES];
  float by[EC_Q_LANES];
  vst1q_s32(lane, a), vst1q_f32(by, scale);
  for (int32_t i = 0; i < n; i++) {
    lane[i] = ec_rescale_i32(lane[i], by[i]);
  }
  return vld1q_s32(lane);
}

/* By 2^-s of b - 2^(s-1): a half was rounded up to where only the last bit kept is set. */
EC_INLINE ec_qi32 ec_qround_half_i32(ec_qi32 b, int32_t s, int32_t n) {
  const uint32x4_t odd = vceqq_s32(vshlq_s32(b, vdupq_n_s32(31 - s)), vdupq_n_s32(INT32_MIN));
  (void)n;
  return vaddq_s32(vshlq_s32(b, vdupq_n_s32(-s)), vreinterpretq_s32_u32(odd));
}
EC_INLINE ec_qi32 ec_qround_shift_i32(ec_qi32 a, int32_t s, int32_t n) {
  return ec_qround_half_i32(vaddq_s32(a, vdupq_n_s32(1 << (s - 1))), s, n);
}
EC_Q_BINARY(ec_qshift_half_i32, ec_qi32, ec_qi32, int32_t, vrshlq_s32(a, vdupq_n_s32(-b)))
EC_Q_BINARY(ec_qshr_i32, ec_qi32, ec_qi32, int32_t, vshlq_s32(a, vdupq_n_s32(-b)))

/* Reductions over vectors: lanes from n on keep acc. */

#define EC_Q_FOLD(op, pairs)                                                                                           \
  EC_INLINE ec_qi32 ec_qacc_##op##_i32(ec_qi32 acc, ec_qi32 x, int32_t n) {                                            \
    static const int32_t lanes[8] = {-1, -1, -1, -1, 0, 0, 0, 0};                                                      \
    const uint32x4_t first = vreinterpretq_u32_s32(vld1q_s32(lanes + 4 - (n < EC_Q_LANES ? n : EC_Q_LANES)));          \
    return n >= EC_Q_LANES ? ec_q##op##_i32(acc, x, n) : vbslq_s32(first, ec_q##op##_i32(acc, x, n), acc);             \
  }                                                                                                                    \
  EC_INLINE int32_t ec_qreduce_##op##_i32(ec_qi32 acc) {                                                               \
    const int32x2_t half = pairs(vget_low_s32(acc), vget_high_s32(acc));                                               \
    return vget_lane_s32(pairs(half, half), 0);                                                                        \
  }
EC_Q_FOLD(add, vpadd_s32)
EC_Q_FOLD(max, vpmax_s32)
EC_Q_FOLD(min, vpmin_s32)
#undef EC_Q_FOLD

#undef EC_Q_UNARY
#undef EC_Q_BINARY

#endif
