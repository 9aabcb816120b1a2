/* SPDX-License-Identifier: 0BSD
 * Template of NEON's integer convolutions: tiles of mr pixels x nv vectors of output channels. A kernel names its
 * WORDS, macros that begin alike:
 *   <WORDS>_W_BYTES         bytes of a weight
 *   <WORDS>_STEPS(mr, nv)   adds the products of all ic channels of a tap, at x<i> for pixel i, and the weights at w,
 *                           which it moves on, to a<i>_<j>; x is XORed with `flip` before
 * and FLIP: 0, or 0x80, which makes i8 of u8 (the row's x_bias is -128 then). */
#ifndef EC_CONV_I32__NEON_H
#define EC_CONV_I32__NEON_H

#include "ec_v__neon.h"

#include "ec_conv_i32_nibbles.h"
#include "ec_pin__neon.h"

/* X(i, j, k, l): vector j of 8 channels is the accumulators k and l. */
#define EC_NEON_PAIRS_2(X, i) X(i, 0, 0, 1)
#define EC_NEON_PAIRS_4(X, i) EC_NEON_PAIRS_2(X, i) X(i, 1, 2, 3)
#define EC_NEON_PAIRS_8(X, i) EC_NEON_PAIRS_4(X, i) X(i, 2, 4, 5) X(i, 3, 6, 7)

EC_INLINE int8x16_t ec_load_bytes__neon(const unsigned char *p) { return vreinterpretq_s8_u8(vld1q_u8(p)); }
EC_INLINE int8x8_t ec_load_half__neon(const unsigned char *p) { return vreinterpret_s8_u8(vld1_u8(p)); }

#define EC_NEON_START(i, j) ec_vi32 a##i##_##j = ec_vload_i32(panel + (j) * 16, EC_V_LANES);
#define EC_NEON_STORE(i, j) ec_vstore_i32(acc + (j) * EC_V_LANES, a##i##_##j, EC_V_LANES);

#define EC_NEON_STARTS(i, nv)                                                                                          \
  EC_NEON_OWN(panel);                                                                                                  \
  EC_VECTORS_##nv(EC_NEON_START, i)
#define EC_NEON_STORES(i, nv)   EC_VECTORS_##nv(EC_NEON_STORE, i) acc += (nv) * EC_V_LANES;
#define EC_NEON_FINISHES(i, nv) EC_W_FINISH_##nv(i)
#define EC_NEON_INPUT(i, nv)    const unsigned char *x##i = (const unsigned char *)taps[i];

#define EC_NEON_SUM(mr, nv, WORDS, FLIP)                                                                               \
  const int8x16_t flip = vreinterpretq_s8_u8(vdupq_n_u8(FLIP));                                                        \
  const unsigned char *w = panel + (nv) * 16;                                                                          \
  EC_ROWS_##mr(EC_NEON_STARTS, nv);                                                                                    \
  for (ptrdiff_t t = 0; t < tap_count; t++, taps += tap_step) {                                                        \
    ptrdiff_t k = 0;                                                                                                   \
    EC_ROWS_##mr(EC_NEON_INPUT, nv);                                                                                   \
    WORDS##_STEPS(mr, nv)                                                                                              \
  }
#define EC_NEON_TILE(mr, kernel, nv, WORDS, FLIP)                                                                      \
  static EC_NOINLINE void kernel##_tile##mr(const void *const *taps, ptrdiff_t tap_count, ptrdiff_t tap_step,          \
                                            ptrdiff_t ic, const unsigned char *panel, int32_t *acc) {                  \
    EC_NEON_SUM(mr, nv, WORDS, FLIP)                                                                                   \
    EC_ROWS_##mr(EC_NEON_STORES, nv);                                                                                  \
  }
#define EC_NEON_WHOLE(kernel, mr, nv, WORDS, FLIP)                                                                     \
  EC_INLINE void kernel##_whole(const void *const *taps, ptrdiff_t tap_count, ptrdiff_t tap_step, ptrdiff_t ic,        \
                                const unsigned char *panel, ptrdiff_t px, int32_t oc, const ec_epilogue *e,            \
                                ec_epi_i32 epi) {                                                                      \
    EC_NEON_SUM(mr, nv, WORDS, FLIP)                                                                                   \
    EC_W_KEPT_##nv EC_ROWS_##mr(EC_NEON_FINISHES, nv);                                                                 \
  }
#define EC_NEON_CASE(mr, kernel, nv)                                                                                   \
  case mr:                                                                                                             \
    kernel##_tile##mr(taps, tap_count, tap_step, ic, panel, acc);                                                      \
    break;

#define EC_NEON_CHOICE(kernel, mr)                                                                                     \
  EC_INLINE void kernel##_tile(int32_t rows, const void *const *taps, ptrdiff_t tap_count, ptrdiff_t tap_step,         \
                               ptrdiff_t ic, const unsigned char *panel, int32_t *acc) {                               \
    switch (rows) { EC_TILES_##mr(EC_NEON_CASE, kernel, 0) }                                                           \
  }

/* Defines `kernel` for tiles of mr pixels x nv vectors. */
#define EC_NEON_KERNEL(kernel, mr, nv, WORDS, FLIP)                                                                    \
  EC_TILES_##mr(EC_NEON_TILE, kernel, nv, WORDS, FLIP) EC_NEON_WHOLE(kernel, mr, nv, WORDS, FLIP)                      \
      EC_NEON_CHOICE(kernel, mr) EC_INLINE void                                                                        \
      kernel(const ec_window *d, const void *const *taps, ptrdiff_t npx, const void *w, int32_t oc0, const void *pad,  \
             const ec_epilogue *e, ec_epi_i32 epi) {                                                                   \
    int32_t acc[(mr) * (nv) * EC_V_LANES];                                                                             \
    (void)pad;                                                                                                         \
    ec_conv_i32(d, taps, npx, w, oc0, e, epi, mr, (nv) * EC_V_LANES, WORDS##_W_BYTES, acc, kernel##_tile,              \
                kernel##_whole);                                                                                       \
  }

/* Defines `kernel` for one pixel x nv vectors and weights of 4 bits. */
#define EC_NEON_NIBBLES(kernel, nv, WORDS, FLIP, mixed, x)                                                             \
  EC_NEON_TILE(1, kernel, nv, WORDS, FLIP)                                                                             \
  EC_NEON_CHOICE(kernel, 1) EC_NIBBLES_KERNEL(kernel, (nv) * EC_V_LANES, mixed, x)

#endif
