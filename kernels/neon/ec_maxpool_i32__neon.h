/* SPDX-License-Identifier: 0BSD
 * Integer maximum poolings of NEON: one pixel x 16 channels. A step is a load of an address, one of bytes and a
 * maximum: 6 instructions. The last channels are copied. */
#ifndef EC_MAXPOOL_I32__NEON_H
#define EC_MAXPOOL_I32__NEON_H

#include "ec_v__neon.h"

#include "ec_maxpool_i32.h"

EC_INLINE void ec_maxpool_store_u8__neon(int32_t *acc, uint8x16_t v) {
  const uint16x8_t low = vmovl_u8(vget_low_u8(v)), high = vmovl_high_u8(v);
  vst1q_s32(acc, vreinterpretq_s32_u32(vmovl_u16(vget_low_u16(low))));
  vst1q_s32(acc + 4, vreinterpretq_s32_u32(vmovl_high_u16(low)));
  vst1q_s32(acc + 8, vreinterpretq_s32_u32(vmovl_u16(vget_low_u16(high))));
  vst1q_s32(acc + 12, vreinterpretq_s32_u32(vmovl_high_u16(high)));
}

EC_INLINE void ec_maxpool_store_s8__neon(int32_t *acc, int8x16_t v) {
  const int16x8_t low = vmovl_s8(vget_low_s8(v)), high = vmovl_high_s8(v);
  vst1q_s32(acc, vmovl_s16(vget_low_s16(low)));
  vst1q_s32(acc + 4, vmovl_high_s16(low));
  vst1q_s32(acc + 8, vmovl_s16(vget_low_s16(high)));
  vst1q_s32(acc + 12, vmovl_high_s16(high));
}

/* Defines `kernel` for bytes of type X, the intrinsics' suffix s. */
#define EC_MAXPOOL_I32_KERNEL__NEON(kernel, X, s)                                                                      \
  static EC_NOINLINE void kernel##_tile(const void *const *taps, ptrdiff_t tap_count, ptrdiff_t c, int32_t n,          \
                                        int32_t *acc) {                                                                \
    if (n == 16) {                                                                                                     \
      X##x16_t most = vld1q_##s((const X##_t *)taps[0] + c);                                                           \
      for (ptrdiff_t t = 1; t < tap_count; t++) {                                                                      \
        most = vmaxq_##s(most, vld1q_##s((const X##_t *)taps[t] + c));                                                 \
      }                                                                                                                \
      ec_maxpool_store_##s##__neon(acc, most);                                                                         \
    } else {                                                                                                           \
      X##_t x[16] = {0};                                                                                               \
      X##x16_t most;                                                                                                   \
      memcpy(x, (const X##_t *)taps[0] + c, (size_t)n);                                                                \
      most = vld1q_##s(x);                                                                                             \
      for (ptrdiff_t t = 1; t < tap_count; t++) {                                                                      \
        memcpy(x, (const X##_t *)taps[t] + c, (size_t)n);                                                              \
        most = vmaxq_##s(most, vld1q_##s(x));                                                                          \
      }                                                                                                                \
      ec_maxpool_store_##s##__neon(acc, most);                                                                         \
    }                                                                                                                  \
  }                                                                                                                    \
  EC_INLINE void kernel(const ec_window *d, const void *const *taps, ptrdiff_t npx, const void *w, int32_t oc0,        \
                        const void *pad, const ec_epilogue *e, ec_epi_i32 epi) {                                       \
    int32_t acc[16];                                                                                                   \
    (void)pad, (void)w;                                                                                                \
    ec_maxpool_i32(d, taps, npx, oc0, e, epi, 16, acc, kernel##_tile);                                                 \
  }

#endif
