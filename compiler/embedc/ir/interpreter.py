"""The living definition: a Graph executed operator by operator through `Op.reference`."""

from collections import Counter
from collections.abc import Callable, Mapping

import numpy as np

from embedc.ir.graph import Graph, Value
from embedc.ir.types import Array, TensorType
from embedc.ops.base import Op

Watch = Callable[[Value, Array], Array | None]
"""Sees a value; an array that it gives back takes the value's place."""


class InterpreterError(Exception):
    """Inputs do not fit the graph, or an operator computed something other than its declared type."""


def run(graph: Graph, inputs: Mapping[str, Array], watch: Watch | None = None) -> dict[str, Array]:
    """Outputs of `graph` by name; `watch` sees every value as it is computed, and values die with their last reader."""
    missing = {value.name for value in graph.inputs} ^ set(inputs)
    if missing:
        raise InterpreterError(f"inputs are {[v.name for v in graph.inputs]}, got {list(inputs)}")
    pending = Counter(operand for op in graph.ops for operand in op.operands)
    pending.update(graph.outputs.values())
    live: dict[Value, Array] = {}

    def define(value: Value, array: Array) -> None:
        instead = watch(value, array) if watch else None
        if pending[value]:
            live[value] = array if instead is None else instead

    for value in graph.inputs:
        define(value, _checked(np.asarray(inputs[value.name]), value.type, f"input '{value.name}'"))
    for op in graph.ops:
        arrays = tuple(live[operand] for operand in op.operands)
        for operand in op.operands:
            pending[operand] -= 1
            if not pending[operand]:
                del live[operand]
        for value, array in zip(op.results, evaluate(op, *arrays), strict=True):
            define(value, array)
    return {name: live[value] for name, value in graph.outputs.items()}


def evaluate(op: Op, *arrays: Array) -> tuple[Array, ...]:
    """One operator's results, held against their declared types."""
    with np.errstate(all="ignore"):
        results = op.reference(*arrays)
    where = f"{op.opname}, {op.origin}"
    return tuple(_checked(a, v.type, where) for a, v in zip(results, op.results, strict=True))


def _checked(array: Array, declared: TensorType, where: str) -> Array:
    fits = array.ndim == declared.rank and all(
        n == d if isinstance(d, int) else n <= d.max for n, d in zip(array.shape, declared.shape, strict=True)
    )
    if array.dtype != declared.element.dtype or not fits:
        raise InterpreterError(f"{where}: expected {declared}, got {array.dtype}{list(array.shape)}")
    return array
