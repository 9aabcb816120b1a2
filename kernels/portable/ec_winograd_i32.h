/* SPDX-License-Identifier: 0BSD
 * Integer convolutions 3 x 3 at stride 1 by Winograd's F(4 x 4, 3 x 3): a tile of 4 x 4 outputs takes 36 products for
 * each pair of channels instead of 144, and the sums are the same to the last bit.
 *
 * With the matrices of Lavin and Gray (Fast Algorithms for Convolutional Neural Networks, 2015), rows of G and A
 * scaled until all are whole numbers, the tile's outputs y come out as A ((G g G') . (B d B')) A' = y * D, with
 * D[i][j] = 9 * 2^(k[i] + k[j]), k = 3 2 1 1. All sums wrap modulo 2^32, where 9 has an inverse; the shift that
 * follows is exact while y, without what sums start at, is within 2^25. Numbers in between fit 16 bits: B d B' is at
 * most 100 * 255, G g G' at most 49 * 128.
 *
 * A block is some rows of tiles. Its inputs are transformed first, then the weights of one panel after the other,
 * which stay bytes in flash: int32_t start[nr], int8_t w[ic/kr][9][nr][kr]. Scratch of a block of `count` tiles, each
 * part 36 times, 64 bytes apart lest all share a cache set: int16_t u[ic][nr], int32_t m[count][nr], int16_t
 * v[count][ic]; then the addresses of one row of tiles. */
#ifndef EC_WINOGRAD_I32_H
#define EC_WINOGRAD_I32_H

#include "ec_conv_i32_panel.h"

#define EC_WINOGRAD_TILE  4
#define EC_WINOGRAD_IN    6
#define EC_WINOGRAD_APART 64

/* A block: where the parts of its scratch begin, and how many elements each of the 36 positions takes in them. */
typedef struct {
  int16_t *u, *v;
  int32_t *m;
  ptrdiff_t u_step, v_step, m_step;
  int32_t image, row, rows, across; /* of outputs; tiles of a row */
} ec_winograd;

/* The transform of one tile's inputs; the products u * v = m of all positions. */
typedef void (*ec_winograd_input_fn)(const void *const *taps, ptrdiff_t ic, int16_t *v, ptrdiff_t v_step);
typedef void (*ec_winograd_products_fn)(const ec_winograd *b, ptrdiff_t ic);

EC_INLINE int32_t ec_winograd_tiles(int32_t outputs) { return (outputs + EC_WINOGRAD_TILE - 1) / EC_WINOGRAD_TILE; }

/* Divides the scratch of a block of `count` tiles; returns where the addresses lie. */
EC_INLINE const void **ec_winograd_parts(ec_winograd *b, void *scratch, ptrdiff_t count, ptrdiff_t ic, int32_t nr) {
  unsigned char *part = (unsigned char *)scratch;
  b->u_step = ic * nr + EC_WINOGRAD_APART / 2;
  b->m_step = count * nr + EC_WINOGRAD_APART / 4;
  b->v_step = count * ic + EC_WINOGRAD_APART / 2;
  b->u = (int16_t *)(void *)part;
  part += 36 * 2 * b->u_step;
  b->m = (int32_t *)(void *)part;
  part += 36 * 4 * b->m_step;
  b->v = (int16_t *)(void *)part;
  return (const void **)(void *)(part + 36 * 2 * b->v_step);
}

