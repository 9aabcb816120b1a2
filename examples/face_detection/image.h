/* SPDX-License-Identifier: 0BSD
 * Images from files. */
#ifndef IMAGE_H
#define IMAGE_H

#include "detector.h"

/* Reads a PPM file (P6, 8 bits) of up to DETECTOR_SIDE pixels each way into the left upper corner of a black image, as
 * blue, green and red. Says what is wrong with the file, or gives NULL. */
const char *image_read(const char *path, unsigned char *image);

#endif
