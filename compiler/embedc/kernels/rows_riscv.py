"""Kernels for riscv."""

from embedc.kernels.row import KernelRow

ROWS: tuple[KernelRow, ...] = ()
