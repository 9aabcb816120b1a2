/* SPDX-License-Identifier: 0BSD
 * Template of NEON's integer depthwise convolutions: tiles of 1 … mr pixels x 16 or 8 channels; what remains of them is
 * copied into vectors of 8. A kernel names its WORDS:
 *   <WORDS>_W_BYTES           bytes of a weight
 *   <WORDS>_SUM(mr, nv)       adds the products of all taps to a<i>_<j>, nv vectors of 4 channels; x is XORed with flip
 * and FLIP: 0, or 0x80, which makes i8 of u8 (the row's x_bias is -128 then). */
#ifndef EC_DWCONV_I32__NEON_H
#define EC_DWCONV_I32__NEON_H

#include "ec_v__neon.h"

#include "ec_dwconv_i32.h"
#include "ec_pin__neon.h"

EC_INLINE int8x16_t ec_dw_bytes__neon(const void *p) { return vreinterpretq_s8_u8(vld1q_u8((const uint8_t *)p)); }
EC_INLINE int8x8_t ec_dw_half__neon(const void *p) { return vreinterpret_s8_u8(vld1_u8((const uint8_t *)p)); }

#define EC_DW_SUMS(i, j)  ec_vi32 a##i##_##j;
#define EC_DW_START(i, j) a##i##_##j = vld1q_s32(start + (j) * 4);
#define EC_DW_STORE(i, j) vst1q_s32(acc + (j) * 4, a##i##_##j);

#define EC_DW_DECLARE(i, nv) EC_VECTORS_##nv(EC_DW_SUMS, i)
#define EC_DW_STARTS(i, nv)                                                                                            \
  EC_NEON_OWN(start);                                                                                                  \
  EC_VECTORS_##nv(EC_DW_START, i)
#define EC_DW_STORES(i, nv)   EC_VECTORS_##nv(EC_DW_STORE, i) acc += 16;
#define EC_DW_FINISHES(i, nv) EC_W_FINISH_##nv(i)
#define EC_DW_X(i, t)         ((const unsigned char *)taps[i * tap_count + (t)] + c)

#define EC_DW_FLIP(FLIP) const int8x16_t flip = vreinterpretq_s8_u8(vdupq_n_u8(FLIP));

#define EC_DW_ADD(a, b, product) EC_DW_ADD_TO(a, b, a, b, product)
#define EC_DW_ADD_TO(a, b, from, next, product)                                                                        \
  {                                                                                                                    \
    const int16x8_t p = product;                                                                                       \
    a = vaddw_s16(from, vget_low_s16(p));                                                                              \
    b = vaddw_high_s16(next, p);                                                                                       \
    EC_NEON_PIN(a);                                                                                                    \
    EC_NEON_AFTER(b);                                                                                                  \
  }

