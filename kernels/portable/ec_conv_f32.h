/* SPDX-License-Identifier: 0BSD
 * Template of float convolutions; the kernels of an instruction set instantiate it for their tiles.
 *
 * Weights, floats or bytes, are packed in panels, [oc/nr][tap][ic][nr]; those of 4 bits as [oc/nr][tap][ic][nr/2] bytes
 * that hold 16 times a weight of the second half of the channels and, in the low half, 8 more than one of the first. An
 * inner step, one input channel of one tap, loads nv vectors of weights and for each pixel one input, which it
 * broadcasts and multiplies with all of them. */
#ifndef EC_CONV_F32_H
#define EC_CONV_F32_H

#include "ec_tile.h"

/* Vector j of nv of a step's weights, constants; weights of a byte. */
#define EC_CONV_WEIGHTS_OF(wt)                                                                                         \
  EC_INLINE ec_vf32 ec_conv_weights_##wt(const EC_TILE_WEIGHT_##wt *w, int j, int nv) {                                \
    (void)nv;                                                                                                          \
    return ec_tile_weights_##wt(w + j * EC_V_LANES, EC_V_LANES);                                                       \
  }
EC_CONV_WEIGHTS_OF(f32)
EC_CONV_WEIGHTS_OF(i8)
EC_INLINE ec_vf32 ec_conv_weights_i4(const int8_t *w, int j, int nv) {
  const ec_vi32 both = ec_vload_i8(w + j % (nv / 2) * EC_V_LANES, EC_V_LANES);
  const ec_vi32 low = ec_vand_i32(both, ec_vsplat_i32(15, EC_V_LANES), EC_V_LANES);
  return ec_vcvt_f32_i32(j < nv / 2 ? ec_vsub_i32(low, ec_vsplat_i32(8, EC_V_LANES), EC_V_LANES)
                                    : ec_vshr_i32(both, 4, EC_V_LANES),
                         EC_V_LANES);
}
#define EC_CONV_SHARED_f32 1
#define EC_CONV_SHARED_i8  1
#define EC_CONV_SHARED_i4  2

#define EC_CONV_ZERO(i, j)    ec_vf32 a##i##_##j = ec_vsplat_f32(0.0F, EC_V_LANES);
#define EC_CONV_WEIGHT(wt, j) const ec_vf32 w##j = ec_conv_weights_##wt(w, j, vectors);
#define EC_CONV_FMA(i, j)     a##i##_##j = ec_vfma_f32(x, w##j, a##i##_##j, EC_V_LANES);
#define EC_CONV_STORE(i, j)   ec_vstore_f32(acc + (j) * EC_V_LANES, a##i##_##j, EC_V_LANES);
#define EC_CONV_FINISH(i, j)  epi(a##i##_##j, e, px + (i), oc + (j) * EC_V_LANES, EC_V_LANES);

