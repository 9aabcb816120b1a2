/* SPDX-License-Identifier: 0BSD
 * Integer convolution that adds all products of two vectors to one sum, VMLADAVA: 16 of bytes or, where weights have 16
 * bits, 8. Tiles of 1 or 2 pixels x 2 channels; the inputs of a tile's pixels are copied side by side as the weights'
 * type, where u8 becomes i8 by XOR, and serve up to 8 panels in one go. */
#ifndef EC_CONV_I32__MVE_H
#define EC_CONV_I32__MVE_H

#include "ec_mve.h"

#include "ec_tile.h"

enum { ec_mve_row = 1024, ec_mve_panels = 8 }; /* bytes of a pixel that are copied at a time; panels of a tile */

/* The vectors of n channels from c on of `count` taps of `rows` pixels, one behind the other. */
typedef void (*ec_mve_copy)(unsigned char *to, int32_t rows, const void *const *taps, ptrdiff_t tap_count,
                            ptrdiff_t count, ptrdiff_t c, ptrdiff_t n);
/* Sums of all channels of some panels, acc[pixel][2 * ec_mve_panels]; they start in the panels, or go on `skip` bytes
 * of weights behind. */
typedef void (*ec_mve_tile)(int32_t rows, const unsigned char *x, ptrdiff_t steps, const unsigned char *panel,
                            ptrdiff_t panel_bytes, ptrdiff_t skip, int32_t panels, int32_t *acc);

/* Defines `kernel`_copy, whose piece of assembly makes a vector q0 of KR channels at x; q1 is `flip` in all bytes. */
#define EC_MVE_COPY(kernel, KR, vector, flip)                                                                          \
  static EC_NOINLINE void kernel##_copy(unsigned char *to, int32_t rows, const void *const *taps, ptrdiff_t tap_count, \
                                        ptrdiff_t count, ptrdiff_t c, ptrdiff_t n) {                                   \
    for (int32_t i = 0; i < rows; i++, taps += tap_count, to += ec_mve_row) {                                          \
      unsigned char *y = to;                                                                                           \
      for (ptrdiff_t t = 0; t < count; t++) {                                                                          \
        register const unsigned char *x __asm__("r4") = (const unsigned char *)taps[t] + c;                            \
        __asm__ volatile("vmov.i8 q1, #" flip "\n\tdls lr, %[n]\n"                                                     \
                         "1:\n\t" vector "vstrb.8 q0, [%[y]], #16\n\t"                                                 \
                         "le lr, 1b"                                                                                   \
                         : [x] "+r"(x), [y] "+r"(y)                                                                    \
                         : [n] "r"(n / (KR))                                                                           \
                         : EC_MVE_Q01, EC_MVE_LOOP);                                                                   \
      }                                                                                                                \
    }                                                                                                                  \
  }
#define EC_MVE_VECTOR_I8  "vldrb.8 q0, [%[x]], #16\n\t"
#define EC_MVE_VECTOR_U8  "vldrb.8 q0, [%[x]], #16\n\tveor q0, q0, q1\n\t"
#define EC_MVE_VECTOR_I16 "vldrb.s16 q0, [%[x]], #8\n\t"
#define EC_MVE_VECTOR_U16 "vldrb.u16 q0, [%[x]], #8\n\t"

/* Defines `kernel`_tile: sums of `steps` vectors of inputs of 1 or 2 pixels and two channels, a loop without overhead,
 * for numbers of type s8 or s16. */
