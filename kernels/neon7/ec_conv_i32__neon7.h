/* SPDX-License-Identifier: 0BSD
 * Integer convolution: VMULL multiplies pairs of channels, VPADAL adds the pairs up in i32. Tiles are mr pixels x 8
 * channels; VLD2 reads 4 channels of x and repeats both pairs. A kernel names its WORDS:
 *   EC_N7_MUL2   adds a second product in 16 bits (VMLAL) before: 3 instructions for 16 MAC. Two products of i8 fit
 *                unless all four bytes are -128, so weights must be greater.
 *   EC_N7_MUL1   takes all: 4 instructions.
 *   EC_N7_MLAL   weights of 16 bits (ec_conv_mlal__neon7.h).
 * and FLIP: 0, or 0x80, which makes i8 of u8 (the row's x_bias is -128 then). Registers: 2 mr sums, 2 of weights, 1 of
 * x and 2 products; a step of 32 mr MAC is 5 + 7 mr instructions, with FLIP 2 mr more. */
#ifndef EC_CONV_I32__NEON7_H
#define EC_CONV_I32__NEON7_H

#include "ec_neon7.h"

#include "ec_conv_i32_nibbles.h"

#define EC_N7_MUL2(a, v, x, w, y) a = vpadalq_s16(a, vmlal_s8(vmull_s8(v, x), w, y));
#define EC_N7_MUL1(a, v, x, w, y)                                                                                      \
  a = vpadalq_s16(a, vmull_s8(v, x));                                                                                  \
  a = vpadalq_s16(a, vmull_s8(w, y));

