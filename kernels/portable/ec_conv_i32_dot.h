/* SPDX-License-Identifier: 0BSD
 * Template of integer convolutions whose instructions add several products to each lane: tiles of mr pixels x nv
 * vectors of output channels. A kernel names its WORDS, macros that begin alike:
 *   <WORDS>_KR, <WORDS>_W_BITS    input channels of a step, bits of a weight
 *   <WORDS>_WEIGHT(nv, j)         declares w<j>, KR weights for each of EC_V_LANES output channels, loaded from w
 *   <WORDS>_STEP(i, nv)           adds the products of pixel i's KR inputs, k channels behind x<i>, and w<0> … to
 *                                 a<i>_<0> …
 *
 * EC_DOT_KERNEL reads inputs where they lie, EC_DOT_NIBBLES does so for weights of 4 bits; EC_WIDE_KERNEL of
 * ec_conv_i32_wide.h widens them to 16 bits before. */
#ifndef EC_CONV_I32_DOT_H
#define EC_CONV_I32_DOT_H

#include "ec_conv_i32_nibbles.h"

/* What passes through an empty asm stays in its register: in loops of many accumulators gcc copies those to and fro
 * that an instruction adds to, and clang would do to a loaded number what is meant for its copies in all lanes. */
#if defined(__x86_64__) && defined(__GNUC__)
#define EC_DOT_STAY(a) __asm__("" : "+v"(a))
#else
#define EC_DOT_STAY(a) (void)0
#endif

#define EC_DOT_START(i, j) ec_vi32 a##i##_##j = ec_vload_i32(start + (i) * step + (j) * EC_V_LANES, EC_V_LANES);
#define EC_DOT_STORE(i, j) ec_vstore_i32(acc + (j) * EC_V_LANES, a##i##_##j, EC_V_LANES);

#define EC_DOT_STARTS(i, nv)   EC_VECTORS_##nv(EC_DOT_START, i)
#define EC_DOT_STORES(i, nv)   EC_VECTORS_##nv(EC_DOT_STORE, i) acc += (nv) * EC_V_LANES;
#define EC_DOT_FINISHES(i, nv) EC_W_FINISH_##nv(i)

#define EC_DOT_STEPS(mr, nv, channels, WORDS)                                                                          \
  for (ptrdiff_t k = 0; k < (channels); k += WORDS##_KR, w += (nv) * EC_V_LANES * WORDS##_KR * WORDS##_W_BITS / 8) {   \
    EC_VECTORS_##nv(WORDS##_WEIGHT, nv);                                                                               \
    EC_ROWS_##mr(WORDS##_STEP, nv);                                                                                    \
  }

/* A tile of its own that stores its sums, one that hands them to the epilogue directly, and the choice by rows. */
#define EC_DOT_INPUT(i, nv) const unsigned char *x##i = (const unsigned char *)taps[i];
#define EC_DOT_SUM(mr, nv, WORDS)                                                                                      \
  enum { step = 0 };                                                                                                   \
  const int32_t *start = (const int32_t *)panel;                                                                       \
  const unsigned char *w = panel + (nv) * 4 * EC_V_LANES;                                                              \
  EC_ROWS_##mr(EC_DOT_STARTS, nv);                                                                                     \
  for (ptrdiff_t t = 0; t < tap_count; t++, taps += tap_step) {                                                        \
    EC_ROWS_##mr(EC_DOT_INPUT, nv);                                                                                    \
    EC_DOT_STEPS(mr, nv, ic, WORDS)                                                                                    \
  }
#define EC_DOT_TILE(mr, kernel, nv, WORDS)                                                                             \
  static EC_NOINLINE void kernel##_tile##mr(const void *const *taps, ptrdiff_t tap_count, ptrdiff_t tap_step,          \
                                            ptrdiff_t ic, const unsigned char *panel, int32_t *acc) {                  \
    EC_DOT_SUM(mr, nv, WORDS)                                                                                          \
    EC_ROWS_##mr(EC_DOT_STORES, nv);                                                                                   \
  }
#define EC_DOT_WHOLE(kernel, mr, nv, WORDS)                                                                            \
  EC_INLINE void kernel##_whole(const void *const *taps, ptrdiff_t tap_count, ptrdiff_t tap_step, ptrdiff_t ic,        \
                                const unsigned char *panel, ptrdiff_t px, int32_t oc, const ec_epilogue *e,            \
                                ec_epi_i32 epi) {                                                                      \
    EC_DOT_SUM(mr, nv, WORDS)                                                                                          \
    EC_W_KEPT_##nv EC_ROWS_##mr(EC_DOT_FINISHES, nv);                                                                  \
  }
#define EC_DOT_CASE(mr, kernel, nv)                                                                                    \
  case mr:                                                                                                             \
    kernel##_tile##mr(taps, tap_count, tap_step, ic, panel, acc);                                                      \
    break;
#define EC_DOT_CHOICE(kernel, mr)                                                                                      \
  EC_INLINE void kernel##_tile(int32_t rows, const void *const *taps, ptrdiff_t tap_count, ptrdiff_t tap_step,         \
                               ptrdiff_t ic, const unsigned char *panel, int32_t *acc) {                               \
    switch (rows) { EC_TILES_##mr(EC_DOT_CASE, kernel, 0) }                                                            \
  }

/* Defines `kernel` for tiles of mr pixels x nv vectors. */
#define EC_DOT_KERNEL(kernel, mr, nv, WORDS)                                                                           \
  EC_TILES_##mr(EC_DOT_TILE, kernel, nv, WORDS) EC_DOT_WHOLE(kernel, mr, nv, WORDS) EC_DOT_CHOICE(kernel, mr)          \
      EC_INLINE void                                                                                                   \
      kernel(const ec_window *d, const void *const *taps, ptrdiff_t npx, const void *w, int32_t oc0, const void *pad,  \
             const ec_epilogue *e, ec_epi_i32 epi) {                                                                   \
    EC_ALIGNED(64) int32_t acc[(mr) * (nv) * EC_V_LANES];                                                              \
    (void)pad;                                                                                                         \
    ec_conv_i32(d, taps, npx, w, oc0, e, epi, mr, (nv) * EC_V_LANES, WORDS##_W_BITS / 8, acc, kernel##_tile,           \
                kernel##_whole);                                                                                       \
  }

/* Weights of 4 bits: vector j of nv shares its bytes with another one, and every 32 bits of it have the same `mask`. */
#define EC_DOT_HALF(nv, j, v, mask) ((j) < (nv) / 2 ? ec_vand_i32(v, ec_vsplat_i32(mask, EC_V_LANES), EC_V_LANES) : (v))

/* Defines `kernel` for one pixel x nv vectors and weights of 4 bits. */
#define EC_DOT_NIBBLES(kernel, nv, WORDS, x)                                                                           \
  EC_DOT_TILE(1, kernel, nv, WORDS) EC_DOT_CHOICE(kernel, 1) EC_NIBBLES_KERNEL(kernel, (nv) * EC_V_LANES, 1, x)

#endif