/* One line of B d: six vectors become six, `step` numbers apart. */
EC_INLINE void ec_winograd_b(ec_vi16 d0, ec_vi16 d1, ec_vi16 d2, ec_vi16 d3, ec_vi16 d4, ec_vi16 d5, int16_t *to,
                             ptrdiff_t step) {
  const ec_vi16 even = ec_vsub_i16(ec_vshl_i16(d2, 2), d4), odd = ec_vsub_i16(ec_vshl_i16(d1, 2), d3);
  const ec_vi16 outer = ec_vsub_i16(d4, d2), inner = ec_vshl_i16(ec_vsub_i16(d3, d1), 1);
  ec_vstore_vi16(to, ec_vadd_i16(ec_vshl_i16(ec_vsub_i16(d0, d2), 2), outer));
  ec_vstore_vi16(to + step, ec_vadd_i16(even, odd));
  ec_vstore_vi16(to + 2 * step, ec_vsub_i16(even, odd));
  ec_vstore_vi16(to + 3 * step, ec_vadd_i16(outer, inner));
  ec_vstore_vi16(to + 4 * step, ec_vsub_i16(outer, inner));
  ec_vstore_vi16(to + 5 * step, ec_vsub_i16(ec_vsub_i16(d5, d3), ec_vshl_i16(inner, 1)));
}

/* One line of G g: three vectors become six, `step` numbers apart. */
EC_INLINE void ec_winograd_g(ec_vi16 g0, ec_vi16 g1, ec_vi16 g2, int16_t *to, ptrdiff_t step) {
  const ec_vi16 outer = ec_vadd_i16(g0, g2), twice = ec_vshl_i16(g1, 1), far = ec_vadd_i16(g0, ec_vshl_i16(g2, 2));
  ec_vstore_vi16(to, ec_vadd_i16(ec_vshl_i16(g0, 2), ec_vshl_i16(g0, 1)));
  ec_vstore_vi16(to + step, ec_vadd_i16(outer, g1));
  ec_vstore_vi16(to + 2 * step, ec_vsub_i16(outer, g1));
  ec_vstore_vi16(to + 3 * step, ec_vadd_i16(far, twice));
  ec_vstore_vi16(to + 4 * step, ec_vsub_i16(far, twice));
  ec_vstore_vi16(to + 5 * step, ec_vadd_i16(ec_vshl_i16(g2, 2), ec_vshl_i16(g2, 1)));
}

/* One line of A m, of which `load` gives the vectors 0 … 5, as y0 … y3. */
#define EC_WINOGRAD_A(load)                                                                                            \
  const int32_t n = EC_V_LANES;                                                                                        \
  const ec_vi32 m1 = load(1), m2 = load(2), m3 = load(3), m4 = load(4);                                                \
  const ec_vi32 sum = ec_vadd_i32(m1, m2, n), difference = ec_vsub_i32(m1, m2, n);                                     \
  const ec_vi32 sum2 = ec_vadd_i32(m3, m4, n), difference2 = ec_vsub_i32(m3, m4, n);                                   \
  const ec_vi32 y0 = ec_vadd_i32(ec_vadd_i32(load(0), ec_vshl_i32(sum, 2, n), n), sum2, n);                            \
  const ec_vi32 y1 = ec_vadd_i32(ec_vshl_i32(difference, 1, n), difference2, n);                                       \
  const ec_vi32 y2 = ec_vadd_i32(sum, sum2, n);                                                                        \
  const ec_vi32 y3 = ec_vadd_i32(ec_vadd_i32(difference, ec_vshl_i32(difference2, 1, n), n), load(5), n);

/* A m of one vector of channels: line[4][6][EC_V_LANES]. */
#define EC_WINOGRAD_COLUMN(r) ec_vload_i32(m + (r) * 6 * step, EC_V_LANES)
EC_INLINE void ec_winograd_columns(const int32_t *m, ptrdiff_t step, int32_t *line) {
  for (int32_t column = 0; column < 6; column++, m += step, line += EC_V_LANES) {
    EC_WINOGRAD_A(EC_WINOGRAD_COLUMN)
    ec_vstore_i32(line, y0, n);
    ec_vstore_i32(line + 6 * EC_V_LANES, y1, n);
    ec_vstore_i32(line + 12 * EC_V_LANES, y2, n);
    ec_vstore_i32(line + 18 * EC_V_LANES, y3, n);
  }
}

