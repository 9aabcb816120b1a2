"""ONNX Runtime as an independent oracle, where it is installed."""

import copy
from collections.abc import Iterable, Mapping, Sequence
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import onnx

from embedc.ir.types import Array


def installed() -> bool:
    """True if onnxruntime can be imported."""
    return find_spec("onnxruntime") is not None


class Oracle:
    """The user's model in ONNX Runtime on one thread; computes `tensors`, which the model must have."""

    def __init__(self, source: Path | onnx.ModelProto, tensors: Iterable[str], optimized: bool) -> None:
        runtime: Any = import_module("onnxruntime")
        model = copy.deepcopy(source) if isinstance(source, onnx.ModelProto) else onnx.load(str(source))
        self._tensors = list(dict.fromkeys(tensors))
        _expose(model, self._tensors)
        options = runtime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 4
        if not optimized:
            options.graph_optimization_level = runtime.GraphOptimizationLevel.ORT_DISABLE_ALL
        self._session: Any = runtime.InferenceSession(
            model.SerializeToString(), options, providers=["CPUExecutionProvider"]
        )

    def run(self, inputs: Mapping[str, Array]) -> dict[str, Array]:
        """The tensors by name."""
        return dict(zip(self._tensors, self._session.run(self._tensors, dict(inputs)), strict=True))


def computed_tensors(source: Path | onnx.ModelProto) -> set[str]:
    """Every tensor that the model's own nodes compute, bodies of control flow aside."""
    model = source if isinstance(source, onnx.ModelProto) else onnx.load(str(source), load_external_data=False)
    return {name for node in model.graph.node for name in node.output if name}


def _expose(model: onnx.ModelProto, tensors: Sequence[str]) -> None:
    """Makes `tensors` outputs of the model."""
    outputs = {output.name for output in model.graph.output}
    model.graph.output.extend(onnx.ValueInfoProto(name=name) for name in tensors if name not in outputs)
