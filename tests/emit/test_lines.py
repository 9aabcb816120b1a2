"""Extremes, running sums and the best few along an axis: portable C against the interpreter, for every element type."""

import ctypes
from pathlib import Path

import numpy as np
import pytest

from embedc.ir.graph import Graph, Value, collect
from embedc.ir.interpreter import run
from embedc.ir.types import F32, F64, I8, I16, I32, I64, U8, U16, U32, U64, Array, Element, TensorType
from embedc.ops.elementwise import Reduction
from embedc.ops.layout import transpose
from embedc.ops.lines import Arg, Cumulate, Extreme, TopK
from embedc.targets.load import load_target
from tests.emit.library import build, call

ELEMENTS = (F32, F64, I8, I16, I32, I64, U8, U16, U32, U64)
SHAPE = (3, 17, 4)


def every_operator(element: Element) -> Graph:
    """All kinds, along the last axis, and the first of a transposed view."""
    x = Value(TensorType(element, SHAPE), "x")
    turned = transpose(x, (1, 2, 0), x.origin)
    outputs: dict[str, Value] = {}
    for value, axis in ((x, 2), (turned, 0)):
        ops = [Arg(value, kind, axis, last) for kind in Extreme for last in (False, True)]
        ops += [
            Cumulate(value, kind, axis, exclusive, reverse)
            for kind in (Reduction.ADD, Reduction.MUL)
            for exclusive in (False, True)
            for reverse in (False, True)
        ]
        extent = value.type.dims[axis]
        ops += [TopK(value, kind, axis, count) for kind in Extreme for count in (extent // 2, extent)]
        outputs |= {f"y{len(outputs) + i}": v for i, v in enumerate(v for op in ops for v in op.results)}
    return collect("lines", [x], outputs)


def numbers(element: Element, seed: int) -> Array:
    """Few different numbers, so that many are equal, and the ends of the range."""
    random = np.random.default_rng(seed)
    if element.is_float:
        return random.choice(
            [0.5, 1.0, 1.5, -1.0, -2.0, np.inf, -np.inf, np.nan], SHAPE, p=[0.18] * 5 + [0.03] * 2 + [0.04]
        ).astype(element.dtype)
    limits = np.iinfo(element.dtype)
    ends = random.choice(np.array([limits.min, limits.max], element.dtype), SHAPE)
    return np.where(random.random(SHAPE) < 0.2, ends, random.integers(0, 5, SHAPE).astype(element.dtype))


def test_lines(tmp_path: Path) -> None:
    target = load_target("c")
    graphs = [every_operator(element) for element in ELEMENTS]
    scratch = build(graphs, target, tmp_path)
    library = ctypes.CDLL(str(tmp_path / "all.so"))
    for number, (graph, element) in enumerate(zip(graphs, ELEMENTS, strict=True)):
        for seed in range(3):
            inputs = {"x": numbers(element, seed)}
            expected = run(graph, inputs)
            for name, array in call(library, number, graph, scratch[number], inputs).items():
                np.testing.assert_array_equal(array, expected[name], f"{graph.outputs[name].producer} of {element}")


@pytest.mark.parametrize("axis", [0, 1])
def test_reference_is_numpy(axis: int) -> None:
    """Stable, NaN largest, positions those of the values."""
    data = numbers(F32, 1).reshape(17, 12)
    x = Value(TensorType(F32, data.shape), "x")
    values, places = TopK(x, Extreme.MAX, axis, 7).reference(data)
    lines, picked = np.moveaxis(data, axis, 1), np.moveaxis(places, axis, 1)
    for line, positions in zip(lines, picked, strict=True):
        key = [(not np.isnan(line[p]), -np.nan_to_num(line[p], nan=0), p) for p in range(len(line))]
        assert [int(p) for p in positions] == sorted(range(len(line)), key=key.__getitem__)[:7]
    np.testing.assert_array_equal(values, np.take_along_axis(data, places, axis))
