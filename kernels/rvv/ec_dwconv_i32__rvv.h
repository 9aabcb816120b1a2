/* SPDX-License-Identifier: 0BSD
 * Template of integer depthwise convolutions: 3 pixels x one vector (LMUL 4 of i32) of channels; weights int32_t
 * start[c], then [tap][c]; and of maxima of bytes.
 *
 * Registers: 3 accumulators of 4, weights and inputs of 16 bits in 2 and of 8 bits in 1 each, 18 of 32. A tap: 3
 * VWMACC.VV, 4 VLE8, 4 extensions and 3 LD. */
#ifndef EC_DWCONV_I32__RVV_H
#define EC_DWCONV_I32__RVV_H

#include "ec_conv_i32__rvv.h"

/* Inputs as 16 bits. */
EC_INLINE vint16m2_t ec_wide_u8__rvv(const void *p, int32_t n) {
  const vuint8m1_t bytes = __riscv_vle8_v_u8m1((const uint8_t *)p, (size_t)n);
  return __riscv_vreinterpret_v_u16m2_i16m2(__riscv_vzext_vf2_u16m2(bytes, (size_t)n));
}

#define EC_RVV_DW_PIXELS_I32(X, x_name) X(0, x_name) X(1, x_name) X(2, x_name)

#define EC_RVV_DW_MAC_I32(i, x_name)                                                                                   \
  if (i < mr) {                                                                                                        \
    const vint16m2_t x = ec_wide_##x_name##__rvv((const unsigned char *)taps[i * nt + t] + c, n);                      \
    a##i = __riscv_vwmacc_vv_i32m4(a##i, x, wide, (size_t)n);                                                          \
  }

#define EC_RVV_DW_TILES_I32(kernel, mr)                                                                                \
  for (; px + mr <= npx; px += mr)                                                                                     \
    kernel##_tile(mr, taps + px * nt, nt, c, start + c, w + c, d->oc, n, &local, epi, px, oc0 + c);

/* Defines `kernel` for bytes called `x_name` and weights of `w_type`, whose element is called `w_name`. */
#define EC_RVV_DWCONV_I32(kernel, x_name, w_type, w_name)                                                              \
  EC_INLINE void kernel##_tile(const int mr, const void *const *taps, ptrdiff_t nt, int32_t c, const int32_t *start,   \
                               const w_type *w, ptrdiff_t w_step, int32_t n, const ec_epilogue *e, ec_epi_i32 epi,     \
                               ptrdiff_t px, int32_t oc) {                                                             \
    EC_RVV_DW_PIXELS_I32(EC_RVV_START_I32, x_name)                                                                     \
    for (ptrdiff_t t = 0; t < nt; t++, w += w_step) {                                                                  \
      const vint16m2_t wide = ec_wide_##w_name##__rvv(w, n);                                                           \
      EC_RVV_DW_PIXELS_I32(EC_RVV_DW_MAC_I32, x_name)                                                                  \
    }                                                                                                                  \
    EC_RVV_DW_PIXELS_I32(EC_RVV_OUT_I32, x_name)                                                                       \
  }                                                                                                                    \
  EC_INLINE void kernel(const ec_window *d, const void *const *taps, ptrdiff_t npx, const void *weights, int32_t oc0,  \
                        const void *pad, const ec_epilogue *e, ec_epi_i32 epi) {                                       \
    const ptrdiff_t nt = ec_window_taps(d);                                                                            \
    const ec_epilogue local = *e; /* in registers: stores do not alias it */                                           \
    const int32_t *start = (const int32_t *)weights;                                                                   \
    const w_type *w = (const w_type *)(start + d->oc);                                                                 \
    (void)pad;                                                                                                         \
    for (int32_t c = 0, n; c < d->oc; c += n) {                                                                        \
      ptrdiff_t px = 0;                                                                                                \
      n = ec_vnext__rvv(d->oc - c);                                                                                    \
      EC_RVV_DW_TILES_I32(kernel, 3)                                                                                   \
      EC_RVV_DW_TILES_I32(kernel, 1)                                                                                   \
    }                                                                                                                  \
  }

/* Defines `kernel`, the greatest of all taps; `name` is u8 or i8, MAX the instruction that compares such bytes. */
#define EC_RVV_MAXPOOL_I32(kernel, name, type, vector, MAX)                                                            \
  EC_INLINE void kernel(const ec_window *d, const void *const *taps, ptrdiff_t npx, const void *w, int32_t oc0,        \
                        const void *pad, const ec_epilogue *e, ec_epi_i32 epi) {                                       \
    const ptrdiff_t nt = ec_window_taps(d);                                                                            \
    const ec_epilogue local = *e; /* in registers: stores do not alias it */                                           \
    (void)pad, (void)w;                                                                                                \
    for (ptrdiff_t px = 0; px < npx; px++, taps += nt) {                                                               \
      for (int32_t c = 0, n; c < d->oc; c += n) {                                                                      \
        n = ec_vnext__rvv(d->oc - c);                                                                                  \
        vector most = __riscv_vle8_v_##name##m1((const type *)taps[0] + c, (size_t)n);                                 \
        for (ptrdiff_t t = 1; t < nt; t++) {                                                                           \
          most = MAX(most, __riscv_vle8_v_##name##m1((const type *)taps[t] + c, (size_t)n), (size_t)n);                \
        }                                                                                                              \
        epi(ec_widen_##name##__rvv(most, n), &local, px, oc0 + c, n);                                                  \
      }                                                                                                                \
    }                                                                                                                  \
  }

EC_INLINE ec_vi32 ec_widen_u8__rvv(vuint8m1_t a, int32_t n) {
  return __riscv_vreinterpret_v_u32m4_i32m4(__riscv_vzext_vf4_u32m4(a, (size_t)n));
}
EC_INLINE ec_vi32 ec_widen_i8__rvv(vint8m1_t a, int32_t n) { return __riscv_vsext_vf4_i32m4(a, (size_t)n); }

#endif
