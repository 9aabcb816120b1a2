/* SPDX-License-Identifier: 0BSD
 * Weights of 4 bits, two in a byte, for kernels of bytes: those of d->unpack_oc output channels at a time are unpacked
 * into scratch, d->unpack bytes in front of a block's addresses, and serve the whole block; those of a depthwise
 * convolution, which are few, all at once for all blocks.
 *
 * Packed like the kernel's own weights, each panel int32_t start[nr], if sums are integers, and then, instead of bytes,
 * groups of eight: the first eight weights in the low halves of their bytes, eight more in the high ones. */
#ifndef EC_UNPACK_H
#define EC_UNPACK_H

#include "ec_window.h"

/* Sixteen numbers of 4 bits as bytes, a word of the machine at a time. */
EC_INLINE void ec_unpack_bytes(unsigned char *to, const unsigned char *from) {
  const size_t ones = ~(size_t)0 / 255;
  for (size_t i = 0; i < 8; i += sizeof(size_t)) {
    size_t word, low, high;
    memcpy(&word, from + i, sizeof word);
    low = word & (ones * 15), high = (word >> 4) & (ones * 15);
    low |= (low & (ones * 8)) * 0x1eU; /* the sign, four times */
    high |= (high & (ones * 8)) * 0x1eU;
    memcpy(to + i, &low, sizeof low);
    memcpy(to + 8 + i, &high, sizeof high);
  }
}

/* The panels of so many channels, `nr` in each (0: all in one), of `inputs` weights each behind `start` bytes for each
 * channel; returns what follows them. */
static EC_NOINLINE const unsigned char *ec_unpack(unsigned char *to, const unsigned char *from, int32_t channels,
                                                  int32_t nr, int32_t start, ptrdiff_t inputs) {
  const ptrdiff_t panel = nr > 0 ? nr : channels, weights = panel * inputs;
  unsigned char *end;
  for (ptrdiff_t c = 0; c < channels; c += panel) {
    memcpy(to, from, (size_t)(panel * start));
    to += panel * start, from += panel * start;
    for (end = to + weights; end - to >= 16; to += 16, from += 8) {
      ec_unpack_bytes(to, from);
    }
    if (to < end) {
      unsigned char last[16];
      ec_unpack_bytes(last, from);
      memcpy(to, last, (size_t)(end - to));
      to = end, from += 8;
    }
  }
  return from;
}

/* An ec_block_fn but for the kernel, which gets some channels after the others. */
EC_INLINE void ec_unpack_run(const ec_window *d, const void *const *taps, ptrdiff_t npx, const void *w, int32_t oc0,
                             const void *pad, const ec_epilogue *e, int32_t nr, int32_t start, ec_block_fn kernel) {
  const ptrdiff_t inputs = ec_window_taps(d) * d->ic;
  unsigned char *const room = (unsigned char *)(uintptr_t)taps - d->unpack;
  const unsigned char *from = (const unsigned char *)w;
  ec_window part = *d;
  for (int32_t c = 0; c < d->oc; c += d->unpack_oc) {
    part.oc = d->oc - c < d->unpack_oc ? d->oc - c : d->unpack_oc;
    from = ec_unpack(room, from, part.oc, nr, start, inputs);
    kernel(&part, taps, npx, room, oc0 + c, pad, e);
  }
}

/* All weights of a depthwise convolution, whose kernel takes kr taps at a time. */
EC_INLINE void ec_unpack_taps(const ec_window *d, void *room, const void *w, int32_t kr, int32_t start) {
  (void)ec_unpack((unsigned char *)room, (const unsigned char *)w, d->oc, 0, start,
                  (ec_window_taps(d) + kr - 1) / kr * kr);
}

#endif
