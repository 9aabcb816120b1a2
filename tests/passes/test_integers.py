"""Quantized networks in integers: no float is left, and results are those of ONNX Runtime, which computes the floats, to a unit."""

from collections.abc import Callable
from fractions import Fraction

import numpy as np
import onnx
import pytest
from onnx import helper
from onnx.reference import ReferenceEvaluator

from embedc.frontends.onnx import ImportOptions, load
from embedc.ir.graph import Graph
from embedc.ir.types import I32, Array
from embedc.ops.elementwise import Const
from embedc.passes.integers import float_layers
from embedc.passes.pipeline import default_pipeline, run_pipeline
from tests.quantized_nets import (
    FUNCTIONS,
    KINDS,
    MOVES,
    OPSET,
    PAIRS,
    POOLS,
    SHAPE,
    Kind,
    Net,
    function,
    moved,
    pair,
    pooled,
    product_of_two,
    results,
    sloped,
    softmax,
)


def rounded(total: Array, scale: Array, zero: int, kind: Kind, low: int | None = None) -> Array:
    """round-half-even(total scale) + zero, clamped: the statement that results are held against."""
    factors = np.broadcast_to(scale, total.shape).reshape(-1)
    exact = [round(Fraction(int(t)) * Fraction(float(s))) for t, s in zip(total.reshape(-1), factors, strict=True)]
    whole = np.asarray(exact).reshape(total.shape) + zero
    limits = np.iinfo(kind)
    return np.clip(whole, limits.min if low is None else low, limits.max).astype(kind)


