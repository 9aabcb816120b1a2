/* SPDX-License-Identifier: 0BSD
 * Template of integer convolutions: 6 pixels x one vector (LMUL 4 of i32) of output channels; weights int32_t
 * start[oc], then [tap][ic][oc].
 *
 * Registers: 6 accumulators of 4, weights of 16 bits in 2 and of 8 bits in 1, 27 of 32. A channel: 6 VWMACC.VX and 6
 * loads of x, VLE8 and VSEXT and 3 others for 6 vectors of MAC. */
#ifndef EC_CONV_I32__RVV_H
#define EC_CONV_I32__RVV_H

#include "ec_v__rvv.h"

/* Weights as 16 bits. */
EC_INLINE vint16m2_t ec_wide_i8__rvv(const void *p, int32_t n) {
  return __riscv_vsext_vf2_i16m2(__riscv_vle8_v_i8m1((const int8_t *)p, (size_t)n), (size_t)n);
}
EC_INLINE vint16m2_t ec_wide_i16__rvv(const void *p, int32_t n) {
  return __riscv_vle16_v_i16m2((const int16_t *)p, (size_t)n);
}

#define EC_RVV_PIXELS_I32(X, type) X(0, type) X(1, type) X(2, type) X(3, type) X(4, type) X(5, type)

#define EC_RVV_START_I32(i, type) ec_vi32 a##i = ec_vload_i32(start, n);
#define EC_RVV_TAP_I32(i, type)   const type *x##i = i < mr ? (const type *)taps[i] : NULL;
#define EC_RVV_MAC_I32(i, type)                                                                                        \
  if (i < mr)                                                                                                          \
    a##i = __riscv_vwmacc_vx_i32m4(a##i, x##i[c], wide, (size_t)n);
#define EC_RVV_OUT_I32(i, type)                                                                                        \
  if (i < mr)                                                                                                          \
    epi(a##i, e, px + i, oc, n);

#define EC_RVV_TILES_I32(kernel, mr)                                                                                   \
  for (; px + mr <= npx; px += mr)                                                                                     \
    kernel##_tile(mr, taps + px, nt, tap_step, d->ic, start + c, w + c, d->oc, n, &local, epi, px, oc0 + c);

/* Defines `kernel` for x of `type` and weights of `w_type`, whose element is called `w_name`. */
#define EC_RVV_CONV_I32(kernel, type, w_type, w_name)                                                                  \
  EC_INLINE void kernel##_tile(const int mr, const void *const *taps, ptrdiff_t nt, ptrdiff_t tap_step, int32_t ic,    \
                               const int32_t *start, const w_type *w, ptrdiff_t w_step, int32_t n,                     \
                               const ec_epilogue *e, ec_epi_i32 epi, ptrdiff_t px, int32_t oc) {                       \
    EC_RVV_PIXELS_I32(EC_RVV_START_I32, type)                                                                          \
    for (ptrdiff_t t = 0; t < nt; t++, taps += tap_step) {                                                             \
      EC_RVV_PIXELS_I32(EC_RVV_TAP_I32, type)                                                                          \
      EC_UNROLL(4)                                                                                                     \
      for (int32_t c = 0; c < ic; c++, w += w_step) {                                                                  \
        const vint16m2_t wide = ec_wide_##w_name##__rvv(w, n);                                                         \
        EC_RVV_PIXELS_I32(EC_RVV_MAC_I32, type)                                                                        \
      }                                                                                                                \
    }                                                                                                                  \
    EC_RVV_PIXELS_I32(EC_RVV_OUT_I32, type)                                                                            \
  }                                                                                                                    \
  EC_INLINE void kernel(const ec_window *d, const void *const *taps, ptrdiff_t npx, const void *weights, int32_t oc0,  \
                        const void *pad, const ec_epilogue *e, ec_epi_i32 epi) {                                       \
    const ptrdiff_t nt = ec_window_taps(d), tap_step = d->tap_step;                                                    \
    const ec_epilogue local = *e; /* in registers: stores do not alias it */                                           \
    const int32_t *start = (const int32_t *)weights;                                                                   \
    const w_type *w = (const w_type *)(start + d->oc);                                                                 \
    (void)pad;                                                                                                         \
    for (int32_t c = 0, n; c < d->oc; c += n) {                                                                        \
      ptrdiff_t px = 0;                                                                                                \
      n = ec_vnext__rvv(d->oc - c);                                                                                    \
      EC_RVV_TILES_I32(kernel, 6)                                                                                      \
      EC_RVV_TILES_I32(kernel, 3)                                                                                      \
      EC_RVV_TILES_I32(kernel, 1)                                                                                      \
    }                                                                                                                  \
  }

#endif
