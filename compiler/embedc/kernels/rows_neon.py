"""Kernels for neon."""

from embedc.kernels.row import KernelRow

ROWS: tuple[KernelRow, ...] = ()
