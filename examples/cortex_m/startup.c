/* SPDX-License-Identifier: 0BSD
 * A Cortex-M from reset to main, with symbols of link.ld. */
#include <string.h>

#include "board.h"

#define CPACR         (*(volatile uint32_t *)0xE000ED88u)
#define SYST_CSR      (*(volatile uint32_t *)0xE000E010u)
#define SYST_RVR      (*(volatile uint32_t *)0xE000E014u)
#define SYST_CVR      (*(volatile uint32_t *)0xE000E018u)
#define SYST_ENABLE   5u /* at the clock of the core */
#define SYST_MASK     0x00FFFFFFu
#define PAINT         0xC5C5C5C5u
#define SYS_EXIT_MORE 0x20u /* of semihosting: with an exit code */
#define EXITED        0x20026u
#define FAULT         139

extern uint32_t data_load[], data_begin[], data_end[], bss_begin[], bss_end[], stack_limit[], stack_top[];

int main(void);
void reset(void);

void board_exit(int code) {
  uint32_t block[2] = {EXITED, (uint32_t)code};
  register uint32_t operation __asm__("r0") = SYS_EXIT_MORE;
  register uint32_t *argument __asm__("r1") = block;
  __asm__ volatile("bkpt 0xab" : "+r"(operation) : "r"(argument) : "memory");
  for (;;) {
  }
}

static void fault(void) { board_exit(FAULT); }

uint32_t board_ticks(void) {
  static uint32_t last;
  uint32_t now = SYST_CVR, ticks = (last - now) & SYST_MASK; /* it counts down */
  last = now;
  return ticks;
}

uint32_t board_stack_used(void) {
  const uint32_t *at = stack_limit;
  while (at < stack_top && *at == PAINT) {
    at++;
  }
  return (uint32_t)((uintptr_t)stack_top - (uintptr_t)at);
}

void reset(void) {
  uint32_t *at, *sp;
  CPACR |= 0xFu << 20; /* the floating-point unit */
  __asm__ volatile("dsb\n isb");
  memcpy(data_begin, data_load, (size_t)((char *)data_end - (char *)data_begin));
  memset(bss_begin, 0, (size_t)((char *)bss_end - (char *)bss_begin));
  __asm__ volatile("mov %0, sp" : "=r"(sp));
  for (at = stack_limit; at < sp; at++) {
    *(volatile uint32_t *)at = PAINT;
  }
  SYST_RVR = SYST_MASK;
  SYST_CVR = 0;
  SYST_CSR = SYST_ENABLE;
  board_exit(main());
}

typedef union {
  uint32_t *stack;
  void (*handler)(void);
} vector;

/* The stack, reset, and every fault of the core; interrupts of devices would follow. */
__attribute__((section(".vectors"), used)) static const vector vectors[16] = {
    {stack_top},        {.handler = reset}, {.handler = fault}, {.handler = fault},
    {.handler = fault}, {.handler = fault}, {.handler = fault}, {.handler = fault},
};
