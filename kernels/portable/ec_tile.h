/* SPDX-License-Identifier: 0BSD
 * What the tile templates of the window families share; written over ec_v, whose header is included before.
 *
 * A tile is `mr` pixels x `nv` vectors of channels in accumulators that are named variables. Three families of macros
 * repeat X, one inside the other:
 *   EC_TILES_mr(X, a, …)   X(1, a, …) … X(mr, a, …)      a function for each number of pixels
 *   EC_ROWS_mr(X, a)       X(0, a) … X(mr-1, a)          its pixels
 *   EC_VECTORS_nv(X, i)    X(i, 0) … X(i, nv-1)          their vectors
 * Finished accumulators go through a small buffer, float acc[mr][nr]: so tiles are functions that all epilogues share,
 * and each epilogue is inlined once, not for every accumulator. */
#ifndef EC_TILE_H
#define EC_TILE_H

#include "ec_base.h"
#include "ec_window.h"

#define EC_TILES_1(X, a, ...)  X(1, a, __VA_ARGS__)
#define EC_TILES_2(X, a, ...)  EC_TILES_1(X, a, __VA_ARGS__) X(2, a, __VA_ARGS__)
#define EC_TILES_3(X, a, ...)  EC_TILES_2(X, a, __VA_ARGS__) X(3, a, __VA_ARGS__)
#define EC_TILES_4(X, a, ...)  EC_TILES_3(X, a, __VA_ARGS__) X(4, a, __VA_ARGS__)
#define EC_TILES_5(X, a, ...)  EC_TILES_4(X, a, __VA_ARGS__) X(5, a, __VA_ARGS__)
#define EC_TILES_6(X, a, ...)  EC_TILES_5(X, a, __VA_ARGS__) X(6, a, __VA_ARGS__)
#define EC_TILES_7(X, a, ...)  EC_TILES_6(X, a, __VA_ARGS__) X(7, a, __VA_ARGS__)
#define EC_TILES_8(X, a, ...)  EC_TILES_7(X, a, __VA_ARGS__) X(8, a, __VA_ARGS__)
#define EC_TILES_9(X, a, ...)  EC_TILES_8(X, a, __VA_ARGS__) X(9, a, __VA_ARGS__)
#define EC_TILES_10(X, a, ...) EC_TILES_9(X, a, __VA_ARGS__) X(10, a, __VA_ARGS__)
#define EC_TILES_11(X, a, ...) EC_TILES_10(X, a, __VA_ARGS__) X(11, a, __VA_ARGS__)
#define EC_TILES_12(X, a, ...) EC_TILES_11(X, a, __VA_ARGS__) X(12, a, __VA_ARGS__)

#define EC_ROWS_1(X, a)  X(0, a)
#define EC_ROWS_2(X, a)  EC_ROWS_1(X, a) X(1, a)
#define EC_ROWS_3(X, a)  EC_ROWS_2(X, a) X(2, a)
#define EC_ROWS_4(X, a)  EC_ROWS_3(X, a) X(3, a)
#define EC_ROWS_5(X, a)  EC_ROWS_4(X, a) X(4, a)
#define EC_ROWS_6(X, a)  EC_ROWS_5(X, a) X(5, a)
#define EC_ROWS_7(X, a)  EC_ROWS_6(X, a) X(6, a)
#define EC_ROWS_8(X, a)  EC_ROWS_7(X, a) X(7, a)
#define EC_ROWS_9(X, a)  EC_ROWS_8(X, a) X(8, a)
#define EC_ROWS_10(X, a) EC_ROWS_9(X, a) X(9, a)
#define EC_ROWS_11(X, a) EC_ROWS_10(X, a) X(10, a)
#define EC_ROWS_12(X, a) EC_ROWS_11(X, a) X(11, a)

#define EC_VECTORS_1(X, i) X(i, 0)
#define EC_VECTORS_2(X, i) EC_VECTORS_1(X, i) X(i, 1)
#define EC_VECTORS_4(X, i) EC_VECTORS_2(X, i) X(i, 2) X(i, 3)
#define EC_VECTORS_8(X, i) EC_VECTORS_4(X, i) X(i, 4) X(i, 5) X(i, 6) X(i, 7)

/* In the inner loop of one lane: gcc -O3 would vectorize it across iterations and still add in order, ten times slower.
 */
