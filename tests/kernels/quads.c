/* SPDX-License-Identifier: 0BSD
 * Runs words of integers alone (ec_q) of one instruction set: quads INPUT OUTPUT. headers.inc includes the headers.
 *
 * Each case of the input names a word and holds an integer parameter and two operands of as many elements; the answer
 * is the word of all of them, the last ones as fewer lanes. */
#define _GNU_SOURCE
#include "memory.h"

#include "headers.inc"

#define NAME_BYTES 64

typedef struct {
  const char *name;
  void (*run)(const unsigned char *a, const unsigned char *b, unsigned char *out, ptrdiff_t i, int32_t p, int32_t n);
} word;

#define WORD(name, statement)                                                                                          \
  static void run_##name(const unsigned char *a, const unsigned char *b, unsigned char *out, ptrdiff_t i, int32_t p,   \
                         int32_t n) {                                                                                  \
    (void)b, (void)p;                                                                                                  \
    statement;                                                                                                         \
  }
#define A                ec_qload_i32(a + 4 * i, n)
#define B                ec_qload_i32(b + 4 * i, n)
#define SCALE            ec_qload_f32(b + 4 * i, n)
#define I32(name, value) WORD(name, ec_qstore_i32(out + 4 * i, value, n))
#define BINARY(name)     I32(name, ec_q##name##_i32(A, B, n))
#define NARROW(name, size)                                                                                             \
  I32(load_##name, ec_qload_##name(a + (size) * i, n))                                                                 \
  WORD(store_##name, ec_qstore_##name(out + (size) * i, A, n))

BINARY(add)
BINARY(sub)
BINARY(mul)
BINARY(min)
BINARY(max)
I32(neg, ec_qneg_i32(A, n))
I32(abs, ec_qabs_i32(A, n))
I32(lt, ec_qselect_i32(ec_qlt_i32(A, B, n), A, B, n))
I32(le, ec_qselect_i32(ec_qnot_m32(ec_qle_i32(B, A, n), n), A, B, n))
I32(between, ec_qselect_i32(ec_qor_m32(ec_qeq_i32(A, B, n), ec_qlt_i32(A, B, n), n), A, B, n))
I32(load_strided, ec_wbits_i32_f32((ec_wf32){ec_qload_strided_f32(a + 4 * (i + n - 1), -4, n), SCALE}).v0)
I32(rescale, ec_qrescale_i32(A, SCALE, n))
I32(rescale_fixed, ec_qrescale_fixed_i32(A, SCALE, p, n))
I32(rescale_ties, ec_qrescale_ties_i32(A, SCALE, p, n))
I32(round_shift, ec_qround_shift_i32(A, p, n))
I32(shift_half, ec_qshift_half_i32(A, p, n))
NARROW(u8, 1)
NARROW(i8, 1)
NARROW(u16, 2)
NARROW(i16, 2)

#define PLAIN(name)  {#name, run_##name},
#define MEMORY(name) PLAIN(load_##name) PLAIN(store_##name)

static const word words[] = {PLAIN(add) PLAIN(sub) PLAIN(mul) PLAIN(min) PLAIN(max) PLAIN(load_strided) PLAIN(neg)
                                 PLAIN(abs) PLAIN(lt) PLAIN(le) PLAIN(between) PLAIN(rescale) PLAIN(rescale_fixed)
                                     PLAIN(rescale_ties) PLAIN(round_shift) PLAIN(shift_half) MEMORY(u8) MEMORY(i8)
                                         MEMORY(u16) MEMORY(i16)};

static const word *find(const char *name) {
  for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
    if (strcmp(words[i].name, name) == 0) {
      return &words[i];
    }
  }
  fail(name);
  return NULL;
}

static void run_case(FILE *in, FILE *out) {
  char name[NAME_BYTES];
  if (fread(name, 1, sizeof name, in) != sizeof name) {
    fail("input ends early");
  }
  const word *const w = find(name);
  const int32_t parameter = (int32_t)read_integer(in);
  const buffer a = read_array(in), b = read_array(in), y = allocate(a.bytes);
  const int32_t count = (int32_t)(a.bytes / 4);
  memset(y.data, 0, y.bytes);
  for (int32_t i = 0; i < count; i += EC_Q_LANES) {
    w->run(a.data, b.data, y.data, i, parameter, count - i < EC_Q_LANES ? count - i : EC_Q_LANES);
  }
  write_array(out, y.data, y.bytes / 4);
  release(a), release(b), release(y);
}

int main(int argc, char **argv) { return answer(argc, argv, run_case); }
