/* SPDX-License-Identifier: 0BSD
 * Integer depthwise convolutions with AVX-512 VNNI. Bytes times bytes: VPDPBUSD of four taps, for up to 64 channels of
 * a pixel; i8 becomes u8 by XOR, which adds 128. Weights of 16 bits: VPDPWSSD of pairs of taps. */
#ifndef EC_DWCONV_I32__AVX512_H
#define EC_DWCONV_I32__AVX512_H

#include "ec_v__avx512.h"

#include "ec_dwconv_i32_dot.h"

/* Bytes of up to 64 channels, 0 beyond. Their dwords are transposed as a matrix of 4 x 4, so that interleaving of bytes
 * and words, which stays within each 16 bytes, leaves channels in their order. */
EC_INLINE __m512i ec_dw_input__avx512(const void *p, ptrdiff_t c, __mmask64 channels, __m512i flip) {
  const __m512i order = _mm512_setr_epi32(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15);
  const __m512i x = _mm512_maskz_loadu_epi8(channels, (const unsigned char *)p + c);
  return _mm512_xor_si512(_mm512_permutexvar_epi32(order, x), flip);
}

#define EC_DW_START__AVX512(n, j) ec_vi32 a##j = _mm512_maskz_loadu_epi32(m##j, start + (j) * 16);
#define EC_DW_DOT__AVX512(n, j)   a##j = _mm512_dpbusd_epi32(a##j, y##j, _mm512_maskz_loadu_epi32(m##j, w + (j) * 64));
#define EC_DW_STORE__AVX512(n, j) _mm512_storeu_si512(acc + i * 64 + (j) * 16, a##j);
#define EC_DW_MASK__AVX512(n, j)                                                                                       \
  const __mmask16 m##j = (__mmask16)((n) >= 16 * (j) + 16 ? 0xFFFFU                                                    \
                                     : (n) > 16 * (j)     ? (1U << ((n) - 16 * (j))) - 1U                              \
                                                          : 0U);

/* Four taps of the first 16 or 32 channels, or of all 64: y<j>, four bytes for each channel of vector j. */
#define EC_DW_TAPS__AVX512                                                                                             \
  const __m512i x0 = ec_dw_input__avx512(taps[t], c, channels, flip);                                                  \
  const __m512i x1 = ec_dw_input__avx512(taps[t + 1 < tap_count ? t + 1 : t], c, channels, flip);                      \
  const __m512i x2 = ec_dw_input__avx512(taps[t + 2 < tap_count ? t + 2 : t], c, channels, flip);                      \
  const __m512i x3 = ec_dw_input__avx512(taps[t + 3 < tap_count ? t + 3 : t], c, channels, flip);                      \
  const __m512i low01 = _mm512_unpacklo_epi8(x0, x1), low23 = _mm512_unpacklo_epi8(x2, x3);
#define EC_DW_TAPS_1__AVX512 EC_DW_TAPS__AVX512 const __m512i y0 = _mm512_unpacklo_epi16(low01, low23);
#define EC_DW_TAPS_2__AVX512 EC_DW_TAPS_1__AVX512 const __m512i y1 = _mm512_unpackhi_epi16(low01, low23);
#define EC_DW_TAPS_4__AVX512                                                                                           \
  EC_DW_TAPS_2__AVX512                                                                                                 \
  const __m512i high01 = _mm512_unpackhi_epi8(x0, x1), high23 = _mm512_unpackhi_epi8(x2, x3);                          \
  const __m512i y2 = _mm512_unpacklo_epi16(high01, high23), y3 = _mm512_unpackhi_epi16(high01, high23);

#define EC_DW_STORES__AVX512(nv, n) EC_VECTORS_##nv(EC_DW_STORE__AVX512, n)
#define EC_DW_FINISH__AVX512(nv, n)                                                                                    \
  ec_wchannels kept;                                                                                                   \
  epi((ec_wi32){a0, a1, a2, a3}, &kept, 0, e, px + i, oc, n);

/* The sums of n <= 16 * nv channels of each of `rows` pixels, and what is done with them. */
#define EC_DW_SUMS__AVX512(nv, n, rows, DONE)                                                                          \
  const __mmask64 channels = (n) >= 64 ? ~(__mmask64)0 : ((__mmask64)1 << (n)) - 1;                                    \
  EC_VECTORS_##nv(EC_DW_MASK__AVX512, n);                                                                              \
  for (int32_t i = 0; i < (rows); i++, taps += tap_count) {                                                            \
    const unsigned char *w = weights;                                                                                  \
    EC_VECTORS_##nv(EC_DW_START__AVX512, n);                                                                           \
    for (ptrdiff_t t = 0; t < tap_count; t += 4, w += w_step) {                                                        \
      EC_DW_TAPS_##nv##__AVX512;                                                                                       \
      EC_VECTORS_##nv(EC_DW_DOT__AVX512, n);                                                                           \
    }                                                                                                                  \
    DONE(nv, n)                                                                                                        \
  }