/* The outputs of one row of a tile: `count` pixels, one vector of `channels` channels from oc on. */
#define EC_WINOGRAD_ROW(i) ec_vload_i32(line + (i) * EC_V_LANES, EC_V_LANES)
#define EC_WINOGRAD_FINISH(i, k)                                                                                       \
  {                                                                                                                    \
    const ec_vi32 whole = ec_vshr_i32(ec_vmul_i32(y##i, ninth, EC_V_LANES), (k) + shift, EC_V_LANES);                  \
    const ec_vi32 a = ec_vadd_i32(whole, start, EC_V_LANES);                                                           \
    EC_W_FINISH(a, a, a, a, kept, i, 0, channels)                                                                      \
  }
EC_INLINE void ec_winograd_row(const int32_t *line, int32_t shift, const int32_t *starts, int32_t count, int32_t oc,
                               int32_t channels, const ec_epilogue *e, ec_epi_i32 epi) {
  const ec_vi32 start = ec_vload_i32(starts, EC_V_LANES);
  const ec_vi32 ninth = ec_vsplat_i32(0x38e38e39, EC_V_LANES);
  const ptrdiff_t px = 0;
  ec_wchannels kept;
  EC_WINOGRAD_A(EC_WINOGRAD_ROW)
  EC_WINOGRAD_FINISH(0, 3)
  if (count > 1) {
    EC_WINOGRAD_FINISH(1, 2)
  }
  if (count > 2) {
    EC_WINOGRAD_FINISH(2, 1)
  }
  if (count > 3) {
    EC_WINOGRAD_FINISH(3, 1)
  }
}

/* The outputs of all tiles of a block for the channels oc … oc + channels - 1 of the group, of which oc0 is the first.
 */
EC_INLINE void ec_winograd_outputs(const ec_window *d, const ec_winograd *b, const int32_t *start, int32_t nr,
                                   void *const *px, ec_epilogue *e, int32_t oc0, int32_t channels, ec_epi_i32 epi) {
  EC_ALIGNED(64) int32_t line[24 * EC_V_LANES];
  const int32_t *m = b->m;
  for (int32_t down = 0; down < b->rows; down += EC_WINOGRAD_TILE) {
    const int32_t rows = b->rows - down < EC_WINOGRAD_TILE ? b->rows - down : EC_WINOGRAD_TILE;
    for (int32_t left = 0; left < d->out[2]; left += EC_WINOGRAD_TILE, m += nr) {
      const int32_t count = d->out[2] - left < EC_WINOGRAD_TILE ? d->out[2] - left : EC_WINOGRAD_TILE;
      for (int32_t c = 0; c < channels; c += EC_V_LANES) {
        const int32_t lanes = channels - c < EC_V_LANES ? channels - c : EC_V_LANES;
        ec_winograd_columns(m + c, b->m_step, line);
        for (int32_t r = 0; r < rows; r++) {
          const int32_t at[3] = {0, b->row + down + r, left};
          ec_window_seek(d, px, b->image, at, e);
          if (lanes == EC_V_LANES) {
            ec_winograd_row(line + r * 6 * EC_V_LANES, r < 2 ? 3 - r : 1, start + c, count, oc0 + c, EC_V_LANES, e,
                            epi);
          } else {
            ec_winograd_row(line + r * 6 * EC_V_LANES, r < 2 ? 3 - r : 1, start + c, count, oc0 + c, lanes, e, epi);
          }
        }
      }
    }
  }
}

/* Defines the transform of inputs that `load` makes 16 bits wide. */
#define EC_WINOGRAD_COLUMN_OF(load, i, y) load((const unsigned char *)taps[6 * (y) + (i)] + c)
#define EC_WINOGRAD_INPUT(name, load)                                                                                  \
  static EC_NOINLINE void name(const void *const *taps, ptrdiff_t ic, int16_t *v, ptrdiff_t v_step) {                  \
    EC_ALIGNED(64) int16_t line[36 * EC_V16_LANES];                                                                    \
    for (ptrdiff_t c = 0; c < ic; c += EC_V16_LANES) {                                                                 \
      for (int32_t i = 0; i < 6; i++) {                                                                                \
        ec_winograd_b(EC_WINOGRAD_COLUMN_OF(load, i, 0), EC_WINOGRAD_COLUMN_OF(load, i, 1),                            \
                      EC_WINOGRAD_COLUMN_OF(load, i, 2), EC_WINOGRAD_COLUMN_OF(load, i, 3),                            \
                      EC_WINOGRAD_COLUMN_OF(load, i, 4), EC_WINOGRAD_COLUMN_OF(load, i, 5), line + i * EC_V16_LANES,   \
                      6 * EC_V16_LANES);                                                                               \
      }                                                                                                                \
      for (int32_t i = 0; i < 6; i++) {                                                                                \
        const int16_t *row = line + 6 * i * EC_V16_LANES;                                                              \
        ec_winograd_b(ec_vload_vi16(row), ec_vload_vi16(row + EC_V16_LANES), ec_vload_vi16(row + 2 * EC_V16_LANES),    \
                      ec_vload_vi16(row + 3 * EC_V16_LANES), ec_vload_vi16(row + 4 * EC_V16_LANES),                    \
                      ec_vload_vi16(row + 5 * EC_V16_LANES), v + c + 6 * i * v_step, v_step);                          \
      }                                                                                                                \
    }                                                                                                                  \
  }

/* The weights of a panel: `steps` times 9 taps of `width` bytes, a multiple of the lanes. */
static EC_NOINLINE void ec_winograd_weights(const unsigned char *w, ptrdiff_t steps, ptrdiff_t width, int16_t *u,
                                            ptrdiff_t u_step) {
  EC_ALIGNED(64) int16_t line[18 * EC_V16_LANES];
  for (ptrdiff_t k = 0; k < steps; k++, w += 8 * width) {
    for (ptrdiff_t c = 0; c < width; c += EC_V16_LANES, w += EC_V16_LANES, u += EC_V16_LANES) {
      for (int32_t i = 0; i < 3; i++) {
        const unsigned char *tap = w + i * width;
        ec_winograd_g(ec_vwiden_i8(tap), ec_vwiden_i8(tap + 3 * width), ec_vwiden_i8(tap + 6 * width),
                      line + i * EC_V16_LANES, 3 * EC_V16_LANES);
      }
      for (int32_t i = 0; i < 6; i++) {
        const int16_t *row = line + 3 * i * EC_V16_LANES;
        ec_winograd_g(ec_vload_vi16(row), ec_vload_vi16(row + EC_V16_LANES), ec_vload_vi16(row + 2 * EC_V16_LANES),
                      u + 6 * i * u_step, u_step);
      }
    }
  }
}

/* As ec_window_run, with the kernel's parts; d->block holds whole rows of tiles. */
EC_INLINE void ec_winograd_run(const ec_window *d, const void *x, const void *w, const void *pad, void *scratch,
                               void *const *px, const void *const *ch, int32_t ch_count, int32_t row0, int32_t row1,
                               int32_t nr, int32_t kr, ec_winograd_input_fn input, ec_winograd_products_fn products,
                               ec_epi_i32 epi) {
  const int32_t rows = d->block / d->out[2], blocks = (row1 - row0 + rows - 1) / rows;
  ec_window tiles = *d;
  ec_winograd b;
  ec_epilogue e;
  memset(&e, 0, sizeof e);
  for (int32_t k = 0; k < d->px_count; k++) {
    e.px_step[k] = d->px_step[k][2];
  }
  for (int32_t k = 0; k < ch_count; k++) {
    e.ch[k] = (const unsigned char *)ch[k];
  }
  b.across = ec_winograd_tiles(d->out[2]);
  tiles.pixel_step = EC_WINOGRAD_IN * EC_WINOGRAD_IN, tiles.tap_step = 1;
  for (int32_t axis = 1; axis < 3; axis++) {
    tiles.kernel[axis] = EC_WINOGRAD_IN;
    tiles.stride[axis] = EC_WINOGRAD_TILE;
  }
  for (b.image = 0; b.image < d->images; b.image++) {
    for (int32_t g = 0; g < d->groups; g++) {
      const unsigned char *xg = (const unsigned char *)x + b.image * d->x_image + g * d->x_group;
      for (int32_t i = 0; i < blocks; i++) {
        const unsigned char *panel = (const unsigned char *)w + g * d->w_group;
        const void **taps;
        int16_t *v;
        b.row = row0 + (d->backwards ? blocks - 1 - i : i) * rows;
        b.rows = b.row + rows < row1 ? rows : row1 - b.row;
        taps = ec_winograd_parts(&b, scratch, (ptrdiff_t)ec_winograd_tiles(b.rows) * b.across, d->ic, nr);
        v = b.v;
        tiles.pad[1] = d->pad[1] - b.row;
        for (int32_t at[3] = {0, 0, 0}; at[1] < ec_winograd_tiles(b.rows); at[1]++) {
          ec_window_fill(&tiles, xg, pad, taps, at, b.across);
          for (int32_t t = 0; t < b.across; t++, v += d->ic) {
            input(taps + 36 * t, d->ic, v, b.v_step);
          }
        }
        for (int32_t oc = 0; oc < d->oc; oc += nr, panel += nr * (4 + 9 * (ptrdiff_t)d->ic)) {
          ec_winograd_weights(panel + 4 * nr, d->ic / kr, (ptrdiff_t)nr * kr, b.u, b.u_step);
          products(&b, d->ic);
          ec_winograd_outputs(d, &b, (const int32_t *)(const void *)panel, nr, px, &e, g * d->oc + oc,
                              d->oc - oc < nr ? d->oc - oc : nr, epi);
        }
      }
    }
  }
}

/* Defines `kernel` for products of mr tiles x nv vectors, whose WORDS multiply 16-bit numbers. */
#define EC_WINOGRAD_KERNEL(kernel, mr, nv, WORDS, input)                                                               \
  EC_TILES_##mr(EC_PANEL_TILE, kernel, nv, WORDS) static EC_NOINLINE void kernel##_products(const ec_winograd *b,      \
                                                                                            ptrdiff_t inputs) {        \
    static const int32_t start[(nv) * EC_V_LANES] = {0};                                                               \
    const ptrdiff_t count = (ptrdiff_t)ec_winograd_tiles(b->rows) * b->across;                                         \
    for (int32_t position = 0; position < 36; position++) {                                                            \
      const unsigned char *w = (const unsigned char *)(b->u + position * b->u_step);                                   \
      const int16_t *x = b->v + position * b->v_step;                                                                  \
      int32_t *acc = b->m + position * b->m_step, rows;                                                                \
      for (ptrdiff_t i = 0; i < count; i += rows, x += rows * inputs, acc += rows * (nv) * EC_V_LANES) {               \
        rows = ec_tile_rows(count - i, mr);                                                                            \
        switch (rows) { EC_TILES_##mr(EC_PANEL_CASE, kernel, nv) }                                                     \
      }                                                                                                                \
    }                                                                                                                  \
  }                                                                                                                    \
  EC_INLINE void kernel(const ec_window *d, const void *x, const void *w, const void *pad, void *scratch,              \
                        void *const *px, const void *const *ch, int32_t ch_count, int32_t row0, int32_t row1,          \
                        ec_epi_i32 epi) {                                                                              \
    ec_winograd_run(d, x, w, pad, scratch, px, ch, ch_count, row0, row1, (nv) * EC_V_LANES, WORDS##_KR, input,         \
                    kernel##_products, epi);                                                                           \
  }

#endif