#if defined(EC_V_SCALAR) && defined(__GNUC__) && !defined(__clang__)
#define EC_TILE_IN_ORDER() __asm__("")
#else
#define EC_TILE_IN_ORDER() (void)0
#endif

/* Weights of float tiles: floats, or bytes that become floats in registers. */
#define EC_TILE_WEIGHT_f32        float
#define EC_TILE_WEIGHT_i8         int8_t
#define EC_TILE_WEIGHT_i4         int8_t /* two of them */
#define ec_tile_weights_f32(w, n) ec_vload_f32(w, n)
#define ec_tile_weights_i8(w, n)  ec_vcvt_f32_i32(ec_vload_i8(w, n), n)

/* Whether weights of so many steps are worth fetching ahead, and the fetching of those of one step. */
#if defined(EC_V_SCALAR) || !defined(__GNUC__)
#define EC_TILE_FAR(steps)      0
#define ec_tile_fetch(w, bytes) (void)0
#else
#define EC_TILE_FAR(steps) ((steps) >= 1024)
EC_INLINE void ec_tile_fetch(const void *w, size_t bytes) {
  const size_t line = 64, ahead = 32 * line;
  for (size_t i = 0; i < bytes; i += line) {
    __builtin_prefetch((const unsigned char *)w + ahead + i);
  }
}
#endif

/* Pixels of the next tile of at most mr while `left` remain; what would leave a small rest is split in halves. */
EC_INLINE int32_t ec_tile_rows(ptrdiff_t left, int32_t mr) {
  return (int32_t)(left >= 2 * mr ? mr : left > mr ? (left + 1) / 2 : left);
}

/* Channels of the next tile of nr: after the last whole one, a vector at a time. */
EC_INLINE int32_t ec_tile_channels(int32_t left, int32_t nr) {
  return left >= nr ? nr : left >= EC_V_LANES ? EC_V_LANES : left;
}

/* What epilogues take at once is a vector: gives the channels oc … oc + channels - 1 of `rows` pixels from px on to
 * one; acc[row][nr] holds them. */
#define EC_TILE_FINISH(suffix, type)                                                                                   \
  EC_INLINE void ec_tile_finish_##suffix(const type *acc, int32_t nr, ptrdiff_t px, int32_t rows, int32_t oc,          \
                                         int32_t channels, const ec_epilogue *e, ec_epi_##suffix epi) {                \
    const int32_t lanes = EC_V_LANES;                                                                                  \
    for (int32_t i = 0; i < rows; i++, acc += nr) {                                                                    \
      int32_t c = 0;                                                                                                   \
      EC_UNROLL(2)                                                                                                     \
      for (; c + lanes <= channels; c += lanes) {                                                                      \
        epi(ec_vload_##suffix(acc + c, lanes), e, px + i, oc + c, lanes);                                              \
      }                                                                                                                \
      if (c < channels) {                                                                                              \
        epi(ec_vload_##suffix(acc + c, lanes), e, px + i, oc + c, channels - c);                                       \
      }                                                                                                                \
    }                                                                                                                  \
  }
EC_TILE_FINISH(f32, float)
#if !defined(EC_W_LANES)
EC_TILE_FINISH(i32, int32_t)
#else
/* Of sums it is several vectors (ec_w in kernels/README.md), and operands of channels are loaded once for all rows. */
EC_INLINE void ec_tile_finish_i32(const int32_t *acc, int32_t nr, ptrdiff_t px, int32_t rows, int32_t oc,
                                  int32_t channels, const ec_epilogue *e, ec_epi_i32 epi) {
  const int32_t lanes = nr < EC_W_LANES ? nr : EC_W_LANES;
  int32_t c = 0;
  for (; c + lanes <= channels; c += lanes) {
    ec_wchannels kept;
    epi(ec_wload_i32(acc + c, lanes), &kept, 0, e, px, oc + c, lanes);
    for (int32_t i = 1; i < rows; i++) {
      epi(ec_wload_i32(acc + i * nr + c, lanes), &kept, 1, e, px + i, oc + c, lanes);
    }
  }
  for (int32_t i = 0; i < rows && c < channels; i++) {
    ec_wchannels kept;
    epi(ec_wload_i32(acc + i * nr + c, lanes), &kept, 0, e, px + i, oc + c, channels - c);
  }
}
#endif

#endif