#define EC_CONV_ZEROS(i, nv)    EC_VECTORS_##nv(EC_CONV_ZERO, i)
#define EC_CONV_INPUT(i, nv)    const float *x##i = (const float *)taps[i];
#define EC_CONV_STORES(i, nv)   EC_VECTORS_##nv(EC_CONV_STORE, i) acc += (nv) * EC_V_LANES;
#define EC_CONV_FINISHES(i, nv) EC_VECTORS_##nv(EC_CONV_FINISH, i)
#define EC_CONV_STEP(i, nv)                                                                                            \
  {                                                                                                                    \
    const ec_vf32 x = ec_vsplat_f32(ec_load_f32(x##i + c), EC_V_LANES);                                                \
    EC_VECTORS_##nv(EC_CONV_FMA, i);                                                                                   \
  }

#define EC_CONV_TAPS(mr, nv, wt, ahead)                                                                                \
  for (ptrdiff_t t = 0; t < tap_count; t++, taps += tap_step) {                                                        \
    EC_ROWS_##mr(EC_CONV_INPUT, nv);                                                                                   \
    EC_UNROLL(4)                                                                                                       \
    for (ptrdiff_t c = 0; c < ic; c++, w += (nv) * EC_V_LANES / EC_CONV_SHARED_##wt) {                                 \
      EC_TILE_IN_ORDER();                                                                                              \
      ahead;                                                                                                           \
      EC_VECTORS_##nv(EC_CONV_WEIGHT, wt);                                                                             \
      EC_ROWS_##mr(EC_CONV_STEP, nv);                                                                                  \
    }                                                                                                                  \
  }

/* The sums of a tile; `far` weights, those of a panel that does not stay in L1, are fetched ahead. */
#define EC_CONV_SUM(mr, nv, wt)                                                                                        \
  enum { vectors = nv };                                                                                               \
  EC_ROWS_##mr(EC_CONV_ZEROS, nv);                                                                                     \
  if (far) {                                                                                                           \
    EC_CONV_TAPS(mr, nv, wt, ec_tile_fetch(w, (nv) * EC_V_LANES / EC_CONV_SHARED_##wt * sizeof *w));                   \
  } else {                                                                                                             \
    EC_CONV_TAPS(mr, nv, wt, (void)0);                                                                                 \
  }

/* A tile of its own that stores its sums, one that hands them to the epilogue directly, and the choice by rows. */
#define EC_CONV_TILE(mr, kernel, nv, wt)                                                                               \
  static EC_NOINLINE void kernel##_tile##mr(const void *const *taps, ptrdiff_t tap_count, ptrdiff_t tap_step,          \
                                            ptrdiff_t ic, const void *weights, float *acc) {                           \
    const EC_TILE_WEIGHT_##wt *w = (const EC_TILE_WEIGHT_##wt *)weights;                                               \
    enum { far = 0 };                                                                                                  \
    EC_CONV_SUM(mr, nv, wt);                                                                                           \
    EC_ROWS_##mr(EC_CONV_STORES, nv);                                                                                  \
  }
#define EC_CONV_WHOLE(kernel, mr, nv, wt)                                                                              \
  EC_INLINE void kernel##_whole(const void *const *taps, ptrdiff_t tap_count, ptrdiff_t tap_step, ptrdiff_t ic,        \
                                const void *weights, ptrdiff_t px, int32_t oc, const ec_epilogue *e, ec_epi_f32 epi) { \
    const EC_TILE_WEIGHT_##wt *w = (const EC_TILE_WEIGHT_##wt *)weights;                                               \
    const int far = EC_TILE_FAR(tap_count * ic);                                                                       \
    (void)far;                                                                                                         \
    EC_CONV_SUM(mr, nv, wt);                                                                                           \
    EC_ROWS_##mr(EC_CONV_FINISHES, nv);                                                                                \
  }
#define EC_CONV_CASE(mr, kernel, nv)                                                                                   \
  case mr:                                                                                                             \
    kernel##_tile##mr(taps, tap_count, tap_step, ic, w, acc);                                                          \
    break;
#define EC_CONV_CHOICE(kernel, mr, nv)                                                                                 \
  EC_INLINE void kernel##_tile(int32_t rows, const void *const *taps, ptrdiff_t tap_count, ptrdiff_t tap_step,         \
                               ptrdiff_t ic, const void *w, float *acc) {                                              \
    switch (rows) { EC_TILES_##mr(EC_CONV_CASE, kernel, nv) }                                                          \
  }

/* Defines <kernel>_tile, 1 … mr pixels x nv vectors of output channels, and <kernel>_whole, the largest of them with
 * its epilogue; weights are floats, bytes (I8) or halves of bytes (I4). */
#define EC_CONV_TILES(kernel, mr, nv)    EC_CONV_TILES_OF(kernel, mr, nv, f32)
#define EC_CONV_I8_TILES(kernel, mr, nv) EC_CONV_TILES_OF(kernel, mr, nv, i8)
#define EC_CONV_I4_TILES(kernel, mr, nv) EC_CONV_TILES_OF(kernel, mr, nv, i4)
#define EC_CONV_TILES_OF(kernel, mr, nv, wt)                                                                           \
  EC_TILES_##mr(EC_CONV_TILE, kernel, nv, wt) EC_CONV_WHOLE(kernel, mr, nv, wt) EC_CONV_CHOICE(kernel, mr, nv)

typedef void (*ec_conv_tile)(int32_t rows, const void *const *taps, ptrdiff_t tap_count, ptrdiff_t tap_step,
                             ptrdiff_t ic, const void *w, float *acc);
typedef void (*ec_conv_whole)(const void *const *taps, ptrdiff_t tap_count, ptrdiff_t tap_step, ptrdiff_t ic,
                              const void *w, ptrdiff_t px, int32_t oc, const ec_epilogue *e, ec_epi_f32 epi);

/* One block: panels of nr channels outside, tiles of at most mr pixels inside. acc has room for mr * nr elements,
 * weights are of w_bits. */
EC_INLINE void ec_conv_panels(const ec_window *d, const void *const *taps, ptrdiff_t npx, const void *w,
                              ptrdiff_t w_bits, int32_t oc0, const ec_epilogue *e, ec_epi_f32 epi, int32_t mr,
                              int32_t nr, float *acc, ec_conv_tile tile, ec_conv_whole whole) {
  const ptrdiff_t tap_count = ec_window_taps(d), tap_step = d->tap_step;
  const ec_epilogue local = *e; /* in registers: stores do not alias it */
  const unsigned char *panel = (const unsigned char *)w;
  for (int32_t c = 0; c < d->oc; c += nr, panel += tap_count * d->ic * nr * w_bits / 8) {
    const int32_t channels = d->oc - c < nr ? d->oc - c : nr;
    int32_t rows;
    for (ptrdiff_t i = 0; i < npx; i += rows) {
      rows = ec_tile_rows(npx - i, mr);
      if (whole && rows == mr && channels == nr) {
        whole(taps + i, tap_count, tap_step, d->ic, panel, i, oc0 + c, &local, epi);
      } else {
        tile(rows, taps + i, tap_count, tap_step, d->ic, panel, acc);
        ec_tile_finish_f32(acc, nr, i, rows, oc0 + c, channels, &local, epi);
      }
    }
  }
}

/* Kernels of one type of weights: full tiles with their epilogue or, in less code, every tile through acc, with the
 * epilogue inlined once. */
#define EC_CONV_KERNELS(name, bits)                                                                                    \
  EC_INLINE void name##_whole(const ec_window *d, const void *const *taps, ptrdiff_t npx, const void *w, int32_t oc0,  \
                              const ec_epilogue *e, ec_epi_f32 epi, int32_t mr, int32_t nr, float *acc,                \
                              ec_conv_tile tile, ec_conv_whole whole) {                                                \
    ec_conv_panels(d, taps, npx, w, bits, oc0, e, epi, mr, nr, acc, tile, whole);                                      \
  }                                                                                                                    \
  EC_INLINE void name(const ec_window *d, const void *const *taps, ptrdiff_t npx, const void *w, int32_t oc0,          \
                      const ec_epilogue *e, ec_epi_f32 epi, int32_t mr, int32_t nr, float *acc, ec_conv_tile tile) {   \
    ec_conv_panels(d, taps, npx, w, bits, oc0, e, epi, mr, nr, acc, tile, NULL);                                       \
  }
EC_CONV_KERNELS(ec_conv_f32, 32)
EC_CONV_KERNELS(ec_conv_f32i8, 8)
EC_CONV_KERNELS(ec_conv_f32i4, 4)

#endif
