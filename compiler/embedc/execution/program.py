"""Runs a bundle as a program of its own, natively or under an emulator; tensors go through files."""

import signal
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import jinja2
import numpy as np
from numpy.lib.stride_tricks import as_strided

from embedc.execution.errors import ExecutionError
from embedc.ir.types import Array
from embedc.manifest import Manifest, Tap
from embedc.targets.target import Emulator

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
    return render("runner.c.jinja", manifest, taps=manifest.trace if trace else ())


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
    with tempfile.TemporaryDirectory(prefix="embedc-") as folder:
        inputs, outputs, taps, kept = (Path(folder) / name for name in ("inputs", "outputs", "trace", "state"))
        kept.write_bytes(state)
        with inputs.open("wb") as file:
            for sample in samples:
                for port in manifest.inputs:
                    file.write(port.stored(sample[port.name]).tobytes())
        run_checked(
            [*emulator.command, str(program), str(len(samples)), str(inputs), str(outputs), str(taps), str(kept)]
        )
        written = outputs.read_bytes()
        traced = taps.read_bytes() if trace else b""
        state = kept.read_bytes()
    each = len(written) // max(len(samples), 1)
    results = [_read_outputs(manifest, written[k * each :]) for k in range(len(samples))]
    return list(zip(results, _read_trace(manifest, traced, len(samples)), strict=True)), state


def run_checked(command: Sequence[str]) -> str:
    """Runs a program to its end and gives its standard output; any failure becomes an ExecutionError."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False)
    except OSError as error:
        raise ExecutionError(f"cannot run {command[0]}: {error}") from None
    if done.returncode == 0:
        return done.stdout
    said = done.stderr.strip() or "no message"
    code = done.returncode
    if code < 0 or code > 128:
        number = -code if code < 0 else code - 128
        name = signal.Signals(number).name if number in signal.valid_signals() else f"signal {number}"
        raise ExecutionError(f"the generated code died of {name}: {said}")
    raise ExecutionError(f"the generated code failed: {said}")


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
