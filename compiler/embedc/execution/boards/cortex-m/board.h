/* SPDX-License-Identifier: 0BSD
 * What a program on a board without operating system may ask of its startup code. */
#ifndef BOARD_H
#define BOARD_H

#include <stddef.h>
#include <stdint.h>

/* Ticks of the core's timer since the first call. */
uint64_t board_ticks(void);

/* Fills the free stack with a pattern; afterwards board_stack_used tells how many bytes below `from` were overwritten.
 */
void board_stack_paint(void);
size_t board_stack_used(const void *from);

#endif
