/* SPDX-License-Identifier: 0BSD
 * Integer maximum poolings with AVX2: 32 channels of a pixel, widened at the end; the last ones 8 at a time. */
#ifndef EC_MAXPOOL_I32__AVX2_H
#define EC_MAXPOOL_I32__AVX2_H

#include "ec_v__avx2.h"

#include "ec_maxpool_i32.h"

#define EC_MAXPOOL_WIDEN__AVX2(convert, j)                                                                             \
  _mm256_storeu_si256((__m256i *)(void *)(acc + 8 * (j)),                                                              \
                      _mm256_##convert##_epi32(_mm_loadl_epi64((const __m128i *)(const void *)(bytes + 8 * (j)))));

/* Defines `kernel`; bytes are those of the `type` epu8 or epi8, which `convert` widens and `load` reads widened. */
#define EC_MAXPOOL_KERNEL__AVX2(kernel, type, convert, load)                                                           \
  static EC_NOINLINE void kernel##_tile(const void *const *taps, ptrdiff_t tap_count, ptrdiff_t c, int32_t n,          \
                                        int32_t *acc) {                                                                \
    if (n == 32) {                                                                                                     \
      EC_ALIGNED(32) unsigned char bytes[32];                                                                          \
      __m256i most = _mm256_loadu_si256((const __m256i *)(const void *)((const unsigned char *)taps[0] + c));          \
      for (ptrdiff_t t = 1; t < tap_count; t++) {                                                                      \
        most = _mm256_max_##type(                                                                                      \
            most, _mm256_loadu_si256((const __m256i *)(const void *)((const unsigned char *)taps[t] + c)));            \
      }                                                                                                                \
      _mm256_store_si256((__m256i *)(void *)bytes, most);                                                              \
      EC_VECTORS_4(EC_MAXPOOL_WIDEN__AVX2, convert)                                                                    \
    }                                                                                                                  \
    for (int32_t i = n == 32 ? n : 0; i < n; i += EC_V_LANES) {                                                        \
      const int32_t lanes = n - i < EC_V_LANES ? n - i : EC_V_LANES;                                                   \
      ec_vi32 most = load((const unsigned char *)taps[0] + c + i, lanes);                                              \
      for (ptrdiff_t t = 1; t < tap_count; t++) {                                                                      \
        most = ec_vmax_i32(most, load((const unsigned char *)taps[t] + c + i, lanes), lanes);                          \
      }                                                                                                                \
      ec_vstore_i32(acc + i, most, EC_V_LANES);                                                                        \
    }                                                                                                                  \
  }                                                                                                                    \
  EC_INLINE void kernel(const ec_window *d, const void *const *taps, ptrdiff_t npx, const void *w, int32_t oc0,        \
                        const void *pad, const ec_epilogue *e, ec_epi_i32 epi) {                                       \
    EC_ALIGNED(64) int32_t acc[32];                                                                                    \
    (void)pad, (void)w;                                                                                                \
    ec_maxpool_i32(d, taps, npx, oc0, e, epi, 32, acc, kernel##_tile);                                                 \
  }

#endif
