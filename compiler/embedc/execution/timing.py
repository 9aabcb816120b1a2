"""Times a bundle with a program of its own: whole calls, and layer by layer through the trace hook."""

import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from embedc.bundle import Bundle
from embedc.execution.program import render, run_checked
from embedc.ir.types import Array
from embedc.targets.target import Emulator


@dataclass(frozen=True)
class Timer:
    """A built timing program; `layers` is how many it tells apart."""

    program: Path
    emulator: Emulator
    layers: int

    def run(self, runs: int, warmup: int = 2) -> Array:
        """Nanoseconds, [runs, 1 + layers]: the whole call, then its layers."""
        with tempfile.TemporaryDirectory(prefix="embedc-") as folder:
            out = Path(folder) / "times"
            run_checked([*self.emulator.command, str(self.program), str(warmup), str(runs), str(out)])
            return np.fromfile(out, np.int64).reshape(runs, 1 + self.layers)


def timer(bundle: Bundle, emulator: Emulator, *, layers: bool) -> Timer:
    """A program that times the bundle: as it ships, or with a clock read after each layer."""
    taps = bundle.described.trace if layers else ()
    source = {"embedc_bench.c": render("bench.c.jinja", bundle.described, taps=taps)}
    flags = [f"-D{bundle.described.macro}_TRACE"] if layers else []
    return Timer(bundle.build_program(source, flags), emulator, len(taps))
