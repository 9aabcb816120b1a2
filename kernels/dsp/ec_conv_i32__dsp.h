/* SPDX-License-Identifier: 0BSD
 * Integer convolution that adds two products at a time, SMLAD. Steps take four inputs, bytes 0 and 2 and bytes 1 and 3
 * of a word in one register each: so x and w become 16-bit numbers without any other order. */
#ifndef EC_CONV_I32__DSP_H
#define EC_CONV_I32__DSP_H

#include "ec_dsp.h"

#define EC_WIDE_MOST 640 /* on the stack, for each pixel of a tile */

#include "ec_conv_i32_wide.h"

/* Widens for the tiles below: in each step the even inputs of all rows, then the odd ones. */
#define EC_DSP_INPUTS(widen, x)                                                                                        \
  static EC_NOINLINE void widen(int16_t *to, int32_t rows, const void *const *taps, ptrdiff_t tap_count,               \
                                ptrdiff_t count, ptrdiff_t c, ptrdiff_t n) {                                           \
    for (int32_t i = 0; i < rows; i++, taps += tap_count) {                                                            \
      uint32_t *y = (uint32_t *)(void *)to + i;                                                                        \
      for (ptrdiff_t t = 0; t < count; t++) {                                                                          \
        const unsigned char *from = (const unsigned char *)taps[t] + c, *const end = from + n;                         \
        for (; from != end; from += 4, y += 2 * rows) {                                                                \
          const uint32_t word = ec_dsp_load(from);                                                                     \
          y[0] = ec_dsp_even_##x(word);                                                                                \
          y[rows] = ec_dsp_odd_##x(word);                                                                              \
        }                                                                                                              \
      }                                                                                                                \
    }                                                                                                                  \
  }

/* A pixel's two inputs by those of two channels. */
#define EC_DSP_MAC(i, at)                                                                                              \
  a##i##_0 = ec_dsp_both(y[(at) + i], w0, a##i##_0);                                                                   \
  a##i##_1 = ec_dsp_both(y[(at) + i], w1, a##i##_1);
#define EC_DSP_HALF(mr, half, at)                                                                                      \
  {                                                                                                                    \
    const uint32_t w0 = ec_dsp_##half##_i8(w[0]), w1 = ec_dsp_##half##_i8(w[1]);                                       \
    EC_ROWS_##mr(EC_DSP_MAC, at);                                                                                      \
  }
#define EC_DSP_STEP(mr)                                                                                                \
  EC_DSP_HALF(mr, even, 0)                                                                                             \
  EC_DSP_HALF(mr, odd, mr)                                                                                             \
  y += 2 * (mr), w += 2;
#define EC_DSP_STEP_1 EC_DSP_STEP(1)
#define EC_DSP_STEP_2 EC_DSP_STEP(2)
#define EC_DSP_STEP_3 EC_DSP_STEP(3)

/* A step of four pixels takes every register there is, which gcc does not find by itself; weights are loaded twice. */
#if defined(__thumb2__) && defined(__OPTIMIZE__) && !defined(__clang__)
#define EC_DSP_ALL_REGISTERS __attribute__((optimize("omit-frame-pointer")))
#define EC_DSP_TEXT(load, rotated)                                                                                     \
  load "\n\tsxtb16 %8, %8" rotated "\n\tsxtb16 %9, %9" rotated "\n\tldrd %10, %11, [%12], #8"                          \
       "\n\tsmlad %0, %10, %8, %0\n\tsmlad %1, %10, %9, %1\n\tsmlad %2, %11, %8, %2\n\tsmlad %3, %11, %9, %3"          \
       "\n\tldrd %10, %11, [%12], #8"                                                                                  \
       "\n\tsmlad %4, %10, %8, %4\n\tsmlad %5, %10, %9, %5\n\tsmlad %6, %11, %8, %6\n\tsmlad %7, %11, %9, %7\n\t"
#define EC_DSP_STEP_4                                                                                                  \
  uint32_t t0, t1, t2, t3;                                                                                             \
  __asm__(EC_DSP_TEXT("ldrd %8, %9, [%13]", "") EC_DSP_TEXT("ldrd %8, %9, [%13], #8", ", ror #8")                      \
          : "+r"(a0_0), "+r"(a0_1), "+r"(a1_0), "+r"(a1_1), "+r"(a2_0), "+r"(a2_1), "+r"(a3_0), "+r"(a3_1), "=&r"(t0), \
            "=&r"(t1), "=&r"(t2), "=&r"(t3), "+r"(y), "+r"(w)                                                          \
          :                                                                                                            \
          : "memory");
