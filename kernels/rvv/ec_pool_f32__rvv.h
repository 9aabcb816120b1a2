/* SPDX-License-Identifier: 0BSD
 * What both poolings of RVV are made of: ec_pool_f32.h for vectors that no array can hold. */
#ifndef EC_POOL_F32__RVV_H
#define EC_POOL_F32__RVV_H

#include "ec_v__rvv.h"

#include "ec_pool_f32.h"

/* Defines a kernel of one pixel x one vector of channels; op is EC_POOL_MAX or EC_POOL_MEAN. */
#define EC_POOL__RVV(kernel, mean, op)                                                                                 \
  EC_INLINE void kernel(const ec_window *d, const void *const *taps, ptrdiff_t npx, const void *w, int32_t oc0,        \
                        const void *pad, const ec_epilogue *e, ec_epi_f32 epi) {                                       \
    const ptrdiff_t tap_count = ec_window_taps(d);                                                                     \
    const ec_epilogue local = *e;                                                                                      \
    (void)w;                                                                                                           \
    for (ptrdiff_t px = 0; px < npx; px++, taps += tap_count) {                                                        \
      const float divisor = mean ? ec_pool_divisor(d, taps, tap_count, pad) : 1.0F;                                    \
      (void)divisor;                                                                                                   \
      for (int32_t c = 0, n; c < d->oc; c += n) {                                                                      \
        ec_vf32 a;                                                                                                     \
        n = ec_vnext__rvv(d->oc - c);                                                                                  \
        a = ec_vsplat_f32(op##_START, n);                                                                              \
        for (ptrdiff_t t = 0; t < tap_count; t++) {                                                                    \
          a = op(a, ec_vload_f32((const float *)taps[t] + c, n), n);                                                   \
        }                                                                                                              \
        epi(op##_END(a), &local, px, oc0 + c, n);                                                                      \
      }                                                                                                                \
    }                                                                                                                  \
  }

#endif
