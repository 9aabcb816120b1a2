"""Static cycles of the inner loops of RISC-V's integer kernels, by llvm-mca: python benchmarks/static.py [--cpu sifive-p670]…

Each kernel is compiled with clang for rv64gcv; of its loops without a branch inside, the one with most multiply-adds is put before
llvm-mca (Debian's llvm-19). A trip takes some taps or channels of mr pixels for a vector of output channels, 16 at VLEN 128.
Instructions per MAC are those at VLEN 128, cycles per MAC those at the core's own VLEN, which its model supposes.
Models say which variant suits a core better, not how fast a product is.
"""

import argparse
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from rich.console import Console
from rich.table import Table

REPOSITORY = Path(__file__).parents[1]
sys.path[:0] = [str(REPOSITORY / "compiler"), str(REPOSITORY)]

from tests.kernels.harness import include_options  # noqa: E402

from embedc.kernels.registry import ROWS  # noqa: E402
from embedc.kernels.row import Family, KernelRow  # noqa: E402

CPUS = ("sifive-p670", "sifive-x280")
VLEN = 128  # of instructions per MAC
ITERATIONS = 100
LABEL = re.compile(r"(\.LBB\w+):")
SOURCE = """#include "{header}"
EC_INLINE void finish(ec_vi32 sums, const ec_epilogue *e, ptrdiff_t px, int32_t c, int32_t n) {{
  ec_vstore_i32(e->px[0] + px * e->px_step[0] + 4 * (ptrdiff_t)c, sums, n);
}}
void block(const ec_window *d, const void *const *taps, ptrdiff_t npx, const void *w, int32_t oc0, const void *pad,
           const ec_epilogue *e) {{
  {kernel}(d, taps, npx, w, oc0, pad, e, finish);
}}
"""


def compiled(row: KernelRow, folder: Path) -> list[str]:
    """The lines of a kernel in assembly."""
    source = folder / "kernel.c"
    source.write_text(SOURCE.format(header=Path(row.header).name, kernel=row.id))
    flags = ["--target=riscv64-linux-gnu", "-march=rv64gcv", "-O2", "-std=c99", "-S", "-o", "-"]
    command = ["clang-19", *flags, *include_options(row.isa), str(source)]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()


def hot_loop(lines: list[str]) -> list[str]:
    """The instructions of the loop with most multiply-adds among those without a branch inside."""
    places = {match[1]: number for number, line in enumerate(lines) if (match := LABEL.match(line))}
    loops: list[list[str]] = []
    for number, line in enumerate(lines):
        back = re.search(r"\sb\w+\s.*(\.LBB\w+)$", line)
        if back and places.get(back[1], number) < number:
            body = [x for x in lines[places[back[1]] + 1 : number + 1] if re.match(r"\s+[a-z]", x)]
            if sum(".LBB" in x for x in body) == 1:
                loops.append(body)
    return max(loops, key=multiply_adds)


def multiply_adds(body: list[str]) -> int:
    """Vector multiply-adds of a loop."""
    return sum("macc" in line for line in body)


def lanes(vlen: int) -> int:
    """Sums of 32 bits in a group of four registers."""
    return 4 * vlen // 32


def vlen_of(cpu: str) -> int:
    """The bits of a vector register of a core."""
    command = ["clang-19", "--target=riscv64-linux-gnu", f"-mcpu={cpu}", "-dM", "-E", "-x", "c", "/dev/null"]
    told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    found = re.search(r"__riscv_v_min_vlen (\d+)", told)
    assert found, f"{cpu} has no vectors"
    return int(found[1])


def cycles(body: list[str], cpu: str) -> float:
    """Cycles of one trip."""
    command = ["llvm-mca-19", "-mtriple=riscv64", "-mattr=+v", f"-mcpu={cpu}", f"-iterations={ITERATIONS}"]
    told = subprocess.run(command, input="\n".join(body), capture_output=True, text=True, check=True).stdout
    found = re.search(r"Total Cycles:\s+(\d+)", told)
    assert found, told
    return int(found[1]) / ITERATIONS


def main() -> None:
    """Reads the command line, prints the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cpu", action="append", help=f"a model of llvm-mca; default: {', '.join(CPUS)}")
    cpus = parser.parse_args().cpu or CPUS
    table = Table("kernel", "instructions", "per MAC", *(column for cpu in cpus for column in (cpu, "per MAC")))
    with tempfile.TemporaryDirectory() as folder:
        for row in ROWS:
            if row.isa != "rvv" or not row.acc.is_integer or row.family not in (Family.CONV, Family.DEPTHWISE):
                continue
            body = hot_loop(compiled(row, Path(folder)))
            products = multiply_adds(body)
            cells = [f"{len(body)}", f"{len(body) / (products * lanes(VLEN)):.3f}"]
            for cpu in cpus:
                trip = cycles(body, cpu)
                cells += [f"{trip:.1f}", f"{trip / (products * lanes(vlen_of(cpu))):.3f}"]
            table.add_row(row.id, *cells)
    Console().print(table)


if __name__ == "__main__":
    main()
