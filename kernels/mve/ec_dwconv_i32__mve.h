/* SPDX-License-Identifier: 0BSD
 * Integer depthwise convolution of one pixel and 16, 8 or 4 channels at a time.
 *
 * 16 channels, for weights above -128: products of bytes have 16 bits, those of two taps are added up before they are
 * widened: 25 instructions for 32 products (.78). 8 channels: 32-bit products of the even ones and of the odd ones, 10
 * for 8 products. 4 channels in the words of ec_v, for any weights. */
#ifndef EC_DWCONV_I32__MVE_H
#define EC_DWCONV_I32__MVE_H

#include "ec_mve.h"

enum { ec_mve_sums = 256 }; /* of a tile, at most */

/* Sums of `rows` pixels and n channels from c on: `start` and `w` point at the first one's; acc[row][nr]. */
typedef void (*ec_mve_depthwise)(int32_t rows, const void *const *taps, ptrdiff_t tap_count, ptrdiff_t c, int32_t n,
                                 const int32_t *start, const unsigned char *w, ptrdiff_t w_step, int32_t *acc,
                                 int32_t nr);

/* Pieces of assembly for 16 channels. Inputs q4; a register of the core turns u8 into i8. */
#define EC_MVE_FLIP_i8
#define EC_MVE_FLIP_u8        "vadd.i8 q4, q4, %[flip]\n\t"
#define EC_MVE_BYTES(type, x) "vldrb.8 q4, [" x "]\n\t" EC_MVE_FLIP_##type

/* Products with a tap's weights q5, of even channels in q6 and odd ones in q7; those of one more tap. */
#define EC_MVE_WEIGHTS  "vldrb.8 q5, [%[w]]\n\tadd %[w], %[w], %[step]\n\t"
#define EC_MVE_PRODUCTS EC_MVE_WEIGHTS "vmullb.s8 q6, q4, q5\n\tvmullt.s8 q7, q4, q5\n\t"
#define EC_MVE_EVEN     EC_MVE_WEIGHTS "vmullb.s8 q4, q4, q5\n\tvadd.i16 q6, q6, q4\n\t"
#define EC_MVE_ODD      "vmullt.s8 q4, q4, q5\n\tvadd.i16 q7, q7, q4\n\t"

/* Adds them to q0 … q3, channels that are 0 … 3 modulo 4. */
#define EC_MVE_WIDEN                                                                                                   \
  "vmovlb.s16 q4, q6\n\tvmovlt.s16 q6, q6\n\tvadd.i32 q0, q0, q4\n\tvadd.i32 q2, q2, q6\n\t"                           \
  "vmovlb.s16 q4, q7\n\tvmovlt.s16 q7, q7\n\tvadd.i32 q1, q1, q4\n\tvadd.i32 q3, q3, q7\n\t"
#define EC_MVE_QUARTER(word, at) word ".32 {q0, q1, q2, q3}, [" at "]\n\t"
#define EC_MVE_MOVE(word, at)                                                                                          \
  EC_MVE_QUARTER(word "0", at) EC_MVE_QUARTER(word "1", at) EC_MVE_QUARTER(word "2", at) EC_MVE_QUARTER(word "3", at)

#define EC_MVE_PAIR(type)                                                                                              \
  "ldrd %[x], %[y], [%[taps]], #8\n\tadd %[x], %[x], %[c]\n\tadd %[y], %[y], %[c]\n\t" EC_MVE_BYTES(type, "%[x]")      \
      EC_MVE_PRODUCTS                                                                                                  \
      EC_MVE_BYTES(type, "%[y]") EC_MVE_EVEN EC_MVE_BYTES(type, "%[y]") EC_MVE_ODD EC_MVE_WIDEN
#define EC_MVE_LAST(type)                                                                                              \
  "ldr %[x], [%[taps]]\n\tadd %[x], %[x], %[c]\n\t" EC_MVE_BYTES(type, "%[x]") EC_MVE_PRODUCTS EC_MVE_WIDEN