#define EC_DW_TILE__AVX512(nv)                                                                                         \
  static EC_NOINLINE void ec_dw_tile##nv##__avx512(                                                                    \
      int32_t rows, const void *const *taps, ptrdiff_t tap_count, ptrdiff_t c, int32_t n, const int32_t *start,        \
      const unsigned char *weights, ptrdiff_t w_step, __m512i flip, int32_t *acc) {                                    \
    EC_DW_SUMS__AVX512(nv, n, rows, EC_DW_STORES__AVX512)                                                              \
  }
EC_DW_TILE__AVX512(1)
EC_DW_TILE__AVX512(2)
EC_DW_TILE__AVX512(4)

/* Defines `kernel`; `sign` is XORed with every byte of x. */
#define EC_DW_KERNEL__AVX512(kernel, mr, sign)                                                                         \
  EC_INLINE void kernel##_tile(int32_t rows, const void *const *taps, ptrdiff_t tap_count, ptrdiff_t c, int32_t n,     \
                               const int32_t *start, const unsigned char *w, ptrdiff_t w_step, int32_t *acc) {         \
    const __m512i flip = _mm512_set1_epi8(sign);                                                                       \
    if (n <= 16) {                                                                                                     \
      ec_dw_tile1__avx512(rows, taps, tap_count, c, n, start, w, w_step, flip, acc);                                   \
    } else if (n <= 32) {                                                                                              \
      ec_dw_tile2__avx512(rows, taps, tap_count, c, n, start, w, w_step, flip, acc);                                   \
    } else {                                                                                                           \
      ec_dw_tile4__avx512(rows, taps, tap_count, c, n, start, w, w_step, flip, acc);                                   \
    }                                                                                                                  \
  }                                                                                                                    \
  EC_INLINE void kernel##_whole(const void *const *taps, ptrdiff_t tap_count, ptrdiff_t c, const int32_t *start,       \
                                const unsigned char *weights, ptrdiff_t w_step, ptrdiff_t px, int32_t oc,              \
                                const ec_epilogue *e, ec_epi_i32 epi) {                                                \
    const __m512i flip = _mm512_set1_epi8(sign);                                                                       \
    EC_DW_SUMS__AVX512(4, 64, mr, EC_DW_FINISH__AVX512)                                                                \
  }                                                                                                                    \
  EC_INLINE void kernel(const ec_window *d, const void *const *taps, ptrdiff_t npx, const void *w, int32_t oc0,        \
                        const void *pad, const ec_epilogue *e, ec_epi_i32 epi) {                                       \
    EC_ALIGNED(64) int32_t acc[(mr) * 64];                                                                             \
    (void)pad;                                                                                                         \
    ec_dwconv_i32_dot(d, taps, npx, w, oc0, e, epi, mr, 64, 1, 4, acc, kernel##_tile, kernel##_whole);                 \
  }

/* Both inputs of n <= 16 channels, as bytes. */
EC_INLINE __m256i ec_pairs__avx512(const unsigned char *p, const unsigned char *q, int32_t n) {
  const __m128i a = _mm_maskz_loadu_epi8(ec_vfirst__avx512(n), p), b = _mm_maskz_loadu_epi8(ec_vfirst__avx512(n), q);
  return _mm256_set_m128i(_mm_unpackhi_epi8(a, b), _mm_unpacklo_epi8(a, b));
}

#define EC_PAIRS_U8__AVX512(i, j)                                                                                      \
  a##i##_##j = _mm512_dpwssd_epi32(a##i##_##j,                                                                         \
                                   _mm512_cvtepu8_epi16(ec_pairs__avx512(p##i + (j) * 16, q##i + (j) * 16, n)), w##j);
#define EC_PAIRS_I8__AVX512(i, j)                                                                                      \
  a##i##_##j = _mm512_dpwssd_epi32(a##i##_##j,                                                                         \
                                   _mm512_cvtepi8_epi16(ec_pairs__avx512(p##i + (j) * 16, q##i + (j) * 16, n)), w##j);

#define EC_PAIRS_U8I16__AVX512_W_BYTES      2
#define EC_PAIRS_U8I16__AVX512_WEIGHT(p, n) ec_vload_i32(p, n)
#define EC_PAIRS_U8I16__AVX512_STEP(i, nv)  EC_VECTORS_##nv(EC_PAIRS_U8__AVX512, i)
#define EC_PAIRS_I8I16__AVX512_W_BYTES      2
#define EC_PAIRS_I8I16__AVX512_WEIGHT(p, n) ec_vload_i32(p, n)
#define EC_PAIRS_I8I16__AVX512_STEP(i, nv)  EC_VECTORS_##nv(EC_PAIRS_I8__AVX512, i)

#endif
