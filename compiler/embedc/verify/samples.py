"""Inputs to verify with: from an npz file, or random ones that are the same every time."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from embedc.diagnostics import fail
from embedc.ir.types import ELEMENTS, Array
from embedc.manifest import Port


@dataclass(frozen=True)
class Sample:
    """Inputs of one run and, where known, the outputs that someone else computed."""

    inputs: dict[str, Array]
    expected: dict[str, Array] = field(default_factory=dict[str, Array])


def random_samples(inputs: Sequence[Port], count: int, seed: int = 0) -> list[Sample]:
    """Floats uniform in [-1, 1) and standard normal by turns; integers over a small range."""
    samples: list[Sample] = []
    for k in range(count):
        generator = np.random.Generator(np.random.PCG64([seed, k]))
        samples.append(Sample({port.name: _random(generator, port, normal=k % 2 == 1) for port in inputs}))
    return samples


def _random(generator: np.random.Generator, port: Port, normal: bool) -> Array:
    if ELEMENTS[port.element].is_float:
        values = generator.standard_normal(port.shape) if normal else generator.uniform(-1, 1, port.shape)
        return values.astype(port.dtype)
    if port.dtype.kind == "b":
        return generator.integers(0, 2, port.shape).astype(port.dtype)
    least, most = ELEMENTS[port.element].limits
    if not port.scaled:
        least, most = max(least, -8), min(most, 7)
    return generator.integers(least, most, port.shape, endpoint=True).astype(port.dtype)


@dataclass(frozen=True)
class Signature:
    """Inputs and outputs of the model by name and position, those among them that are state, and how that begins."""

    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    states: Mapping[str, str] = field(default_factory=dict[str, str])
    initial: Mapping[str, Array] = field(default_factory=dict[str, Array])


def load_samples(
    path: Path, inputs: Sequence[Port], outputs: Sequence[Port], limit: int = 0, signature: Signature | None = None
) -> list[Sample]:
    """Samples of an npz file whose arrays are called s<k>_in<j> and s<k>_out<j>, or by the tensors' names (one sample).

    Of a model with state, what the file expects counts only where its samples are one stream from the beginning.
    """
    signature = signature or Signature(tuple(p.name for p in inputs), tuple(p.name for p in outputs))
    try:
        with np.load(path, allow_pickle=False) as file:
            arrays: dict[str, Array] = {name: file[name] for name in file.files}
    except (OSError, ValueError) as error:
        raise fail(f"cannot read inputs from '{path}': {error}") from None
    numbers = sorted({int(m.group(1)) for name in arrays if (m := re.fullmatch(r"s(\d+)_in\d+", name))})
    if not numbers:
        return [_by_name(path, arrays, inputs, outputs)]
    samples = [_numbered(path, arrays, k, inputs, outputs, signature) for k in numbers]
    if not _is_stream(arrays, numbers, signature):
        samples = [Sample(sample.inputs) for sample in samples]
    return samples[:limit] if limit else samples


def _is_stream(arrays: Mapping[str, Array], numbers: Sequence[int], signature: Signature) -> bool:
    """True if each sample begins with the state that the one before left, and the first with the model's own."""
    for begin, end in signature.states.items():
        name, place = f"in{signature.inputs.index(begin)}", f"out{signature.outputs.index(end)}"
        kept: Array | None = signature.initial[begin]
        for k in numbers:
            given = arrays.get(f"s{k}_{name}")
            if kept is None or given is None or not np.array_equal(given.reshape(kept.shape), kept):
                return False
            kept = arrays.get(f"s{k}_{place}")
    return True


def _by_name(path: Path, arrays: dict[str, Array], inputs: Sequence[Port], outputs: Sequence[Port]) -> Sample:
    missing = [port.name for port in inputs if port.name not in arrays]
    if missing:
        hint = "arrays are called s<k>_in<j>, or by the tensors' names"
        raise fail(f"'{path}' holds {', '.join(arrays) or 'nothing'}, but not {', '.join(missing)}", hint=hint)
    return Sample(
        {p.name: arrays[p.name] for p in inputs}, {p.name: arrays[p.name] for p in outputs if p.name in arrays}
    )


def _numbered(
    path: Path,
    arrays: dict[str, Array],
    k: int,
    inputs: Sequence[Port],
    outputs: Sequence[Port],
    signature: Signature,
) -> Sample:
    keys = {port.name: f"s{k}_in{signature.inputs.index(port.name)}" for port in inputs}
    missing = [key for key in keys.values() if key not in arrays]
    if missing:
        raise fail(f"'{path}' has no {', '.join(missing)}; the model has {len(signature.inputs)} inputs")
    places = {port.name: f"s{k}_out{signature.outputs.index(port.name)}" for port in outputs}
    expected = {name: arrays[key] for name, key in places.items() if key in arrays}
    return Sample({name: arrays[key] for name, key in keys.items()}, expected)
