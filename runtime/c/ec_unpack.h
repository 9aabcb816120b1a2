/* SPDX-License-Identifier: 0BSD
 * Weights of 4 bits, two in a byte, for kernels of bytes: those of d->unpack_oc output channels at a time are unpacked
 * into scratch, d->unpack bytes in front of a block's addresses, and serve the whole block; those of a depthwise
 * convolution, which are few, all at once for all blocks.
 *
 * Packed like the kernel's own weights, each panel int32_t start[nr], if sums are integers, and then, instead of bytes,
 * words of 32 bits: the first four weights in the low halves of their bytes, four more in the high ones. */
#ifndef EC_UNPACK_H
#define EC_UNPACK_H

#include "ec_window.h"

/* Eight numbers of 4 bits as bytes. */
EC_INLINE void ec_unpack_word(unsigned char *to, const unsigned char *from) {
  uint32_t word, low, high;
  memcpy(&word, from, 4);
  low = word & 0x0f0f0f0fU, high = word >> 4 & 0x0f0f0f0fU;
  low |= (low & 0x08080808U) * 0x1eU; /* the sign, four times */
  high |= (high & 0x08080808U) * 0x1eU;
  memcpy(to, &low, 4);
  memcpy(to + 4, &high, 4);
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
    for (end = to + weights; end - to >= 8; to += 8, from += 4) {
      ec_unpack_word(to, from);
    }
    if (to < end) {
      unsigned char last[8];
      ec_unpack_word(last, from);
      memcpy(to, last, (size_t)(end - to));
      to = end, from += 4;
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
