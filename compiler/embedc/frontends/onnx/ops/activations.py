"""Activations: one operand, one scalar program."""

import math
from collections.abc import Callable

from embedc.frontends.onnx.node import Node
from embedc.frontends.onnx.pairing import NUMPY_RULE, paired
from embedc.frontends.onnx.registry import onnx_op
from embedc.ir.expression import Expr
from embedc.ir.graph import Value
from embedc.ir.types import BOOL, F32, F64
from embedc.ops.elementwise import constant_of


def _sign(x: Expr) -> Expr:
    return (x > 0).where(x.const(1), (x < 0).where(x.const(-1), x)) if x.element.is_float or _signed(x) else _step(x)


def _step(x: Expr) -> Expr:
    return (x > 0).where(x.const(1), x)


def _signed(x: Expr) -> bool:
    return x.element.encoding.value == "i"


def softplus(x: Expr) -> Expr:
    """log(1 + exp(x)) without overflow."""
    return x.max(0.0) + (1.0 + (-x.abs()).exp()).log()


def _called(op: str) -> Callable[[Expr], Expr]:
    return lambda x: x.call(op)


_ANGLES = ("Sin", "Cos", "Tan", "Asin", "Acos", "Atan", "Sinh", "Cosh", "Asinh", "Acosh", "Atanh")
_PLAIN: dict[str, Callable[[Expr], Expr]] = {
    "Relu": lambda x: x.max(0),
    "Abs": lambda x: x.abs() if x.element.is_float or _signed(x) else x,
    "Neg": lambda x: -x,
    "Floor": lambda x: x.call("floor"),
    "Ceil": lambda x: x.call("ceil"),
    "Round": lambda x: x.call("round"),
    "Sign": _sign,
    "Reciprocal": lambda x: 1.0 / x,
    "Sqrt": lambda x: x.sqrt(),
    "Exp": lambda x: x.exp(),
    "Log": lambda x: x.log(),
    **{name: _called(name.lower()) for name in _ANGLES},
    "Tanh": lambda x: x.tanh(),
    "Sigmoid": lambda x: x.call("sigmoid"),
    "Erf": lambda x: x.call("erf"),
    "Softplus": softplus,
    "Softsign": lambda x: x / (1.0 + x.abs()),
    "Mish": lambda x: x * softplus(x).tanh(),
    "HardSwish": lambda x: x * (x * (1.0 / 6.0) + 0.5).max(0.0).min(1.0),
    "Not": lambda x: x.negate(),
    "IsNaN": lambda x: x.equals(x).negate(),
}


@onnx_op(*_PLAIN)
def plain(node: Node) -> Value:
    """Operators without attributes."""
    return node.map(_PLAIN[node.op_type], node.operand(0))


@onnx_op("LeakyRelu")
def leaky_relu(node: Node) -> Value:
    """X where positive, alpha x elsewhere."""
    alpha = node.real("alpha", 0.01)
    return node.map(lambda x: (x < 0).where(x * alpha, x), node.real_operand(0))


@onnx_op("PRelu")
def prelu(node: Node) -> Value:
    """X where positive, slope x elsewhere; the slope broadcasts to x, before opset 7 along the channels."""
    x, slope = node.operand(0), node.operand(1)
    if node.opset < NUMPY_RULE and slope.type.rank == 1:
        slope = node.reshape(slope, (slope.type.size, *(1 for _ in x.type.dims[2:])))
    return node.map(lambda x, slope: (x < 0).where(x * slope, x), x, slope)


@onnx_op("ThresholdedRelu")
def thresholded_relu(node: Node) -> Value:
    """X where it exceeds alpha, zero elsewhere."""
    alpha = node.real("alpha", 1.0)
    return node.map(lambda x: (x > alpha).where(x, 0.0), node.real_operand(0))


@onnx_op("Shrink")
def shrink(node: Node) -> Value:
    """Zero around the origin, moved towards it by `bias` outside."""
    bias, lambd = node.real("bias", 0.0), node.real("lambd", 0.5)
    x = node.operand(0)
    element = x.type.element

    def body(x: Expr) -> Expr:
        wide = x if element.is_float else x.cast(F64 if element.bits > 16 else F32)
        shrunk = (wide < -lambd).where(wide + bias, (wide > lambd).where(wide - bias, 0.0))
        return shrunk.cast(element)

    return node.map(body, x)


