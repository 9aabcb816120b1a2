/* SPDX-License-Identifier: 0BSD
 * Runs the words ec_w of bytes of one instruction set: wide INPUT OUTPUT. headers.inc includes the headers.
 *
 * Each case of the input names a word and holds a shift, a zero point, two limits, lanes and their multipliers; the
 * answer is what the word stores. Lanes are taken from the last ones on, 1, 2 … EC_W_LANES at a time, so that what is
 * written behind them shows. */
#define _GNU_SOURCE
#include "memory.h"

#include "headers.inc"

#define NAME_BYTES 64

typedef struct {
  int32_t shift, zero, low, high;
} numbers;

typedef struct {
  const char *name;
  int32_t bytes; /* of an element of the result */
  void (*run)(const int32_t *a, const float *by, unsigned char *y, numbers p, int32_t n);
} word;

#define WORD(name, statement)                                                                                          \
  static void run_##name(const int32_t *a, const float *by, unsigned char *y, numbers p, int32_t n) {                  \
    (void)by, (void)p;                                                                                                 \
    statement;                                                                                                         \
  }
#define WORDS(element, type)                                                                                           \
  static void run_load_##element(const int32_t *a, const float *by, unsigned char *y, numbers p, int32_t n) {          \
    const buffer bytes = allocate((size_t)n);                                                                          \
    (void)by, (void)p;                                                                                                 \
    for (int32_t i = 0; i < n; i++) {                                                                                  \
      ((type *)bytes.data)[i] = (type)a[i];                                                                            \
    }                                                                                                                  \
    ec_wstore_i32(y, ec_wload_##element(bytes.data, n), n);                                                            \
    release(bytes);                                                                                                    \
  }                                                                                                                    \
  WORD(clamped_##element, ec_wstore_clamped_##element(y, ec_wload_i32(a, n), p.zero, p.low, p.high, n))                \
  WORD(shifted_##element, ec_wstore_shifted_##element(y, ec_wload_i32(a, n), p.shift, p.zero, p.low, p.high, n))       \
  WORD(rescaled_##element,                                                                                             \
       ec_wstore_rescaled_##element(y, ec_wload_i32(a, n), ec_wload_f32(by, n), p.zero, p.low, p.high, n))
WORDS(i8, int8_t)
WORDS(u8, uint8_t)

#define NAMED(name, bytes) {#name, bytes, run_##name},
#define BYTES(element)                                                                                                 \
  NAMED(load_##element, 4)                                                                                             \
  NAMED(clamped_##element, 1) NAMED(shifted_##element, 1) NAMED(rescaled_##element, 1)
static const word words[] = {BYTES(i8) BYTES(u8)};

static const word *find(const char *name) {
  for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
    if (strcmp(words[i].name, name) == 0) {
      return &words[i];
    }
  }
  fail(name);
  return NULL;
}

static int32_t read_number(FILE *in) { return (int32_t)read_integer(in); }

static void run_case(FILE *in, FILE *out) {
  char name[NAME_BYTES];
  if (fread(name, 1, sizeof name, in) != sizeof name) {
    fail("input ends early");
  }
  const word *const w = find(name);
  numbers p;
  p.shift = read_number(in), p.zero = read_number(in), p.low = read_number(in), p.high = read_number(in);
  const buffer a = read_array(in), by = read_array(in), y = allocate(a.bytes);
  const int32_t count = (int32_t)(a.bytes / 4);
  memset(y.data, 0, y.bytes);
  for (int32_t left = count, n = 1; left > 0; n = n % EC_W_LANES + 1) {
    n = n < left ? n : left;
    left -= n;
    w->run((const int32_t *)a.data + left, (const float *)by.data + left, (unsigned char *)y.data + w->bytes * left, p,
           n);
  }
  write_array(out, y.data, y.bytes / 4);
  release(a), release(by), release(y);
}

int main(int argc, char **argv) { return answer(argc, argv, run_case); }
