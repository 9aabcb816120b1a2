"""Depthwise layers of few channels: pixels side by side become one, where the layout allows it; results are exact."""

from pathlib import Path

import numpy as np
import pytest
from tests.emit.compiling import usable
from tests.integers.checking import wrong_layers

from embedc.driver import Stages, make_plan, simplify
from embedc.ir.graph import NOWHERE, Graph, Origin, Value, collect
from embedc.ir.types import I8, U8, Element, TensorType
from embedc.ops.elementwise import constant
from embedc.ops.window import Conv, Pads
from embedc.policy import Policy
from embedc.program.program import Call
from embedc.targets.load import load_target


def depthwise(
    name: str, element: Element, channels: int, width: int, pads: Pads, stride: int = 1, kernel: int = 3
) -> Graph:
    """Sums of a depthwise layer of bytes."""
    rng = np.random.default_rng(channels)
    x = Value(TensorType(element, (2, channels, 5, width)), "x", NOWHERE)
    w = constant(rng.integers(-128, 128, (channels, 1, 3, kernel)).astype(np.int8), NOWHERE)
    sums = Conv(x, w, (1, stride), pads, (1, 1), channels, (1, 1), 7, origin=Origin("dw", "Conv", "y")).result
    return collect(name, (x,), {"y": sums})


SAME = ((1, 1), (1, 1))
CASES = {
    "dw_even": (U8, 8, 24, SAME),
    "dw_signed": (I8, 8, 24, SAME),
    "dw_odd": (U8, 5, 15, SAME),
    "dw_uneven": (I8, 12, 20, ((0, 2), (2, 0))),
    "dw_inside": (U8, 16, 18, ((1, 1), (0, 0))),
}


def width_of_pixels(graph: Graph) -> int:
    plan = make_plan(simplify(graph, Stages()), Policy(load_target("x86-avx512"), graph.name), Stages())
    (call,) = (step for step in plan.program.steps if isinstance(step, Call))
    return call.geometry.oc


@pytest.mark.parametrize("name", CASES)
def test_pixels_are_joined(name: str) -> None:
    assert width_of_pixels(depthwise(name, *CASES[name])) >= 2 * CASES[name][1]


def test_pixels_are_left_alone_where_that_cannot_be() -> None:
    assert width_of_pixels(depthwise("prime", U8, 8, 23, SAME)) == 8
    assert width_of_pixels(depthwise("strided", U8, 8, 24, SAME, stride=2)) == 8
    assert width_of_pixels(depthwise("many", U8, 40, 24, SAME)) == 40


@pytest.mark.parametrize("target", ["x86-avx2", "x86-avx512"])
def test_sums_are_exact(target: str, tmp_path: Path) -> None:
    graphs = [depthwise(name, *case) for name, case in CASES.items()]
    assert wrong_layers(graphs, usable(target), tmp_path) == []