#define EC_MVE_TAPS(type)                                                                                              \
  "lsr %[x], %[n], #1\n\twls lr, %[x], 2f\n1:\n\t" EC_MVE_PAIR(                                                        \
      type) "le lr, 1b\n2:\n\ttst %[n], #1\n\tbeq 3f\n\t" EC_MVE_LAST(type) "3:\n\t"
#define EC_MVE_SIXTEEN(kernel, type)                                                                                   \
  EC_INLINE void kernel##_sixteen(const void *const *taps, ptrdiff_t tap_count, ptrdiff_t c, const int32_t *start,     \
                                  const unsigned char *w, ptrdiff_t w_step, int32_t *acc) {                            \
    uint32_t x, y;                                                                                                     \
    __asm__ volatile(                                                                                                  \
        EC_MVE_MOVE("vld4", "%[start]") EC_MVE_TAPS(type) EC_MVE_MOVE("vst4", "%[acc]")                                \
        : [x] "=&r"(x), [y] "=&r"(y), [taps] "+r"(taps), [w] "+r"(w)                                                   \
        : [n] "r"(tap_count), [c] "r"(c), [step] "r"(w_step), [start] "r"(start), [acc] "r"(acc), [flip] "r"(0x80)     \
        : EC_MVE_Q01, EC_MVE_Q23, EC_MVE_Q45, EC_MVE_Q67, EC_MVE_LOOP);                                                \
  }

/* `load` is how bytes of x are widened; 128 is taken off where they are flipped elsewhere. */
#define EC_MVE_WIDER_i8      "vldrb.s16 q4, [%[x]]\n\t"
#define EC_MVE_WIDER_u8      "vldrb.u16 q4, [%[x]]\n\t"
#define EC_MVE_WIDER_flipped EC_MVE_WIDER_u8 "vsub.i16 q4, q4, %[flip]\n\t"
#define EC_MVE_PRODUCTS_8                                                                                              \
  "vmullb.s16 q6, q4, q5\n\tvmullt.s16 q7, q4, q5\n\tvadd.i32 q0, q0, q6\n\tvadd.i32 q1, q1, q7\n\t"
#define EC_MVE_EIGHT(kernel, load)                                                                                     \
  EC_INLINE void kernel##_eight(const void *const *taps, ptrdiff_t tap_count, ptrdiff_t c, const int32_t *start,       \
                                const unsigned char *w, ptrdiff_t w_step, int32_t *acc) {                              \
    register uint32_t x __asm__("r4");                                                                                 \
    register const unsigned char *v __asm__("r5") = w;                                                                 \
    __asm__ volatile(                                                                                                  \
        "vld20.32 {q0, q1}, [%[start]]\n\tvld21.32 {q0, q1}, [%[start]]\n\tdls lr, %[n]\n"                             \
        "1:\n\tldr %[x], [%[taps]], #4\n\tadd %[x], %[x], %[c]\n\t" EC_MVE_WIDER_##load                                \
        "vldrb.s16 q5, [%[w]]\n\tadd %[w], %[w], %[step]\n\t" EC_MVE_PRODUCTS_8 "le lr, 1b\n\t"                        \
        "vst20.32 {q0, q1}, [%[acc]]\n\tvst21.32 {q0, q1}, [%[acc]]"                                                   \
        : [x] "=&r"(x), [taps] "+r"(taps), [w] "+r"(v)                                                                 \
        : [n] "r"(tap_count), [c] "r"(c), [step] "r"(w_step), [start] "r"(start), [acc] "r"(acc), [flip] "r"(0x80)     \
        : EC_MVE_Q01, EC_MVE_Q45, EC_MVE_Q67, EC_MVE_LOOP);                                                            \
  }

