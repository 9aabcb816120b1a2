"""The text form: golden files, exact round trips, errors that say where."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings

from embedc.ir.graph import NOWHERE, Graph, Origin, Value, collect
from embedc.ir.interpreter import run
from embedc.ir.parser import TextError, from_text
from embedc.ir.printer import blobs, to_text
from embedc.ir.scalar import ScalarBuilder
from embedc.ir.types import F16, F32, I8, Array, DimVar, Quantization, TensorType
from embedc.ir.verifier import verify
from embedc.ops.elementwise import Const, Data, Map, Reduce, Reduction, constant, splat
from embedc.ops.window import Window, WindowKind
from tests.golden import compare_with_file
from tests.strategies import random_graphs, random_inputs

GOLDEN = Path(__file__).parent / "golden"


def everything() -> Graph:
    """All kinds of types, attributes, constants and names."""
    batch = DimVar("N", 16)
    x = Value(TensorType(F32, (batch, 4)), "x")
    q = Value(TensorType(I8, (4, 2), Quantization((0.5, 0.1), (3, -4), 1)), 'in/put "q":0', Origin(tensor="q"))
    odd = np.array([0.0, -0.0, np.inf, -np.inf, np.nan, 0.1, 1e-45, 3.4e38], np.float32)
    consts = [
        constant(odd, Origin("", "", "odd values")),
        constant(np.array([0.1, 65504.0], np.float16), NOWHERE),
        constant(np.array([True, False]), NOWHERE),
        constant(np.array([[-(1 << 63), (1 << 63) - 1]], np.int64), NOWHERE),
        splat(-0.0, TensorType(F32, (3, 1000)), Origin("n", "ConstantOfShape", "zeros")),
        constant(np.arange(20, dtype=np.int8), Origin("", "", "weights")),
        constant(np.zeros((0, 2), np.float32), NOWHERE),
        constant(np.asarray(7, np.int64), NOWHERE),
    ]
    builder = ScalarBuilder(F32, F32)
    chosen = builder.call(
        "select", builder.call("lt", 0, builder.const(float("nan"), F32)), 1, builder.const(-0.0, F32)
    )
    mixed = builder.build(builder.cast(builder.call("add", chosen, builder.const(float("-inf"), F32)), F16))
    a = Map((x, splat(2.0, TensorType(F32, (4,)), NOWHERE)), mixed, origin=Origin("a", "Fancy", "same name")).result
    b = Map((x,), ScalarBuilder(F32).build(0), origin=Origin("b", "Identity", "same name")).result
    w = Window(
        q, WindowKind.MAX, (2, 1), (2, 1), ((0, 1), (0, 0)), (1, 1), True, origin=Origin("w", "MaxPool", "1w")
    ).result
    r = Reduce(w, Reduction.MAX, (0, 1)).result
    outputs = {"a": a, "b out": b, "r": r, **{f"c{i}": c for i, c in enumerate(consts)}}
    return collect('every "thing"', [x, q], outputs)


def bits(array: Array) -> list[int]:
    """What an array holds, bit by bit."""
    return np.ascontiguousarray(array).view(f"u{array.dtype.itemsize}").reshape(-1).tolist()


def check(graph: Graph) -> Graph:
    """Prints, reads, prints again; the constants are the same bits."""
    text = to_text(graph)
    back = from_text(text, blobs(graph))
    verify(back)
    assert to_text(back) == text
    for old, new in zip(graph.ops, back.ops, strict=True):
        if isinstance(old, Const) and isinstance(new, Const):
            assert bits(old.data) == bits(new.data)
            assert old.is_splat == new.is_splat
    return back


def test_golden(request: pytest.FixtureRequest) -> None:
    graph = everything()
    compare_with_file(to_text(graph), GOLDEN / "everything.txt", bool(request.config.getoption("--bless")))
    check(graph)


@settings(max_examples=100, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(random_graphs())
def test_round_trip(graph: Graph) -> None:
    back = check(graph)
    inputs = random_inputs(graph)
    for name, array in run(graph, inputs).items():
        np.testing.assert_array_equal(run(back, inputs)[name], array)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("%y = relu(%x) : f32[2]", "no operator 'relu'"),
        ("%y = reduce(%z) {kind = add, axes = [0]} : f32[1]", "%z is not defined"),
        ("%y = reduce(%x) {kind = add} : f32[1]", "has attributes ['axes', 'kind'], got ['kind']"),
        ("%y = reduce(%x) {kind = sum, axes = [0]} : f32[1]", "'sum' is not a valid Reduction"),
        ("%y = reduce(%x) {kind = add, axes = [0]} : f32[2]", "reduce gives f32[1]"),
        ("%y = reduce(%x, %x) {kind = add, axes = [0]} : f32[1]", "takes operands (x), got 2"),
        ("%x = reduce(%x) {kind = add, axes = [0]} : f32[1]", "%x is defined twice"),
        ('%y = const() {data = blob "0123"} : f32[2]', "no blob '0123'"),
        ("%y = const() {data = [1]} : f7[1]", "no element type 'f7'"),
        ("%y = map([%x]) {body = (x0 : f32) { t0 = neg(x1) : f32; t0 }} : f32[2]", "x1"),
    ],
)
def test_errors_name_line_and_cause(line: str, message: str) -> None:
    text = f'graph "g" {{\n  input "x" %x : f32[2]\n  {line}\n  output "y" = %x\n}}\n'
    with pytest.raises(TextError) as caught:
        from_text(text)
    assert message in str(caught.value)
    assert "line 3" in str(caught.value)


def test_syntax_errors_point_at_the_place() -> None:
    with pytest.raises(TextError, match="line 2, column 9"):
        from_text('graph "g" {\n  input %x : f32[2]\n}\n')


def test_a_partly_repeated_constant_survives() -> None:
    data = np.broadcast_to(np.arange(3, dtype=np.float32)[:, None], (3, 8))
    value = Const(Data(data), TensorType(F32, (3, 8))).result
    check(collect("g", [], {"y": value}))
