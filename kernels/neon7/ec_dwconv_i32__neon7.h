/* SPDX-License-Identifier: 0BSD
 * Integer depthwise convolution: 1 … mr pixels x 16 or 8 channels; what remains of them is copied into vectors of 8.
 * A kernel names its WORDS and FLIP as those of ec_conv_i32__neon7.h: EC_N7_TAPS2 adds the products of two taps in 16
 * bits, for weights greater than -128; EC_N7_TAPS1 takes all; EC_N7_TAPSL has weights of 16 bits. Registers of 2
 * pixels: 8 sums, 4 of bytes, 2 products. */
#ifndef EC_DWCONV_I32__NEON7_H
#define EC_DWCONV_I32__NEON7_H

#include "ec_neon7.h"

#include "ec_dwconv_i32.h"

/* What is known of 8 channels' 16-bit products is added to two vectors of sums. */
#define EC_N7_ADD(a, b, product)                                                                                       \
  {                                                                                                                    \
    const int16x8_t p = product;                                                                                       \
    a = vaddw_s16(a, vget_low_s16(p));                                                                                 \
    b = vaddw_s16(b, vget_high_s16(p));                                                                                \
  }
#define EC_N7_TAPS2(a, b, x, v, y, u) EC_N7_ADD(a, b, vmlal_s8(vmull_s8(x, v), y, u))
#define EC_N7_TAPS1(a, b, x, v, y, u)                                                                                  \
  EC_N7_ADD(a, b, vmull_s8(x, v))                                                                                      \
  EC_N7_ADD(a, b, vmull_s8(y, u))

#define EC_N7_X(i, t) ((const unsigned char *)taps[i * tap_count + (t)] + c)

