"""Instructions of an inference, counted under QEMU: (three inferences - one) / 2, repeatable to the instruction.

    python benchmarks/instructions.py MODEL… --target arm-neon [--cpu cortex-a76] [--io quantized] [--flags=-O2] [--functions 12]

Linux targets count in user mode with the plugin icount.c; for boards `embedc bench` counts by itself.
"""

import argparse
import os
import re
import subprocess
import tempfile
from bisect import bisect
from collections import Counter
from pathlib import Path

from rich.console import Console
from rich.table import Table

import embedc
from embedc.targets.load import load_target
from embedc.targets.toolchain import find_compiler

HERE = Path(__file__).parent
MAIN = """#include <stdint.h>
#include <stdlib.h>
#include "model.h"

static unsigned char memory[{bytes}] __attribute__((aligned(64)));

int main(int argc, char **argv) {{
  const int runs = argc > 1 ? atoi(argv[1]) : 1;
  int bad = 0;
  for (int i = 0; i < runs; i++) {{
    bad |= (int)model({arguments});
  }}
  return bad;
}}
"""


def plugin(folder: Path) -> Path:
    """icount.c as a shared library."""
    library = folder / "icount.so"
    subprocess.run(["cc", "-O2", "-shared", "-fPIC", str(HERE / "icount.c"), "-o", str(library)], check=True)
    return library


def count(program: Path, emulator: list[str], library: Path, runs: int) -> Counter[int]:
    """Instructions of a program that infers so many times, by the address of their block."""
    command = [emulator[0], *emulator[1:], "-plugin", str(library), str(program), str(runs)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env={"PATH": os.environ["PATH"]})
    counted = Counter[int]()
    for address, instructions, times in re.findall(r"^block (\w+) (\d+) (\d+)$", done.stderr, re.MULTILINE):
        counted[int(address, 16)] += int(instructions) * int(times)
    return counted


def by_function(program: Path, counted: Counter[int]) -> Counter[str]:
    """The same by the function that a block belongs to."""
    told = subprocess.run(["nm", "-n", str(program)], capture_output=True, text=True, check=True).stdout
    symbols = [(int(a, 16), name) for a, name in re.findall(r"^(\w+) [tTwW] ([^$\s]+)$", told, re.MULTILINE)]
    starts = [address for address, _ in symbols]
    found = Counter[str]()
    for address, times in counted.items():
        place = bisect(starts, address)
        found[symbols[place - 1][1] if place else "?"] += times
    return found


def measure(model: Path, args: argparse.Namespace, folder: Path, library: Path) -> tuple[Counter[str], int, int]:
    """Instructions of one inference by function, its multiply-accumulates and the scratch bytes."""
    out = folder / model.stem
    bundle = embedc.compile(model, target=args.target, out_dir=out, cpu=args.cpu, name="model", io=args.io)
    if args.io == "quantized":
        ports = (bundle.described.inputs, bundle.described.outputs)
        given, results = ({p.name: "channels-last" for p in side if len(p.shape) == 4} for side in ports)
        bundle = embedc.compile(
            model,
            target=args.target,
            out_dir=out,
            cpu=args.cpu,
            name="model",
            io=args.io,
            input_layouts=given,
            output_layouts=results,
        )
    told = bundle.described
    offset = 0
    places: list[str] = []
    for port in (*told.inputs, *told.outputs):
        places.append(f"(void *)(memory + {offset})")
        offset += -(-port.bytes // 64) * 64
    places.append(f"memory + {offset}")
    (out / "main.c").write_text(MAIN.format(bytes=offset + told.scratch_bytes, arguments=", ".join(places)))
    target = load_target(args.target, args.cpu)
    sources = [s for s in told.sources if "selftest" not in s]
    flags = [*target.cflags, *args.flags.split(), "-w", "-static", "-I."]
    command = [*find_compiler(target), *flags, *sources, "main.c", "-lm", "-o", "program"]
    subprocess.run(command, cwd=out, check=True)
    emulator = [*target.emulators[0].command]
    one, three = (by_function(out / "program", count(out / "program", emulator, library, runs)) for runs in (1, 3))
    three.subtract(one)
    return Counter({name: n // 2 for name, n in three.items()}), told.macs, told.scratch_bytes


def main() -> None:
    """Prints a row for each model."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("models", type=Path, nargs="+")
    parser.add_argument("--target", default="arm-neon")
    parser.add_argument("--cpu", default="")
    parser.add_argument("--io", default="model", choices=["model", "quantized"])
    parser.add_argument("--flags", default="-O2", help="flags of the C compiler")
    parser.add_argument(
        "--functions", type=int, default=0, help="how many functions of each model to list, the most expensive first"
    )
    args = parser.parse_args()
    table = Table("model", "k instructions", "per MAC", "scratch", box=None)
    with tempfile.TemporaryDirectory() as work:
        library = plugin(Path(work))
        for model in args.models:
            functions, macs, scratch = measure(model, args, Path(work), library)
            instructions = functions.total()
            table.add_row(model.stem, f"{instructions / 1e3:,.0f}", f"{instructions / macs:.3f}", f"{scratch:,}")
            for name, n in functions.most_common(args.functions):
                table.add_row(f"  {name}", f"{n / 1e3:,.0f}", f"{n / macs:.3f}")
    Console().print(f"{args.target} {args.cpu}, gcc {args.flags}")
    Console().print(table)


if __name__ == "__main__":
    main()