@pytest.mark.parametrize("seed", range(24))
def test_convolution(seed: int) -> None:
    """Zero points, scales for each channel, groups, strides, pads, one to three axes; biases of floats and of i32; clamps."""
    net = Net(np.random.default_rng(seed))
    rng, kind, to = net.rng, KINDS[seed % 2], KINDS[seed // 2 % 2]
    axes, groups = (2, 1, 3)[seed % 3], (1, 2, 4)[seed // 3 % 3]
    channels, outputs = 4 * int(rng.integers(1, 3)), 8
    x_zero, y_zero = int(rng.integers(0, 100)), int(rng.integers(0, 100))
    x_scale = np.float32(rng.uniform(0.01, 0.1))
    x = net.input(kind, (1, channels, *(9, 8, 5)[:axes]), float(x_scale), x_zero)
    w_kind = KINDS[seed // 4 % 2]
    limits = np.iinfo(w_kind)
    shape = (outputs, channels // groups, *(3, 2, 3)[:axes])
    w = rng.integers(limits.min, limits.max, shape, dtype=w_kind, endpoint=True)
    w = w // 40 if seed % 3 else w  # with small sums, each of which counts
    each = outputs if seed % 4 else 1
    w_scale = rng.uniform(0.002, 0.02, each).astype(np.float32)
    w_zero = rng.integers(w.min() // 2, w.max() // 2, each).astype(w_kind)
    parameters = (w_scale, w_zero) if each > 1 else (w_scale[0], w_zero[0])
    weights = net.dequantized(net.constant(w), *parameters, axis=0)
    pads, strides = [1, 0, 1][:axes] + [0, 1, 1][:axes], [2, 1, 1][:axes]
    centred_w = w.astype(np.float64) - w_zero.reshape(-1, *(1 for _ in shape[1:]))
    sums = exact_sums(net.given["x0"].astype(np.float64) - x_zero, centred_w, pads, strides, groups)
    spread = int(sums.std())
    b = rng.integers(-spread, spread, outputs).astype(np.int32)
    units = x_scale * w_scale
    inputs = [x, weights]
    if seed % 5 == 1:
        inputs.append(
            net.dequantized(net.constant(b), np.broadcast_to(units, outputs), np.zeros(outputs, np.int32), axis=0)
        )
    elif seed % 5 > 1:
        inputs.append(net.constant((b * units.astype(np.float64)).astype(np.float32)))
    else:
        b = np.zeros_like(b)
    y = net.node("Conv", *inputs, pads=pads, strides=strides, group=groups)
    y_scale = np.float32(spread * units.mean() / 50)
    low = None
    if seed % 2:
        y, low = net.node("Relu", y), y_zero
    found = net.quantized(y, float(y_scale), y_zero, to).within_a_unit().without_floats()
    column = (-1, *(1 for _ in range(axes)))
    multiplier = (x_scale.astype(np.float64) * w_scale.astype(np.float64) / np.float64(y_scale)).astype(np.float32)
    expected = rounded(sums + b.reshape(column), multiplier.reshape(column), y_zero, to, low)
    np.testing.assert_array_equal(found.ours, expected)


def exact_sums(x: Array, w: Array, pads: list[int], strides: list[int], groups: int) -> Array:
    """A convolution in f64, by ONNX's own evaluator."""
    node = helper.make_node("Conv", ["x", "w"], ["y"], pads=pads, strides=strides, group=groups)
    given = {"x": x, "w": w}
    infos = [helper.make_tensor_value_info(n, onnx.TensorProto.DOUBLE, a.shape) for n, a in given.items()]
    graph = helper.make_graph([node], "conv", infos, [helper.make_empty_tensor_value_info("y")])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=9)
    (y,) = ReferenceEvaluator(model).run(None, given)  # pyright: ignore[reportUnknownMemberType]
    return np.rint(y).astype(np.int64)


@pytest.mark.parametrize("seed", range(8))
def test_product(seed: int) -> None:
    """A matrix of weights, transposed or not, with a scale for each column; a bias; a clip."""
    net = Net(np.random.default_rng(seed))
    rng, kind = net.rng, KINDS[seed % 2]
    x = net.input(kind, (3, 20), 0.05, int(rng.integers(0, 100)))
    shape, axis = ((7, 20), 0) if seed & 2 else ((20, 7), 1)
    w = rng.integers(-127, 127, shape).astype(np.int8)
    scales = rng.uniform(0.001, 0.01, 7) if seed & 4 else np.asarray(0.004)
    weights = net.dequantized(net.constant(w), scales, np.zeros(scales.shape, np.int8), axis=axis)
    weights = net.node("Transpose", weights, perm=[1, 0]) if seed & 2 else weights
    y = net.node("Add", net.node("MatMul", x, weights), net.constant(rng.normal(0, 3, 7).astype(np.float32)))
    y = net.node("Clip", y, net.constant(np.float32(-1.0)), net.constant(np.float32(4.0))) if seed & 1 else y
    net.quantized(y, 0.1, 11, kind).within_a_unit().without_floats()


@pytest.mark.parametrize("kind", KINDS)
def test_product_of_two_tensors(kind: Kind) -> None:
    product_of_two(kind).within_a_unit().without_floats()


@pytest.mark.parametrize("name", MOVES)
@pytest.mark.parametrize("same", [True, False])
def test_moves_and_comparisons(name: str, same: bool) -> None:
    """Exact where result and operand have one scale."""
    found = moved(name, same).within_a_unit().without_floats()
    if same:
        np.testing.assert_array_equal(found.ours, found.theirs)


@pytest.mark.parametrize("seed", range(4))
def test_concat(seed: int) -> None:
    """Parts of several scales, and a constant one."""
    net = Net(np.random.default_rng(seed))
    parts = [net.input(KINDS[seed % 2], (1, c, 5), float(net.rng.uniform(0.02, 0.1)), 5 * c) for c in (2, 3)]
    parts += [net.constant(net.rng.normal(size=(1, 2, 5)).astype(np.float32))] * (seed > 1)
    net.quantized(net.node("Concat", *parts, axis=1), 0.05, 30, KINDS[seed % 2]).within_a_unit()


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("name", PAIRS)
def test_two_tensors(name: str, seed: int) -> None:
    pair(name, seed).within_a_unit().without_floats()


@pytest.mark.parametrize("shape", [(), (4, 1, 1), (1, 4, 6, 8)])
@pytest.mark.parametrize("name", ["Add", "Sub", "Mul", "Div"])
def test_constant_operand(name: str, shape: tuple[int, ...]) -> None:
    net = Net(np.random.default_rng(9))
    constant = net.constant(net.rng.uniform(0.5, 3.0, shape).astype(np.float32))
    y = net.node(name, net.input(np.uint8, SHAPE, 0.03, 100), constant)
    net.quantized(y, 0.08, 120, np.uint8).within_a_unit().without_floats()


@pytest.mark.parametrize("name", POOLS)
@pytest.mark.parametrize("kind", KINDS)
def test_sums_of_bytes(name: str, kind: Kind) -> None:
    pooled(name, kind).within_a_unit().without_floats()


@pytest.mark.parametrize("name", FUNCTIONS)
@pytest.mark.parametrize("kind", KINDS)
def test_function_of_one_tensor(name: str, kind: Kind) -> None:
    function(name, kind).within_a_unit().without_floats()


@pytest.mark.parametrize("slope", [0.2, 1.5, -0.3])
@pytest.mark.parametrize("kind", KINDS)
def test_slope_for_each_channel(kind: Kind, slope: float) -> None:
    sloped(kind, slope).within_a_unit().without_floats()


def test_channels_without_weights() -> None:
    """Their biases are as large as i32 holds; the multipliers of all channels stay such that products are exact in f64."""
    net = Net(np.random.default_rng(6))
    w = net.rng.integers(-127, 127, (8, 4, 3, 3)).astype(np.int8)
    w[[2, 5]] = 0
    scales = np.full(8, 0.01, np.float32)
    scales[[2, 5]] = 1e-9
    b = net.rng.integers(-3000, 3000, 8).astype(np.int32)
    b[[2, 5]] = 2**30, -(2**30)
    weights = net.dequantized(net.constant(w), scales, np.zeros(8, np.int8), axis=0)
    bias = net.dequantized(net.constant(b), scales * np.float32(0.04), np.zeros(8, np.int32), axis=0)
    y = net.node("Conv", net.input(np.uint8, SHAPE, 0.04, 99), weights, bias)
    found = net.quantized(y, 0.3, 100, np.uint8).within_a_unit().without_floats()
    numbers = [op.data for op in found.graph.ops if isinstance(op, Const) and op.type.element == I32]
    assert numbers and all(np.abs(n).max() < 2**20 for n in numbers)


def test_weights_that_the_model_quantizes_itself() -> None:
    net = Net(np.random.default_rng(6))
    w = net.constant(net.rng.normal(size=(8, 4, 3, 3)).astype(np.float32))
    w = net.node("QuantizeLinear", w, net.constant(np.float32(0.02)), net.constant(np.int8(0)))
    y = net.node("Conv", net.input(np.uint8, SHAPE, 0.04, 99), net.dequantized(w, 0.02, np.int8(0)))
    net.quantized(y, 0.3, 100, np.uint8).within_a_unit().without_floats()


@pytest.mark.parametrize("axis", [1, -1])
def test_softmax(axis: int) -> None:
    softmax(axis).within_a_unit().without_floats()


def test_function_of_one_tensor_read_twice() -> None:
    """X sigmoid(x), where x has two readers."""
    net = Net(np.random.default_rng(8))
    x = net.input(np.uint8, SHAPE, 0.05, 128)
    net.quantized(net.node("Mul", x, net.node("Sigmoid", x)), 0.03, 20, np.uint8).within_a_unit().without_floats()


@pytest.mark.parametrize("kind", ["Conv", "MatMul"])
def test_float_result_of_integer_sums(kind: str) -> None:
    """Sums are exact, so that only the last few operations round."""
    net = Net(np.random.default_rng(2))
    shape, dims = ((8, 4, 3, 3), SHAPE) if kind == "Conv" else ((40, 8), (5, 40))
    axis = 0 if kind == "Conv" else 1
    w = net.constant(net.rng.integers(-127, 127, shape).astype(np.int8))
    scales = net.rng.uniform(0.001, 0.01, 8).astype(np.float32)
    x = net.input(np.uint8, dims, 0.04, 99)
    y = net.node(kind, x, net.dequantized(w, scales, np.zeros(8, np.int8), axis=axis))
    column = (8, 1, 1) if kind == "Conv" else (8,)
    y = net.node("Add", y, net.constant(net.rng.normal(size=column).astype(np.float32)))
    found = results(net, y)
    np.testing.assert_allclose(found.ours, found.theirs, rtol=1e-5, atol=1e-4)
    assert any(op.opname in ("conv", "contract") and op.result.type.element.is_integer for op in found.graph.ops)


def _float_weights(net: Net) -> str:
    w = net.constant(net.rng.normal(size=(8, 4, 3, 3)).astype(np.float32))
    return net.node("Conv", net.input(np.uint8, SHAPE, 0.04, 99), w)


def _long_sums(net: Net) -> str:
    w = net.constant(np.full((70000, 1), 127, np.int8))
    x = net.input(np.uint8, (1, 70000), 0.04, 0)
    return net.node("MatMul", x, net.dequantized(w, 0.001, np.int8(0)))


def _residual(net: Net) -> str:
    w = net.dequantized(net.constant(net.rng.integers(-9, 9, (4, 4, 1, 1)).astype(np.int8)), 0.01, np.int8(0))
    x = net.input(np.uint8, SHAPE, 0.04, 99)
    return net.node("Add", net.node("Conv", x, w), x)


FLOATS: dict[str, tuple[Callable[[Net], str], str]] = {
    "float weights": (_float_weights, "weights are floats"),
    "long sums": (_long_sums, "32 bits might not hold"),
    "residual without a scale": (_residual, "adds sums of products"),
    "sine": (lambda net: net.node("Sin", net.input(np.uint8, SHAPE, 0.04, 99)), "computes sin"),
}


@pytest.mark.parametrize("name", FLOATS)
def test_what_stays_float_is_told(name: str) -> None:
    net = Net(np.random.default_rng(2))
    make, reason = FLOATS[name]
    y = make(net)
    told: list[str] = []
    quantized = net.node("QuantizeLinear", y, net.constant(np.float32(0.3)), net.constant(np.uint8(100)))

    def observe(step: str, graph: Graph) -> None:
        if step == "integers":
            told.extend(text for _, text in float_layers(graph))

    run_pipeline(load(net.model(quantized), ImportOptions()), default_pipeline(), observe)
    assert any(reason in text for text in told)
    results(net, quantized).within_a_unit()
