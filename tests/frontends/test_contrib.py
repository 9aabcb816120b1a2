"""com.microsoft's operators against ONNX Runtime, which rounds f32 numbers: one unit in a few places may differ."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from onnx import ModelProto, helper

import embedc
from embedc.diagnostics import EmbedcError
from embedc.frontends.onnx import ImportOptions, load
from embedc.frontends.onnx.registry import MICROSOFT, of_domain
from embedc.ir.interpreter import run
from embedc.ir.types import Array
from tests.frontends.small import single
from tests.frontends.test_quantized import integers, results

RARE = 0.003  # of all elements: halves, which f32 does not see
SEEDS = 10


@dataclass
class Case:
    """One node: what it reads, in order; None for inputs that are left out. `open` ones are given at run time."""

    operands: Sequence[Array | None]
    open: Sequence[int] = (0,)
    attributes: dict[str, Any] = field(default_factory=dict[str, Any])

    def build(self, op: str) -> tuple[ModelProto, dict[str, Array]]:
        names = ["" if a is None else f"i{n}" for n, a in enumerate(self.operands)]
        arrays = {n: np.asarray(a) for n, a in zip(names, self.operands, strict=True) if a is not None}
        given = {f"i{n}": arrays.pop(f"i{n}") for n in self.open}
        model = single(op, given, arrays, names=names, domain=MICROSOFT)
        model.graph.node[0].attribute.extend(helper.make_attribute(k, v) for k, v in self.attributes.items())
        return model, given


class Draw:
    """Random operands of one element type."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.rng = np.random.default_rng(seed)
        self.kind: type[np.integer[Any]] = (np.uint8, np.int8)[seed % 2]

    def bytes(self, *shape: int) -> Array:
        return integers(self.rng, self.kind, *shape)

    def zero(self) -> Array:
        return np.asarray(integers(self.rng, self.kind, 1)[0])

    def scale(self, low: float, high: float) -> Array:
        return np.asarray(self.rng.uniform(low, high), np.float32)

    def quantity(self, low: float = 0.01, high: float = 0.1) -> tuple[Array, Array | None]:
        """Scale and zero point."""
        return self.scale(low, high), self.zero()

    def weights(self, *shape: int) -> Array:
        return self.rng.integers(-64, 63, shape, dtype=np.int8)  # ONNX Runtime's u8 kernels saturate beyond


def _binary(d: Draw, high: float) -> Case:
    shapes: tuple[tuple[int, ...], tuple[int, ...]] = [
        ((3, 1, 40), (7, 40)), ((5, 40), ()), ((1, 8, 5, 5), (1, 8, 1, 1)), ((2, 300), (2, 300)),
    ][d.seed % 4]  # fmt: skip
    a, b = (d.bytes(*s) if s else d.zero() for s in shapes)
    return Case([a, *d.quantity(), b, *d.quantity(), *d.quantity(0.02, high)], (0, 3) if d.seed % 3 else (0,))


def _concat(d: Draw) -> Case:
    own = d.quantity()
    operands = [*own, d.bytes(2, 9, 4), *own, d.bytes(2, 3, 4), *d.quantity(), d.bytes(2, 5, 4), *d.quantity()]
    return Case(operands, (2, 5, 8), {"axis": (1, -2)[d.seed % 2]})


def _unary(d: Draw, low: float, high: float, **attributes: Any) -> Case:
    points = d.quantity() if d.seed % 3 else (d.scale(0.01, 0.1), None)
    return Case([d.bytes(3, 90), *points, *d.quantity(low, high)], attributes=attributes)


