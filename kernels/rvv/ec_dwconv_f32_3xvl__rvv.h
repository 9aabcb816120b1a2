/* SPDX-License-Identifier: 0BSD
 * Depthwise convolution, float: 3 pixels x one vector (LMUL 4) of channels; weights [tap][c].
 *
 * Registers: 3 accumulators, 1 weight and up to 3 x vectors of 4 registers each, 28 of 32; with a fourth pixel clang
 * spills. A tap: 3 VFMACC, 4 VLE, 3 LD and 8 others, 18 instructions for 3 vectors of MAC (.375 per MAC at VLEN 128);
 * the 4 vector loads bound it. */
#ifndef EC_DWCONV_F32_3XVL__RVV_H
#define EC_DWCONV_F32_3XVL__RVV_H

#include "ec_v__rvv.h"

#define EC_RVV_DW_PIXELS(X) X(0) X(1) X(2)

#define EC_RVV_DW_PIXEL_ZERO(i) ec_vf32 a##i = ec_vsplat_f32(0.0F, n);
#define EC_RVV_DW_PIXEL_FMA(i)                                                                                         \
  if (i < mr)                                                                                                          \
    a##i = ec_vfma_f32(ec_vload_f32((const float *)taps[i * nt + t] + c, n), wt, a##i, n);
#define EC_RVV_DW_PIXEL_OUT(i)                                                                                         \
  if (i < mr)                                                                                                          \
    epi(a##i, e, px + i, oc0 + c, n);

/* Pixels px … px + mr - 1 (mr a constant, at most 3), channels c … c + n - 1; weights of w_bytes (a constant). */
EC_INLINE void ec_dwconv_tile__rvv(const int mr, const int w_bytes, const ec_window *d, const void *const *taps,
                                   const unsigned char *w, int32_t c, int32_t n, const ec_epilogue *e, ec_epi_f32 epi,
                                   ptrdiff_t px, int32_t oc0) {
  const ptrdiff_t nt = ec_window_taps(d), w_step = (ptrdiff_t)d->oc * w_bytes;
  w += (ptrdiff_t)c * w_bytes;
  EC_RVV_DW_PIXELS(EC_RVV_DW_PIXEL_ZERO)
  for (ptrdiff_t t = 0; t < nt; t++, w += w_step) {
    const ec_vf32 wt = ec_vweights__rvv(w, w_bytes, n);
    EC_RVV_DW_PIXELS(EC_RVV_DW_PIXEL_FMA)
  }
  EC_RVV_DW_PIXELS(EC_RVV_DW_PIXEL_OUT)
}

/* One block of weights of w_bytes. */
EC_INLINE void ec_dwconv_block__rvv(const int w_bytes, const ec_window *d, const void *const *taps, ptrdiff_t npx,
                                    const void *w, int32_t oc0, const ec_epilogue *e, ec_epi_f32 epi) {
  const ptrdiff_t nt = ec_window_taps(d);
  const ec_epilogue local = *e; /* in registers: stores do not alias it */
  for (int32_t c = 0, n; c < d->oc; c += n) {
    ptrdiff_t px = 0;
    n = ec_vnext__rvv(d->oc - c);
    for (; px + 3 <= npx; px += 3) {
      ec_dwconv_tile__rvv(3, w_bytes, d, taps + px * nt, (const unsigned char *)w, c, n, &local, epi, px, oc0);
    }
    for (; px < npx; px++) {
      ec_dwconv_tile__rvv(1, w_bytes, d, taps + px * nt, (const unsigned char *)w, c, n, &local, epi, px, oc0);
    }
  }
}

EC_INLINE void ec_dwconv_f32_3xvl__rvv(const ec_window *d, const void *const *taps, ptrdiff_t npx, const void *w,
                                       int32_t oc0, const void *pad, const ec_epilogue *e, ec_epi_f32 epi) {
  (void)pad;
  ec_dwconv_block__rvv(4, d, taps, npx, w, oc0, e, epi);
}

#endif
