/* Runs each case of the table in a process of its own, so that none takes the others with it: program FOLDER.
 * FOLDER/<number>.in holds the inputs one behind the other; outputs go to <number>.out, complaints to <number>.err.
 * Prints a line for each case: its number, and 0 or the status that it left with, negative for a signal. */
#define _POSIX_C_SOURCE 200112L
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

typedef struct {
  int number, inputs, ports;
  size_t scratch, align;
  const size_t *bytes, *aligns; /* of each port, inputs first */
  int (*run)(void *const *ports, void *scratch, size_t scratch_bytes);
} test;

#include "cases.h"

#define SECONDS   60
#define MOST      64
#define MISTAKE   3
#define NO_STATUS 4

static FILE *file(const char *folder, int number, const char *kind, const char *mode) {
  char path[4096];
  FILE *opened;
  snprintf(path, sizeof path, "%s/%d.%s", folder, number, kind);
  opened = fopen(path, mode);
  if (!opened) {
    exit(MISTAKE);
  }
  return opened;
}

/* Aligned as promised and no better, and watched by the sanitizer from the last byte on. All ones is NaN. */
static unsigned char *memory(size_t bytes, size_t align) {
  void *block;
  if (posix_memalign(&block, align < 8 ? 16 : 2 * align, bytes + align) != 0) {
    exit(MISTAKE);
  }
  memset(block, 0xFF, bytes + align);
  return (unsigned char *)block + align;
}

static void run(const test *t, const char *folder) {
  unsigned char *kept[MOST];
  void *ports[MOST];
  FILE *in = file(folder, t->number, "in", "rb"), *out = file(folder, t->number, "out", "wb");
  void *scratch = memory(t->scratch, t->align);
  int status, k;
  if (t->ports > MOST) {
    exit(MISTAKE);
  }
  for (k = 0; k < t->ports; k++) {
    ports[k] = memory(t->bytes[k], t->aligns[k]);
    if (k < t->inputs) {
      kept[k] = memory(t->bytes[k], t->aligns[k]);
      if (fread(ports[k], 1, t->bytes[k], in) != t->bytes[k]) {
        exit(MISTAKE);
      }
      memcpy(kept[k], ports[k], t->bytes[k]);
    }
  }
  status = t->run(ports, scratch, t->scratch);
  if (status != 0) {
    fprintf(stderr, "returned status %d\n", status);
    exit(NO_STATUS);
  }
  for (k = 0; k < t->inputs; k++) {
    if (memcmp(kept[k], ports[k], t->bytes[k]) != 0) {
      fprintf(stderr, "changed input %d\n", k);
      exit(NO_STATUS);
    }
  }
  for (k = t->inputs; k < t->ports; k++) {
    if (fwrite(ports[k], 1, t->bytes[k], out) != t->bytes[k]) {
      exit(MISTAKE);
    }
  }
  exit(fclose(out) == 0 ? 0 : MISTAKE);
}

int main(int argc, char **argv) {
  size_t k;
  if (argc != 2) {
    return MISTAKE;
  }
  for (k = 0; k < sizeof tests / sizeof tests[0]; k++) {
    int status = 0;
    pid_t child;
    fflush(stdout);
    child = fork();
    if (child < 0) {
      return MISTAKE;
    }
    if (child == 0) {
      char path[4096];
      snprintf(path, sizeof path, "%s/%d.err", argv[1], tests[k].number);
      if (!freopen(path, "w", stderr)) {
        exit(MISTAKE);
      }
      alarm(SECONDS);
      run(&tests[k], argv[1]);
    }
    if (waitpid(child, &status, 0) != child) {
      return MISTAKE;
    }
    printf("%d %d\n", tests[k].number, WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status));
  }
  return 0;
}
