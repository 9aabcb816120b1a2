/* SPDX-License-Identifier: 0BSD
 * Integer convolution that adds 16 products at a time to one sum, VMLADAVA: tiles of 1 or 2 pixels x 2 channels. The
 * inputs of a tile's pixels are copied side by side, where u8 becomes i8, and serve up to 8 panels in one go. */
#ifndef EC_CONV_I32__MVE_H
#define EC_CONV_I32__MVE_H

#include "ec_mve.h"

#include "ec_tile.h"

enum { ec_mve_most = 1024, ec_mve_panels = 8 }; /* inputs of a pixel that are copied at a time; panels of a tile */

/* The channels c … c + n - 1 of `count` taps of `rows` pixels, one behind the other, XOR `flip`. */
static EC_NOINLINE void ec_mve_inputs(uint8_t *to, int32_t rows, const void *const *taps, ptrdiff_t tap_count,
                                      ptrdiff_t count, ptrdiff_t c, ptrdiff_t n, uint32_t flip) {
  for (int32_t i = 0; i < rows; i++, taps += tap_count, to += ec_mve_most) {
    uint8_t *y = to;
    for (ptrdiff_t t = 0; t < count; t++) {
      const uint8_t *x = (const uint8_t *)taps[t] + c;
      __asm__ volatile(EC_MVE("vdup.8 q1, %[flip]\n\t"
                              "dls lr, %[n]\n"
                              "1:\n\t"
                              "vldrb.8 q0, [%[x]], #16\n\tveor q0, q0, q1\n\tvstrb.8 q0, [%[y]], #16\n\t"
                              "le lr, 1b")
                       : [x] "+r"(x), [y] "+r"(y)
                       : [n] "r"(n / 16), [flip] "r"(flip)
                       : EC_MVE_Q01, EC_MVE_LOOP);
    }
  }
}

/* Sums of `steps` times 16 inputs of 1 or 2 pixels and two channels, as one loop without overhead. */
EC_INLINE void ec_mve_sum1(const uint8_t *x, const int8_t *w, ptrdiff_t steps, int32_t *a) {
  EC_MVE_SUM(s0, "r4", a[0]);
  EC_MVE_SUM(s1, "r6", a[1]);
  __asm__ volatile(EC_MVE("dls lr, %[n]\n"
                          "1:\n\t"
                          "vldrb.8 q0, [%[w]], #16\n\tvldrb.8 q2, [%[x]], #16\n\tvmladava.s8 %[s0], q0, q2\n\t"
                          "vldrb.8 q1, [%[w]], #16\n\tvmladava.s8 %[s1], q1, q2\n\t"
                          "le lr, 1b")
                   : [s0] "+r"(s0), [s1] "+r"(s1), [x] "+r"(x), [w] "+r"(w)
                   : [n] "r"(steps)
                   : EC_MVE_Q01, EC_MVE_Q23, EC_MVE_LOOP);
  a[0] = s0, a[1] = s1;
}
EC_INLINE void ec_mve_sum2(const uint8_t *x, const int8_t *w, ptrdiff_t steps, int32_t *a, int32_t *b) {
  const uint8_t *y = x + ec_mve_most;
  EC_MVE_SUM(s0, "r4", a[0]);
  EC_MVE_SUM(s1, "r6", a[1]);
  EC_MVE_SUM(t0, "r8", b[0]);
  EC_MVE_SUM(t1, "r10", b[1]);
  __asm__ volatile(EC_MVE("dls lr, %[n]\n"
                          "1:\n\t"
                          "vldrb.8 q0, [%[w]], #16\n\tvldrb.8 q2, [%[x]], #16\n\tvmladava.s8 %[s0], q0, q2\n\t"
                          "vldrb.8 q1, [%[w]], #16\n\tvmladava.s8 %[s1], q1, q2\n\t"
                          "vldrb.8 q3, [%[y]], #16\n\tvmladava.s8 %[t0], q0, q3\n\tvmladava.s8 %[t1], q1, q3\n\t"
                          "le lr, 1b")
                   : [s0] "+r"(s0), [s1] "+r"(s1), [t0] "+r"(t0), [t1] "+r"(t1), [x] "+r"(x), [y] "+r"(y), [w] "+r"(w)
                   : [n] "r"(steps)
                   : EC_MVE_Q01, EC_MVE_Q23, EC_MVE_LOOP);
  a[0] = s0, a[1] = s1, b[0] = t0, b[1] = t1;
}

/* Sums of all channels of some panels, acc[pixel][2 * ec_mve_panels]; they start in the panels, or go on. */
static EC_NOINLINE void ec_mve_tile(int32_t rows, const uint8_t *x, ptrdiff_t steps, const unsigned char *panel,
                                    ptrdiff_t panel_bytes, ptrdiff_t skip, int32_t panels, int32_t *acc) {
  int32_t *const end = acc + 2 * panels, *next = acc + 2 * ec_mve_panels;
  for (; acc != end; acc += 2, next += 2, panel += panel_bytes) {
    const int8_t *w = (const int8_t *)panel + 8 + skip;
    if (skip == 0) {
      const int32_t *start = (const int32_t *)(const void *)panel;
      acc[0] = next[0] = start[0];
      acc[1] = next[1] = start[1];
    }
    if (rows == 2) {
      ec_mve_sum2(x, w, steps, acc, next);
    } else {
      ec_mve_sum1(x, w, steps, acc);
    }
  }
}

/* One block, for x of bytes that become i8 by XOR `flip`. */
EC_INLINE void ec_conv_mve(const ec_window *d, const void *const *taps, ptrdiff_t npx, const void *w, int32_t oc0,
                           const ec_epilogue *e, ec_epi_i32 epi, uint32_t flip) {
  const ptrdiff_t tap_count = ec_window_taps(d), ic = d->ic, several = ic < ec_mve_most ? ec_mve_most / ic : 1;
  const ptrdiff_t inputs = tap_count * ic, panel_bytes = 2 * (4 + inputs);
  const ec_epilogue local = *e; /* in registers: stores do not alias it */
  EC_ALIGNED(16) uint8_t x[2 * ec_mve_most];
  int32_t acc[2 * 2 * ec_mve_panels], rows;
  for (ptrdiff_t i = 0; i < npx; i += rows, taps += rows * tap_count) {
    const unsigned char *panel = (const unsigned char *)w;
    rows = npx - i < 2 ? 1 : 2;
    for (int32_t oc = 0; oc < d->oc; oc += 2 * ec_mve_panels, panel += ec_mve_panels * panel_bytes) {
      const int32_t channels = d->oc - oc < 2 * ec_mve_panels ? d->oc - oc : 2 * ec_mve_panels;
      for (ptrdiff_t t = 0, c = 0; t < tap_count;) {
        const ptrdiff_t count = tap_count - t < several ? tap_count - t : several;
        const ptrdiff_t n = ic - c < ec_mve_most ? ic - c : ec_mve_most;
        if (oc == 0 || inputs > ec_mve_most) {
          ec_mve_inputs(x, rows, taps + t, tap_count, count, c, n, flip);
        }
        ec_mve_tile(rows, x, count * n / 16, panel, panel_bytes, 2 * (t * ic + c), (channels + 1) / 2, acc);
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

#endif
