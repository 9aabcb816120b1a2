"""ONNX Runtime as an independent oracle, where it is installed."""

import copy
from collections.abc import Iterable, Mapping
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import onnx

from embedc.frontends.onnx.names import readable
from embedc.ir.types import Array


def installed() -> bool:
    """True if onnxruntime can be imported."""
    return find_spec("onnxruntime") is not None


class Oracle:
    """The user's model in ONNX Runtime on one thread; computes `tensors`, the model's own name for each of ours.

    Of `given` each is an input, also where the model has an initializer of its name.
    """

    def __init__(
        self, source: Path | onnx.ModelProto, tensors: Mapping[str, str], optimized: bool, given: Iterable[str] = ()
    ) -> None:
        runtime: Any = import_module("onnxruntime")
        model = _loaded(source)
        self._tensors = dict(tensors)
        _expose(model, self._tensors.values())
        _accept(model, given)
        options = runtime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 4
        if not optimized:
            options.graph_optimization_level = runtime.GraphOptimizationLevel.ORT_DISABLE_ALL
        self._session: Any = runtime.InferenceSession(
            model.SerializeToString(), options, providers=["CPUExecutionProvider"]
        )

    def run(self, inputs: Mapping[str, Array]) -> dict[str, Array]:
        """The tensors by our names."""
        computed = self._session.run(list(self._tensors.values()), dict(inputs))
        return dict(zip(self._tensors, computed, strict=True))


def computed_tensors(source: Path | onnx.ModelProto) -> dict[str, str]:
    """Every tensor that the model's own nodes compute, bodies of control flow aside: its name by ours, which is printable."""
    model = _loaded(source)
    names = [name for node in model.graph.node for name in node.output if name]
    return {readable(name): name for name in names} | {name: name for name in names}


def _loaded(source: Path | onnx.ModelProto) -> onnx.ModelProto:
    """A copy that may be changed, with its external data."""
    if isinstance(source, onnx.ModelProto):
        return copy.deepcopy(source)
    return onnx.load(str(source))  # pyright: ignore[reportUnknownMemberType] - a type argument of its path is missing


def _accept(model: onnx.ModelProto, names: Iterable[str]) -> None:
    """Makes initializers of these names values that inputs of the same names replace."""
    stored = {t.name: t for t in model.graph.initializer}
    for name in sorted({*names} & stored.keys() - {v.name for v in model.graph.input}):
        tensor = stored[name]
        model.graph.input.append(onnx.helper.make_tensor_value_info(name, tensor.data_type, list(tensor.dims)))


def _expose(model: onnx.ModelProto, tensors: Iterable[str]) -> None:
    """Makes `tensors` outputs of the model."""
    outputs = {output.name for output in model.graph.output}
    model.graph.output.extend(onnx.ValueInfoProto(name=name) for name in sorted(set(tensors) - outputs))
