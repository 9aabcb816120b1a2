/* SPDX-License-Identifier: 0BSD
 * Integer depthwise convolution: by vectors of 4 channels in the words of ec_v, and for bytes 16 channels at a time,
 * 32-bit products of the even ones and of the odd ones. */
#ifndef EC_DWCONV_I32__MVE_H
#define EC_DWCONV_I32__MVE_H

#include "ec_mve.h"

#include "ec_dwconv_i32.h"

/* Defines `kernel`_few, the sums of one pixel and n channels, for x and weights of these types. */
#define EC_MVE_FEW(kernel, x, weight)                                                                                  \
  static EC_NOINLINE void kernel##_four(const void *const *taps, ptrdiff_t tap_count, ptrdiff_t c, int32_t n,          \
                                        const int32_t *start, const unsigned char *w, ptrdiff_t w_step,                \
                                        int32_t *acc) {                                                                \
    ec_vi32 sum = ec_vload_i32(start, n);                                                                              \
    for (ptrdiff_t t = 0; t < tap_count; t++, w += w_step) {                                                           \
      const ec_vi32 input = ec_vload_##x((const unsigned char *)taps[t] + c, n);                                       \
      sum = ec_vadd_i32(sum, ec_vmul_i32(input, ec_vload_##weight(w, n), n), n);                                       \
    }                                                                                                                  \
    ec_vstore_i32(acc, sum, EC_V_LANES);                                                                               \
  }                                                                                                                    \
  EC_INLINE void kernel##_few(const void *const *taps, ptrdiff_t tap_count, ptrdiff_t c, int32_t n,                    \
                              const int32_t *start, const unsigned char *w, ptrdiff_t w_bytes, ptrdiff_t w_step,       \
                              int32_t *acc) {                                                                          \
    for (int32_t i = 0; i < n; i += EC_V_LANES) {                                                                      \
      kernel##_four(taps, tap_count, c + i, n - i, start + i, w + i * w_bytes, w_step, acc + i);                       \
    }                                                                                                                  \
  }

/* 8 channels from `at` on: sums of even ones in a, those of odd ones in b. */
#define EC_MVE_EIGHT(x, at, a, b)                                                                                      \
  "vldrb." x "16 q4, [%[t], #" at "]\n\tvldrb.s16 q5, [%[w], #" at "]\n\t"                                             \
  "vmullb.s16 q6, q4, q5\n\tvmullt.s16 q7, q4, q5\n\tvadd.i32 " a ", " a ", q6\n\tvadd.i32 " b ", " b ", q7\n\t"

/* Defines `kernel` for weights of bytes and x, `sign` is how its bytes are widened. */
#define EC_MVE_DEPTHWISE(kernel, x, sign)                                                                              \
  EC_MVE_FEW(kernel, x, i8)                                                                                            \
  static EC_NOINLINE void kernel##_sixteen(const void *const *taps, ptrdiff_t tap_count, ptrdiff_t c,                  \
                                           const int32_t *start, const unsigned char *w, ptrdiff_t w_step,             \
                                           int32_t *acc) {                                                             \
    register uint32_t t __asm__("r4");                                                                                 \
    register const unsigned char *v __asm__("r5") = w;                                                                 \
    __asm__ volatile(                                                                                                  \
        "vld20.32 {q0, q1}, [%[start]]\n\tvld21.32 {q0, q1}, [%[start]]!\n\t"                                          \
        "vld20.32 {q2, q3}, [%[start]]\n\tvld21.32 {q2, q3}, [%[start]]\n\t"                                           \
        "dls lr, %[n]\n"                                                                                               \
        "1:\n\t"                                                                                                       \
        "ldr %[t], [%[taps]], #4\n\tadd %[t], %[t], %[c]\n\t" EC_MVE_EIGHT(sign, "0", "q0", "q1")                      \
            EC_MVE_EIGHT(sign, "8", "q2", "q3") "add %[w], %[w], %[step]\n\t"                                          \
                                                "le lr, 1b\n\t"                                                        \
                                                "vst20.32 {q0, q1}, [%[acc]]\n\tvst21.32 {q0, q1}, [%[acc]]!\n\t"      \
                                                "vst20.32 {q2, q3}, [%[acc]]\n\tvst21.32 {q2, q3}, [%[acc]]"           \
        : [t] "=&r"(t), [taps] "+r"(taps), [w] "+r"(v), [start] "+r"(start), [acc] "+r"(acc)                           \
        : [n] "r"(tap_count), [c] "r"(c), [step] "r"(w_step)                                                           \
        : EC_MVE_Q01, EC_MVE_Q23, EC_MVE_Q45, EC_MVE_Q67, EC_MVE_LOOP);                                                \
  }                                                                                                                    \
  EC_INLINE void kernel##_tile(int32_t rows, const void *const *taps, ptrdiff_t tap_count, ptrdiff_t c, int32_t n,     \
                               const int32_t *start, const unsigned char *w, ptrdiff_t w_step, int32_t *acc) {         \
    (void)rows;                                                                                                        \
    if (n == 16) {                                                                                                     \
      kernel##_sixteen(taps, tap_count, c, start, w, w_step, acc);                                                     \
    } else {                                                                                                           \
      kernel##_few(taps, tap_count, c, n, start, w, 1, w_step, acc);                                                   \
    }                                                                                                                  \
  }                                                                                                                    \
  EC_INLINE void kernel(const ec_window *d, const void *const *taps, ptrdiff_t npx, const void *w, int32_t oc0,        \
                        const void *pad, const ec_epilogue *e, ec_epi_i32 epi) {                                       \
    int32_t acc[16];                                                                                                   \
    (void)pad;                                                                                                         \
    ec_dwconv_i32(d, taps, npx, w, oc0, e, epi, 1, 16, 1, acc, kernel##_tile, NULL);                                   \
  }

/* Defines `kernel` for weights of 16 bits. */
#define EC_MVE_DEPTHWISE_WIDE(kernel, x)                                                                               \
  EC_MVE_FEW(kernel, x, i16)                                                                                           \
  EC_INLINE void kernel##_tile(int32_t rows, const void *const *taps, ptrdiff_t tap_count, ptrdiff_t c, int32_t n,     \
                               const int32_t *start, const unsigned char *w, ptrdiff_t w_step, int32_t *acc) {         \
    (void)rows;                                                                                                        \
    kernel##_few(taps, tap_count, c, n, start, w, 2, w_step, acc);                                                     \
  }                                                                                                                    \
  EC_INLINE void kernel(const ec_window *d, const void *const *taps, ptrdiff_t npx, const void *w, int32_t oc0,        \
                        const void *pad, const ec_epilogue *e, ec_epi_i32 epi) {                                       \
    int32_t acc[16];                                                                                                   \
    (void)pad;                                                                                                         \
    ec_dwconv_i32(d, taps, npx, w, oc0, e, epi, 1, 16, 2, acc, kernel##_tile, NULL);                                   \
  }

#endif
