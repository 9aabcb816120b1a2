/* SPDX-License-Identifier: 0BSD
 * Integer convolution in plain C99, for every type of x and w: tiles of 1 or 2 pixels x 4 output channels. */
#ifndef EC_CONV_I32__PORTABLE_H
#define EC_CONV_I32__PORTABLE_H

#include "ec_v__portable.h"

#include "ec_conv_i32_nibbles.h"

#define EC_CONV_I32_START(i, j) uint32_t a##i##_##j = (uint32_t)start[j];
#define EC_CONV_I32_STORE(i, j) acc[(i) * 4 + (j)] = (int32_t)a##i##_##j;
#define EC_CONV_I32_MAC(i, j)   a##i##_##j += (uint32_t)(x##i * w[j]);

#define EC_CONV_I32_STARTS(i, X) EC_VECTORS_4(EC_CONV_I32_START, i)
#define EC_CONV_I32_STORES(i, X) EC_VECTORS_4(EC_CONV_I32_STORE, i)
#define EC_CONV_I32_INPUT(i, X)  const X *p##i = (const X *)taps[i];
#define EC_CONV_I32_STEP(i, X)                                                                                         \
  const int32_t x##i = p##i[c];                                                                                        \
  EC_VECTORS_4(EC_CONV_I32_MAC, i)

#define EC_CONV_I32_TILE(mr, kernel, types)                                                                            \
  static EC_NOINLINE void kernel##_tile##mr(const void *const *taps, ptrdiff_t tap_count, ptrdiff_t tap_step,          \
                                            ptrdiff_t ic, const unsigned char *panel, int32_t *acc) {                  \
    typedef EC_CONV_I32_X_##types X;                                                                                   \
    const int32_t *start = (const int32_t *)panel;                                                                     \
    const EC_CONV_I32_W_##types *w = (const EC_CONV_I32_W_##types *)(start + 4);                                       \
    EC_ROWS_##mr(EC_CONV_I32_STARTS, X);                                                                               \
    for (ptrdiff_t t = 0; t < tap_count; t++, taps += tap_step) {                                                      \
      EC_ROWS_##mr(EC_CONV_I32_INPUT, X);                                                                              \
      for (ptrdiff_t c = 0; c < ic; c++, w += 4) {                                                                     \
        EC_TILE_IN_ORDER();                                                                                            \
        EC_ROWS_##mr(EC_CONV_I32_STEP, X);                                                                             \
      }                                                                                                                \
    }                                                                                                                  \
    EC_ROWS_##mr(EC_CONV_I32_STORES, X);                                                                               \
  }

/* Defines `kernel` for x and w of these types. */
#define EC_CONV_I32_KERNEL(kernel, types)                                                                              \
  EC_TILES_2(EC_CONV_I32_TILE, kernel, types)                                                                          \
  EC_INLINE void kernel##_tile(int32_t rows, const void *const *taps, ptrdiff_t tap_count, ptrdiff_t tap_step,         \
                               ptrdiff_t ic, const unsigned char *panel, int32_t *acc) {                               \
    if (rows == 2) {                                                                                                   \
      kernel##_tile2(taps, tap_count, tap_step, ic, panel, acc);                                                       \
    } else {                                                                                                           \
      kernel##_tile1(taps, tap_count, tap_step, ic, panel, acc);                                                       \
    }                                                                                                                  \
  }                                                                                                                    \
  EC_INLINE void kernel(const ec_window *d, const void *const *taps, ptrdiff_t npx, const void *w, int32_t oc0,        \
                        const void *pad, const ec_epilogue *e, ec_epi_i32 epi) {                                       \
    int32_t acc[2 * 4];                                                                                                \
    (void)pad;                                                                                                         \
    ec_conv_i32(d, taps, npx, w, oc0, e, epi, 2, 4, (ptrdiff_t)sizeof(EC_CONV_I32_W_##types), acc, kernel##_tile,      \
                NULL);                                                                                                 \
  }

/* Defines `kernel`, one pixel x 4 channels with weights of 4 bits: as many multiplications and half the loads. */
#define EC_CONV_I32_HALVES(i, j, k)                                                                                    \
  a##i##_##j += (uint32_t)(x0 * (w[2 * (j)] & 15)) + (uint32_t)(x1 * (w[2 * (j) + 1] & 15));                           \
  a##i##_##k += (uint32_t)(x0 * w[2 * (j)]) + (uint32_t)(x1 * w[2 * (j) + 1]);
#define EC_CONV_I32_NIBBLES(kernel, x)                                                                                 \
  static EC_NOINLINE void kernel##_tile(int32_t rows, const void *const *taps, ptrdiff_t tap_count,                    \
                                        ptrdiff_t tap_step, ptrdiff_t ic, const unsigned char *panel, int32_t *acc) {  \
    const int32_t *start = (const int32_t *)panel;                                                                     \
    const int8_t *w = (const int8_t *)(start + 4);                                                                     \
    (void)rows;                                                                                                        \
    EC_CONV_I32_STARTS(0, x)                                                                                           \
    for (ptrdiff_t t = 0; t < tap_count; t++, taps += tap_step) {                                                      \
      EC_CONV_I32_INPUT(0, EC_CONV_I32_X_##x##i8)                                                                      \
      for (ptrdiff_t c = 0; c < ic; c += 2, w += 4) {                                                                  \
        const int32_t x0 = p0[c], x1 = p0[c + 1];                                                                      \
        EC_TILE_IN_ORDER();                                                                                            \
        EC_HALVES_4(EC_CONV_I32_HALVES, 0)                                                                             \
      }                                                                                                                \
    }                                                                                                                  \
    EC_CONV_I32_STORES(0, x)                                                                                           \
  }                                                                                                                    \
  EC_NIBBLES_KERNEL(kernel, 4, 1, x)

#define EC_CONV_I32_X_u8i8  uint8_t
#define EC_CONV_I32_W_u8i8  int8_t
#define EC_CONV_I32_X_i8i8  int8_t
#define EC_CONV_I32_W_i8i8  int8_t
#define EC_CONV_I32_X_u8i16 uint8_t
#define EC_CONV_I32_W_u8i16 int16_t
#define EC_CONV_I32_X_i8i16 int8_t
#define EC_CONV_I32_W_i8i16 int16_t

#endif
