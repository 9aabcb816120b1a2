/* SPDX-License-Identifier: 0BSD
 * Convolution of few pixels (matrix times vector), float: 1 pixel x 4 vectors (LMUL 4) of output channels, the last
 * ones by single vectors; weights [tap][ic][oc].
 *
 * Registers: 4 accumulators and up to 4 weight vectors of 4 registers each, all 32. A channel: 4 VFMACC.VF, 4 VLE, 1
 * FLW and 6 others, 15 instructions for 4 vectors of MAC (.23 per MAC at VLEN 128); the memory of the weights bounds
 * it. */
#ifndef EC_CONV_F32_1XVL__RVV_H
#define EC_CONV_F32_1XVL__RVV_H

#include "ec_v__rvv.h"

#define EC_RVV_VECTORS(X) X(0) X(1) X(2) X(3)

#define EC_RVV_VECTOR_ZERO(j) ec_vf32 a##j = ec_vsplat_f32(0.0F, n);
#define EC_RVV_VECTOR_FMA(j)                                                                                           \
  if (j < nv)                                                                                                          \
    a##j = __riscv_vfmacc_vf_f32m4(a##j, x, ec_vweights__rvv(w + (ptrdiff_t)j * n * w_bytes, w_bytes, n), (size_t)n);
#define EC_RVV_VECTOR_OUT(j)                                                                                           \
  if (j < nv)                                                                                                          \
    epi(a##j, e, px, oc + j * n, n);

/* Pixel px, nv vectors (a constant, at most 4) of n channels from oc on; weights of w_bytes (a constant), steps of them
 * w_step bytes apart. */
EC_INLINE void ec_conv_pixel__rvv(const int nv, const int w_bytes, const void *const *taps, ptrdiff_t nt,
                                  ptrdiff_t tap_step, int32_t ic, const unsigned char *w, ptrdiff_t w_step, int32_t n,
                                  const ec_epilogue *e, ec_epi_f32 epi, ptrdiff_t px, int32_t oc) {
  EC_RVV_VECTORS(EC_RVV_VECTOR_ZERO)
  for (ptrdiff_t t = 0; t < nt; t++, taps += tap_step) {
    const float *tap = (const float *)taps[0];
    for (int32_t c = 0; c < ic; c++, w += w_step) {
      const float x = ec_load_f32(tap + c);
      EC_RVV_VECTORS(EC_RVV_VECTOR_FMA)
    }
  }
  EC_RVV_VECTORS(EC_RVV_VECTOR_OUT)
}

/* One block of weights of w_bytes. */
EC_INLINE void ec_conv_pixels__rvv(const int w_bytes, const ec_window *d, const void *const *taps, ptrdiff_t npx,
                                   const void *w, int32_t oc0, const ec_epilogue *e, ec_epi_f32 epi) {
  const ptrdiff_t nt = ec_window_taps(d), tap_step = d->tap_step;
  const ec_epilogue local = *e; /* in registers: stores do not alias it */
  const ptrdiff_t w_step = (ptrdiff_t)d->oc * w_bytes;
  for (ptrdiff_t px = 0; px < npx; px++, taps++) {
    int32_t c = 0, n = EC_V_LANES;
    for (; c <= d->oc - 4 * n; c += 4 * n) {
      ec_conv_pixel__rvv(4, w_bytes, taps, nt, tap_step, d->ic, (const unsigned char *)w + (ptrdiff_t)c * w_bytes,
                         w_step, n, &local, epi, px, oc0 + c);
    }
    for (; c < d->oc; c += n) {
      n = ec_vnext__rvv(d->oc - c);
      ec_conv_pixel__rvv(1, w_bytes, taps, nt, tap_step, d->ic, (const unsigned char *)w + (ptrdiff_t)c * w_bytes,
                         w_step, n, &local, epi, px, oc0 + c);
    }
  }
}

EC_INLINE void ec_conv_f32_1xvl__rvv(const ec_window *d, const void *const *taps, ptrdiff_t npx, const void *w,
                                     int32_t oc0, const void *pad, const ec_epilogue *e, ec_epi_f32 epi) {
  (void)pad;
  ec_conv_pixels__rvv(4, d, taps, npx, w, oc0, e, epi);
}

#endif
