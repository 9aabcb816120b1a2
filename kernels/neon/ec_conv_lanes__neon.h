/* SPDX-License-Identifier: 0BSD
 * Convolution tiles of NEON: ec_conv_f32.h with four input channels at a time, one vector of x for each pixel and one
 * of weights for each channel and column, multiplied by lane (FMLA v, v, v.s[lane]). Registers: mr * nv + mr + nv. */
#ifndef EC_CONV_LANES__NEON_H
#define EC_CONV_LANES__NEON_H

#include "ec_v__neon.h"

#include "ec_conv_f32.h"
#include "ec_pin__neon.h"

#define EC_CONV_LANES_INPUT(i, nv) const ec_vf32 v##i = ec_vload_f32(x##i + c, EC_V_LANES);
#define EC_CONV_LANES_FMA(i, j)                                                                                        \
  a##i##_##j = vfmaq_laneq_f32(a##i##_##j, w##j, v##i, lane);                                                          \
  EC_NEON_PIN(a##i##_##j);
#define EC_CONV_LANES_FMAS(i, nv) EC_VECTORS_##nv(EC_CONV_LANES_FMA, i)

/* Vector j of nv of weights, constants; two neighbours of bytes share a load and its first widening. */
EC_INLINE ec_vf32 ec_conv_weights_f32__neon(const float *w, int j, int nv) {
  (void)nv;
  return vld1q_f32(w + j * EC_V_LANES);
}
EC_INLINE ec_vf32 ec_conv_weights_i8__neon(const int8_t *w, int j, int nv) {
  if (nv == 1) {
    return ec_tile_weights_i8(w, EC_V_LANES);
  } else {
    const int16x8_t two = vmovl_s8(vld1_s8(w + j / 2 * 8));
    return vcvtq_f32_s32(vmovl_s16(j % 2 == 0 ? vget_low_s16(two) : vget_high_s16(two)));
  }
}
EC_INLINE ec_vf32 ec_conv_weights_i4__neon(const int8_t *w, int j, int nv) {
  const int8x8_t both = vld1_s8(w + j % (nv / 2) / 2 * 8);
  const int8x8_t low = vsub_s8(vand_s8(both, vdup_n_s8(15)), vdup_n_s8(8));
  const int16x8_t two = vmovl_s8(j < nv / 2 ? low : vshr_n_s8(both, 4));
  return vcvtq_f32_s32(vmovl_s16(j % 2 == 0 ? vget_low_s16(two) : vget_high_s16(two)));
}
#undef EC_CONV_WEIGHT
#define EC_CONV_WEIGHT(wt, j) const ec_vf32 w##j = ec_conv_weights_##wt##__neon(w, j, vectors);

#define EC_CONV_LANE(index, mr, nv, wt)                                                                                \
  {                                                                                                                    \
    enum { lane = index };                                                                                             \
    EC_VECTORS_##nv(EC_CONV_WEIGHT, wt) EC_ROWS_##mr(EC_CONV_LANES_FMAS, nv) w +=                                      \
        (nv) * EC_V_LANES / EC_CONV_SHARED_##wt;                                                                       \
  }

/* The sum of ec_conv_f32.h by vectors of channels, then the last ic mod 4 one by one: nothing is read beyond ic. */
#undef EC_CONV_SUM
#define EC_CONV_SUM(mr, nv, wt)                                                                                        \
  enum { vectors = nv };                                                                                               \
  EC_ROWS_##mr(EC_CONV_ZEROS, nv) for (ptrdiff_t t = 0; t < tap_count; t++, taps += tap_step) {                        \
    ptrdiff_t c = 0;                                                                                                   \
    EC_ROWS_##mr(EC_CONV_INPUT, nv) for (; c + EC_V_LANES <= ic; c += EC_V_LANES) {                                    \
      EC_ROWS_##mr(EC_CONV_LANES_INPUT, nv) EC_CONV_LANE(0, mr, nv, wt) EC_CONV_LANE(1, mr, nv, wt)                    \
          EC_CONV_LANE(2, mr, nv, wt) EC_CONV_LANE(3, mr, nv, wt)                                                      \
    }                                                                                                                  \
    for (; c < ic; c++, w += (nv) * EC_V_LANES / EC_CONV_SHARED_##wt) {                                                \
      EC_VECTORS_##nv(EC_CONV_WEIGHT, wt) EC_ROWS_##mr(EC_CONV_STEP, nv)                                               \
    }                                                                                                                  \
  }

#endif
