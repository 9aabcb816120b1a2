/* SPDX-License-Identifier: 0BSD
 * The face detector: an image in, faces out. Its memory is static: one call at a time. */
#ifndef DETECTOR_H
#define DETECTOR_H

#include "faces.h"

#define DETECTOR_SIDE  320
#define DETECTOR_BYTES (DETECTOR_SIDE * DETECTOR_SIDE * 3)

/* Finds up to FACES_MAX faces in an image of DETECTOR_BYTES, blue, green and red of each pixel; -1 if the model cannot
 * run. */
int detector_run(const unsigned char *image, face *found);

#endif