#define EC_MVE_TILE(kernel, type)                                                                                      \
  EC_INLINE void kernel##_sum1(const unsigned char *x, const unsigned char *w, ptrdiff_t steps, int32_t *a) {          \
    EC_MVE_SUM(s0, "r4", a[0]);                                                                                        \
    EC_MVE_SUM(s1, "r6", a[1]);                                                                                        \
    __asm__ volatile("dls lr, %[n]\n"                                                                                  \
                     "1:\n\t"                                                                                          \
                     "vldrb.8 q0, [%[w]], #16\n\tvldrb.8 q2, [%[x]], #16\n\tvmladava." type " %[s0], q0, q2\n\t"       \
                     "vldrb.8 q1, [%[w]], #16\n\tvmladava." type " %[s1], q1, q2\n\t"                                  \
                     "le lr, 1b"                                                                                       \
                     : [s0] "+r"(s0), [s1] "+r"(s1), [x] "+r"(x), [w] "+r"(w)                                          \
                     : [n] "r"(steps)                                                                                  \
                     : EC_MVE_Q01, EC_MVE_Q23, EC_MVE_LOOP);                                                           \
    a[0] = s0, a[1] = s1;                                                                                              \
  }                                                                                                                    \
  EC_INLINE void kernel##_sum2(const unsigned char *x, const unsigned char *w, ptrdiff_t steps, int32_t *a,            \
                               int32_t *b) {                                                                           \
    const unsigned char *y = x + ec_mve_row;                                                                           \
    EC_MVE_SUM(s0, "r4", a[0]);                                                                                        \
    EC_MVE_SUM(s1, "r6", a[1]);                                                                                        \
    EC_MVE_SUM(t0, "r8", b[0]);                                                                                        \
    EC_MVE_SUM(t1, "r10", b[1]);                                                                                       \
    __asm__ volatile(                                                                                                  \
        "dls lr, %[n]\n"                                                                                               \
        "1:\n\t"                                                                                                       \
        "vldrb.8 q0, [%[w]], #16\n\tvldrb.8 q2, [%[x]], #16\n\tvmladava." type " %[s0], q0, q2\n\t"                    \
        "vldrb.8 q1, [%[w]], #16\n\tvmladava." type " %[s1], q1, q2\n\t"                                               \
        "vldrb.8 q3, [%[y]], #16\n\tvmladava." type " %[t0], q0, q3\n\t"                                               \
        "vmladava." type " %[t1], q1, q3\n\t"                                                                          \
        "le lr, 1b"                                                                                                    \
        : [s0] "+r"(s0), [s1] "+r"(s1), [t0] "+r"(t0), [t1] "+r"(t1), [x] "+r"(x), [y] "+r"(y), [w] "+r"(w)            \
        : [n] "r"(steps)                                                                                               \
        : EC_MVE_Q01, EC_MVE_Q23, EC_MVE_LOOP);                                                                        \
    a[0] = s0, a[1] = s1, b[0] = t0, b[1] = t1;                                                                        \
  }                                                                                                                    \
  static EC_NOINLINE void kernel##_tile(int32_t rows, const unsigned char *x, ptrdiff_t steps,                         \
                                        const unsigned char *panel, ptrdiff_t panel_bytes, ptrdiff_t skip,             \
                                        int32_t panels, int32_t *acc) {                                                \
    int32_t *const end = acc + 2 * panels, *next = acc + 2 * ec_mve_panels;                                            \
    for (; acc != end; acc += 2, next += 2, panel += panel_bytes) {                                                    \
      const unsigned char *w = panel + 8 + skip;                                                                       \
      if (skip == 0) {                                                                                                 \
        const int32_t *start = (const int32_t *)(const void *)panel;                                                   \
        acc[0] = next[0] = start[0];                                                                                   \
        acc[1] = next[1] = start[1];                                                                                   \
      }                                                                                                                \
      if (rows == 2) {                                                                                                 \
        kernel##_sum2(x, w, steps, acc, next);                                                                         \
      } else {                                                                                                         \
        kernel##_sum1(x, w, steps, acc);                                                                               \
      }                                                                                                                \
    }                                                                                                                  \
  }

/* One block; weights take w_bytes each. */
EC_INLINE void ec_conv_mve(const ec_window *d, const void *const *taps, ptrdiff_t npx, const void *w, int32_t oc0,
                           const ec_epilogue *e, ec_epi_i32 epi, ptrdiff_t w_bytes, ec_mve_copy copy,
                           ec_mve_tile tile) {
  const ptrdiff_t most = ec_mve_row / w_bytes, tap_count = ec_window_taps(d), ic = d->ic;
  const ptrdiff_t several = ic < most ? most / ic : 1, inputs = tap_count * ic,
                  panel_bytes = 2 * (4 + inputs * w_bytes);
  const ec_epilogue local = *e; /* in registers: stores do not alias it */
  EC_ALIGNED(16) unsigned char x[2 * ec_mve_row];
  int32_t acc[2 * 2 * ec_mve_panels], rows;
  for (ptrdiff_t i = 0; i < npx; i += rows, taps += rows * tap_count) {
    const unsigned char *panel = (const unsigned char *)w;
    rows = npx - i < 2 ? 1 : 2;
    for (int32_t oc = 0; oc < d->oc; oc += 2 * ec_mve_panels, panel += ec_mve_panels * panel_bytes) {
      const int32_t channels = d->oc - oc < 2 * ec_mve_panels ? d->oc - oc : 2 * ec_mve_panels;
      for (ptrdiff_t t = 0, c = 0; t < tap_count;) {
        const ptrdiff_t count = tap_count - t < several ? tap_count - t : several;
        const ptrdiff_t n = ic - c < most ? ic - c : most;
        if (oc == 0 || inputs > most) {
          copy(x, rows, taps + t, tap_count, count, c, n);
        }
        tile(rows, x, count * n * w_bytes / 16, panel, panel_bytes, 2 * (t * ic + c) * w_bytes, (channels + 1) / 2,
             acc);
        c += n;
        if (c == ic) {
          t += count;
          c = 0;
        }
      }
      ec_tile_finish_i32(acc, 2 * ec_mve_panels, i, rows, oc0 + oc, channels, &local, epi);
    }
  }
}

/* Defines `kernel` for weights of w_bytes, the type s8 or s16; `vector` makes a vector of inputs. */
#define EC_MVE_CONV(kernel, w_bytes, type, vector, flip)                                                               \
  EC_MVE_COPY(kernel, 16 / (w_bytes), vector, flip)                                                                    \
  EC_MVE_TILE(kernel, type)                                                                                            \
  EC_INLINE void kernel(const ec_window *d, const void *const *taps, ptrdiff_t npx, const void *w, int32_t oc0,        \
                        const void *pad, const ec_epilogue *e, ec_epi_i32 epi) {                                       \
    (void)pad;                                                                                                         \
    ec_conv_mve(d, taps, npx, w, oc0, e, epi, w_bytes, kernel##_copy, kernel##_tile);                                  \
  }

#endif
