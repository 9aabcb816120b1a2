"""Constants are folded only where every host computes the same bits."""

import numpy as np

from embedc.ir.graph import NOWHERE, Value, collect
from embedc.ir.scalar import ScalarBuilder, binary, unary
from embedc.ir.types import F32, I8, I32, U8, Array, Element, TensorType
from embedc.ops.elementwise import Const, Map, Reduce, Reduction, constant, splat
from embedc.ops.layout import Concat, Gather, Index, Pad, expand
from embedc.passes.fold import Fold
from embedc.passes.pipeline import run_pipeline


def folded(value: Value, limit: int = 1 << 20) -> Const | None:
    graph = run_pipeline(collect("g", [], {"y": value}), (Fold(limit=limit),))
    producer = graph.outputs["y"].producer
    return producer if isinstance(producer, Const) else None


def bits(array: Array) -> list[int]:
    return np.ascontiguousarray(array).view(np.uint32).reshape(-1).tolist()


def known(array: Array) -> Value:
    return constant(array, NOWHERE)


def test_sums_run_in_order() -> None:
    x = np.random.default_rng(1).standard_normal((7, 301, 3)).astype(np.float32) * 1e6
    total = np.zeros((7, 3))
    for i in range(301):
        total = total + x[:, i]
    got = folded(Reduce(known(x), Reduction.ADD, (1,)).result)
    assert got is not None
    assert bits(got.data) == bits(total.astype(np.float32))


def test_what_hosts_compute_differently_stays() -> None:
    x = known(np.array([0.5, 1.5], np.float32))
    assert folded(Map((x,), unary("exp", F32)).result) is None
    assert folded(Map((x,), unary("sqrt", F32)).result) is not None


def test_floats_that_an_integer_cannot_hold_are_clamped() -> None:
    def converted(values: list[float], element: Element) -> list[int]:
        builder = ScalarBuilder(F32)
        got = folded(Map((known(np.array(values, np.float32)),), builder.build(builder.cast(0, element))).result)
        assert got is not None
        return np.asarray(got.data).tolist()

    assert converted([127.9, -128.0, np.nan, np.inf], I8) == [127, -128, 0, 127]
    assert converted([-1.0, 255.5, -np.inf], U8) == [0, 255, 0]
    assert converted([2.0**31, -(2.0**31), 16777217.0], I32) == [2**31 - 1, -(2**31), 16777216]


def test_integers_are_folded_as_c_computes_them() -> None:
    def computed(op: str, a: list[int], b: list[int]) -> list[int]:
        got = folded(Map((known(np.array(a, np.int8)), known(np.array(b, np.int8))), binary(op, I8)).result)
        assert got is not None
        return np.asarray(got.data).tolist()

    assert computed("mul", [100, -128], [3, -1]) == [44, -128]
    assert computed("div", [-128, -128, -7, 7, 5], [-1, 2, 2, -2, 0]) == [-128, -64, -3, -3, 0]
    assert computed("rem", [-128, -7, 7, 5], [-1, 2, -2, 0]) == [0, -1, 1, 0]
    assert computed("pow", [2, 2, -1, 0, -3], [7, -1, -3, -1, 3]) == [-128, 0, -1, 0, -27]


def test_one_nan_for_all() -> None:
    x = known(np.array([np.inf, -np.inf], np.float32))
    got = folded(Map((x, x), binary("sub", F32)).result)
    assert got is not None
    assert bits(got.data) == bits(np.array([np.nan, np.nan], np.float32))


def test_splats_stay_splats() -> None:
    s = splat(2.0, TensorType(F32, (1000, 1000)), NOWHERE)
    values = [
        Map((s, s), binary("mul", F32)).result,
        Index(s, (5000, 1000), (-1, 1), (7, 0), (1, 1)).result,
        Concat((s, s), 0).result,
        Pad(s, (1, 0), (0, 0), 2.0).result,
        Gather(s, known(np.zeros(3, np.int64)), 0).result,
        known(np.full((10, 10), 2.0, np.float32)),
    ]
    for value in values:
        got = folded(value)
        assert got is not None
        assert got.is_splat
    assert folded(Pad(s, (1, 0), (0, 0), 3.0).result) is None  # would grow from one element to a million
    assert folded(Concat((s, splat(-2.0, s.type, NOWHERE)), 0).result, limit=1000) is None


def test_growth_is_bounded() -> None:
    x = known(np.arange(2, dtype=np.float32))
    assert folded(expand(x, (500, 2), NOWHERE)) is not None
    assert folded(expand(x, (600, 2), NOWHERE)) is None
