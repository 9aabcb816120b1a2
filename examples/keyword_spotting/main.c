/* SPDX-License-Identifier: 0BSD
 * Says which words it hears in the clips of words.h; the exit code is 1 where they are others. */
#include <stdio.h>
#include <string.h>

#include "kws.h"
#include "words.h"

_Static_assert(KWS_SERVING_DEFAULT_INPUT_1_0_LENGTH == WORD_NUMBERS, "words.h is for another model");
_Static_assert(KWS_STATEFULPARTITIONEDCALL_0_LENGTH == WORDS, "words.h is for another model");

/* Memory that a call works in; another model may use it between calls. */
static _Alignas(KWS_SCRATCH_ALIGN) unsigned char scratch[KWS_SCRATCH_BYTES];

/* The word that the model hears in a clip, or -1. */
static int hear(const word_clip *clip) {
  float chances[WORDS];
  int i, best = 0;
  if (kws(clip->features, chances, scratch) != KWS_OK) {
    return -1;
  }
  for (i = 1; i < WORDS; i++) {
    if (chances[i] > chances[best]) {
      best = i;
    }
  }
  printf("%s (%.1f %%)\n", word_names[best], (double)chances[best] * 100.0);
  return best;
}

/* Compares the model's outputs for a golden input with those that embedc expects of it. */
static int selftest(void) {
  static _Alignas(KWS_SCRATCH_ALIGN) unsigned char memory[KWS_SELFTEST_BYTES];
  int32_t layer = -1;
  return kws_selftest(memory, &layer) == KWS_OK ? 0 : 1;
}

int main(int argc, char **argv) {
  size_t k;
  int wrong = 0;
  if (argc > 1 && strcmp(argv[1], "--selftest") == 0) {
    return selftest();
  }
  for (k = 0; k < sizeof word_clips / sizeof *word_clips; k++) {
    wrong += hear(&word_clips[k]) != word_clips[k].word;
  }
  return wrong ? 1 : 0;
}
