"""Each operator's reference against ONNX's own evaluator, on random graphs of one operator and on whole graphs."""

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from onnx.reference import ReferenceEvaluator

from embedc.ir.graph import NOWHERE, Graph, Value, collect
from embedc.ir.interpreter import run
from embedc.ir.types import F32, TensorType
from embedc.ops.base import Op, all_operators
from embedc.ops.elementwise import Const, constant
from embedc.ops.window import Conv
from tests.onnx_export import CONVERTERS, NoEquivalent, to_onnx
from tests.strategies import BUILDERS, random_graphs, random_inputs

QUICK = settings(
    max_examples=30,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)


def test_every_operator_has_a_builder_and_an_exporter() -> None:
    declared = set(all_operators().values())
    assert set(BUILDERS) == declared
    assert set(CONVERTERS) == declared


def compare(graph: Graph, tolerance: float = 2e-5) -> None:
    """Our interpreter and ONNX's evaluator give the same, relative to the largest element."""
    try:
        model = to_onnx(graph)
    except NoEquivalent:
        assume(False)
        return
    inputs = random_inputs(graph)
    with np.errstate(all="ignore"):
        expected = dict(zip(graph.outputs, ReferenceEvaluator(model).run(None, inputs), strict=True))  # pyright: ignore[reportUnknownMemberType]
    for name, got in run(graph, inputs).items():
        wanted = np.asarray(expected[name])
        assert got.dtype == wanted.dtype
        finite = np.abs(wanted[np.isfinite(wanted)])
        scale = float(finite.max()) if finite.size else 1.0
        np.testing.assert_allclose(got, wanted, rtol=tolerance, atol=tolerance * max(scale, 1e-30))


@pytest.mark.parametrize("kind", [k for k in BUILDERS if k is not Const], ids=lambda k: k.opname)
def test_operator(kind: type[Op]) -> None:
    @QUICK
    @given(random_graphs(kinds=(kind,), most=1))
    def check(graph: Graph) -> None:
        compare(graph)

    check()


@settings(QUICK, max_examples=60)
@given(random_graphs())
def test_graphs(graph: Graph) -> None:
    compare(graph, 2e-4)


@QUICK
@given(st.integers(1, 3), st.integers(1, 3), st.integers(1, 3), st.integers(0, 2), st.integers(1, 2))
def test_transposed_convolution_is_input_dilation(size: int, kernel: int, stride: int, pad: int, groups: int) -> None:
    random = np.random.default_rng(size)
    x = random.standard_normal((2, 2 * groups, size + 2)).astype(np.float32)
    w = random.standard_normal((2 * groups, 3, kernel)).astype(np.float32)  # ONNX: [C, O/groups, K]
    assume(kernel - 1 - pad >= 0)
    flipped = w.reshape(groups, 2, 3, kernel).transpose(0, 2, 1, 3)[..., ::-1].reshape(3 * groups, 2, kernel)
    edge = (kernel - 1 - pad, kernel - 1 - pad)
    value = Value(TensorType(F32, x.shape), "x")
    conv = Conv(value, constant(flipped.copy(), NOWHERE), (1,), (edge,), (1,), groups, (stride,))
    got = run(collect("t", [value], {"y": conv.result}), {"x": x})["y"]
    dense = np.zeros((2, 3 * groups, (size + 1) * stride + kernel))
    for n, c, i in np.ndindex(*x.shape):
        first = c // 2 * 3
        dense[n, first : first + 3, i * stride : i * stride + kernel] += x[n, c, i] * w[c]
    np.testing.assert_allclose(got, dense[..., pad : dense.shape[-1] - pad], rtol=1e-5, atol=1e-5)
