/* SPDX-License-Identifier: 0BSD
 * Integer convolution with the matrix products of ARMv8.6 (i8mm): an SMMLA or USMMLA multiplies 8 channels of 2 pixels
 * by those of 2 output channels. Tiles of 4 or 1 pairs of pixels x 8 output channels: registers 16 accumulators + 4
 * inputs + 4 weights of 32. Weights [ic/8][8][8]. */
#ifndef EC_CONV_MMLA__NEON_H
#define EC_CONV_MMLA__NEON_H

#if !defined(__ARM_FEATURE_MATMUL_INT8)
#error "this kernel needs the matrix products of bytes: -march=armv8.2-a+i8mm"
#endif

#include "ec_v__neon.h"

#include "ec_conv_i32.h"
#include "ec_pin__neon.h"

#define EC_MMLA_PAIRS_1(X) X(0, 0, 1)
#define EC_MMLA_PAIRS_4(X) EC_MMLA_PAIRS_1(X) X(1, 2, 3) X(2, 4, 5) X(3, 6, 7)

/* Accumulator a<i>_<j>: pixels 2 i and 2 i + 1, output channels 2 j and 2 j + 1. */
#define EC_MMLA_START(i, j)                                                                                            \
  int32x4_t a##i##_##j = vreinterpretq_s32_s64(vld1q_dup_s64((const int64_t *)(const void *)panel + (j)));
#define EC_MMLA_STARTS(i, p, q) EC_VECTORS_4(EC_MMLA_START, i)
#define EC_MMLA_INPUT(i, p, q)                                                                                         \
  const unsigned char *x##p = (const unsigned char *)taps[p * second];                                                 \
  const unsigned char *x##q = (const unsigned char *)taps[q * second];
#define EC_MMLA_WEIGHT(i, j) const int8x16_t w##j = vreinterpretq_s8_u8(vld1q_u8(w + 16 * (j)));
#define EC_MMLA_MAC_u8(i, j)                                                                                           \
  a##i##_##j = vusmmlaq_s32(a##i##_##j, x, w##j);                                                                      \
  EC_NEON_PIN(a##i##_##j);
#define EC_MMLA_MAC_i8(i, j)                                                                                           \
  a##i##_##j = vmmlaq_s32(a##i##_##j, vreinterpretq_s8_u8(x), w##j);                                                   \
  EC_NEON_PIN(a##i##_##j);
#define EC_MMLA_STEP(i, p, q, MAC)                                                                                     \
  {                                                                                                                    \
    const uint8x16_t x = vcombine_u8(vld1_u8(x##p + k), vld1_u8(x##q + k));                                            \
    EC_VECTORS_4(MAC, i)                                                                                               \
  }
#define EC_MMLA_STEP_u8(i, p, q) EC_MMLA_STEP(i, p, q, EC_MMLA_MAC_u8)
#define EC_MMLA_STEP_i8(i, p, q) EC_MMLA_STEP(i, p, q, EC_MMLA_MAC_i8)

/* The first or second pixel's sums of four channels. */
#define EC_MMLA_FOUR(zip, a, b) vreinterpretq_s32_s64(zip(vreinterpretq_s64_s32(a), vreinterpretq_s64_s32(b)))
#define EC_MMLA_FINISH(i, p, q) EC_MMLA_FINISH_ONE(vzip1q_s64, i, p) EC_MMLA_FINISH_ONE(vzip2q_s64, i, q)
#define EC_MMLA_FINISH_ONE(zip, i, p)                                                                                  \
  {                                                                                                                    \
    const ec_vi32 low = EC_MMLA_FOUR(zip, a##i##_0, a##i##_1), high = EC_MMLA_FOUR(zip, a##i##_2, a##i##_3);           \
    EC_W_FINISH(low, high, high, high, kept0, p, 0, 8)                                                                 \
  }

#define EC_MMLA_SUM(pairs, x)                                                                                          \
  const unsigned char *w = panel + 8 * 4;                                                                              \
  EC_MMLA_PAIRS_##pairs(EC_MMLA_STARTS) for (ptrdiff_t t = 0; t < tap_count; t++, taps += tap_step) {                  \
    EC_MMLA_PAIRS_##pairs(EC_MMLA_INPUT) for (ptrdiff_t k = 0; k < ic; k += 8, w += 64) {                              \
      EC_VECTORS_4(EC_MMLA_WEIGHT, 0) EC_MMLA_PAIRS_##pairs(EC_MMLA_STEP_##x)                                          \
    }                                                                                                                  \
  }

/* Defines `kernel` for bytes of type x. A pair without second pixel multiplies the first one twice. */
#define EC_MMLA_KERNEL(kernel, x)                                                                                      \
  static EC_NOINLINE void kernel##_pair(const void *const *taps, ptrdiff_t second, ptrdiff_t tap_count,                \
                                        ptrdiff_t tap_step, ptrdiff_t ic, const unsigned char *panel, int32_t *acc) {  \
    EC_MMLA_SUM(1, x)                                                                                                  \
    ec_vstore_i32(acc, EC_MMLA_FOUR(vzip1q_s64, a0_0, a0_1), 4);                                                       \
    ec_vstore_i32(acc + 4, EC_MMLA_FOUR(vzip1q_s64, a0_2, a0_3), 4);                                                   \
    ec_vstore_i32(acc + 8, EC_MMLA_FOUR(vzip2q_s64, a0_0, a0_1), 4);                                                   \
    ec_vstore_i32(acc + 12, EC_MMLA_FOUR(vzip2q_s64, a0_2, a0_3), 4);                                                  \
  }                                                                                                                    \
  EC_INLINE void kernel##_tile(int32_t rows, const void *const *taps, ptrdiff_t tap_count, ptrdiff_t tap_step,         \
                               ptrdiff_t ic, const unsigned char *panel, int32_t *acc) {                               \
    for (int32_t i = 0; i < rows; i += 2, taps += 2, acc += 16) {                                                      \
      kernel##_pair(taps, i + 1 < rows, tap_count, tap_step, ic, panel, acc);                                          \
    }                                                                                                                  \
  }                                                                                                                    \
  EC_INLINE void kernel##_whole(const void *const *taps, ptrdiff_t tap_count, ptrdiff_t tap_step, ptrdiff_t ic,        \
                                const unsigned char *panel, ptrdiff_t px, int32_t oc, const ec_epilogue *e,            \
                                ec_epi_i32 epi) {                                                                      \
    enum { second = 1 };                                                                                               \
    EC_MMLA_SUM(4, x)                                                                                                  \
    EC_W_KEPT_2 EC_MMLA_PAIRS_4(EC_MMLA_FINISH)                                                                        \
  }                                                                                                                    \
  EC_INLINE void kernel(const ec_window *d, const void *const *taps, ptrdiff_t npx, const void *w, int32_t oc0,        \
                        const void *pad, const ec_epilogue *e, ec_epi_i32 epi) {                                       \
    int32_t acc[8 * 8];                                                                                                \
    (void)pad;                                                                                                         \
    ec_conv_i32(d, taps, npx, w, oc0, e, epi, 8, 8, 1, acc, kernel##_tile, kernel##_whole);                            \
  }

#endif
