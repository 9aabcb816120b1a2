/* SPDX-License-Identifier: 0BSD
 * Epilogues of integer sums in the words ec_w of kernels/README.md for up to four vectors at once, so that bytes are
 * narrowed and stored together: what is written over ec_v. Included by ec_w__<isa>.h, which adds the words of bytes. */
#ifndef EC_W_H
#define EC_W_H

#define EC_W_LANES (4 * EC_V_LANES)

typedef struct {
  ec_vf32 v0, v1, v2, v3;
} ec_wf32;
typedef struct {
  ec_vi32 v0, v1, v2, v3;
} ec_wi32;

/* The channel operands of an epilogue: it loads them for the first pixel of a tile, unless they are `loaded`, and keeps
 * them here, in registers, for the others. */
typedef struct {
  ec_wi32 ch[EC_CH_MAX];
} ec_wchannels;

typedef void (*ec_epi_i32)(ec_wi32 acc, ec_wchannels *kept, int loaded, const ec_epilogue *e, ptrdiff_t px, int32_t oc,
                           int32_t n);

EC_INLINE ec_wf32 ec_wbits_f32_i32(ec_wi32 v) {
  return (ec_wf32){ec_vbits_f32_i32(v.v0, EC_V_LANES), ec_vbits_f32_i32(v.v1, EC_V_LANES),
                   ec_vbits_f32_i32(v.v2, EC_V_LANES), ec_vbits_f32_i32(v.v3, EC_V_LANES)};
}
EC_INLINE ec_wi32 ec_wbits_i32_f32(ec_wf32 v) {
  return (ec_wi32){ec_vbits_i32_f32(v.v0, EC_V_LANES), ec_vbits_i32_f32(v.v1, EC_V_LANES),
                   ec_vbits_i32_f32(v.v2, EC_V_LANES), ec_vbits_i32_f32(v.v3, EC_V_LANES)};
}

/* ec_vrescale_small_i32 plus EC_RESCALE_BITS. */
EC_INLINE ec_vi32 ec_vrescale_bits_i32(ec_vi32 a, ec_vf32 scale, int32_t n) {
  return ec_vbits_i32_f32(ec_vfma_f32(ec_vcvt_f32_i32(a, n), scale, ec_vsplat_f32(EC_RESCALE_MAGIC, n), n), n);
}

/* Hands the accumulators a<i>_<0> … of pixel i to the epilogue, pixel 0 first; EC_W_KEPT_ declares what is kept. */
#define EC_W_KEPT_1 ec_wchannels kept0;
#define EC_W_KEPT_2 EC_W_KEPT_1
#define EC_W_KEPT_4 EC_W_KEPT_1
#define EC_W_KEPT_8 ec_wchannels kept0, kept1;
#define EC_W_FINISH(a, b, c, d, kept, i, first, n)                                                                     \
  epi((ec_wi32){a, b, c, d}, &kept, (i) > 0, e, px + (i), oc + (first), n);
#define EC_W_FINISH_1(i) EC_W_FINISH(a##i##_0, a##i##_0, a##i##_0, a##i##_0, kept0, i, 0, EC_V_LANES)
#define EC_W_FINISH_2(i) EC_W_FINISH(a##i##_0, a##i##_1, a##i##_1, a##i##_1, kept0, i, 0, 2 * EC_V_LANES)
#define EC_W_FINISH_4(i) EC_W_FINISH(a##i##_0, a##i##_1, a##i##_2, a##i##_3, kept0, i, 0, EC_W_LANES)
#define EC_W_FINISH_8(i)                                                                                               \
  EC_W_FINISH_4(i) EC_W_FINISH(a##i##_4, a##i##_5, a##i##_6, a##i##_7, kept1, i, EC_W_LANES, EC_W_LANES)

/* Loads and stores of up to EC_W_LANES lanes; vectors of which no lane is active are not touched. */
#define EC_W_LOAD(element, type, bytes)                                                                                \
  EC_INLINE ec_w##type ec_wload_##element(const void *p, int32_t n) {                                                  \
    const unsigned char *from = (const unsigned char *)p;                                                              \
    const int32_t step = EC_V_LANES * (bytes);                                                                         \
    ec_w##type v;                                                                                                      \
    v.v0 = ec_vload_##element(from, n);                                                                                \
    v.v1 = n > EC_V_LANES ? ec_vload_##element(from + step, n - EC_V_LANES) : v.v0;                                    \
    v.v2 = n > 2 * EC_V_LANES ? ec_vload_##element(from + 2 * step, n - 2 * EC_V_LANES) : v.v0;                        \
    v.v3 = n > 3 * EC_V_LANES ? ec_vload_##element(from + 3 * step, n - 3 * EC_V_LANES) : v.v0;                        \
    return v;                                                                                                          \
  }
#define EC_W_MEMORY(element, type, bytes)                                                                              \
  EC_W_LOAD(element, type, bytes)                                                                                      \
  EC_INLINE void ec_wstore_##element(void *p, ec_w##type v, int32_t n) {                                               \
    unsigned char *to = (unsigned char *)p;                                                                            \
    const int32_t step = EC_V_LANES * (bytes);                                                                         \
    ec_vstore_##element(to, v.v0, n);                                                                                  \
    if (n > EC_V_LANES) {                                                                                              \
      ec_vstore_##element(to + step, v.v1, n - EC_V_LANES);                                                            \
    }                                                                                                                  \
    if (n > 2 * EC_V_LANES) {                                                                                          \
      ec_vstore_##element(to + 2 * step, v.v2, n - 2 * EC_V_LANES);                                                    \
    }                                                                                                                  \
    if (n > 3 * EC_V_LANES) {                                                                                          \
      ec_vstore_##element(to + 3 * step, v.v3, n - 3 * EC_V_LANES);                                                    \
    }                                                                                                                  \
  }
EC_W_MEMORY(f32, f32, 4)
EC_W_MEMORY(i32, i32, 4)
EC_W_MEMORY(u16, i32, 2)
EC_W_MEMORY(i16, i32, 2)

#undef EC_W_MEMORY

#endif
