"""The backend test suite that comes with the onnx package: models with inputs and the outputs that are expected."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnx import ModelProto, OptionalProto, SequenceProto, TensorProto, ValueInfoProto, numpy_helper
from onnx.backend.test import loader

Array = NDArray[Any]
Item = Array | list[Any] | None
"""What a model takes or gives: a tensor, a sequence, or an optional's nothing."""

KINDS = ("node", "simple", "pytorch-converted", "pytorch-operator")


@dataclass(frozen=True)
class Case:
    """One test of the suite; its model and data are read from `folder` when they are asked for."""

    name: str
    kind: str
    folder: Path
    rtol: float
    atol: float

    def model(self) -> ModelProto:
        return ModelProto.FromString((self.folder / "model.onnx").read_bytes())

    def operators(self) -> tuple[str, ...]:
        """The operators that the case is about, the most frequent one first, without constants where there is more."""
        found = Counter(node.op_type for node in self.model().graph.node)
        names = [name for name, _ in found.most_common()]
        return tuple(name for name in names if name != "Constant") or tuple(names)

    def data_sets(self, model: ModelProto) -> Iterator[tuple[list[Item], list[Item]]]:
        """(inputs, outputs) of every data set, in the order of the model's."""
        for folder in sorted(self.folder.glob("test_data_set_*")):
            yield (
                _items(folder, "input", model.graph.input),
                _items(folder, "output", model.graph.output),
            )


def _items(folder: Path, what: str, values: Any) -> list[Item]:
    count = len(list(folder.glob(f"{what}_*.pb")))
    return [_item(folder / f"{what}_{i}.pb", value) for i, value in zip(range(count), values, strict=False)]


def _item(path: Path, value: ValueInfoProto) -> Item:
    data = path.read_bytes()
    kind = value.type.WhichOneof("value")
    if kind == "sequence_type":
        return numpy_helper.to_list(SequenceProto.FromString(data))
    if kind == "optional_type":
        return numpy_helper.to_optional(OptionalProto.FromString(data))
    return np.asarray(numpy_helper.to_array(TensorProto.FromString(data)))


@cache
def cases() -> tuple[Case, ...]:
    """Every case, sorted by kind and name."""
    found = [
        Case(test.name, kind, Path(str(test.model_dir)), test.rtol, test.atol)
        for kind in KINDS
        for test in loader.load_model_tests(kind=kind)
    ]
    return tuple(sorted(found, key=lambda case: (KINDS.index(case.kind), case.name)))
