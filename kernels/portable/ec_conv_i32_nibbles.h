/* SPDX-License-Identifier: 0BSD
 * Integer convolutions of few pixels by weights of 4 bits, which stay two in a byte: one pixel x nr output channels.
 *
 * A panel is int32_t start[nr], then bytes [tap][ic/kr][nr/2][kr] that hold 16 times the weight of a channel of the
 * second half and, in the low half, 8 more than that of one of the first, 0 … 15. Multiplied by x, the low halves sum
 * up to 8 times the sum of x too much, and whole bytes to 16 times a sum plus that of the low halves: two vectors of
 * weights take one instruction more than their multiplications. Sums are told apart afterwards, which is exact where
 * 16 times a sum fits 32 bits: up to 2^16 inputs. */
#ifndef EC_CONV_I32_NIBBLES_H
#define EC_CONV_I32_NIBBLES_H

#include "ec_conv_i32.h"

/* X(i, j, k): vectors j and k share their bytes. */
#define EC_HALVES_2(X, i) X(i, 0, 1)
#define EC_HALVES_4(X, i) X(i, 0, 2) X(i, 1, 3)
#define EC_HALVES_8(X, i) X(i, 0, 4) X(i, 1, 5) X(i, 2, 6) X(i, 3, 7)

typedef int32_t (*ec_nibbles_inputs)(const void *const *taps, ptrdiff_t tap_count, ptrdiff_t tap_step, ptrdiff_t ic);

/* The sum of a pixel's inputs. */
#define EC_NIBBLES_INPUTS(x)                                                                                           \
  EC_INLINE int32_t ec_nibbles_inputs_##x(const void *const *taps, ptrdiff_t tap_count, ptrdiff_t tap_step,            \
                                          ptrdiff_t ic) {                                                              \
    ec_vi32 sum = ec_vsplat_i32(0, EC_V_LANES);                                                                        \
    for (ptrdiff_t t = 0; t < tap_count; t++, taps += tap_step) {                                                      \
      const unsigned char *p = (const unsigned char *)taps[0];                                                         \
      ptrdiff_t k = 0;                                                                                                 \
      for (; k + EC_V_LANES <= ic; k += EC_V_LANES) {                                                                  \
        sum = ec_vadd_i32(sum, ec_vload_##x(p + k, EC_V_LANES), EC_V_LANES);                                           \
      }                                                                                                                \
      if (k < ic) {                                                                                                    \
        sum = ec_vacc_add_i32(sum, ec_vload_##x(p + k, (int32_t)(ic - k)), (int32_t)(ic - k));                         \
      }                                                                                                                \
    }                                                                                                                  \
    return ec_vreduce_add_i32(sum);                                                                                    \
  }
EC_NIBBLES_INPUTS(u8)
EC_NIBBLES_INPUTS(i8)

/* Tells the sums of a panel apart: those of the low halves are `more` too great; where `mixed`, the others consist of
 * 16 times their sum and that of the low ones. */
EC_INLINE void ec_nibbles_part(int32_t *acc, const int32_t *start, int32_t half, int32_t more, int mixed) {
  const int32_t n = EC_V_LANES;
  for (int32_t j = 0; j < half; j += n) {
    const ec_vi32 low = ec_vload_i32(acc + j, n);
    ec_vstore_i32(acc + j, ec_vsub_i32(low, ec_vsplat_i32(more, n), n), n);
    if (mixed) {
      const ec_vi32 first = ec_vload_i32(start + half + j, n), high = ec_vload_i32(acc + half + j, n);
      const ec_vi32 both = ec_vsub_i32(high, first, n), less = ec_vsub_i32(low, ec_vload_i32(start + j, n), n);
      ec_vstore_i32(acc + half + j, ec_vadd_i32(first, ec_vshr_i32(ec_vsub_i32(both, less, n), 4, n), n), n);
    }
  }
}

/* One block; acc has room for nr sums. */
EC_INLINE void ec_conv_i32_nibbles(const ec_window *d, const void *const *taps, ptrdiff_t npx, const void *w,
                                   int32_t oc0, const ec_epilogue *e, ec_epi_i32 epi, int32_t nr, int mixed,
                                   int32_t *acc, ec_nibbles_inputs inputs, ec_conv_i32_tile tile) {
  const ptrdiff_t tap_count = ec_window_taps(d), panel_bytes = nr * 4 + nr / 2 * tap_count * d->ic;
  const ec_epilogue local = *e; /* in registers: stores do not alias it */
  for (ptrdiff_t i = 0; i < npx; i++, taps++) {
    const int32_t more = 8 * inputs(taps, tap_count, d->tap_step, d->ic);
    const unsigned char *panel = (const unsigned char *)w;
    for (int32_t c = 0; c < d->oc; c += nr, panel += panel_bytes) {
      tile(1, taps, tap_count, d->tap_step, d->ic, panel, acc);
      ec_nibbles_part(acc, (const int32_t *)(const void *)panel, nr / 2, more, mixed);
      ec_tile_finish_i32(acc, nr, i, 1, oc0 + c, d->oc - c < nr ? d->oc - c : nr, &local, epi);
    }
  }
}

/* Defines `kernel` for x of this type by its tile. */
#define EC_NIBBLES_KERNEL(kernel, nr, mixed, x)                                                                        \
  EC_INLINE void kernel(const ec_window *d, const void *const *taps, ptrdiff_t npx, const void *w, int32_t oc0,        \
                        const void *pad, const ec_epilogue *e, ec_epi_i32 epi) {                                       \
    EC_ALIGNED(64) int32_t acc[nr];                                                                                    \
    (void)pad;                                                                                                         \
    ec_conv_i32_nibbles(d, taps, npx, w, oc0, e, epi, nr, mixed, acc, ec_nibbles_inputs_##x, kernel##_tile);           \
  }

#endif
