/* SPDX-License-Identifier: 0BSD
 * Buffers that catch every access outside of them, and the files through which a test program talks to its test.
 *
 * A buffer ends at a page that may not be touched; under AddressSanitizer it is an allocation of the exact size, which
 * is guarded on both sides; without an operating system it lies between bytes that are compared when it is released,
 * so that reads pass. Files are sequences of 64-bit integers and of arrays, `count` and then the elements as
 * 32-bit words, padded to 8 bytes. */
#ifndef MEMORY_H
#define MEMORY_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#if defined(__unix__)
#include <sys/mman.h>
#include <unistd.h>
#else
#define GUARDED_BY_BYTES 64
#endif

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define GUARDED_BY_SANITIZER 1
#endif
#elif defined(__SANITIZE_ADDRESS__)
#define GUARDED_BY_SANITIZER 1
#endif

typedef struct {
  void *data, *map;
  size_t bytes, mapped;
} buffer;

static void fail(const char *what) {
  fprintf(stderr, "%s\n", what);
  exit(3);
}

static buffer allocate(size_t bytes) {
  buffer b = {NULL, NULL, bytes, 0};
#if defined(GUARDED_BY_SANITIZER)
  b.data = b.map = malloc(bytes);
#elif defined(GUARDED_BY_BYTES)
  b.mapped = bytes + 2 * GUARDED_BY_BYTES;
  b.map = malloc(b.mapped);
  if (!b.map) {
    fail("no memory");
  }
  memset(b.map, GUARDED_BY_BYTES, b.mapped);
  b.data = (char *)b.map + GUARDED_BY_BYTES;
#else
  const size_t page = (size_t)sysconf(_SC_PAGESIZE);
  const size_t used = (bytes + page - 1) / page * page;
  b.mapped = used + page;
  b.map = mmap(NULL, b.mapped, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (b.map == MAP_FAILED || mprotect((char *)b.map + used, page, PROT_NONE) != 0) {
    fail("no guarded memory");
  }
  b.data = (char *)b.map + used - bytes;
#endif
  return b;
}

static void release(buffer b) {
#if defined(GUARDED_BY_SANITIZER)
  free(b.map);
#elif defined(GUARDED_BY_BYTES)
  const char *bytes = (const char *)b.map;
  for (size_t i = 0; i < b.mapped; i = i + 1 == GUARDED_BY_BYTES ? GUARDED_BY_BYTES + b.bytes : i + 1) {
    if (bytes[i] != GUARDED_BY_BYTES) {
      fail("written outside of a buffer");
    }
  }
  free(b.map);
#else
  munmap(b.map, b.mapped);
#endif
}

static int64_t read_integer(FILE *file) {
  int64_t v = 0;
  if (fread(&v, sizeof v, 1, file) != 1) {
    fail("input ends early");
  }
  return v;
}

static buffer read_array(FILE *file) {
  const size_t count = (size_t)read_integer(file);
  buffer b = allocate(4 * count);
  if (fread(b.data, 4, count, file) != count) {
    fail("input ends early");
  }
  if (count % 2 != 0 && fseek(file, 4, SEEK_CUR) != 0) {
    fail("input ends early");
  }
  return b;
}

static void write_array(FILE *file, const void *data, size_t count) {
  const int64_t n = (int64_t)count;
  const int32_t padding = 0;
  if (fwrite(&n, sizeof n, 1, file) != 1 || fwrite(data, 4, count, file) != count ||
      fwrite(&padding, 4, count % 2, file) != count % 2) {
    fail("output is not writable");
  }
}

/* Answers each case of the file argv[1] in the file argv[2], and tells which one it is at. */
static inline int answer(int argc, char **argv, void (*run_case)(FILE *in, FILE *out)) {
  FILE *in = argc == 3 ? fopen(argv[1], "rb") : NULL, *out = argc == 3 ? fopen(argv[2], "wb") : NULL;
  if (!in || !out) {
    fail("usage: PROGRAM INPUT OUTPUT");
  }
  for (int64_t i = 0, count = read_integer(in); i < count; i++) {
    fprintf(stderr, "case %ld\n", (long)i);
    run_case(in, out);
  }
  return fclose(in) != 0 || fclose(out) != 0;
}

#endif
