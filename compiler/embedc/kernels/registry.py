"""All kernels: one row for each C header under kernels/."""

from embedc.kernels import rows_avx2, rows_avx512, rows_dsp, rows_mve, rows_neon, rows_neon7, rows_portable, rows_riscv
from embedc.kernels.row import KernelRow

ROWS: tuple[KernelRow, ...] = (
    *rows_portable.ROWS,
    *rows_dsp.ROWS,
    *rows_neon7.ROWS,
    *rows_mve.ROWS,
    *rows_avx2.ROWS,
    *rows_avx512.ROWS,
    *rows_neon.ROWS,
    *rows_riscv.ROWS,
)
