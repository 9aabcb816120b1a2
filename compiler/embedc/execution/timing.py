"""Times a bundle with a program of its own: whole calls, and layer by layer through the trace hook."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from embedc.bundle import Bundle
from embedc.execution.errors import ExecutionError
from embedc.execution.program import render
from embedc.execution.running import run_on
from embedc.ir.types import Array
from embedc.targets.target import Emulator


@dataclass(frozen=True)
class Timer:
    """A built timing program; `layers` is how many it tells apart."""

    program: Path
    emulator: Emulator
    layers: int

    def run(self, runs: int, warmup: int = 2) -> Array:
        """Nanoseconds, [runs, 1 + layers]: the whole call, then its layers. On an emulated board each instruction takes one."""
        arguments = [str(0 if self.emulator.board else warmup), str(runs), "times"]
        found = run_on(self.emulator, self.program, arguments, wanted=["times"], counted=True).files
        if "times" not in found:
            raise ExecutionError("the program left no times")
        times = np.frombuffer(found["times"], np.int64).reshape(runs, 1 + self.layers)
        return np.rint(times * (1e9 / self.emulator.board.clock_hz)) if self.emulator.board else times


def timer(bundle: Bundle, emulator: Emulator, *, layers: bool) -> Timer:
    """A program that times the bundle: as it ships, or with a clock read after each layer."""
    taps = bundle.described.trace if layers else ()
    source = {"embedc_bench.c": render("bench.c.jinja", bundle.described, taps=taps, board=emulator.board)}
    flags = [f"-D{bundle.described.macro}_TRACE"] if taps else []
    return Timer(bundle.build_program(source, flags, emulator), emulator, len(taps))