/* Bytes, two taps at a time: their products are added up in 16 bits, so weights must be greater than -128. */
#define EC_DW2_W_BYTES 1
#define EC_DW2_PAIR_4(i)                                                                                               \
  {                                                                                                                    \
    const int8x16_t x = veorq_s8(ec_dw_bytes__neon(EC_DW_X(i, t)), flip);                                              \
    const int8x16_t y = veorq_s8(ec_dw_bytes__neon(EC_DW_X(i, t + 1)), flip);                                          \
    EC_DW_ADD(a##i##_0, a##i##_1, vmlal_s8(vmull_s8(vget_low_s8(x), vget_low_s8(v)), vget_low_s8(y), vget_low_s8(u)))  \
    EC_DW_ADD(a##i##_2, a##i##_3, vmlal_high_s8(vmull_high_s8(x, v), y, u))                                            \
  }
#define EC_DW2_PAIR_2(i)                                                                                               \
  {                                                                                                                    \
    const int8x8_t x = veor_s8(ec_dw_half__neon(EC_DW_X(i, t)), vget_low_s8(flip));                                    \
    const int8x8_t y = veor_s8(ec_dw_half__neon(EC_DW_X(i, t + 1)), vget_low_s8(flip));                                \
    EC_DW_ADD(a##i##_0, a##i##_1, vmlal_s8(vmull_s8(x, v), y, u))                                                      \
  }
#define EC_DW2_WEIGHTS_4                                                                                               \
  const int8x16_t v = ec_dw_bytes__neon(w);                                                                            \
  const int8x16_t u = ec_dw_bytes__neon(w + w_step);
#define EC_DW2_WEIGHTS_2                                                                                               \
  const int8x8_t v = ec_dw_half__neon(w);                                                                              \
  const int8x8_t u = ec_dw_half__neon(w + w_step);
#define EC_DW2_PAIR(i, nv) EC_DW2_PAIR_##nv(i)
#define EC_DW2_SUM(mr, nv)                                                                                             \
  ptrdiff_t t = tap_count % 2;                                                                                         \
  if (t > 0) {                                                                                                         \
    EC_VECTORS_##nv(EC_DW_FROM, 0) EC_DW1_WEIGHTS_##nv EC_ROWS_##mr(EC_DW2_FIRST, nv) w += w_step;                     \
  } else {                                                                                                             \
    EC_ROWS_##mr(EC_DW_STARTS, nv)                                                                                     \
  }                                                                                                                    \
  for (; t < tap_count; t += 2, w += 2 * w_step) {                                                                     \
    EC_DW2_WEIGHTS_##nv EC_ROWS_##mr(EC_DW2_PAIR, nv);                                                                 \
  }

/* The first of an odd number of taps is added to where sums start. */
#define EC_DW_FROM(i, j) const ec_vi32 s##j = vld1q_s32(start + (j) * 4);
#define EC_DW2_FIRST_4(i)                                                                                              \
  {                                                                                                                    \
    const int8x16_t x = veorq_s8(ec_dw_bytes__neon(EC_DW_X(i, 0)), flip);                                              \
    EC_DW_ADD_TO(a##i##_0, a##i##_1, s0, s1, vmull_s8(vget_low_s8(x), vget_low_s8(v)))                                 \
    EC_DW_ADD_TO(a##i##_2, a##i##_3, s2, s3, vmull_high_s8(x, v))                                                      \
  }
#define EC_DW2_FIRST_2(i)                                                                                              \
  {                                                                                                                    \
    const int8x8_t x = veor_s8(ec_dw_half__neon(EC_DW_X(i, 0)), vget_low_s8(flip));                                    \
    EC_DW_ADD_TO(a##i##_0, a##i##_1, s0, s1, vmull_s8(x, v))                                                           \
  }
#define EC_DW2_FIRST(i, nv) EC_DW2_FIRST_##nv(i)

/* Bytes, any weights. */
#define EC_DW1_W_BYTES 1
#define EC_DW1_TAP_4(i)                                                                                                \
  {                                                                                                                    \
    const int8x16_t x = veorq_s8(ec_dw_bytes__neon(EC_DW_X(i, t)), flip);                                              \
    EC_DW_ADD(a##i##_0, a##i##_1, vmull_s8(vget_low_s8(x), vget_low_s8(v)))                                            \
    EC_DW_ADD(a##i##_2, a##i##_3, vmull_high_s8(x, v))                                                                 \
  }
#define EC_DW1_TAP_2(i)                                                                                                \
  {                                                                                                                    \
    const int8x8_t x = veor_s8(ec_dw_half__neon(EC_DW_X(i, t)), vget_low_s8(flip));                                    \
    EC_DW_ADD(a##i##_0, a##i##_1, vmull_s8(x, v))                                                                      \
  }
#define EC_DW1_WEIGHTS_4   const int8x16_t v = ec_dw_bytes__neon(w);
#define EC_DW1_WEIGHTS_2   const int8x8_t v = ec_dw_half__neon(w);
#define EC_DW1_TAP(i, nv)  EC_DW1_TAP_##nv(i)
#define EC_DW1_SUM(mr, nv) EC_DW_TAPS(mr, nv, EC_DW1)
#define EC_DW_TAPS(mr, nv, WORDS)                                                                                      \
  EC_ROWS_##mr(EC_DW_STARTS, nv) for (ptrdiff_t t = 0; t < tap_count; t++, w += w_step) {                              \
    WORDS##_WEIGHTS_##nv EC_ROWS_##mr(WORDS##_TAP, nv);                                                                \
  }

/* Weights of 16 bits. */
#define EC_DWL_W_BYTES 2
#define EC_DWL_ADD(a, b, x, w)                                                                                         \
  {                                                                                                                    \
    const int16x8_t wide = vmovl_s8(x);                                                                                \
    a = vmlal_s16(a, vget_low_s16(wide), vget_low_s16(w));                                                             \
    b = vmlal_high_s16(b, wide, w);                                                                                    \
    EC_NEON_PIN(a);                                                                                                    \
    EC_NEON_AFTER(b);                                                                                                  \
  }
#define EC_DWL_TAP_4(i)                                                                                                \
  {                                                                                                                    \
    const int8x16_t x = veorq_s8(ec_dw_bytes__neon(EC_DW_X(i, t)), flip);                                              \
    EC_DWL_ADD(a##i##_0, a##i##_1, vget_low_s8(x), v)                                                                  \
    EC_DWL_ADD(a##i##_2, a##i##_3, vget_high_s8(x), u)                                                                 \
  }
#define EC_DWL_TAP_2(i)   EC_DWL_ADD(a##i##_0, a##i##_1, veor_s8(ec_dw_half__neon(EC_DW_X(i, t)), vget_low_s8(flip)), v)
#define EC_DWL_WEIGHTS_2  const int16x8_t v = vreinterpretq_s16_s8(ec_dw_bytes__neon(w));
#define EC_DWL_WEIGHTS_4  EC_DWL_WEIGHTS_2 const int16x8_t u = vreinterpretq_s16_s8(ec_dw_bytes__neon(w + 16));
#define EC_DWL_TAP(i, nv) EC_DWL_TAP_##nv(i)
#define EC_DWL_SUM(mr, nv) EC_DW_TAPS(mr, nv, EC_DWL)

#define EC_DW_TILE(mr, kernel, WORDS, FLIP)                                                                            \
  EC_DW_TILE_OF(mr, kernel##_tile##mr, 4, WORDS, FLIP) EC_DW_TILE_OF(mr, kernel##_half##mr, 2, WORDS, FLIP)
#define EC_DW_TILE_OF(mr, function, nv, WORDS, FLIP)                                                                   \
  static EC_NOINLINE void function(const void *const *taps, ptrdiff_t tap_count, ptrdiff_t c, const int32_t *start,    \
                                   const unsigned char *w, ptrdiff_t w_step, int32_t *acc) {                           \
    EC_DW_FLIP(FLIP)                                                                                                   \
    EC_ROWS_##mr(EC_DW_DECLARE, nv);                                                                                   \
    WORDS##_SUM(mr, nv) EC_ROWS_##mr(EC_DW_STORES, nv);                                                                \
  }
#define EC_DW_CASE(mr, kernel, nv)                                                                                     \
  case mr:                                                                                                             \
    if (n == 16) {                                                                                                     \
      kernel##_tile##mr(taps, tap_count, c, start, w, w_step, acc);                                                    \
    } else {                                                                                                           \
      kernel##_half##mr(taps, tap_count, c, start, w, w_step, acc);                                                    \
    }                                                                                                                  \
    break;

/* n < 8 channels of one pixel, tap by tap. */
#define EC_DW_REST(kernel, WORDS, FLIP)                                                                                \
  static EC_NOINLINE void kernel##_rest(const void *const *taps, ptrdiff_t tap_count, ptrdiff_t c, int32_t n,          \
                                        const int32_t *start, const unsigned char *w, ptrdiff_t w_step,                \
                                        int32_t *acc) {                                                                \
    int32_t first[8] = {0};                                                                                            \
    memcpy(first, start, (size_t)n * sizeof *first);                                                                   \
    for (ptrdiff_t t = 0; t < tap_count; t++, w += w_step) {                                                           \
      unsigned char x[8] = {0}, weights[8 * WORDS##_W_BYTES] = {0};                                                    \
      const void *tap[1] = {x};                                                                                        \
      memcpy(x, (const unsigned char *)taps[t] + c, (size_t)n);                                                        \
      memcpy(weights, w, (size_t)n * WORDS##_W_BYTES);                                                                 \
      kernel##_half1(tap, 1, 0, first, weights, 0, first);                                                             \
    }                                                                                                                  \
    memcpy(acc, first, sizeof first);                                                                                  \
  }

/* Defines `kernel` for tiles of mr pixels. */
#define EC_DW_KERNEL(kernel, mr, WORDS, FLIP)                                                                          \
  EC_TILES_##mr(EC_DW_TILE, kernel, WORDS, FLIP) EC_DW_REST(kernel, WORDS, FLIP) EC_INLINE void kernel##_whole(        \
      const void *const *taps, ptrdiff_t tap_count, ptrdiff_t c, const int32_t *start, const unsigned char *w,         \
      ptrdiff_t w_step, ptrdiff_t px, int32_t oc, const ec_epilogue *e, ec_epi_i32 epi) {                              \
    EC_DW_FLIP(FLIP)                                                                                                   \
    EC_ROWS_##mr(EC_DW_DECLARE, 4);                                                                                    \
    WORDS##_SUM(mr, 4) EC_W_KEPT_4 EC_ROWS_##mr(EC_DW_FINISHES, 4);                                                    \
  }                                                                                                                    \
  EC_INLINE void kernel##_tile(int32_t rows, const void *const *taps, ptrdiff_t tap_count, ptrdiff_t c, int32_t n,     \
                               const int32_t *start, const unsigned char *w, ptrdiff_t w_step, int32_t *acc) {         \
    const int32_t rest = n & 7, most = n - rest;                                                                       \
    if (most > 0) {                                                                                                    \
      switch (rows) { EC_TILES_##mr(EC_DW_CASE, kernel, 0) }                                                           \
    }                                                                                                                  \
    for (int32_t i = 0; rest > 0 && i < rows; i++) {                                                                   \
      kernel##_rest(taps + i * tap_count, tap_count, c + most, rest, start + most, w + most * WORDS##_W_BYTES, w_step, \
                    acc + i * 16 + most);                                                                              \
    }                                                                                                                  \
  }                                                                                                                    \
  EC_INLINE void kernel(const ec_window *d, const void *const *taps, ptrdiff_t npx, const void *w, int32_t oc0,        \
                        const void *pad, const ec_epilogue *e, ec_epi_i32 epi) {                                       \
    int32_t acc[(mr) * 16];                                                                                            \
    (void)pad;                                                                                                         \
    ec_dwconv_i32(d, taps, npx, w, oc0, e, epi, mr, 16, WORDS##_W_BYTES, acc, kernel##_tile, kernel##_whole);          \
  }

#endif
