/* SPDX-License-Identifier: 0BSD
 * Epilogues of integer sums on NEON take up to 16 channels at once, four vectors, so that bytes are stored 16 or 8 at a
 * time: kernels/README.md. The words here load and store bytes; in between ec_v works on each vector.
 *
 * Rescaled sums become bytes in 17 instructions for 16: SCVTF, a copy of the magic number, to which the zero point is
 * added as far as it is even, and FMLA for each vector, 2 UZP1 that take the low halves of its bits, 2 narrowing ones
 * that clamp, the store. */
#ifndef EC_W__NEON_H
#define EC_W__NEON_H

#include "ec_w.h"

/* ec_vrescale_small_i32 plus EC_RESCALE_BITS, of which the low half is zero, and an even number: halves are rounded to
 * even ones. 3 instructions. */
EC_INLINE ec_vi32 ec_wmagic__neon(ec_vi32 a, ec_vf32 scale, int32_t even) {
  const float32x4_t magic = vdupq_n_f32(EC_RESCALE_MAGIC + (float)even);
  return vreinterpretq_s32_f32(vfmaq_f32(magic, vcvtq_f32_s32(a), scale));
}

/* ec_vround_shift_i32 of b - 2^(s-1): a half was rounded up to where only the last bit kept is set. */
EC_INLINE ec_vi32 ec_vround_half_i32(ec_vi32 b, int32_t s, int32_t n) {
  const uint32x4_t odd = vceqq_s32(ec_vshl_i32(b, 31 - s, n), vdupq_n_s32(INT32_MIN));
  return vaddq_s32(ec_vshr_i32(b, s, n), vreinterpretq_s32_u32(odd));
}

/* Bytes. What is stored is min(max(v + zero, low), high); v and v + zero are of 16 bits, low and high of the byte's
 * type. */
#define EC_W_BYTES(element, s, byte, least, most, widen, narrow)                                                       \
  EC_INLINE ec_wi32 ec_wload_##element(const void *p, int32_t n) {                                                     \
    byte##_t rest[EC_W_LANES] = {0};                                                                                   \
    const byte##_t *from = (const byte##_t *)p;                                                                        \
    int16x8_t a, b;                                                                                                    \
    ec_wi32 v;                                                                                                         \
    if (n != 8 && n < EC_W_LANES) {                                                                                    \
      memcpy(rest, p, (size_t)n);                                                                                      \
      from = rest;                                                                                                     \
    }                                                                                                                  \
    a = widen(vld1_##s(from)), b = n == 8 ? a : widen(vld1_##s(from + 8));                                             \
    v.v0 = vmovl_s16(vget_low_s16(a)), v.v1 = vmovl_high_s16(a);                                                       \
    v.v2 = vmovl_s16(vget_low_s16(b)), v.v3 = vmovl_high_s16(b);                                                       \
    return v;                                                                                                          \
  }                                                                                                                    \
  EC_INLINE void ec_wput_##element##__neon(void *p, int16x8_t a, int16x8_t b, int32_t zero, int32_t low, int32_t high, \
                                           int32_t n) {                                                                \
    byte##_t rest[EC_W_LANES], *to = n == 8 || n >= EC_W_LANES ? (byte##_t *)p : rest;                                 \
    const int16x8_t z = vdupq_n_s16((int16_t)zero);                                                                    \
    if (zero != 0) {                                                                                                   \
      a = vaddq_s16(a, z), b = vaddq_s16(b, z);                                                                        \
    }                                                                                                                  \
    if (n <= 8) {                                                                                                      \
      byte##x8_t y = narrow##_s16(a);                                                                                  \
      y = low > (least) ? vmax_##s(y, vdup_n_##s((byte##_t)low)) : y;                                                  \
      y = high < (most) ? vmin_##s(y, vdup_n_##s((byte##_t)high)) : y;                                                 \
      vst1_##s(to, y);                                                                                                 \
    } else {                                                                                                           \
      byte##x16_t y = narrow##_high_s16(narrow##_s16(a), b);                                                           \
      y = low > (least) ? vmaxq_##s(y, vdupq_n_##s((byte##_t)low)) : y;                                                \
      y = high < (most) ? vminq_##s(y, vdupq_n_##s((byte##_t)high)) : y;                                               \
      vst1q_##s(to, y);                                                                                                \
    }                                                                                                                  \
    if (to == rest) {                                                                                                  \
      memcpy(p, rest, (size_t)n);                                                                                      \
    }                                                                                                                  \
  }                                                                                                                    \
  EC_INLINE void ec_wstore_clamped_##element(void *p, ec_wi32 v, int32_t zero, int32_t low, int32_t high, int32_t n) { \
    ec_wput_##element##__neon(p, ec_whalves__neon(v.v0, v.v1), ec_whalves__neon(v.v2, v.v3), zero, low, high, n);      \
  }                                                                                                                    \
  EC_INLINE void ec_wstore_shifted_##element(void *p, ec_wi32 v, int32_t s, int32_t zero, int32_t low, int32_t high,   \
                                             int32_t n) {                                                              \
    const int16x8_t by = vdupq_n_s16((int16_t)(16 - s)), a = vshlq_s16(ec_wtops__neon(v.v0, v.v1), by);                \
    const int16x8_t b = vshlq_s16(ec_wtops__neon(v.v2, v.v3), by);                                                     \
    ec_wput_##element##__neon(p, a, b, zero, low, high, n);                                                            \
  }                                                                                                                    \
  EC_INLINE void ec_wstore_rescaled_##element(void *p, ec_wi32 v, ec_wf32 by, int32_t zero, int32_t low, int32_t high, \
                                              int32_t n) {                                                             \
    const int32_t even = zero - (zero & 1);                                                                            \
    const ec_vi32 w0 = ec_wmagic__neon(v.v0, by.v0, even), w1 = ec_wmagic__neon(v.v1, by.v1, even);                    \
    const ec_vi32 w2 = ec_wmagic__neon(v.v2, by.v2, even), w3 = ec_wmagic__neon(v.v3, by.v3, even);                    \
    ec_wput_##element##__neon(p, ec_whalves__neon(w0, w1), ec_whalves__neon(w2, w3), zero - even, low, high, n);       \
  }

/* The high or low halves of 8 lanes. */
EC_INLINE int16x8_t ec_wtops__neon(ec_vi32 a, ec_vi32 b) {
  return vuzp2q_s16(vreinterpretq_s16_s32(a), vreinterpretq_s16_s32(b));
}
EC_INLINE int16x8_t ec_whalves__neon(ec_vi32 a, ec_vi32 b) {
  return vuzp1q_s16(vreinterpretq_s16_s32(a), vreinterpretq_s16_s32(b));
}

#define EC_W_WIDEN_U8(a) vreinterpretq_s16_u16(vmovl_u8(a))
EC_W_BYTES(i8, s8, int8, -128, 127, vmovl_s8, vqmovn)
EC_W_BYTES(u8, u8, uint8, 0, 255, EC_W_WIDEN_U8, vqmovun)

#undef EC_W_LOAD
#undef EC_W_BYTES
#undef EC_W_WIDEN_U8

#endif
