"""Speed of each kernel on layers of its kind, against the core's peak: python benchmarks/kernels.py --isa avx2.

Every program (kernel x compiler) runs in each round and also measures the peak of multiply-adds in registers. Printed:
the best rate of all rounds and its share of the best peak, which other load on the machine hardly changes, and the median.
Rates of integer kernels are set against the peak of floats, too, since that tells the clock.
"""

import argparse
import shlex
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

REPOSITORY = Path(__file__).parents[1]
sys.path[:0] = [str(REPOSITORY / "compiler"), str(REPOSITORY)]

from tests.kernels.harness import X86_FLAGS, extras_of, include_options, toolchain_for  # noqa: E402

from embedc.kernels.registry import ROWS  # noqa: E402
from embedc.kernels.row import Family, KernelRow, address_steps  # noqa: E402, address_steps
from embedc.kernels.tiles import TileGrid  # noqa: E402

COMPILERS = ("gcc -O2", "gcc -O3", "clang-19 -O2")
POINTER = 8
SOURCE = Path(__file__).with_suffix(".c")


@dataclass(frozen=True)
class Layer:
    """A square layer without groups, padded so that its output is size / stride wide."""

    size: int
    ic: int
    oc: int
    kernel: int
    stride: int = 1

    @property
    def pixels(self) -> int:
        return (-(-self.size // self.stride)) ** 2

    def operations(self, family: Family) -> int:
        """A multiply-add is two, a comparison or addition of a pooling one."""
        per_output = {Family.CONV: 2 * self.ic, Family.WINOGRAD: 2 * self.ic, Family.DEPTHWISE: 2}.get(family, 1)
        return self.pixels * self.oc * self.kernel**2 * per_output

    def __str__(self) -> str:
        channels = f"{self.ic}" if self.ic == self.oc else f"{self.ic}→{self.oc}"
        stride = f" /{self.stride}" if self.stride > 1 else ""
        return f"{self.kernel}x{self.kernel} {channels}ch {self.size}²{stride}"


CONV = (
    Layer(56, 64, 64, 3),
    Layer(28, 128, 128, 3),
    Layer(14, 256, 256, 3),
    Layer(28, 256, 256, 1),
    Layer(56, 16, 96, 1),
)
TILES = (*(x for x in CONV if x.kernel == 3), Layer(32, 16, 16, 3), Layer(7, 512, 512, 3))
FIRST = (Layer(112, 3, 32, 3, 2),)
NARROW_CONV = (Layer(56, 24, 8, 3), Layer(56, 64, 8, 1), Layer(28, 144, 24, 1))
VECTOR = (Layer(1, 256, 256, 1), Layer(1, 640, 128, 1), Layer(1, 1024, 1000, 1))
DEPTHWISE = (
    Layer(56, 32, 32, 3),
    Layer(28, 144, 144, 3),
    Layer(14, 512, 512, 3),
    Layer(56, 96, 96, 3, 2),
    Layer(28, 96, 96, 5),
    Layer(28, 24, 24, 3),
)
POOL = (Layer(56, 64, 64, 2, 2), Layer(28, 192, 192, 3), Layer(7, 1024, 1024, 7, 7))


def layers_of(row: KernelRow) -> tuple[Layer, ...]:
    """The layers that a row is made for."""
    if row.family is Family.WINOGRAD:
        return TILES
    if row.family is Family.CONV:
        return VECTOR if row.mr == 1 else NARROW_CONV if row.nr <= 2 * row.mr else CONV + FIRST
    return DEPTHWISE if row.family is Family.DEPTHWISE else POOL


def build(row: KernelRow, compiler: str, folder: Path) -> Path:
    """The benchmark program of a kernel."""
    binary = folder / f"{row.id}-{compiler.replace(' ', '')}"
    kernel = [f"-DEC_KERNEL={row.id}", f'-DEC_KERNEL_HEADER="{Path(row.header).name}"', f"-DEC_KR={row.kr}"]
    kernel += [f"-DEC_X_BYTES={row.x.bytes}", f"-DEC_W_BYTES={(row.w or row.x).bytes}"]
    kernel += ["-DEC_INTEGER"] if row.x.is_integer else []
    kernel += ["-DEC_TILES"] if row.family is Family.WINOGRAD else []
    flags = [
        *toolchain_for(row.isa, extras=extras_of(row)).compile[2:],
        "-std=c99",
        "-ffp-contract=off",
        *include_options(row.isa),
        *kernel,
    ]
    subprocess.run([*shlex.split(compiler), *flags, str(SOURCE), "-o", str(binary), "-lm"], check=True)
    return binary


def blocks(row: KernelRow, layer: Layer, pixels: int) -> str:
    """Output pixels of a block, how addresses lie, and the bytes of scratch that it takes."""
    if row.family is Family.WINOGRAD:
        tiles = TileGrid(1, layer.size, layer.size)
        return f"{tiles.block} 0 0 {tiles.scratch(layer.ic, row.nr, POINTER)}"
    taps = layer.kernel**2
    gather = row.gather(taps, layer.ic)
    inputs = gather or taps * layer.ic
    pixels = min(row.widened_pixels(inputs) if row.widens else pixels, layer.pixels)
    steps = address_steps(row.family, taps, pixels)
    return f"{pixels} {steps[0]} {steps[1]} {pixels * (taps * POINTER + gather) + row.widened(inputs, pixels)}"


def time_round(program: Path, row: KernelRow, block: int) -> tuple[float, list[float]]:
    """The peak that the program found and its rate for each layer, in 10^9 operations a second."""
    layers = layers_of(row)
    arguments = [f"{x.size} {x.ic} {x.oc} {x.kernel} {x.stride} {blocks(row, x, block)}" for x in layers]
    answer = subprocess.run([str(program), *arguments], check=True, capture_output=True, text=True).stdout.split()
    peak, *seconds = (float(value) for value in answer)
    return 2e-9 * peak, [1e-9 * x.operations(row.family) / t for x, t in zip(layers, seconds, strict=True)]


def measure(rows: list[KernelRow], compilers: Sequence[str], rounds: int, block: int) -> None:
    """Runs all programs in turn, and prints a table."""
    with tempfile.TemporaryDirectory() as name:
        programs = {(row.id, c): build(row, c, Path(name)) for row in rows for c in compilers}
        rates: dict[tuple[str, str], list[list[float]]] = {key: [] for key in programs}
        peak = 0.0
        for _ in range(rounds):
            for row in rows:
                for compiler in compilers:
                    found, rate = time_round(programs[row.id, compiler], row, block)
                    peak = max(peak, found)
                    rates[row.id, compiler].append(rate)
    print(f"{f'best Gop/s (float peak {peak:.1f}), median':45}" + "".join(f"{compiler:>24}" for compiler in compilers))
    for row in rows:
        print(row.id)
        for k, layer in enumerate(layers_of(row)):
            cells = ([rate[k] for rate in rates[row.id, compiler]] for compiler in compilers)
            text = (f"{max(c):.1f} ({max(c) / peak:4.0%}) {statistics.median(c):7.1f}" for c in cells)
            print(f"  {layer!s:43}" + "".join(f"{t:>24}" for t in text))


def main() -> None:
    """Reads the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--isa", default="avx2", choices=sorted(X86_FLAGS))
    parser.add_argument("--kernel", default="", help="only kernels whose id contains this")
    parser.add_argument("--compiler", action="append", help=f"may be repeated; default: {', '.join(COMPILERS)}")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--block", type=int, default=48, help="pixels in a block of taps")
    options = parser.parse_args()
    missing = toolchain_for(options.isa).missing
    if missing:
        sys.exit(missing)
    rows = [row for row in ROWS if row.isa == options.isa and options.kernel in row.id]
    rows = [row for row in rows if not toolchain_for(row.isa, extras=extras_of(row)).missing]
    measure(rows, options.compiler or COMPILERS, options.rounds, options.block)


if __name__ == "__main__":
    main()
