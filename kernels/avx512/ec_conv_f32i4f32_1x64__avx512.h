/* SPDX-License-Identifier: 0BSD
 * Convolution of few pixels (matrix times vector), float with weights of 4 bits: 1 pixel x 64 output channels.
 *
 * Registers: 4 accumulators + 1 input + 4 weights + 2 tables of 32. A table, VPERMPS, makes floats of the lowest 4 bits
 * of each lane. A step is 4 FMA, 2 VPMOVSXBD, 2 VPSRAD, 4 VPERMPS and 32 bytes of weights: 6 cycles where two of them
 * start per cycle. */
#ifndef EC_CONV_F32I4F32_1X64__AVX512_H
#define EC_CONV_F32I4F32_1X64__AVX512_H

#include "ec_v__avx512.h"

#include "ec_conv_f32.h"

#define EC_TILE_WEIGHT_i4table int8_t
#define EC_CONV_SHARED_i4table EC_CONV_SHARED_i4
EC_INLINE ec_vf32 ec_conv_weights_i4table(const int8_t *w, int j, int nv) {
  const ec_vi32 both = ec_vload_i8(w + j % (nv / 2) * EC_V_LANES, EC_V_LANES);
  const ec_vf32 low = _mm512_setr_ps(-8, -7, -6, -5, -4, -3, -2, -1, 0, 1, 2, 3, 4, 5, 6, 7);
  const ec_vf32 high = _mm512_setr_ps(0, 1, 2, 3, 4, 5, 6, 7, -8, -7, -6, -5, -4, -3, -2, -1);
  return j < nv / 2 ? _mm512_permutexvar_ps(both, low) : _mm512_permutexvar_ps(ec_vshr_i32(both, 4, EC_V_LANES), high);
}

EC_CONV_TILES_OF(ec_conv_f32i4f32_1x64__avx512, 1, 4, i4table)

EC_INLINE void ec_conv_f32i4f32_1x64__avx512(const ec_window *d, const void *const *taps, ptrdiff_t npx, const void *w,
                                             int32_t oc0, const void *pad, const ec_epilogue *e, ec_epi_f32 epi) {
  EC_ALIGNED(64) float acc[1 * 64];
  (void)pad;
  ec_conv_f32i4_whole(d, taps, npx, w, oc0, e, epi, 1, 64, acc, ec_conv_f32i4f32_1x64__avx512_tile,
                      ec_conv_f32i4f32_1x64__avx512_whole);
}

#endif