/* Two taps, and the last one of an odd number, of nv vectors of sums. */
#define EC_N7_PAIR_4(i, MUL)                                                                                           \
  {                                                                                                                    \
    const int8x16_t x = veorq_s8(ec_neon7_bytes(EC_N7_X(i, t)), vcombine_s8(flip, flip));                              \
    const int8x16_t y = veorq_s8(ec_neon7_bytes(EC_N7_X(i, t + 1)), vcombine_s8(flip, flip));                          \
    MUL(a##i##_0, a##i##_1, vget_low_s8(x), vget_low_s8(v), vget_low_s8(y), vget_low_s8(u))                            \
    MUL(a##i##_2, a##i##_3, vget_high_s8(x), vget_high_s8(v), vget_high_s8(y), vget_high_s8(u))                        \
  }
#define EC_N7_ONE_4(i, MUL)                                                                                            \
  {                                                                                                                    \
    const int8x16_t x = veorq_s8(ec_neon7_bytes(EC_N7_X(i, t)), vcombine_s8(flip, flip));                              \
    EC_N7_ADD(a##i##_0, a##i##_1, vmull_s8(vget_low_s8(x), vget_low_s8(v)))                                            \
    EC_N7_ADD(a##i##_2, a##i##_3, vmull_s8(vget_high_s8(x), vget_high_s8(v)))                                          \
  }
#define EC_N7_PAIR_2(i, MUL)                                                                                           \
  {                                                                                                                    \
    const int8x8_t x = veor_s8(ec_neon7_half(EC_N7_X(i, t)), flip);                                                    \
    const int8x8_t y = veor_s8(ec_neon7_half(EC_N7_X(i, t + 1)), flip);                                                \
    MUL(a##i##_0, a##i##_1, x, v, y, u)                                                                                \
  }
#define EC_N7_ONE_2(i, MUL)                                                                                            \
  {                                                                                                                    \
    const int8x8_t x = veor_s8(ec_neon7_half(EC_N7_X(i, t)), flip);                                                    \
    EC_N7_ADD(a##i##_0, a##i##_1, vmull_s8(x, v))                                                                      \
  }
#define EC_N7_WEIGHT_4(v, p) const int8x16_t v = ec_neon7_bytes(p);
#define EC_N7_WEIGHT_2(v, p) const int8x8_t v = ec_neon7_half(p);

/* All taps. */
#define EC_N7_DW_PAIRS(mr, nv, MUL)                                                                                    \
  for (; t + 1 < tap_count; t += 2, w += 2 * w_step) {                                                                 \
    EC_N7_WEIGHT_##nv(v, w) EC_N7_WEIGHT_##nv(u, w + w_step) EC_ROWS_##mr(EC_N7_PAIR_##nv, MUL);                       \
  }                                                                                                                    \
  if (t < tap_count) {                                                                                                 \
    EC_N7_WEIGHT_##nv(v, w) EC_ROWS_##mr(EC_N7_ONE_##nv, MUL);                                                         \
  }
#define EC_N7_TAPS2_SUM(mr, nv) EC_N7_DW_PAIRS(mr, nv, EC_N7_TAPS2)
#define EC_N7_TAPS1_SUM(mr, nv) EC_N7_DW_PAIRS(mr, nv, EC_N7_TAPS1)
#define EC_N7_TAPS2_W_BYTES     1
#define EC_N7_TAPS1_W_BYTES     1

/* Weights of 16 bits: of a step of 16 channels 2 instructions are loads of weights, 7 more for each pixel. */
#define EC_N7_TAPSL_W_BYTES 2
#define EC_N7_TAPSL_ADD(a, b, x, w)                                                                                    \
  {                                                                                                                    \
    const int16x8_t wide = vmovl_s8(x);                                                                                \
    a = vmlal_s16(a, vget_low_s16(wide), vget_low_s16(w));                                                             \
    b = vmlal_s16(b, vget_high_s16(wide), vget_high_s16(w));                                                           \
    EC_NEON7_AFTER(b);                                                                                                 \
  }
#define EC_N7_TAPSL_4(i, nv)                                                                                           \
  {                                                                                                                    \
    const int8x16_t x = veorq_s8(ec_neon7_bytes(EC_N7_X(i, t)), vcombine_s8(flip, flip));                              \
    EC_N7_TAPSL_ADD(a##i##_0, a##i##_1, vget_low_s8(x), v)                                                             \
    EC_N7_TAPSL_ADD(a##i##_2, a##i##_3, vget_high_s8(x), u)                                                            \
  }
#define EC_N7_TAPSL_2(i, nv)  EC_N7_TAPSL_ADD(a##i##_0, a##i##_1, veor_s8(ec_neon7_half(EC_N7_X(i, t)), flip), v)
#define EC_N7_TAPSL_WEIGHTS_2 const int16x8_t v = vreinterpretq_s16_s8(ec_neon7_bytes(w));
#define EC_N7_TAPSL_WEIGHTS_4                                                                                          \
  EC_N7_TAPSL_WEIGHTS_2                                                                                                \
  const int16x8_t u = vreinterpretq_s16_s8(ec_neon7_bytes(w + 16));
#define EC_N7_TAPSL_SUM(mr, nv)                                                                                        \
  for (; t < tap_count; t++, w += w_step) {                                                                            \
    EC_N7_TAPSL_WEIGHTS_##nv EC_ROWS_##mr(EC_N7_TAPSL_##nv, nv);                                                       \
  }

#define EC_N7_DW_TILE(mr, function, nv, WORDS, FLIP)                                                                   \
  static EC_NOINLINE void function(const void *const *taps, ptrdiff_t tap_count, ptrdiff_t c, const int32_t *start,    \
                                   const unsigned char *w, ptrdiff_t w_step, int32_t *acc) {                           \
    enum { row = 16 };                                                                                                 \
    ptrdiff_t t = 0;                                                                                                   \
    EC_NEON7_FLIP(FLIP)                                                                                                \
    EC_ROWS_##mr(EC_NEON7_STARTS, nv);                                                                                 \
    WORDS##_SUM(mr, nv) EC_ROWS_##mr(EC_NEON7_STORES, nv);                                                             \
  }
#define EC_N7_DW_TILES(mr, kernel, WORDS, FLIP)                                                                        \
  EC_N7_DW_TILE(mr, kernel##_tile##mr, 4, WORDS, FLIP) EC_N7_DW_TILE(mr, kernel##_half##mr, 2, WORDS, FLIP)

/* n < 8 channels of one pixel, tap by tap. */
#define EC_N7_DW_REST(kernel, w_bytes)                                                                                 \
  static EC_NOINLINE void kernel##_rest(const void *const *taps, ptrdiff_t tap_count, ptrdiff_t c, int32_t n,          \
                                        const int32_t *start, const unsigned char *w, ptrdiff_t w_step,                \
                                        int32_t *acc) {                                                                \
    int32_t sums[8] = {0};                                                                                             \
    memcpy(sums, start, (size_t)n * sizeof *sums);                                                                     \
    for (ptrdiff_t t = 0; t < tap_count; t++, w += w_step) {                                                           \
      unsigned char x[8] = {0}, weights[8 * (w_bytes)] = {0};                                                          \
      const void *tap[1] = {x};                                                                                        \
      memcpy(x, (const unsigned char *)taps[t] + c, (size_t)n);                                                        \
      memcpy(weights, w, (size_t)n * (w_bytes));                                                                       \
      kernel##_half1(tap, 1, 0, sums, weights, 0, sums);                                                               \
    }                                                                                                                  \
    memcpy(acc, sums, (size_t)n * sizeof *sums);                                                                       \
  }

#define EC_N7_DW_CASE(mr, kernel, ...)                                                                                 \
  case mr:                                                                                                             \
    if (n >= 16) {                                                                                                     \
      kernel##_tile##mr(taps, tap_count, c, start, w, w_step, acc);                                                    \
    } else {                                                                                                           \
      kernel##_half##mr(taps, tap_count, c, start, w, w_step, acc);                                                    \
    }                                                                                                                  \
    break;

/* Defines `kernel` for tiles of mr pixels. */
#define EC_N7_DEPTHWISE(kernel, mr, WORDS, FLIP)                                                                       \
  EC_TILES_##mr(EC_N7_DW_TILES, kernel, WORDS, FLIP) EC_N7_DW_REST(kernel, WORDS##_W_BYTES) EC_INLINE void             \
  kernel##_tile(int32_t rows, const void *const *taps, ptrdiff_t tap_count, ptrdiff_t c, int32_t n,                    \
                const int32_t *start, const unsigned char *w, ptrdiff_t w_step, int32_t *acc) {                        \
    const int32_t rest = n & 7, most = n - rest;                                                                       \
    if (most > 0) {                                                                                                    \
      switch (rows) { EC_TILES_##mr(EC_N7_DW_CASE, kernel, 0) }                                                        \
    }                                                                                                                  \
    for (int32_t i = 0; rest > 0 && i < rows; i++) {                                                                   \
      kernel##_rest(taps + i * tap_count, tap_count, c + most, rest, start + most, w + most * WORDS##_W_BYTES, w_step, \
                    acc + i * 16 + most);                                                                              \
    }                                                                                                                  \
  }                                                                                                                    \
  EC_INLINE void kernel##_whole(const void *const *taps, ptrdiff_t tap_count, ptrdiff_t c, const int32_t *start,       \
                                const unsigned char *w, ptrdiff_t w_step, ptrdiff_t px, int32_t oc,                    \
                                const ec_epilogue *e, ec_epi_i32 epi) {                                                \
    int32_t acc[(mr) * 16];                                                                                            \
    kernel##_tile##mr(taps, tap_count, c, start, w, w_step, acc);                                                      \
    ec_tile_finish_i32(acc, 16, px, mr, oc, 16, e, epi);                                                               \
  }                                                                                                                    \
  EC_INLINE void kernel(const ec_window *d, const void *const *taps, ptrdiff_t npx, const void *w, int32_t oc0,        \
                        const void *pad, const ec_epilogue *e, ec_epi_i32 epi) {                                       \
    int32_t acc[(mr) * 16];                                                                                            \
    (void)pad;                                                                                                         \
    ec_dwconv_i32(d, taps, npx, w, oc0, e, epi, mr, 16, WORDS##_W_BYTES, acc, kernel##_tile, kernel##_whole);          \
  }

#endif
