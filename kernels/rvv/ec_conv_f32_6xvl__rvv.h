/* SPDX-License-Identifier: 0BSD
 * Convolution, float: 6 pixels x one vector (LMUL 4) of output channels; weights [tap][ic][oc].
 *
 * Registers: 6 accumulators and 2 weight vectors of 4 registers each, all 32: one loads while the other multiplies,
 * which an in-order core needs more than a seventh pixel. Four channels: 24 VFMACC.VF, 24 FLW, 4 VLE and 14 others, 66
 * instructions for 24 vectors of MAC (.17 per MAC at VLEN 128; bound .0625); 96 * VLEN / (bits of the FPU) cycles. */
#ifndef EC_CONV_F32_6XVL__RVV_H
#define EC_CONV_F32_6XVL__RVV_H

#include "ec_v__rvv.h"

#define EC_RVV_PIXELS(X, k) X(0, k) X(1, k) X(2, k) X(3, k) X(4, k) X(5, k)

#define EC_RVV_ZERO(i, k) ec_vf32 a##i = ec_vsplat_f32(0.0F, n);
#define EC_RVV_TAP(i, k)  const float *x##i = i < mr ? (const float *)taps[i] : NULL;
#define EC_RVV_FMA(i, k)                                                                                               \
  if (i < mr)                                                                                                          \
    a##i = __riscv_vfmacc_vf_f32m4(a##i, ec_load_f32(x##i + k), wk, (size_t)n);
#define EC_RVV_STEP(k)                                                                                                 \
  {                                                                                                                    \
    const ec_vf32 wk = ec_vweights__rvv(w + k * w_step, w_bytes, n);                                                   \
    EC_RVV_PIXELS(EC_RVV_FMA, k)                                                                                       \
  }
#define EC_RVV_NEXT(i, k)                                                                                              \
  if (i < mr)                                                                                                          \
    x##i += k;
#define EC_RVV_OUT(i, k)                                                                                               \
  if (i < mr)                                                                                                          \
    epi(a##i, e, px + i, oc, n);

/* Pixels px … px + mr - 1 (mr a constant, at most 6), channels oc … oc + n - 1; weights of w_bytes (a constant), steps
 * of them w_step bytes apart. */
EC_INLINE void ec_conv_tile__rvv(const int mr, const int w_bytes, const void *const *taps, ptrdiff_t nt,
                                 ptrdiff_t tap_step, int32_t ic, const unsigned char *w, ptrdiff_t w_step, int32_t n,
                                 const ec_epilogue *e, ec_epi_f32 epi, ptrdiff_t px, int32_t oc) {
  EC_RVV_PIXELS(EC_RVV_ZERO, 0)
  for (ptrdiff_t t = 0; t < nt; t++, taps += tap_step) {
    EC_RVV_PIXELS(EC_RVV_TAP, 0)
    int32_t c = ic;
    for (; c >= 4; c -= 4, w += 4 * w_step) {
      EC_RVV_STEP(0)
      EC_RVV_STEP(1)
      EC_RVV_STEP(2)
      EC_RVV_STEP(3)
      EC_RVV_PIXELS(EC_RVV_NEXT, 4)
    }
    for (; c > 0; c--, w += w_step) {
      EC_RVV_STEP(0)
      EC_RVV_PIXELS(EC_RVV_NEXT, 1)
    }
  }
  EC_RVV_PIXELS(EC_RVV_OUT, 0)
}

/* One block of weights of w_bytes. */
EC_INLINE void ec_conv_block__rvv(const int w_bytes, const ec_window *d, const void *const *taps, ptrdiff_t npx,
                                  const void *w, int32_t oc0, const ec_epilogue *e, ec_epi_f32 epi) {
  const ptrdiff_t nt = ec_window_taps(d), tap_step = d->tap_step;
  const ec_epilogue local = *e; /* in registers: stores do not alias it */
  for (int32_t c = 0, n; c < d->oc; c += n) {
    ptrdiff_t px = 0;
    n = ec_vnext__rvv(d->oc - c);
#define EC_RVV_TILES(mr)                                                                                               \
  for (; px + mr <= npx; px += mr)                                                                                     \
    ec_conv_tile__rvv(mr, w_bytes, taps + px, nt, tap_step, d->ic, (const unsigned char *)w + (ptrdiff_t)c * w_bytes,  \
                      (ptrdiff_t)d->oc * w_bytes, n, &local, epi, px, oc0 + c);
    EC_RVV_TILES(6)
    EC_RVV_TILES(3)
    EC_RVV_TILES(2)
    EC_RVV_TILES(1)
#undef EC_RVV_TILES
  }
}

EC_INLINE void ec_conv_f32_6xvl__rvv(const ec_window *d, const void *const *taps, ptrdiff_t npx, const void *w,
                                     int32_t oc0, const void *pad, const ec_epilogue *e, ec_epi_f32 epi) {
  (void)pad;
  ec_conv_block__rvv(4, d, taps, npx, w, oc0, e, epi);
}

#endif