#define EC_N7_INPUT(i, nv) const unsigned char *x##i = (const unsigned char *)taps[i];
#define EC_N7_PIXEL(i, MUL)                                                                                            \
  {                                                                                                                    \
    const int16x4x2_t both = vld2_dup_s16((const int16_t *)(const void *)x##i);                                        \
    const int8x8_t x = veor_s8(vreinterpret_s8_s16(both.val[0]), flip);                                                \
    const int8x8_t y = veor_s8(vreinterpret_s8_s16(both.val[1]), flip);                                                \
    x##i += 4;                                                                                                         \
    EC_NEON7_OWN(x##i);                                                                                                \
    MUL(a##i##_0, vget_low_s8(v), x, vget_low_s8(u), y)                                                                \
    MUL(a##i##_1, vget_high_s8(v), x, vget_high_s8(u), y)                                                              \
    EC_NEON7_AFTER(a##i##_1);                                                                                          \
  }
/* The last pair of channels. */
#define EC_N7_LAST(i, MUL)                                                                                             \
  {                                                                                                                    \
    const int16x4_t pair = vld1_dup_s16((const int16_t *)(const void *)x##i);                                          \
    const int8x8_t x = veor_s8(vreinterpret_s8_s16(pair), flip);                                                       \
    a##i##_0 = vpadalq_s16(a##i##_0, vmull_s8(vget_low_s8(v), x));                                                     \
    a##i##_1 = vpadalq_s16(a##i##_1, vmull_s8(vget_high_s8(v), x));                                                    \
  }

/* All channels of a tap. */
#define EC_N7_BYTES(mr, MUL)                                                                                           \
  for (; k >= 4; k -= 4, w += 32) {                                                                                    \
    const int8x16_t v = ec_neon7_bytes(w), u = ec_neon7_bytes(w + 16);                                                 \
    EC_ROWS_##mr(EC_N7_PIXEL, MUL);                                                                                    \
  }                                                                                                                    \
  if (k > 0) {                                                                                                         \
    const int8x16_t v = ec_neon7_bytes(w);                                                                             \
    EC_ROWS_##mr(EC_N7_LAST, MUL);                                                                                     \
    w += 16;                                                                                                           \
  }
#define EC_N7_MUL2_STEPS(mr) EC_N7_BYTES(mr, EC_N7_MUL2)
#define EC_N7_MUL1_STEPS(mr) EC_N7_BYTES(mr, EC_N7_MUL1)
#define EC_N7_MUL2_W_BYTES   1
#define EC_N7_MUL1_W_BYTES   1

#define EC_N7_TILE(mr, kernel, WORDS, FLIP)                                                                            \
  static EC_NOINLINE void kernel##_tile##mr(const void *const *taps, ptrdiff_t tap_count, ptrdiff_t tap_step,          \
                                            ptrdiff_t ic, const unsigned char *panel, int32_t *acc) {                  \
    enum { row = 8 };                                                                                                  \
    const int32_t *start = (const int32_t *)(const void *)panel;                                                       \
    const unsigned char *w = panel + 4 * row;                                                                          \
    EC_NEON7_FLIP(FLIP)                                                                                                \
    EC_ROWS_##mr(EC_NEON7_STARTS, 2);                                                                                  \
    for (ptrdiff_t t = 0; t < tap_count; t++, taps += tap_step) {                                                      \
      ptrdiff_t k = ic;                                                                                                \
      EC_ROWS_##mr(EC_N7_INPUT, 2);                                                                                    \
      WORDS##_STEPS(mr)                                                                                                \
    }                                                                                                                  \
    EC_ROWS_##mr(EC_NEON7_STORES, 2);                                                                                  \
  }
#define EC_N7_CASE(mr, kernel, ...)                                                                                    \
  case mr:                                                                                                             \
    kernel##_tile##mr(taps, tap_count, tap_step, ic, panel, acc);                                                      \
    break;

/* Defines `kernel` for tiles of mr pixels. */
#define EC_N7_KERNEL(kernel, mr, WORDS, FLIP)                                                                          \
  EC_TILES_##mr(EC_N7_TILE, kernel, WORDS, FLIP) EC_INLINE void kernel##_tile(                                         \
      int32_t rows, const void *const *taps, ptrdiff_t tap_count, ptrdiff_t tap_step, ptrdiff_t ic,                    \
      const unsigned char *panel, int32_t *acc) {                                                                      \
    switch (rows) { EC_TILES_##mr(EC_N7_CASE, kernel, 0) }                                                             \
  }                                                                                                                    \
  EC_INLINE void kernel(const ec_window *d, const void *const *taps, ptrdiff_t npx, const void *w, int32_t oc0,        \
                        const void *pad, const ec_epilogue *e, ec_epi_i32 epi) {                                       \
    int32_t acc[(mr) * 8];                                                                                             \
    (void)pad;                                                                                                         \
    ec_conv_i32(d, taps, npx, w, oc0, e, epi, mr, 8, WORDS##_W_BYTES, acc, kernel##_tile, NULL);                       \
  }

/* Defines `kernel`, one pixel x 32 channels, by its tile. The weights of a step's first or second pairs,
 * W##_step bytes each, are W(w, k) for channels 8 k … 8 k + 7: bytes, or halves of bytes. */
enum { ec_n7_bytes_step = 64, ec_n7_nibbles_step = 32 };
EC_INLINE int8x16_t ec_n7_bytes(const unsigned char *w, int k) { return ec_neon7_bytes(w + 16 * k); }
EC_INLINE int8x16_t ec_n7_nibbles(const unsigned char *w, int k) {
  const int8x16_t both = ec_neon7_bytes(w + 16 * (k % 2));
  return k < 2 ? vandq_s8(both, vdupq_n_s8(15)) : vshrq_n_s8(both, 4);
}

#define EC_N7_ROW_MUL(W, MUL, k, a, b)                                                                                 \
  {                                                                                                                    \
    const int8x16_t v = W(w, k), u = W(w + W##_step, k);                                                               \
    MUL(a0_##a, vget_low_s8(v), x, vget_low_s8(u), y)                                                                  \
    MUL(a0_##b, vget_high_s8(v), x, vget_high_s8(u), y)                                                                \
    EC_NEON7_AFTER(a0_##b);                                                                                            \
  }
#define EC_N7_ROW_LAST(W, MUL, k, a, b)                                                                                \
  {                                                                                                                    \
    const int8x16_t v = W(w, k);                                                                                       \
    a0_##a = vpadalq_s16(a0_##a, vmull_s8(vget_low_s8(v), x));                                                         \
    a0_##b = vpadalq_s16(a0_##b, vmull_s8(vget_high_s8(v), x));                                                        \
  }
#define EC_N7_ROW_STEP(X, W, MUL)                                                                                      \
  X(W, MUL, 0, 0, 1)                                                                                                   \
  X(W, MUL, 1, 2, 3)                                                                                                   \
  X(W, MUL, 2, 4, 5)                                                                                                   \
  X(W, MUL, 3, 6, 7)
#define EC_N7_ROW_TILE(kernel, W, MUL, FLIP)                                                                           \
  static EC_NOINLINE void kernel##_tile(int32_t rows, const void *const *taps, ptrdiff_t tap_count,                    \
                                        ptrdiff_t tap_step, ptrdiff_t ic, const unsigned char *panel, int32_t *acc) {  \
    enum { row = 32 };                                                                                                 \
    const int32_t *start = (const int32_t *)(const void *)panel;                                                       \
    const unsigned char *w = panel + 4 * row;                                                                          \
    EC_NEON7_FLIP(FLIP)                                                                                                \
    (void)rows;                                                                                                        \
    EC_NEON7_STARTS(0, 8)                                                                                              \
    for (ptrdiff_t t = 0; t < tap_count; t++, taps += tap_step) {                                                      \
      const unsigned char *p = (const unsigned char *)taps[0];                                                         \
      ptrdiff_t k = ic;                                                                                                \
      for (; k >= 4; k -= 4, p += 4, w += 2 * W##_step) {                                                              \
        const int16x4x2_t both = vld2_dup_s16((const int16_t *)(const void *)p);                                       \
        const int8x8_t x = veor_s8(vreinterpret_s8_s16(both.val[0]), flip);                                            \
        const int8x8_t y = veor_s8(vreinterpret_s8_s16(both.val[1]), flip);                                            \
        EC_N7_ROW_STEP(EC_N7_ROW_MUL, W, MUL)                                                                          \
      }                                                                                                                \
      if (k > 0) {                                                                                                     \
        const int8x8_t x = veor_s8(vreinterpret_s8_s16(vld1_dup_s16((const int16_t *)(const void *)p)), flip);         \
        EC_N7_ROW_STEP(EC_N7_ROW_LAST, W, MUL) w += W##_step;                                                          \
      }                                                                                                                \
    }                                                                                                                  \
    EC_NEON7_STORES(0, 8)                                                                                              \
  }
#define EC_N7_ROW_KERNEL(kernel, MUL, FLIP)                                                                            \
  EC_N7_ROW_TILE(kernel, ec_n7_bytes, MUL, FLIP)                                                                       \
  EC_INLINE void kernel(const ec_window *d, const void *const *taps, ptrdiff_t npx, const void *w, int32_t oc0,        \
                        const void *pad, const ec_epilogue *e, ec_epi_i32 epi) {                                       \
    int32_t acc[32];                                                                                                   \
    (void)pad;                                                                                                         \
    ec_conv_i32(d, taps, npx, w, oc0, e, epi, 1, 32, 1, acc, kernel##_tile, NULL);                                     \
  }

#define EC_N7_NIBBLES(kernel, FLIP, x)                                                                                 \
  EC_N7_ROW_TILE(kernel, ec_n7_nibbles, EC_N7_MUL2, FLIP)                                                              \
  EC_NIBBLES_KERNEL(kernel, 32, 0, x)

#endif
