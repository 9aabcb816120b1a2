/* SPDX-License-Identifier: 0BSD
 * Keyword spotting without operating system: says over the UART which words it hears in the clips of words.h. */
#include "board.h"
#include "kws.h"
#include "words.h"

_Static_assert(KWS_SERVING_DEFAULT_INPUT_1_0_LENGTH == WORD_NUMBERS, "words.h is for another model");
_Static_assert(KWS_STATEFULPARTITIONEDCALL_0_LENGTH == WORDS, "words.h is for another model");

/* All memory that the model needs: inputs, outputs and what is between. */
static _Alignas(KWS_SCRATCH_ALIGN) unsigned char scratch[KWS_SELFTEST_BYTES];

static void print(const char *before, uint32_t number, const char *after) {
  uart_print(before);
  uart_print_number(number);
  uart_print(after);
}

/* The word that the model hears in a clip. */
static int hear(const word_clip *clip) {
  float *features = kws_input_serving_default_input_1_0(scratch);
  const float *chances = kws_output_StatefulPartitionedCall_0(scratch);
  uint32_t ticks;
  int i, best = 0;
  for (i = 0; i < WORD_NUMBERS; i++) {
    features[i] = clip->features[i];
  }
  (void)board_ticks();
  if (kws(scratch) != KWS_OK) {
    return -1;
  }
  ticks = board_ticks();
  for (i = 1; i < WORDS; i++) {
    if (chances[i] > chances[best]) {
      best = i;
    }
  }
  uart_print(word_names[best]);
  print(" (", (uint32_t)(chances[best] * 100.0f), " %)");
  print(" in ", ticks, " ticks\n");
  return best;
}

int main(void) {
  int32_t layer = -1;
  int wrong = 0;
  size_t k;
  uart_start();
  if (kws_selftest(scratch, &layer) != KWS_OK) {
    print("self-test failed in layer ", (uint32_t)layer, "\n");
    return 1;
  }
  for (k = 0; k < sizeof word_clips / sizeof *word_clips; k++) {
    wrong += hear(&word_clips[k]) != word_clips[k].word;
  }
  print("scratch ", KWS_SCRATCH_BYTES, " bytes, stack ");
  print("", board_stack_used(), " bytes");
  print(", of which the model may use ", KWS_STACK_BYTES, "\n");
  return wrong ? 1 : 0;
}