#else
#define EC_DSP_ALL_REGISTERS
#define EC_DSP_STEP_4 EC_DSP_STEP(4)
#endif

#define EC_DSP_TILE(mr, kernel, nv)                                                                                    \
  static EC_NOINLINE EC_DSP_ALL_REGISTERS void kernel##_tile##mr(const int16_t *x, ptrdiff_t inputs,                   \
                                                                 const unsigned char *weights, const int32_t *start,   \
                                                                 ptrdiff_t step, int32_t *acc) {                       \
    const uint32_t *y = (const uint32_t *)(const void *)x, *w = (const uint32_t *)(const void *)weights;               \
    const uint32_t *const end = y + (mr) * inputs / 2;                                                                 \
    EC_ROWS_##mr(EC_DOT_STARTS, nv);                                                                                   \
    do {                                                                                                               \
      EC_DSP_STEP_##mr                                                                                                 \
    } while (y != end);                                                                                                \
    EC_ROWS_##mr(EC_DOT_STORES, nv);                                                                                   \
  }

/* Defines `kernel`, tiles of 4 pixels x 2 channels, for x of this type. */
#define EC_DSP_KERNEL(kernel, x)                                                                                       \
  EC_DSP_INPUTS(kernel##_widen, x)                                                                                     \
  EC_TILES_4(EC_DSP_TILE, kernel, 2)                                                                                   \
  EC_WIDE_CHOICE(kernel, 4)                                                                                            \
  EC_INLINE void kernel(const ec_window *d, const void *const *taps, ptrdiff_t npx, const void *w, int32_t oc0,        \
                        const void *pad, const ec_epilogue *e, ec_epi_i32 epi) {                                       \
    EC_ALIGNED(8) int16_t inputs[4 * EC_WIDE_MOST];                                                                    \
    int32_t acc[4 * 2];                                                                                                \
    (void)pad;                                                                                                         \
    ec_conv_i32_wide(d, taps, npx, w, oc0, e, epi, 4, 2, 1, inputs, acc, kernel##_widen, kernel##_tile, NULL);         \
  }

/* Defines `kernel`, one pixel x 8 channels. All that is done with a channel's four weights is one piece, for which the
 * registers suffice: gcc would load those of the next channels before. */
#define EC_DSP_ROW_MAC(i, j)                                                                                           \
  {                                                                                                                    \
    uint32_t t, u;                                                                                                     \
    __asm__("ldr %1, [%3], #4\n\tsxtb16 %2, %1\n\tsmlad %0, %4, %2, %0\n\t"                                            \
            "sxtb16 %1, %1, ror #8\n\tsmlad %0, %5, %1, %0"                                                            \
            : "+r"(a##i##_##j), "=&r"(t), "=&r"(u), "+r"(w)                                                            \
            : "r"(even), "r"(odd)                                                                                      \
            : "memory");                                                                                               \
  }
#define EC_DSP_ROW_KERNEL(kernel, x)                                                                                   \
  static EC_NOINLINE void kernel##_tile(int32_t rows, const void *const *taps, ptrdiff_t tap_count, ptrdiff_t ic,      \
                                        const unsigned char *panel, int32_t *acc) {                                    \
    enum { step = 0 };                                                                                                 \
    const int32_t *start = (const int32_t *)(const void *)panel;                                                       \
    const uint32_t *w = (const uint32_t *)(const void *)(start + 8);                                                   \
    (void)rows;                                                                                                        \
    EC_DOT_STARTS(0, 8)                                                                                                \
    for (ptrdiff_t t = 0; t < tap_count; t++) {                                                                        \
      const unsigned char *p = (const unsigned char *)taps[t], *const end = p + ic;                                    \
      for (; p != end; p += 4) {                                                                                       \
        const uint32_t word = ec_dsp_load(p), even = ec_dsp_even_##x(word), odd = ec_dsp_odd_##x(word);                \
        EC_VECTORS_8(EC_DSP_ROW_MAC, 0)                                                                                \
      }                                                                                                                \
    }                                                                                                                  \
    EC_DOT_STORES(0, 8)                                                                                                \
  }                                                                                                                    \
  EC_INLINE void kernel(const ec_window *d, const void *const *taps, ptrdiff_t npx, const void *w, int32_t oc0,        \
                        const void *pad, const ec_epilogue *e, ec_epi_i32 epi) {                                       \
    int32_t acc[8];                                                                                                    \
    (void)pad;                                                                                                         \
    ec_conv_i32(d, taps, npx, w, oc0, e, epi, 1, 8, 1, acc, kernel##_tile, NULL);                                      \
  }

#endif