def _softmax(d: Draw) -> Case:
    target = (np.asarray(1 / 256, np.float32), np.asarray(np.iinfo(d.kind).min, d.kind))
    attributes = {"axis": (-1, 1, 0, 2)[d.seed % 4], "opset": (13, 12)[d.seed // 2 % 2]}
    return Case([d.bytes(2, 3, 4, 10), d.scale(0.01, 0.2), d.zero(), *target], attributes=attributes)


def _pool(d: Draw) -> Case:
    last = d.seed // 2 % 2
    x = d.bytes(1, 9, 11, 4) if last else d.bytes(1, 4, 9, 11)
    attributes: dict[str, Any] = {"kernel_shape": [3, 2], "strides": [2, 1 + d.seed % 3], "channels_last": last}
    attributes["count_include_pad"] = d.seed // 3 % 2
    attributes |= {"auto_pad": "SAME_UPPER"} if d.seed % 5 == 4 else {"pads": [1, 0, 2, 1]}
    attributes |= {"ceil_mode": 1} if d.seed % 5 == 1 else {}
    return Case([x, *d.quantity(), *d.quantity()], attributes=attributes)


def _max_pool(d: Draw) -> Case:
    attributes: dict[str, Any] = {"kernel_shape": [3, 2], "strides": [2, 1 + d.seed % 3], "ceil_mode": d.seed // 2 % 2}
    attributes |= {"auto_pad": "SAME_LOWER"} if d.seed % 5 == 4 else {"pads": [1, 0, 2, 1], "dilations": [1, 2]}
    return Case([d.bytes(2, 9, 11, 5)], attributes=attributes)


def _global_pool(d: Draw) -> Case:
    last = d.seed // 2 % 2
    x = d.bytes(2, 7, 7, 30) if last else d.bytes(2, 30, 7, 7)
    return Case([x, *d.quantity(), *d.quantity(0.001, 0.03)], attributes={"channels_last": last})


def _gemm(d: Draw) -> Case:
    transposed = d.seed // 2 % 2
    columns = (1, 12)[d.seed % 2]
    kind = np.int8 if d.seed % 4 else d.kind
    b = d.weights(12, 40) if transposed else d.weights(40, 12)
    bias = d.rng.integers(-5000, 5000, (12,), dtype=np.int32) if d.seed % 3 else None
    scales = d.rng.uniform(0.001, 0.02, columns).astype(np.float32)
    zeros = np.zeros(columns, kind)
    target = d.quantity(0.2, 0.6) if d.seed % 5 else ()
    operands = [d.bytes(9, 40), *d.quantity(), b.astype(kind), scales, zeros, bias, *target]
    return Case(operands, attributes={"transB": transposed, "alpha": (1.0, 0.5)[d.seed % 2]})


def _to_float(d: Draw) -> Case:
    per_column = d.seed // 2 % 2
    scales = d.rng.uniform(0.001, 0.02, 12 if per_column else ()).astype(np.float32)
    bias = d.rng.standard_normal(12).astype(np.float32) if d.seed % 3 else None
    b, zeros = d.weights(40, 12), np.asarray([3] * 12 if per_column else 3, np.int8)
    a = d.bytes(2, 9, 40)
    return Case([a, b, d.scale(0.01, 0.1), scales, d.zero(), zeros if d.seed % 4 else None, bias], (0, 2))


def _dynamic(d: Draw) -> Case:
    a = d.rng.standard_normal((5, 40)).astype(np.float32)
    bias = d.rng.standard_normal(12).astype(np.float32) if d.seed % 3 else None
    return Case([a, d.weights(40, 12), d.scale(0.001, 0.02), np.asarray(2, np.int8) if d.seed % 2 else None, bias])


def _conv(d: Draw) -> Case:
    last, groups = d.seed // 2 % 2, (1, 4)[d.seed // 4 % 2]
    x = d.bytes(1, 9, 7, 4) if last else d.bytes(1, 4, 9, 7)
    w, bias = d.weights(8, 4 // groups, 3, 3), d.rng.integers(-4096, 4096, 8, dtype=np.int32)
    operands = [x, *d.quantity(), w, d.rng.uniform(0.001, 0.02, 8).astype(np.float32), np.zeros(8, np.int8)]
    attributes = {"pads": [1, 0, 2, 1], "strides": [1, 2], "group": groups, "channels_last": last}
    return Case([*operands, *d.quantity(0.1, 0.4), bias], attributes=attributes)


def _quantize(d: Draw) -> Case:
    kind = (np.uint8, np.int8, np.uint16, np.int16)[d.seed % 4]
    x = d.rng.uniform(-5, 300, (4, 50)).astype(np.float32)
    scales = d.rng.uniform(0.01, 1.0, 4 if d.seed % 3 else ()).astype(np.float32)
    zeros = integers(d.rng, kind, *scales.shape) if scales.shape else np.asarray(7, kind)
    return Case([x, scales, zeros], attributes={"axis": 0} if scales.shape else {})


def _dequantize(d: Draw) -> Case:
    case = _quantize(d)
    kind = np.asarray(case.operands[2]).dtype.type
    return Case([integers(d.rng, kind, 4, 50), *case.operands[1:]], attributes=case.attributes)


CASES: dict[str, Callable[[Draw], Case]] = {
    "QLinearAdd": lambda d: _binary(d, 0.2),
    "QLinearMul": lambda d: _binary(d, 1.0),
    "QLinearConcat": _concat,
    "QLinearSigmoid": lambda d: _unary(d, 0.003, 0.01),
    "QLinearLeakyRelu": lambda d: _unary(d, 0.01, 0.1, alpha=0.2),
    "QLinearSoftmax": _softmax,
    "NhwcMaxPool": _max_pool,
    "QLinearAveragePool": _pool,
    "QLinearGlobalAveragePool": _global_pool,
    "QLinearConv": _conv,
    "QGemm": _gemm,
    "MatMulIntegerToFloat": _to_float,
    "DynamicQuantizeMatMul": _dynamic,
    "QuantizeLinear": _quantize,
    "DequantizeLinear": _dequantize,
}


def test_every_operator_has_cases() -> None:
    assert CASES.keys() == of_domain(MICROSOFT).keys()


@pytest.mark.parametrize("op", CASES)
def test_results(op: str) -> None:
    """At most one unit, rarely; floats to the precision of f32."""
    differing: list[Array] = []
    for seed in range(SEEDS):
        model, given = CASES[op](Draw(seed)).build(op)
        (ours,), (theirs,) = results(model, given)
        assert ours.dtype == theirs.dtype and ours.shape == theirs.shape
        if ours.dtype.kind == "f":
            np.testing.assert_allclose(ours, theirs, rtol=1e-5, atol=1e-5 * float(np.abs(theirs).max()))
            continue
        difference = np.abs(ours.astype(int) - theirs.astype(int))
        assert difference.max() <= 1, seed
        differing.append(difference.reshape(-1))
    assert not differing or np.mean(np.concatenate(differing) > 0) <= RARE


@pytest.mark.parametrize("op", CASES)
def test_in_c(op: str) -> None:
    """What the interpreter computes, bit for bit where that is integers."""
    model, given = CASES[op](Draw(1)).build(op)
    (ours,), _ = results(model, given)
    (built,) = embedc.compile(model, "c").run(given).values()
    if ours.dtype.kind == "f":
        np.testing.assert_allclose(built, ours, rtol=1e-6, atol=1e-6)
    else:
        np.testing.assert_array_equal(built, ours)


def test_same_parameters_are_left_alone() -> None:
    """A concat of bytes that mean the same moves them; the others are rescaled each by itself."""
    model, _ = _concat(Draw(0)).build("QLinearConcat")
    graph = load(model, ImportOptions())
    assert [type(op).opname for op in graph.ops].count("map") == 2


def test_operators_in_a_row_keep_their_types() -> None:
    """What onnx's shape inference does not know is told by the importer: what comes behind is checked as well."""
    model, _ = _unary(Draw(0), 0.003, 0.01).build("QLinearSigmoid")
    model.graph.node.add(op_type="Relu", input=["y"], output=["z"], name="behind")
    model.graph.output[0].name = "z"
    with pytest.raises(EmbedcError, match="onnx's own checks"):
        load(model, ImportOptions())


def test_extreme_sums_do_not_wrap() -> None:
    """Bytes at their ends, with scales far apart; ONNX Runtime is wrong beyond 2^31."""
    x = {"a": np.asarray([0, 255, 0, 255], np.uint8), "b": np.asarray([0, 0, 255, 255], np.uint8)}
    real = {n: [Fraction(int(q)) - 128 for q in a] for n, a in x.items()}
    for a, b in ((1e6, 1e-6), (1e-6, 1e6), (3e7, 3e7), (1e-9, 1e-9), (0.75, 0.5)):
        scales = {n: np.asarray(s, np.float32) for n, s in (("as", a), ("bs", b), ("cs", 1))}
        first, second = (Fraction(float(scales[n])) for n in ("as", "bs"))
        constants = scales | {"z": np.asarray(128, np.uint8)}
        names = ["a", "as", "z", "b", "bs", "z", "cs", "z"]
        sums = [p * first + q * second for p, q in zip(real["a"], real["b"], strict=True)]
        products = [p * first * q * second for p, q in zip(real["a"], real["b"], strict=True)]
        for op, exact in (("QLinearAdd", sums), ("QLinearMul", products)):
            graph = load(single(op, x, constants, names=names, domain=MICROSOFT), ImportOptions())
            expected = np.asarray([min(max(round(y) + 128, 0), 255) for y in exact], np.uint8)
            np.testing.assert_array_equal(run(graph, x)["y"], expected)


BAD: dict[str, tuple[str, dict[int, Array | None], dict[str, Any], list[str]]] = {
    "scale zero": ("QLinearAdd", {1: np.asarray(0, np.float32)}, {}, ["scale (input 1) is 0", "positive"]),
    "scale negative": ("QLinearMul", {6: np.asarray(-1, np.float32)}, {}, ["scale (input 6) is -1"]),
    "scale infinite": ("QLinearSigmoid", {3: np.asarray(np.inf, np.float32)}, {}, ["scale (input 3) is inf"]),
    "ratio too small": ("QLinearAdd", {1: np.asarray(1e-38, np.float32), 6: np.asarray(1e30, np.float32)}, {}, ["multiply"]),
    "scales": ("QLinearMul", {1: np.ones(3, np.float32)}, {}, ["scale (input 1) has 3 elements"]),
    "zero point of another type": ("QLinearAdd", {2: np.asarray(0, np.int8)}, {}, ["zero point (input 2)", "must be of u8"]),
    "operands of two types": ("QLinearAdd", {3: np.zeros((7, 40), np.int8)}, {}, ["i8[7,40]", "one element type"]),
    "words": ("QLinearLeakyRelu", {0: np.zeros(3, np.int16), 2: None}, {}, ["elements of i16", "bytes"]),
    "alpha": ("QLinearLeakyRelu", {}, {"alpha": float("nan")}, ["alpha is nan"]),
    "an operand too few": ("QLinearConcat", {10: None}, {"drop": 1}, ["10 inputs"]),
    "concat axis": ("QLinearConcat", {}, {"axis": 3}, ["axis 3 is out of range"]),
    "softmax scale": ("QLinearSoftmax", {3: np.asarray(1e-9, np.float32)}, {}, ["scale of its result", "bytes hold no softmax"]),
    "softmax opset": ("QLinearSoftmax", {}, {"opset": None}, ["'opset' is missing"]),
    "pool without space": ("QLinearGlobalAveragePool", {0: np.zeros((2, 3), np.uint8)}, {}, ["no spatial axes"]),
    "maxima of words": ("NhwcMaxPool", {0: np.zeros((1, 9, 11, 5), np.int16)}, {}, ["i16[1,9,11,5]", "u8 or i8"]),
    "half an output": ("QGemm", {8: None}, {}, ["one of y_scale and y_zero_point"]),
    "gemm of three axes": ("QGemm", {0: np.zeros((1, 2, 40), np.uint8)}, {}, ["input 0", "matrix"]),
    "gemm bias": ("QGemm", {6: np.zeros(5, np.int32)}, {}, ["QGemm"]),
    "gemm alpha": ("QGemm", {}, {"alpha": 0.0}, ["scales multiply to 0"]),
    "float bias": ("MatMulIntegerToFloat", {6: np.zeros(5, np.float32)}, {}, ["bias f32[5]", "one number for each column"]),
    "scales of A": ("MatMulIntegerToFloat", {2: np.ones(9, np.float32)}, {}, ["f32[9]", "one number for A"]),
    "attribute": ("QLinearAdd", {}, {"axis": 1}, ["attribute 'axis' is not supported"]),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_what_does_not_fit(name: str) -> None:
    op, operands, attributes, words = BAD[name]
    case = CASES[op](Draw(2))
    changed = [operands.get(n, a) for n, a in enumerate(case.operands)]
    case.operands = changed[:-1] if attributes.pop("drop", None) else changed
    case.open = [n for n in case.open if n < len(case.operands)]
    case.attributes = {k: v for k, v in (case.attributes | attributes).items() if v is not None}
    with pytest.raises(EmbedcError) as caught:
        load(case.build(op)[0], ImportOptions())
    for word in [*words, f"the_{op.lower()}"]:
        assert word in str(caught.value), str(caught.value)


def test_a_vendor_operator_that_is_not_there() -> None:
    model, _ = _unary(Draw(0), 0.003, 0.01).build("QLinearSigmoid")
    model.graph.node[0].op_type = "QAttention"
    with pytest.raises(EmbedcError) as caught:
        load(model, ImportOptions())
    for word in ("QAttention of domain 'com.microsoft'", "QLinearSigmoid", "vendor operators"):
        assert word in str(caught.value)
