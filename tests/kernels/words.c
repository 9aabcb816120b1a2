/* SPDX-License-Identifier: 0BSD
 * Runs words of the vector vocabulary of one instruction set: words INPUT OUTPUT. headers.inc includes the headers.
 *
 * Each case of the input names a word and holds an integer parameter and three operands of at least MAX_LANES elements.
 * The answer is EC_V_LANES and then, for each n from 1 to EC_V_LANES, what the word stored. Every buffer is just as
 * long as n elements need (or all lanes, where a word is about those), and an output starts as the third operand.
 * With the parameter SWEEP the answer is the word of the whole first operand. */
#define _GNU_SOURCE
#include "memory.h"

#include "headers.inc"

#define NAME_BYTES 64
#define MAX_LANES  256
#define SWEEP      (-1000000)

typedef enum { FIRST, ALL, ONE, STRIDED } extent; /* n elements, all lanes, one, n elements at a stride */

typedef struct {
  const char *name;
  extent a, b, out;
  void (*run)(const void *a, const void *b, const void *c, void *out, int32_t parameter, int32_t n);
} word;

#define WORD(name, statement)                                                                                          \
  static void run_##name(const void *a, const void *b, const void *c, void *out, int32_t parameter, int32_t n) {       \
    (void)a, (void)b, (void)c, (void)parameter, (void)n;                                                               \
    statement;                                                                                                         \
  }

