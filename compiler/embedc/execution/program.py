"""Runs a bundle as a program of its own, natively or under an emulator; tensors go through files."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import jinja2
import numpy as np
from numpy.lib.stride_tricks import as_strided

from embedc.execution.errors import ExecutionError
from embedc.execution.running import run_on
from embedc.ir.types import Array
from embedc.manifest import Manifest, Tap
from embedc.targets.target import NATIVE, Emulator

_TEMPLATES = jinja2.Environment(
    loader=jinja2.FileSystemLoader(Path(__file__).parent / "templates"),
    trim_blocks=True,
    lstrip_blocks=True,
    keep_trailing_newline=True,
    undefined=jinja2.StrictUndefined,
)

Tensors = dict[str, Array]


def render(template: str, manifest: Manifest, **more: Any) -> str:
    """A C main for the bundle."""
    ports = manifest.inputs + manifest.outputs
    known = {
        "n": manifest.name,
        "N": manifest.macro,
        "inputs": manifest.inputs,
        "ports": ports,
        "states": manifest.states,
        "io_in_scratch": manifest.io_in_scratch,
    }
    return _TEMPLATES.get_template(template).render(**known, **more)


def runner_source(manifest: Manifest, trace: bool) -> str:
    """The C text of the runner, which also records traced tensors if `trace`."""
    return render("runner.c.jinja", manifest, traced=trace, taps=manifest.trace)


def run_program(
    program: Path,
    emulator: Emulator,
    manifest: Manifest,
    samples: Sequence[Mapping[str, Array]],
    trace: bool,
    state: bytes = b"",
) -> tuple[list[tuple[Tensors, Tensors]], bytes]:
    """Outputs and traced tensors of every sample, and the state after them; the inputs are checked already.

    The state before them is `state`, or that of a new stream.
    """
    given = b"".join(port.stored(sample[port.name]).tobytes() for sample in samples for port in manifest.inputs)
    arguments = [str(len(samples)), "inputs", "outputs", "trace", "state"]
    wanted = ["outputs", *(["trace"] if trace else []), *(["state"] if manifest.states else [])]
    found = run_on(emulator, program, arguments, {"inputs": given, "state": state}, wanted).files
    missing = [name for name in wanted if name not in found]
    if missing:
        raise ExecutionError(f"the program left no {missing[0]}")
    written = found["outputs"]
    each = len(written) // max(len(samples), 1)
    results = [_read_outputs(manifest, written[k * each :]) for k in range(len(samples))]
    traced = _read_trace(manifest, found.get("trace", b""), len(samples))
    return list(zip(results, traced, strict=True)), found.get("state", b"")


def run_checked(command: Sequence[str]) -> str:
    """Runs a program on this machine to its end and gives its standard output; any failure becomes an ExecutionError."""
    return run_on(NATIVE, Path(command[0]), command[1:]).output


def _read_outputs(manifest: Manifest, data: bytes) -> Tensors:
    tensors: Tensors = {}
    offset = 0
    for port in manifest.outputs:
        count = port.bytes // port.dtype.itemsize
        tensors[port.name] = port.tensor(np.frombuffer(data, port.dtype, count, offset).copy())
        offset += port.bytes
    return tensors


def _read_trace(manifest: Manifest, data: bytes, samples: int) -> list[Tensors]:
    """The records of every sample; of a tensor that is shown more than once the last counts."""
    taps: dict[int, Tap] = {tap.id: tap for tap in manifest.trace}
    found: list[Tensors] = [{} for _ in range(samples)]
    offset, sample = 0, -1
    while offset < len(data):
        number = int(np.frombuffer(data, np.int32, 1, offset)[0])
        offset += 4
        if number < 0:
            sample += 1
            continue
        tap = taps[number]
        low, high = tap.extent
        found[sample][tap.tensor] = strided(np.frombuffer(data, np.uint8, high - low, offset), tap)
        offset += high - low
    return found


def strided(span: Array, tap: Tap) -> Array:
    """The tensor that lies in the bytes `span` with the tap's strides, in the model's own order."""
    if 0 in tap.shape:
        return np.zeros(tap.shape, tap.dtype)
    first = span[-tap.extent[0] :][: tap.dtype.itemsize].view(tap.dtype)
    return as_strided(first, tap.shape, tap.strides, writeable=False).copy()
