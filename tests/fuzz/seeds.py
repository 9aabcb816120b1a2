"""The sound models that are mutated: ONNX's node tests and, where they are at hand, small real models."""

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
from onnx import numpy_helper

from tests.conformance.suite import Case, cases
from tests.models.catalogue import FOLDER

LARGEST = 400_000  # bytes of a file: larger ones make the fuzz slow and hold the same structures
SHAPE_LIKE = 8  # elements of an integer input that is probably a shape, axes or indices


@dataclass(frozen=True)
class Seed:
    """A model that is read when it is asked for."""

    name: str
    read: Callable[[], bytes]


def seed_models() -> list[list[Seed]]:
    """Models by kind, so that an operator with many node tests is not chosen more often than others."""
    kinds: dict[str, list[Seed]] = defaultdict(list)
    for case in cases():
        if (case.folder / "model.onnx").stat().st_size <= LARGEST:
            kinds[_family(case.name)].append(Seed(case.name, partial(_node_test, case)))
    for file in _real_models():
        kinds[file.parent.name].append(Seed(file.parent.name, file.read_bytes))
    return [kinds[kind] for kind in sorted(kinds)]


def _family(name: str) -> str:
    return "_".join(name.removeprefix("test_").split("_")[:2])


def _node_test(case: Case) -> bytes:
    """A node test as a real model would have it: shapes, axes and indices are stored, the types of outputs left open."""
    model = case.model()
    (inputs, _), *_ = case.data_sets(model)
    for value, array in list(zip(model.graph.input, inputs, strict=False))[1:]:
        if isinstance(array, np.ndarray) and array.dtype == np.int64 and array.size <= SHAPE_LIKE:
            model.graph.initializer.append(numpy_helper.from_array(array, value.name))
    for output in model.graph.output:
        if output.type.HasField("tensor_type"):
            output.type.tensor_type.ClearField("shape")
    return model.SerializeToString()


def _real_models() -> Iterator[Path]:
    return (file for file in sorted(FOLDER.glob("*/*.onnx")) if file.stat().st_size <= LARGEST)
