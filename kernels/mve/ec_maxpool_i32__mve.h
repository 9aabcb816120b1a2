/* SPDX-License-Identifier: 0BSD
 * Integer maximum poolings of Armv8.1-M: one pixel x 16 channels. A step is a load of an address, one of bytes and a
 * maximum: 5 instructions. The last channels are taken by fours. */
#ifndef EC_MAXPOOL_I32__MVE_H
#define EC_MAXPOOL_I32__MVE_H

#include "ec_v__mve.h"

#include "ec_maxpool_i32.h"

/* Defines `kernel` for bytes of type X, the suffix s of intrinsics and x of words. */
#define EC_MAXPOOL_I32_KERNEL__MVE(kernel, X, s, x)                                                                    \
  static EC_NOINLINE void kernel##_sixteen(const void *const *taps, ptrdiff_t tap_count, ptrdiff_t c, int32_t *acc) {  \
    X##x16_t most = vld1q_##s((const X##_t *)taps[0] + c);                                                             \
    unsigned char bytes[16];                                                                                           \
    for (ptrdiff_t t = 1; t < tap_count; t++) {                                                                        \
      most = vmaxq_##s(most, vld1q_##s((const X##_t *)taps[t] + c));                                                   \
    }                                                                                                                  \
    vst1q_##s((X##_t *)bytes, most);                                                                                   \
    for (int32_t i = 0; i < 16; i += EC_V_LANES) {                                                                     \
      ec_vstore_i32(acc + i, ec_vload_##x(bytes + i, EC_V_LANES), EC_V_LANES);                                         \
    }                                                                                                                  \
  }                                                                                                                    \
  static EC_NOINLINE void kernel##_few(const void *const *taps, ptrdiff_t tap_count, ptrdiff_t c, int32_t n,           \
                                       int32_t *acc) {                                                                 \
    ec_vi32 most = ec_vload_##x((const X##_t *)taps[0] + c, n);                                                        \
    for (ptrdiff_t t = 1; t < tap_count; t++) {                                                                        \
      most = ec_vmax_i32(most, ec_vload_##x((const X##_t *)taps[t] + c, n), n);                                        \
    }                                                                                                                  \
    ec_vstore_i32(acc, most, EC_V_LANES);                                                                              \
  }                                                                                                                    \
  EC_INLINE void kernel##_tile(const void *const *taps, ptrdiff_t tap_count, ptrdiff_t c, int32_t n, int32_t *acc) {   \
    if (n == 16) {                                                                                                     \
      kernel##_sixteen(taps, tap_count, c, acc);                                                                       \
    } else {                                                                                                           \
      for (int32_t i = 0; i < n; i += EC_V_LANES) {                                                                    \
        kernel##_few(taps, tap_count, c + i, n - i, acc + i);                                                          \
      }                                                                                                                \
    }                                                                                                                  \
  }                                                                                                                    \
  EC_INLINE void kernel(const ec_window *d, const void *const *taps, ptrdiff_t npx, const void *w, int32_t oc0,        \
                        const void *pad, const ec_epilogue *e, ec_epi_i32 epi) {                                       \
    int32_t acc[16];                                                                                                   \
    (void)pad, (void)w;                                                                                                \
    ec_maxpool_i32(d, taps, npx, oc0, e, epi, 16, acc, kernel##_tile);                                                 \
  }

#endif
