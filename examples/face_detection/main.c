/* SPDX-License-Identifier: 0BSD
 * faces IMAGE.ppm: prints a line for each face, the best first. */
#include <stdio.h>

#include "detector.h"
#include "image.h"

int main(int argc, char **argv) {
  static unsigned char image[DETECTOR_BYTES];
  face found[FACES_MAX];
  const char *wrong;
  int n, k, m;
  if (argc != 2) {
    fprintf(stderr, "usage: %s IMAGE.ppm\n", argv[0]);
    return 2;
  }
  wrong = image_read(argv[1], image);
  if (wrong) {
    fprintf(stderr, "%s %s\n", argv[1], wrong);
    return 2;
  }
  n = detector_run(image, found);
  if (n < 0) {
    return 1;
  }
  printf("faces: %d\n", n);
  for (k = 0; k < n; k++) {
    const face *f = &found[k];
    printf("score %.3f box %.2f %.2f %.2f %.2f marks", (double)f->score, (double)f->x, (double)f->y, (double)f->width,
           (double)f->height);
    for (m = 0; m < FACE_MARKS; m++) {
      printf(" %.2f %.2f", (double)f->marks[m][0], (double)f->marks[m][1]);
    }
    printf("\n");
  }
  return 0;
}
