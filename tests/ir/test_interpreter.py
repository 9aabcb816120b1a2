"""The interpreter frees what is dead, shows what it computes, and refuses what does not fit."""

import weakref

import numpy as np
import pytest

from embedc.ir.graph import Graph, Value, collect
from embedc.ir.interpreter import InterpreterError, run
from embedc.ir.scalar import unary
from embedc.ir.types import F32, Array, DimVar, TensorType
from embedc.ops.elementwise import Map

X = Value(TensorType(F32, (4,)), "x")
ONES = np.ones(4, np.float32)


def chain(length: int, x: Value = X) -> Graph:
    value = x
    for _ in range(length):
        value = Map((value,), unary("neg", F32)).result
    return collect("chain", [x], {"y": value, "x again": x})


def test_outputs_and_watch() -> None:
    seen: list[tuple[Value, float]] = []
    outputs = run(chain(3), {"x": ONES}, lambda value, array: seen.append((value, float(array[0]))))
    assert [v for _, v in seen] == [1.0, -1.0, 1.0, -1.0]
    assert list(outputs) == ["y", "x again"]
    np.testing.assert_array_equal(outputs["y"], -ONES)


def test_dead_values_are_freed() -> None:
    alive: list[weakref.ref[Array]] = []
    most = 0

    def watch(value: Value, array: Array) -> None:
        nonlocal most
        del value
        alive.append(weakref.ref(array))
        most = max(most, sum(ref() is not None for ref in alive))

    run(chain(20), {"x": ONES}, watch)
    assert most <= 3


def test_what_does_not_fit() -> None:
    with pytest.raises(InterpreterError, match=r"inputs are \['x'\], got \['y'\]"):
        run(chain(1), {"y": ONES})
    with pytest.raises(InterpreterError, match=r"input 'x': expected f32\[4\], got float32\[5\]"):
        run(chain(1), {"x": np.ones(5, np.float32)})
    with pytest.raises(InterpreterError, match="got float64"):
        run(chain(1), {"x": np.ones(4)})


def test_open_dimensions_have_a_bound() -> None:
    x = Value(TensorType(F32, (DimVar("N", 3),)), "x")
    graph = chain(1, x)
    with pytest.raises(InterpreterError, match="N<=3"):
        run(graph, {"x": ONES})
