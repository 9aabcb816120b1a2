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
  static EC_NOINLINE void widen(int16_t *to, ptrdiff_t step, int32_t rows, const void *const *taps,                    \
                                ptrdiff_t tap_step, ptrdiff_t count, ptrdiff_t c, ptrdiff_t n) {                       \
    (void)step; /* rows are interleaved */                                                                             \
    for (int32_t i = 0; i < rows; i++, taps++) {                                                                       \
      uint32_t *y = (uint32_t *)(void *)to + i;                                                                        \
      for (ptrdiff_t t = 0; t < count; t++) {                                                                          \
        const unsigned char *from = (const unsigned char *)taps[t * tap_step] + c, *const end = from + n;              \
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
#define EC_DSP_TILE(mr, kernel, nv)                                                                                    \
  static EC_NOINLINE void kernel##_tile##mr(const int16_t *x, ptrdiff_t inputs, const unsigned char *weights,          \
                                            const int32_t *start, ptrdiff_t step, int32_t *acc) {                      \
    const uint32_t *y = (const uint32_t *)(const void *)x, *w = (const uint32_t *)(const void *)weights;               \
    const uint32_t *const end = y + (mr) * inputs / 2;                                                                 \
    EC_ROWS_##mr(EC_DOT_STARTS, nv);                                                                                   \
    do {                                                                                                               \
      EC_DSP_STEP(mr)                                                                                                  \
    } while (y != end);                                                                                                \
    EC_ROWS_##mr(EC_DOT_STORES, nv);                                                                                   \
  }

/* A step of four pixels takes every register there is, which gcc does not find by itself: r7, which may be the frame
 * pointer, is put aside, and weights are loaded twice. */
#if defined(__thumb2__) && !defined(__clang__)
#define EC_DSP_LOADED(load, rotated)                                                                                   \
  load "\n\tsxtb16 r0, r0" rotated "\n\tsxtb16 r3, r3" rotated "\n\tldrd r7, lr, [r1], #8\n\t"                         \
       "smlad r4, r7, r0, r4\n\tsmlad r5, r7, r3, r5\n\tsmlad r6, lr, r0, r6\n\tsmlad r8, lr, r3, r8\n\t"              \
       "ldrd r7, lr, [r1], #8\n\t"                                                                                     \
       "smlad r9, r7, r0, r9\n\tsmlad r10, r7, r3, r10\n\tsmlad r11, lr, r0, r11\n\tsmlad r12, lr, r3, r12\n\t"
static EC_NOINLINE void ec_dsp_tile4(const int16_t *x, ptrdiff_t inputs, const unsigned char *weights,
                                     const int32_t *start, ptrdiff_t step, int32_t *acc) {
  int32_t sums[8];
  for (int32_t i = 0; i < 4; i++) {
    sums[2 * i] = start[i * step];
    sums[2 * i + 1] = start[i * step + 1];
  }
  {
    register int32_t *at __asm__("r0") = sums;
    register const int16_t *y __asm__("r1") = x;
    register const unsigned char *w __asm__("r2") = weights;
    register const int16_t *end __asm__("r3") = x + 4 * inputs;
    __asm__ volatile("push {r7}\n\tpush {r0, r3}\n\t"
                     "ldrd r4, r5, [r0]\n\tldrd r6, r8, [r0, #8]\n\t"
                     "ldrd r9, r10, [r0, #16]\n\tldrd r11, r12, [r0, #24]\n"
                     "1:\n\t" EC_DSP_LOADED("ldrd r0, r3, [r2]", "") EC_DSP_LOADED(
                         "ldrd r0, r3, [r2], #8", ", ror #8") "ldr r0, [sp, #4]\n\tcmp r1, r0\n\tbne 1b\n\t"
                                                              "pop {r0, r3}\n\tpop {r7}\n\t"
                                                              "strd r4, r5, [r0]\n\tstrd r6, r8, [r0, #8]\n\t"
                                                              "strd r9, r10, [r0, #16]\n\tstrd r11, r12, [r0, #24]"
                     : "+r"(at), "+r"(y), "+r"(w), "+r"(end)
                     :
                     : "r4", "r5", "r6", "r8", "r9", "r10", "r11", "r12", "lr", "cc", "memory");
  }
  memcpy(acc, sums, sizeof sums);
}
#define EC_DSP_TILES(kernel)                                                                                           \
  EC_TILES_3(EC_DSP_TILE, kernel, 2)                                                                                   \
  EC_INLINE void kernel##_tile4(const int16_t *x, ptrdiff_t inputs, const unsigned char *weights,                      \
                                const int32_t *start, ptrdiff_t step, int32_t *acc) {                                  \
    ec_dsp_tile4(x, inputs, weights, start, step, acc);                                                                \
  }
#else
#define EC_DSP_TILES(kernel) EC_TILES_4(EC_DSP_TILE, kernel, 2)
#endif

/* Defines `kernel`, tiles of 4 pixels x 2 channels, for x of this type. */
#define EC_DSP_KERNEL(kernel, x)                                                                                       \
  EC_DSP_INPUTS(kernel##_widen, x)                                                                                     \
  EC_DSP_TILES(kernel)                                                                                                 \
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
/* A piece for the four weights of each of two channels, of 4 bits: 9 instructions instead of 10. */
#define EC_DSP_ROW_HALVES(i, j, k)                                                                                     \
  {                                                                                                                    \
    uint32_t t, u;                                                                                                     \
    __asm__("ldr %2, [%4], #4\n\tsxtb16 %3, %2\n\tsmlad %1, %5, %3, %1\n\t"                                            \
            "and %3, %3, %7\n\tsmlad %0, %5, %3, %0\n\t"                                                               \
            "sxtb16 %2, %2, ror #8\n\tsmlad %1, %6, %2, %1\n\t"                                                        \
            "and %2, %2, %7\n\tsmlad %0, %6, %2, %0"                                                                   \
            : "+r"(a##i##_##j), "+r"(a##i##_##k), "=&r"(t), "=&r"(u), "+r"(w)                                          \
            : "r"(even), "r"(odd), "rI"(0x000f000f)                                                                    \
            : "memory");                                                                                               \
  }
#define EC_DSP_ROW_BYTES()   EC_VECTORS_8(EC_DSP_ROW_MAC, 0)
#define EC_DSP_ROW_NIBBLES() EC_HALVES_8(EC_DSP_ROW_HALVES, 0)
#define EC_DSP_ROW_TILE(kernel, STEP, x)                                                                               \
  static EC_NOINLINE void kernel##_tile(int32_t rows, const void *const *taps, ptrdiff_t tap_count,                    \
                                        ptrdiff_t tap_step, ptrdiff_t ic, const unsigned char *panel, int32_t *acc) {  \
    enum { step = 0 };                                                                                                 \
    const int32_t *start = (const int32_t *)(const void *)panel;                                                       \
    const uint32_t *w = (const uint32_t *)(const void *)(start + 8);                                                   \
    (void)rows;                                                                                                        \
    EC_DOT_STARTS(0, 8)                                                                                                \
    for (const void *const *const last = taps + tap_count * tap_step; taps != last; taps += tap_step) {                \
      const unsigned char *p = (const unsigned char *)taps[0], *const end = p + ic;                                    \
      for (; p != end; p += 4) {                                                                                       \
        const uint32_t word = ec_dsp_load(p), even = ec_dsp_even_##x(word), odd = ec_dsp_odd_##x(word);                \
        STEP()                                                                                                         \
      }                                                                                                                \
    }                                                                                                                  \
    EC_DOT_STORES(0, 8)                                                                                                \
  }
#define EC_DSP_ROW_KERNEL(kernel, x)                                                                                   \
  EC_DSP_ROW_TILE(kernel, EC_DSP_ROW_BYTES, x)                                                                         \
  EC_INLINE void kernel(const ec_window *d, const void *const *taps, ptrdiff_t npx, const void *w, int32_t oc0,        \
                        const void *pad, const ec_epilogue *e, ec_epi_i32 epi) {                                       \
    int32_t acc[8];                                                                                                    \
    (void)pad;                                                                                                         \
    ec_conv_i32(d, taps, npx, w, oc0, e, epi, 1, 8, 1, acc, kernel##_tile, NULL);                                      \
  }
#define EC_DSP_NIBBLES(kernel, x)                                                                                      \
  EC_DSP_ROW_TILE(kernel, EC_DSP_ROW_NIBBLES, x)                                                                       \
  EC_NIBBLES_KERNEL(kernel, 8, 1, x)

#endif
