/* SPDX-License-Identifier: 0BSD
 * Cortex-M without operating system: reset, faults, and what a host behind semihosting does for a program.
 *
 * The linker script beside this file places the symbols. newlib's librdimon (--specs=rdimon.specs) gives stdio on the
 * host. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "board.h"

#define CPACR       (*(volatile uint32_t *)0xE000ED88u)
#define CCR         (*(volatile uint32_t *)0xE000ED14u)
#define SYST_CSR    (*(volatile uint32_t *)0xE000E010u)
#define SYST_RVR    (*(volatile uint32_t *)0xE000E014u)
#define SYST_CVR    (*(volatile uint32_t *)0xE000E018u)
#define SYST_RANGE  0x01000000u
#define PAINT       0xC5C5C5C5u
#define ARGUMENTS   16
#define CRASHED     139 /* as a shell says of a program that died of SIGSEGV */
#define GET_CMDLINE 0x15u
#define EXIT        0x20u

extern uint32_t board_data_load[], board_data_begin[], board_data_end[], board_bss_begin[], board_bss_end[];
extern uint32_t board_stack_limit[], board_stack_top[];

int main(int argc, char **argv);
void initialise_monitor_handles(void);
void __libc_init_array(void);
void _init(void);
void _fini(void);
void board_reset(void);

void _init(void) {}
void _fini(void) {}

static uint32_t semihost(uint32_t operation, void *block) {
  register uint32_t r0 __asm__("r0") = operation;
  register void *r1 __asm__("r1") = block;
  __asm__ volatile("bkpt 0xab" : "+r"(r0) : "r"(r1) : "memory");
  return r0;
}

static void crash(void) {
  uint32_t block[2] = {0x20026u, CRASHED};
  semihost(EXIT, block);
  for (;;) {
  }
}

/* The timer counts down at the clock of the core, which board_ticks carries beyond its 24 bits. */
static volatile uint32_t wraps;

static void tick(void) { wraps++; }

uint64_t board_ticks(void) {
  uint32_t before, value;
  if (!(SYST_CSR & 1u)) {
    SYST_RVR = SYST_RANGE - 1u;
    SYST_CVR = 0;
    SYST_CSR = 7u;
    while (SYST_CVR == 0) {
    }
  }
  do {
    before = wraps;
    value = SYST_CVR;
  } while (before != wraps);
  return (uint64_t)before * SYST_RANGE + (SYST_RANGE - 1u - value);
}

__attribute__((noinline)) void board_stack_paint(void) {
  uint32_t *limit, *at;
  __asm__ volatile("mov %0, sp" : "=r"(limit));
  for (at = board_stack_limit; at < limit - 8; at++) {
    *(volatile uint32_t *)at = PAINT;
  }
}

size_t board_stack_used(const void *from) {
  const volatile uint32_t *at = board_stack_limit;
  while ((uintptr_t)at < (uintptr_t)from && *at == PAINT) {
    at++;
  }
  return (uintptr_t)from - (uintptr_t)at;
}

/* Splits the host's command line at spaces. */
static int arguments(char **argv) {
  static char line[1024];
  struct {
    char *text;
    uint32_t length;
  } block = {line, sizeof line - 1};
  int argc = 0;
  char *word;
  if (semihost(GET_CMDLINE, &block) != 0) {
    return 0;
  }
  for (word = strtok(line, " "); word && argc < ARGUMENTS; word = strtok(NULL, " ")) {
    argv[argc++] = word;
  }
  return argc;
}

void board_reset(void) {
  static char *argv[ARGUMENTS + 1];
  CPACR |= 0xFu << 20; /* the floating-point unit */
  __asm__ volatile("dsb\n isb");
  memcpy(board_data_begin, board_data_load, (size_t)((char *)board_data_end - (char *)board_data_begin));
  memset(board_bss_begin, 0, (size_t)((char *)board_bss_end - (char *)board_bss_begin));
  initialise_monitor_handles();
  __libc_init_array();
  exit(main(arguments(argv), argv));
}

typedef union {
  uint32_t *stack;
  void (*handler)(void);
} vector;

__attribute__((section(".vectors"), used)) static const vector vectors[16] = {
    {board_stack_top},         {.handler = board_reset},  [2] = {.handler = crash},  [3] = {.handler = crash},
    [4] = {.handler = crash},  [5] = {.handler = crash},  [6] = {.handler = crash},  [7] = {.handler = crash},
    [11] = {.handler = crash}, [12] = {.handler = crash}, [14] = {.handler = crash}, [15] = {.handler = tick},
};
