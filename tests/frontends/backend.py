"""The node tests that come with the onnx package, brought into the form that embedc compiles."""

import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnx import ModelProto, numpy_helper

from embedc.diagnostics import EmbedcError
from embedc.frontends.onnx import ImportOptions, load
from embedc.frontends.onnx.inlining import has_definition
from embedc.frontends.onnx.support import unsupported
from embedc.ir.graph import Graph
from embedc.ir.interpreter import run

Array = NDArray[Any]


@dataclass(frozen=True)
class Case:
    """A model with inputs and the outputs that are expected."""

    name: str
    model: ModelProto
    inputs: tuple[Array, ...]
    outputs: tuple[Array, ...]
    rtol: float
    atol: float


@cache
def cases() -> tuple[Case, ...]:
    """All node tests whose inputs and outputs are tensors and whose operators embedc has."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from onnx.backend.test import loader  # noqa: PLC0415

        found = loader.load_model_tests(kind="node")
    return tuple(_wanted(found))


def _wanted(found: list[Any]) -> Iterator[Case]:
    for test in found:
        inputs, outputs = test.data_sets[0]
        opset = next((o.version for o in test.model.opset_import if o.domain == ""), 0)
        tensors = all(isinstance(a, np.ndarray) for a in (*inputs, *outputs))
        known = (has_definition(n.op_type, opset) or not unsupported(n, opset) for n in test.model.graph.node)
        if opset and tensors and all(known):
            yield Case(test.name, test.model, tuple(inputs), tuple(outputs), test.rtol, test.atol)


def with_constants(case: Case, keep: int) -> tuple[ModelProto, dict[str, Array]]:
    """The model with all inputs but the first `keep` stored as initializers, and what is left to feed."""
    model = ModelProto()
    model.CopyFrom(case.model)
    named = dict(zip((v.name for v in case.model.graph.input), case.inputs, strict=False))
    for name in list(named)[keep:]:
        model.graph.initializer.append(numpy_helper.from_array(named.pop(name), name))
    return model, named


def imported(case: Case) -> tuple[Graph, dict[str, Array]]:
    """The Graph with as many inputs as the frontend leaves open, and what they are fed."""
    errors: list[EmbedcError] = []
    for keep in range(len(case.inputs), -1, -1):
        model, feeds = with_constants(case, keep)
        try:
            return load(model, ImportOptions()), feeds
        except EmbedcError as error:
            errors.append(error)
    raise errors[0]


def compare(case: Case) -> None:
    """AssertionError unless the interpreter computes what the test expects."""
    graph, feeds = imported(case)
    results = run(graph, feeds)
    for value, wanted in zip(case.model.graph.output, case.outputs, strict=True):
        got = results[value.name]
        assert got.dtype == wanted.dtype, f"{value.name} is {got.dtype}, expected {wanted.dtype}"
        np.testing.assert_allclose(got, wanted, max(case.rtol, 1e-3), max(case.atol, 1e-6), err_msg=value.name)
