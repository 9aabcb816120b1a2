/* SPDX-License-Identifier: 0BSD
 * Integer maximum poolings: one pixel x 16 channels. A step is a load of an address, one of bytes and a maximum. The
 * last channels are copied. */
#ifndef EC_MAXPOOL_I32__NEON7_H
#define EC_MAXPOOL_I32__NEON7_H

#include "ec_neon7.h"

#include "ec_maxpool_i32.h"

/* Defines `kernel` for bytes of type X, the intrinsics' suffixes s, s16 and s32 for widened ones. */
#define EC_N7_MAXPOOL(kernel, X, W, V, s, s16, s32)                                                                    \
  EC_INLINE void kernel##_widen(int32_t *acc, X##x8_t v) {                                                             \
    const W##x8_t wide = vmovl_##s(v);                                                                                 \
    vst1q_##s32((V##_t *)acc, vmovl_##s16(vget_low_##s16(wide)));                                                      \
    vst1q_##s32((V##_t *)acc + 4, vmovl_##s16(vget_high_##s16(wide)));                                                 \
  }                                                                                                                    \
  static EC_NOINLINE void kernel##_tile(const void *const *taps, ptrdiff_t tap_count, ptrdiff_t c, int32_t n,          \
                                        int32_t *acc) {                                                                \
    X##x16_t most;                                                                                                     \
    if (n == 16) {                                                                                                     \
      most = vld1q_##s((const X##_t *)taps[0] + c);                                                                    \
      for (ptrdiff_t t = 1; t < tap_count; t++) {                                                                      \
        most = vmaxq_##s(most, vld1q_##s((const X##_t *)taps[t] + c));                                                 \
      }                                                                                                                \
    } else {                                                                                                           \
      X##_t x[16] = {0};                                                                                               \
      memcpy(x, (const X##_t *)taps[0] + c, (size_t)n);                                                                \
      most = vld1q_##s(x);                                                                                             \
      for (ptrdiff_t t = 1; t < tap_count; t++) {                                                                      \
        memcpy(x, (const X##_t *)taps[t] + c, (size_t)n);                                                              \
        most = vmaxq_##s(most, vld1q_##s(x));                                                                          \
      }                                                                                                                \
    }                                                                                                                  \
    kernel##_widen(acc, vget_low_##s(most));                                                                           \
    kernel##_widen(acc + 8, vget_high_##s(most));                                                                      \
  }                                                                                                                    \
  EC_INLINE void kernel(const ec_window *d, const void *const *taps, ptrdiff_t npx, const void *w, int32_t oc0,        \
                        const void *pad, const ec_epilogue *e, ec_epi_i32 epi) {                                       \
    int32_t acc[16];                                                                                                   \
    (void)pad, (void)w;                                                                                                \
    ec_maxpool_i32(d, taps, npx, oc0, e, epi, 16, acc, kernel##_tile);                                                 \
  }

#endif