/* n channels, for x and weights of these types and what is added to x. */
#define EC_MVE_FEW(kernel, type, weight, bias)                                                                         \
  EC_INLINE void kernel##_few(const void *const *taps, ptrdiff_t tap_count, ptrdiff_t c, int32_t n,                    \
                              const int32_t *start, const unsigned char *w, ptrdiff_t w_step, int32_t *acc) {          \
    ec_vi32 sum = ec_vload_i32(start, n);                                                                              \
    for (ptrdiff_t t = 0; t < tap_count; t++, w += w_step) {                                                           \
      const ec_vi32 x =                                                                                                \
          ec_vadd_i32(ec_vload_##type((const unsigned char *)taps[t] + c, n), ec_vsplat_i32(bias, n), n);              \
      sum = ec_vadd_i32(sum, ec_vmul_i32(x, ec_vload_##weight(w, n), n), n);                                           \
    }                                                                                                                  \
    ec_vstore_i32(acc, sum, EC_V_LANES);                                                                               \
  }

/* One block; weights take w_bytes each. A tile is as many pixels as ec_mve_sums allow. */
EC_INLINE void ec_dwconv_mve(const ec_window *d, const void *const *taps, ptrdiff_t npx, const void *w, int32_t oc0,
                             const ec_epilogue *e, ec_epi_i32 epi, ptrdiff_t w_bytes, ec_mve_depthwise sums) {
  const ptrdiff_t tap_count = ec_window_taps(d);
  const ec_epilogue local = *e; /* in registers: stores do not alias it */
  const int32_t *start = (const int32_t *)w;
  const int32_t oc = d->oc, nr = oc < ec_mve_channels ? (oc + EC_V_LANES - 1) & -EC_V_LANES : ec_mve_channels;
  const unsigned char *weights = (const unsigned char *)(start + oc);
  int32_t acc[ec_mve_sums], rows;
  for (ptrdiff_t i = 0; i < npx; i += rows, taps += rows * tap_count) {
    rows = npx - i < ec_mve_sums / nr ? (int32_t)(npx - i) : ec_mve_sums / nr;
    for (int32_t c = 0; c < oc; c += nr) {
      const int32_t n = oc - c < nr ? oc - c : nr;
      sums(rows, taps, tap_count, c, n, start + c, weights + c * w_bytes, oc * w_bytes, acc, nr);
      ec_mve_finish(acc, nr, i, rows, oc0 + c, n, &local, epi);
    }
  }
}

/* The channels by sixteens, by eights and by fours, as far as a kernel has them, each for all pixels. */
#define EC_MVE_PIXELS(kernel, name, ...)                                                                               \
  for (int32_t k = 0; k < rows; k++) {                                                                                 \
    kernel##name(taps + k * tap_count, tap_count, c + i, __VA_ARGS__, w_step, acc + k * nr + i);                       \
  }
#define EC_MVE_BY(kernel, count, name)                                                                                 \
  for (; i + count <= n; i += count) {                                                                                 \
    EC_MVE_PIXELS(kernel, name, start + i, w + i)                                                                      \
  }
#define EC_MVE_BY_16(kernel) EC_MVE_BY(kernel, 16, _sixteen) EC_MVE_BY_8(kernel)
#define EC_MVE_BY_8(kernel)  EC_MVE_BY(kernel, 8, _eight)
#define EC_MVE_BY_4(kernel)
#define EC_MVE_DEPTHWISE(kernel, most, w_bytes)                                                                        \
  static EC_NOINLINE void kernel##_sums(int32_t rows, const void *const *taps, ptrdiff_t tap_count, ptrdiff_t c,       \
                                        int32_t n, const int32_t *start, const unsigned char *w, ptrdiff_t w_step,     \
                                        int32_t *acc, int32_t nr) {                                                    \
    int32_t i = 0;                                                                                                     \
    EC_MVE_BY_##most(kernel) for (; i < n; i += EC_V_LANES) {                                                          \
      EC_MVE_PIXELS(kernel, _few, n - i, start + i, w + i * (w_bytes))                                                 \
    }                                                                                                                  \
  }                                                                                                                    \
  EC_INLINE void kernel(const ec_window *d, const void *const *taps, ptrdiff_t npx, const void *w, int32_t oc0,        \
                        const void *pad, const ec_epilogue *e, ec_epi_i32 epi) {                                       \
    (void)pad;                                                                                                         \
    ec_dwconv_mve(d, taps, npx, w, oc0, e, epi, w_bytes, kernel##_sums);                                               \
  }

#endif
