"""Inputs to verify with: from an npz file, or random ones that are the same every time."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from embedc.diagnostics import fail
from embedc.ir.types import Array
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
    if port.dtype.kind == "f":
        values = generator.standard_normal(port.shape) if normal else generator.uniform(-1, 1, port.shape)
        return values.astype(port.dtype)
    low = {"b": 0, "u": 0, "i": -8}[port.dtype.kind]
    return generator.integers(low, 2 if port.dtype.kind == "b" else 8, port.shape).astype(port.dtype)


def load_samples(path: Path, inputs: Sequence[Port], outputs: Sequence[Port], limit: int = 0) -> list[Sample]:
    """Samples of an npz file whose arrays are called s<k>_in<j> and s<k>_out<j>, or by the tensors' names (one sample)."""
    try:
        with np.load(path, allow_pickle=False) as file:
            arrays: dict[str, Array] = {name: file[name] for name in file.files}
    except (OSError, ValueError) as error:
        raise fail(f"cannot read inputs from '{path}': {error}") from None
    numbers = sorted({int(m.group(1)) for name in arrays if (m := re.fullmatch(r"s(\d+)_in\d+", name))})
    if not numbers:
        return [_by_name(path, arrays, inputs, outputs)]
    samples = [_numbered(path, arrays, k, inputs, outputs) for k in numbers]
    return samples[:limit] if limit else samples


def _by_name(path: Path, arrays: dict[str, Array], inputs: Sequence[Port], outputs: Sequence[Port]) -> Sample:
    missing = [port.name for port in inputs if port.name not in arrays]
    if missing:
        hint = "arrays are called s<k>_in<j>, or by the tensors' names"
        raise fail(f"'{path}' holds {', '.join(arrays) or 'nothing'}, but not {', '.join(missing)}", hint=hint)
    return Sample(
        {p.name: arrays[p.name] for p in inputs}, {p.name: arrays[p.name] for p in outputs if p.name in arrays}
    )


def _numbered(path: Path, arrays: dict[str, Array], k: int, inputs: Sequence[Port], outputs: Sequence[Port]) -> Sample:
    missing = [f"s{k}_in{j}" for j in range(len(inputs)) if f"s{k}_in{j}" not in arrays]
    if missing:
        raise fail(f"'{path}' has no {', '.join(missing)}; the model has {len(inputs)} inputs")
    expected = {port.name: arrays[f"s{k}_out{j}"] for j, port in enumerate(outputs) if f"s{k}_out{j}" in arrays}
    return Sample({port.name: arrays[f"s{k}_in{j}"] for j, port in enumerate(inputs)}, expected)