#define A                ec_vload_f32(a, n)
#define B                ec_vload_f32(b, n)
#define C                ec_vload_f32(c, n)
#define IA               ec_vload_i32(a, n)
#define IB               ec_vload_i32(b, n)
#define ONES(mask)       ec_vselect_f32(mask, ec_vsplat_f32(1.0F, n), ec_vsplat_f32(0.0F, n), n)
#define F32(name, value) WORD(name, ec_vstore_f32(out, value, n))
#define I32(name, value) WORD(name, ec_vstore_i32(out, value, n))
#define UNARY(name)      F32(name, ec_v##name##_f32(A, n))
#define BINARY(name)     F32(name, ec_v##name##_f32(A, B, n))
#define COMPARE(name)    F32(name, ONES(ec_v##name##_f32(A, B, n)))
#define FOLD(name)                                                                                                     \
  WORD(acc_##name, ec_vstore_f32(out, ec_vacc_##name##_f32(ec_vload_f32(a, EC_V_LANES), B, n), EC_V_LANES))            \
  WORD(reduce_##name, ec_store_f32(out, ec_vreduce_##name##_f32(ec_vload_f32(a, EC_V_LANES))))

/* The last n elements of `a`; n elements in front of what `out` holds. */
#define NARROW(name, size)                                                                                             \
  I32(load_##name, ec_vload_##name((const unsigned char *)a + (4 - (size)) * n, n))                                    \
  WORD(store_##name, ec_vstore_##name(out, IA, n))
#define FOLD_I32(name)                                                                                                 \
  WORD(acc_##name##_i32, ec_vstore_i32(out, ec_vacc_##name##_i32(ec_vload_i32(a, EC_V_LANES), IB, n), EC_V_LANES))     \
  WORD(reduce_##name##_i32, ec_store_i32(out, ec_vreduce_##name##_i32(ec_vload_i32(a, EC_V_LANES))))

F32(load, A)
I32(load_i32, IA)
F32(splat, ec_vsplat_f32((float)parameter, n))
I32(splat_i32, ec_vsplat_i32(parameter, n))
F32(load_strided, ec_vload_strided_f32(a, parameter, n))
WORD(store_strided, ec_vstore_strided_f32(out, parameter, A, n))
BINARY(add)
BINARY(sub)
BINARY(mul)
BINARY(div)
BINARY(min)
BINARY(max)
BINARY(clampmin)
BINARY(clampmax)
F32(fma, ec_vfma_f32(A, B, C, n))
UNARY(neg)
UNARY(abs)
UNARY(sqrt)
UNARY(floor)
UNARY(ceil)
UNARY(round)
COMPARE(lt)
COMPARE(le)
COMPARE(eq)
F32(and, ONES(ec_vand_m32(ec_vlt_f32(A, B, n), ec_vlt_f32(B, C, n), n)))
F32(or, ONES(ec_vor_m32(ec_vlt_f32(A, B, n), ec_vlt_f32(B, C, n), n)))
F32(not, ONES(ec_vnot_m32(ec_vlt_f32(A, B, n), n)))
F32(select, ec_vselect_f32(ec_vlt_f32(A, B, n), C, A, n))
I32(add_i32, ec_vadd_i32(IA, IB, n))
I32(sub_i32, ec_vsub_i32(IA, IB, n))
I32(and_i32, ec_vand_i32(IA, IB, n))
I32(shl, ec_vshl_i32(IA, parameter, n))
I32(shr, ec_vshr_i32(IA, parameter, n))
I32(mul_i32, ec_vmul_i32(IA, IB, n))
I32(min_i32, ec_vmin_i32(IA, IB, n))
I32(max_i32, ec_vmax_i32(IA, IB, n))
I32(neg_i32, ec_vneg_i32(IA, n))
I32(abs_i32, ec_vabs_i32(IA, n))
F32(lt_i32, ONES(ec_vlt_i32(IA, IB, n)))
F32(le_i32, ONES(ec_vle_i32(IA, IB, n)))
F32(eq_i32, ONES(ec_veq_i32(IA, IB, n)))
I32(select_i32, ec_vselect_i32(ec_vlt_i32(IA, IB, n), ec_vload_i32(c, n), IA, n))
I32(rescale, ec_vrescale_i32(IA, B, n))
I32(round_shift, ec_vround_shift_i32(IA, parameter, n))
I32(shift_half, ec_vshift_half_i32(IA, parameter, n))
I32(rescale_small, ec_vrescale_small_i32(IA, B, n))
I32(rescale_near, ec_vrescale_near_i32(IA, B, n))
NARROW(u8, 1)
NARROW(i8, 1)
NARROW(u16, 2)
NARROW(i16, 2)
FOLD_I32(add)
FOLD_I32(max)
FOLD_I32(min)
I32(cvt_i32_f32, ec_vcvt_i32_f32(A, n))
F32(cvt_f32_i32, ec_vcvt_f32_i32(IA, n))
I32(bits_i32_f32, ec_vadd_i32(ec_vbits_i32_f32(A, n), ec_vsplat_i32(1, n), n))
F32(bits_f32_i32, ec_vneg_f32(ec_vbits_f32_i32(IA, n), n))
FOLD(add)
FOLD(max)
FOLD(min)
FOLD(mul)
UNARY(exp)
UNARY(log)
UNARY(tanh)
UNARY(sigmoid)
UNARY(erf)

#define PLAIN(name) {#name, FIRST, FIRST, FIRST, run_##name},
#define FOLDS(name)                                                                                                    \
  {"acc_" #name, ALL, FIRST, ALL, run_acc_##name}, {"reduce_" #name, ALL, FIRST, ONE, run_reduce_##name},

static const word words[] = {
    PLAIN(load) PLAIN(load_i32) PLAIN(splat) PLAIN(splat_i32) PLAIN(add) PLAIN(sub) PLAIN(mul) PLAIN(div) PLAIN(min)
        PLAIN(max) PLAIN(clampmin) PLAIN(clampmax) PLAIN(fma) PLAIN(neg) PLAIN(abs) PLAIN(sqrt) PLAIN(floor) PLAIN(ceil)
            PLAIN(round) PLAIN(lt) PLAIN(le) PLAIN(eq) PLAIN(and) PLAIN(or) PLAIN(not) PLAIN(select) PLAIN(add_i32)
                PLAIN(sub_i32) PLAIN(and_i32) PLAIN(shl) PLAIN(shr) PLAIN(cvt_i32_f32) PLAIN(cvt_f32_i32) PLAIN(mul_i32)
                    PLAIN(min_i32) PLAIN(max_i32) PLAIN(neg_i32) PLAIN(abs_i32) PLAIN(lt_i32) PLAIN(le_i32)
                        PLAIN(eq_i32) PLAIN(select_i32) PLAIN(rescale) PLAIN(rescale_near) PLAIN(rescale_small)
                            PLAIN(round_shift) PLAIN(shift_half) PLAIN(load_u8) PLAIN(load_i8) PLAIN(load_u16)
                                PLAIN(load_i16) PLAIN(store_u8) PLAIN(store_i8) PLAIN(store_u16) PLAIN(store_i16)
                                    PLAIN(bits_i32_f32) PLAIN(bits_f32_i32) PLAIN(exp) PLAIN(log) PLAIN(tanh)
                                        PLAIN(sigmoid) PLAIN(erf) FOLDS(add_i32) FOLDS(max_i32) FOLDS(min_i32)
                                            FOLDS(add) FOLDS(max) FOLDS(min)
                                                FOLDS(mul){"load_strided", STRIDED, FIRST, FIRST, run_load_strided},
    {"store_strided", FIRST, FIRST, STRIDED, run_store_strided},
};

static const word *find(const char *name) {
  for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
    if (strcmp(words[i].name, name) == 0) {
      return &words[i];
    }
  }
  fail(name);
  return NULL;
}

/* A buffer of just the extent, with the first elements of `source`. */
static buffer operand(const void *source, extent e, int32_t parameter, int32_t n) {
  const int32_t last = n - 1, stride = parameter < 0 ? -parameter : parameter;
  const int32_t count = e == ONE ? 1 : e == ALL ? EC_V_LANES : e == FIRST ? n : last * stride / 4 + 1;
  const buffer b = allocate(4 * (size_t)count);
  memcpy(b.data, source, b.bytes);
  return b;
}

/* Where lane 0 lies: at the end, if lanes run backwards. */
static void *origin(buffer b, extent e, int32_t parameter) {
  return (char *)b.data + (e == STRIDED && parameter < 0 ? b.bytes - 4 : 0);
}

static void sweep(const word *w, buffer a, FILE *out) {
  const buffer o = allocate(a.bytes);
  const int32_t count = (int32_t)(a.bytes / 4);
  for (int32_t i = 0; i < count; i += EC_V_LANES) {
    const char *x = (const char *)a.data + 4 * i;
    w->run(x, x, x, (char *)o.data + 4 * i, 0, count - i < EC_V_LANES ? count - i : EC_V_LANES);
  }
  write_array(out, o.data, o.bytes / 4);
  release(o);
}

static void run_case(FILE *in, FILE *out) {
  char name[NAME_BYTES];
  if (fread(name, 1, sizeof name, in) != sizeof name) {
    fail("input ends early");
  }
  const word *const w = find(name);
  const int32_t parameter = (int32_t)read_integer(in);
  const buffer a = read_array(in), b = read_array(in), c = read_array(in);
  if (parameter == SWEEP) {
    sweep(w, a, out);
  }
  for (int32_t n = 1; n <= EC_V_LANES && parameter != SWEEP; n++) {
    const buffer x = operand(a.data, w->a, parameter, n), y = operand(b.data, w->b, parameter, n);
    const buffer z = operand(c.data, FIRST, parameter, n), o = operand(c.data, w->out, parameter, n);
    w->run(origin(x, w->a, parameter), y.data, z.data, origin(o, w->out, parameter), parameter, n);
    write_array(out, o.data, o.bytes / 4);
    release(x), release(y), release(z), release(o);
  }
  release(a), release(b), release(c);
}

int main(int argc, char **argv) {
  FILE *in = argc == 3 ? fopen(argv[1], "rb") : NULL, *out = argc == 3 ? fopen(argv[2], "wb") : NULL;
  const int32_t lanes = EC_V_LANES;
  if (!in || !out) {
    fail("usage: words INPUT OUTPUT");
  }
  if (lanes > MAX_LANES) {
    fail("vectors are longer than the test's operands");
  }
  write_array(out, &lanes, 1);
  for (int64_t i = 0, count = read_integer(in); i < count; i++) {
    run_case(in, out);
  }
  return fclose(in) != 0 || fclose(out) != 0;
}