def _exponential(x: Expr, alpha: float, scale: float, divisor: float = 1.0) -> Expr:
    """Scale * (x where positive, alpha (exp(x / divisor) - 1) elsewhere); the exponential never overflows."""
    negative = x.min(0.0) if divisor == 1.0 else x.min(0.0) / divisor
    curve = x.max(0.0) + (negative.exp() - 1.0) * alpha
    return curve if scale == 1.0 else curve * scale


@onnx_op("Elu")
def elu(node: Node) -> Value:
    """X where positive, alpha (exp(x) - 1) elsewhere."""
    alpha = node.real("alpha", 1.0)
    return node.map(lambda x: _exponential(x, alpha, 1.0), node.real_operand(0))


@onnx_op("Selu")
def selu(node: Node) -> Value:
    """Elu times gamma."""
    alpha, gamma = node.real("alpha", 1.67326319217681884765625), node.real("gamma", 1.05070102214813232421875)
    return node.map(lambda x: _exponential(x, alpha, gamma), node.real_operand(0))


@onnx_op("Celu")
def celu(node: Node) -> Value:
    """X where positive, alpha (exp(x / alpha) - 1) elsewhere."""
    alpha = node.real("alpha", 1.0)
    return node.map(lambda x: _exponential(x, alpha, 1.0, alpha), node.real_operand(0))


@onnx_op("HardSigmoid")
def hard_sigmoid(node: Node) -> Value:
    """A line clipped to 0…1."""
    alpha, beta = node.real("alpha", 0.2), node.real("beta", 0.5)
    return node.map(lambda x: (x * alpha + beta).max(0.0).min(1.0), node.real_operand(0))


@onnx_op("Gelu")
def gelu(node: Node) -> Value:
    """X times the normal distribution, by erf or by tanh."""

    def exact(x: Expr) -> Expr:
        return x * ((x * math.sqrt(0.5)).call("erf") + 1.0) * 0.5

    def by_tanh(x: Expr) -> Expr:
        return x * (((x + x * x * x * 0.044715) * math.sqrt(2 / math.pi)).tanh() + 1.0) * 0.5

    approximate = node.choice("approximate", "none", "tanh")
    return node.map(exact if approximate == "none" else by_tanh, node.real_operand(0))


@onnx_op("Swish")
def swish(node: Node) -> Value:
    """X sigmoid(alpha x)."""
    alpha = node.real("alpha", 1.0)
    return node.map(lambda x: x * (x if alpha == 1.0 else x * alpha).call("sigmoid"), node.real_operand(0))


@onnx_op("IsInf")
def is_inf(node: Node) -> Value:
    """True for infinities of the wanted signs."""
    positive, negative = node.flag("detect_positive", True), node.flag("detect_negative", True)

    def body(x: Expr) -> Expr:
        if positive and negative:
            return x.abs().equals(math.inf)
        if positive or negative:
            return x.equals(math.inf if positive else -math.inf)
        return x < x  # noqa: PLR0124 - false for every x

    return node.map(body, node.real_operand(0))


@onnx_op("Clip")
def clip(node: Node) -> Value:
    """min(max(x, low), high): attributes before opset 11, optional operands since."""
    x = node.operand(0)
    if node.opset < 11:
        ends = [node.real(name) if node.has(name) else None for name in ("min", "max")]
        return node.map(lambda x: _clip(x, *ends), x)
    operands = [node.optional(1), node.optional(2)]
    literals = [_literal(v) for v in operands]
    dynamic = [v for v, literal in zip(operands, literals, strict=True) if v is not None and literal is None]

    def body(x: Expr, *limits: Expr) -> Expr:
        rest = iter(limits)
        low, high = (
            literal if v is None or literal is not None else next(rest)
            for v, literal in zip(operands, literals, strict=True)
        )
        return _clip(x, low, high)

    return node.map(body, x, *(node.reshape(v, ()) for v in dynamic))


def _clip(x: Expr, low: Expr | float | None, high: Expr | float | None) -> Expr:
    x = x if low is None else x.max(low)
    return x if high is None else x.min(high)


def _literal(value: Value | None) -> float | int | None:
    data = None if value is None else constant_of(value)
    return data.reshape(-1)[0].item() if data is not None and data.size == 1 else None


@onnx_op("Xor")
def exclusive_or(node: Node) -> Value:
    """True where exactly one operand is."""
    if any(node.operand(i).type.element != BOOL for i in range(2)):
        raise node.fail("its operands are not boolean", "re-export the model")
    return node.map(lambda a, b: a.equals(b).negate(), *paired(node))
