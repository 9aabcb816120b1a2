/* SPDX-License-Identifier: 0BSD
 * Integer depthwise convolution, 16 channels at a time: 32-bit products of the even ones and of the odd ones. What is
 * left of the channels goes to the kernel of the DSP instructions. */
#ifndef EC_DWCONV_I32__MVE_H
#define EC_DWCONV_I32__MVE_H

#include "ec_mve.h"

#include "ec_dwconv_i32.h"

/* 8 channels from `at` on: sums of even ones in a, those of odd ones in b. */
#define EC_MVE_EIGHT(x, at, a, b)                                                                                      \
  "vldrb." x "16 q4, [%[t], #" at "]\n\tvldrb.s16 q5, [%[w], #" at "]\n\t"                                             \
  "vmullb.s16 q6, q4, q5\n\tvmullt.s16 q7, q4, q5\n\tvadd.i32 " a ", " a ", q6\n\tvadd.i32 " b ", " b ", q7\n\t"

/* Defines `kernel` for x, `sign` is how its bytes are widened; `rest` takes less than 16 channels. */
#define EC_MVE_DEPTHWISE(kernel, sign, rest)                                                                           \
  static EC_NOINLINE void kernel##_sixteen(const void *const *taps, ptrdiff_t tap_count, ptrdiff_t c,                  \
                                           const int32_t *start, const unsigned char *w, ptrdiff_t w_step,             \
                                           int32_t *acc) {                                                             \
    register uint32_t t __asm__("r4");                                                                                 \
    register const unsigned char *v __asm__("r5") = w;                                                                 \
    __asm__ volatile(EC_MVE("vld20.32 {q0, q1}, [%[start]]\n\tvld21.32 {q0, q1}, [%[start]]!\n\t"                      \
                            "vld20.32 {q2, q3}, [%[start]]\n\tvld21.32 {q2, q3}, [%[start]]\n\t"                       \
                            "dls lr, %[n]\n"                                                                           \
                            "1:\n\t"                                                                                   \
                            "ldr %[t], [%[taps]], #4\n\tadd %[t], %[t], %[c]\n\t" EC_MVE_EIGHT(sign, "0", "q0", "q1")  \
                                EC_MVE_EIGHT(sign, "8", "q2",                                                          \
                                             "q3") "add %[w], %[w], %[step]\n\t"                                       \
                                                   "le lr, 1b\n\t"                                                     \
                                                   "vst20.32 {q0, q1}, [%[acc]]\n\tvst21.32 {q0, q1}, [%[acc]]!\n\t"   \
                                                   "vst20.32 {q2, q3}, [%[acc]]\n\tvst21.32 {q2, q3}, [%[acc]]")       \
                     : [t] "=&r"(t), [taps] "+r"(taps), [w] "+r"(v), [start] "+r"(start), [acc] "+r"(acc)              \
                     : [n] "r"(tap_count), [c] "r"(c), [step] "r"(w_step)                                              \
                     : EC_MVE_Q01, EC_MVE_Q23, EC_MVE_Q45, EC_MVE_Q67, EC_MVE_LOOP);                                   \
  }                                                                                                                    \
  EC_INLINE void kernel##_tile(int32_t rows, const void *const *taps, ptrdiff_t tap_count, ptrdiff_t c, int32_t n,     \
                               const int32_t *start, const unsigned char *w, ptrdiff_t w_step, int32_t *acc) {         \
    if (n == 16) {                                                                                                     \
      kernel##_sixteen(taps, tap_count, c, start, w, w_step, acc);                                                     \
    } else {                                                                                                           \
      rest(rows, taps, tap_count, c, n, start, w, w_step, acc);                                                        \
    }                                                                                                                  \
  }                                                                                                                    \
  EC_INLINE void kernel(const ec_window *d, const void *const *taps, ptrdiff_t npx, const void *w, int32_t oc0,        \
                        const void *pad, const ec_epilogue *e, ec_epi_i32 epi) {                                       \
    int32_t acc[16];                                                                                                   \
    (void)pad;                                                                                                         \
    ec_dwconv_i32(d, taps, npx, w, oc0, e, epi, 1, 16, 1, acc, kernel##_tile, NULL);                                   \
  }

#endif
