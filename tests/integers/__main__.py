"""python -m tests.integers [--target NAME]… [--cpu NAME] [--count N] [--seed S]: random quantized layers, exact on every target."""

import argparse
import sys
import tempfile
from pathlib import Path

from rich.console import Console

from embedc.targets.load import load_target
from embedc.targets.toolchain import emulators
from tests.integers.checking import wrong_layers
from tests.integers.layers import random_layers
from tests.integers.test_integers import TARGETS

BATCH = 100  # layers for each program


def main() -> int:
    """Prints what is wrong; the exit code is 1 then."""
    parser = argparse.ArgumentParser(prog="python -m tests.integers", description=__doc__)
    parser.add_argument("--target", action="append", help="a target (default: all that run here)")
    parser.add_argument("--cpu", default="", help="the targets' CPU (default: the least that they have)")
    parser.add_argument("--count", type=int, default=500, help="layers for each target")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    console = Console()
    wrong = 0
    for name in options.target or TARGETS:
        target = load_target(name, options.cpu)
        if not emulators(target)[0]:
            console.print(f"{name}: nothing to run it on")
            continue
        for begin in range(0, options.count, BATCH):
            graphs = random_layers(options.seed + begin, min(BATCH, options.count - begin))
            with tempfile.TemporaryDirectory() as folder:
                found = wrong_layers(graphs, target, Path(folder))
            wrong += len(found)
            for line in found:
                console.print(line, markup=False)
        console.print(f"{name}: {options.count} layers, {wrong} wrong so far")
    return int(wrong > 0)


if __name__ == "__main__":
    sys.exit(main())
