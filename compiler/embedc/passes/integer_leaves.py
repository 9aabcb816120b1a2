"""What floats between dequantize and quantize are made of: bytes, and i32 sums of bytes, with the real numbers that one unit stands for."""

import math
from dataclasses import dataclass, field, replace
from functools import reduce

import numpy as np

from embedc.ir.expression import Body, program
from embedc.ir.graph import Origin, Value
from embedc.ir.scalar import ScalarProgram
from embedc.ir.types import F32, I8, I32, U8, Array
from embedc.ops.base import Op
from embedc.ops.elementwise import Map, Reduce, Reduction, constant, constant_of
from embedc.ops.layout import Gather, Index, Reshape
from embedc.ops.quantized import Dequantize
from embedc.ops.window import Contract, Conv, Window, WindowKind
from embedc.quantized.quantity import FARTHEST, Quantity
from embedc.quantized.scales import narrowest

LIMIT = 2**31
VIEWS = (Reshape, Index, Gather)


class Unfit(Exception):  # noqa: N818 - no error: what says it stays float
    """Why something is not computed in integers."""


@dataclass(frozen=True)
class Emitter:
    """Emits operators of one origin for a pass."""

    origin: Origin

    def fail(self, message: str, hint: str = "") -> Exception:
        """What to raise."""
        del hint
        return Unfit(message)

    def between(self) -> "Emitter":
        """The same for steps on the way."""
        return Emitter(self.origin.without_tensor())

    def emit(self, op: Op) -> Value:
        """The only result of an operator."""
        return op.result

    def map(self, body: Body | ScalarProgram, *values: Value) -> Value:
        """`body` for every element of the broadcast values."""
        scalar = body if isinstance(body, ScalarProgram) else program([v.type.element for v in values], body)
        return Map(values, scalar, origin=self.origin).result

    def array(self, data: Array) -> Value:
        """A constant."""
        return constant(data, self.origin)


@dataclass(frozen=True)
class Bytes:
    """A tensor of bytes with one scale and one zero point."""

    value: Value
    quantity: Quantity


@dataclass(frozen=True)
class Sums:
    """I32 numbers of which one unit stands for `scale` (exact in f64), at most `reach` from zero; always zero where `still`."""

    value: Value
    scale: Array
    reach: int
    still: Array = field(default_factory=lambda: np.zeros((), np.bool_))


Leaf = Bytes | Sums


@dataclass(frozen=True)
class Stored:
    """Constants that are stored as integers: whole numbers less their zero point, and what one unit of each stands for."""

    whole: Array
    scale: Array

    @property
    def reals(self) -> Array:
        """The numbers themselves, in f64."""
        return self.whole * self.scale


def bytes_of(value: Value) -> Bytes | None:
    """The bytes that `value` is made of, if it is a dequantize of bytes with one scale and one zero point."""
    op = value.producer
    if not isinstance(op, Dequantize) or op.x.type.element not in (U8, I8) or constant_of(op.x) is not None:
        return None
    quantity = quantity_of(op.scale, op.zero)
    return None if quantity is None else Bytes(op.x, quantity)


def quantity_of(scale: Value, zero: Value) -> Quantity | None:
    """Constant parameters, one for all elements."""
    scales, zeros = constant_of(scale), constant_of(zero)
    if scales is None or zeros is None or scales.size != 1 or zeros.size != 1:
        return None
    factor = float(scales.reshape(-1)[0])
    sound = math.isfinite(factor) and factor >= float(np.finfo(np.float32).tiny)
    return Quantity(zero.type.element, factor, int(zeros.reshape(-1)[0])) if sound else None


def stored(value: Value) -> Stored | None:
    """What a dequantize of constants holds, seen through views."""
    op = value.producer
    if isinstance(op, VIEWS):
        inner = stored(op.x)
        others = [constant_of(v) for v in op.operands[1:]]
        if inner is None or any(data is None for data in others):
            return None
        rest = [data for data in others if data is not None]
        whole, scale = (op.reference(a, *rest)[0] for a in (inner.whole, inner.scale))
        return Stored(whole, scale)
    if not isinstance(op, Dequantize):
        return None
    whole, scale, zero = (_seen(v) for v in op.operands)
    if whole is None or scale is None or zero is None or not (np.isfinite(scale) & (scale > 0)).all():
        return None
    dims = value.type.dims
    return Stored(whole.astype(np.int64) - zero.astype(np.int64), np.broadcast_to(scale.astype(np.float64), dims))


def _seen(value: Value) -> Array | None:
    """The data of a constant, also through views, as of scales that are repeated for the elements of a block."""
    op = value.producer
    if not isinstance(op, Reshape | Index):
        return constant_of(value)
    data = _seen(op.x)
    return None if data is None else op.reference(data)[0]


def sums_of(value: Value) -> Sums | None:
    """`value` as sums in i32; None if it is no such sum, Unfit if it could not be one."""
    op = value.producer
    match op:
        case Conv():
            return _convolved(op)
        case Contract():
            return _contracted(op)
        case Reduce(kind=Reduction.ADD):
            return _summed(op, math.prod(op.x.type.dims[a] for a in op.axes))
        case Window(kind=WindowKind.SUM | WindowKind.AVERAGE):
            return _pooled(op)
        case Dequantize() if op.x.type.element == I32:
            return _dequantized(op)
        case _:
            return None


def reach_of(value: Value) -> int:
    """How far i32 numbers can be from zero."""
    op = value.producer
    if isinstance(op, Conv | Contract):
        weights = constant_of(op.operands[1])
        element = op.x.type.element
        if weights is not None and element in (U8, I8):
            summed = summed_axes(op)
            limits = np.iinfo(element.dtype)
            far = max(int(limits.max) - op.x_zero, op.x_zero - int(limits.min))
            return int(np.abs(weights.astype(np.int64)).sum(tuple(summed)).max(initial=0)) * far * _lone(op)
    return LIMIT


def _lone(op: Conv | Contract) -> int:
    """How often each weight comes in a sum over letters that x alone has."""
    if isinstance(op, Conv):
        return 1
    x, y, result = op.terms
    return math.prod(n for letter, n in zip(x, op.x.type.dims, strict=True) if letter not in y + result)


def _checked(value: Value, scale: Array, reach: int, what: str) -> Sums:
    if reach >= LIMIT:
        raise Unfit(f"{what} that 32 bits might not hold")
    return Sums(value, scale, reach)


def _products(value: Value, scale: Array, still: Array) -> Sums:
    return replace(_checked(value, uniform(scale), reach_of(value), "sums of products"), still=uniform(still))


def _weights(value: Value) -> Stored:
    weights = stored(value)
    if weights is None:
        constants = constant_of(value) is not None
        raise Unfit("its weights are floats" if constants else "its weights are computed while the model runs")
    if np.abs(weights.whole).max(initial=0) > FARTHEST:
        raise Unfit("its weights have more than 8 bits")
    return weights


def _data(value: Value) -> Bytes:
    data = bytes_of(value)
    if data is None:
        raise Unfit("its input is not dequantized bytes")
    return data


def _convolved(op: Conv) -> Sums:
    x, weights = _data(op.x), _weights(op.w)
    quantity, origin = x.quantity, op.origin.without_tensor()
    w = constant(narrowest(weights.whole), op.w.origin.without_tensor())
    total = replace(op, x=x.value, w=w, x_zero=quantity.zero, origin=origin).result
    return _products(total, *_factors(op, weights, quantity.scale))


def _contracted(op: Contract) -> Sums:
    first, second = bytes_of(op.x), bytes_of(op.y)
    if first is not None and second is not None:
        return _product_of_two(op, first, second)
    if first is None and second is not None:
        x, y, result = op.terms
        op = Contract(op.y, op.x, f"{y},{x}->{result}", origin=op.origin)
    data, weights = _data(op.x), _weights(op.y)
    w = constant(narrowest(weights.whole), op.y.origin.without_tensor())
    origin = op.origin.without_tensor()
    total = replace(op, x=data.value, y=w, x_zero=data.quantity.zero, origin=origin).result
    return _products(total, *_factors(op, weights, data.quantity.scale))


def _factors(op: Conv | Contract, weights: Stored, x_scale: float) -> tuple[Array, Array]:
    """What one unit of each sum stands for, and which sums are always zero."""
    still = np.asarray(~weights.whole.any(tuple(summed_axes(op))))
    return scale_of(op, weights) * x_scale, _placed(op, still)


def scale_of(op: Conv | Contract, weights: Stored) -> Array:
    """The scale of the weights of each result, shaped to broadcast with it; Unfit where one result has several."""
    return _placed(op, _one_each(weights.scale, summed_axes(op)))


def _placed(op: Conv | Contract, flat: Array) -> Array:
    """What belongs to axes of the weights that are not summed over, shaped to broadcast with the result."""
    if isinstance(op, Conv):
        return flat.reshape(-1, *(1,) * (op.x.type.rank - 2))
    _, y, result = op.terms
    left = [letter for letter in y if letter in result]
    ordered = np.transpose(flat, [left.index(letter) for letter in result if letter in left])
    extents = iter(ordered.shape)
    return ordered.reshape([next(extents) if letter in left else 1 for letter in result])


def _product_of_two(op: Contract, first: Bytes, second: Bytes) -> Sums:
    """A product of two activations, each less its zero point."""
    emitter = Emitter(op.origin.without_tensor())
    x, y = (emitter.map(b.quantity.centred, b.value) for b in (first, second))
    total = replace(op, x=x, y=y, origin=emitter.origin).result
    terms = op.macs // max(op.result.type.size, 1)
    scale = np.asarray(first.quantity.scale * second.quantity.scale)
    return _checked(total, scale, terms * FARTHEST**2, "sums of products")


def summed_axes(op: Conv | Contract) -> list[int]:
    """Axes of the weights that are summed over."""
    if isinstance(op, Conv):
        return list(range(1, op.w.type.rank))
    _, y, result = op.terms
    return [a for a, letter in enumerate(y) if letter not in result]


def _one_each(scale: Array, axes: list[int]) -> Array:
    """Scales without axes along which they are the same; Unfit where they are not."""
    first = scale[tuple(slice(0, 1) if a in axes else slice(None) for a in range(scale.ndim))]
    if (scale != first).any():
        raise Unfit("its weights have several scales for one result")
    return first.reshape([n for a, n in enumerate(scale.shape) if a not in axes])


def uniform(scale: Array) -> Array:
    """Without what numpy's broadcasting repeats by itself: axes along which nothing varies, and leading ones."""
    for axis in range(scale.ndim):
        first = scale[tuple(slice(0, 1) if a == axis else slice(None) for a in range(scale.ndim))]
        scale = first if (scale == first).all() else scale
    if scale.size == 1:
        return scale.reshape(())
    while scale.shape[0] == 1:
        scale = scale[0]
    return scale


def _summed(op: Reduce, count: int) -> Sums | None:
    x = bytes_of(op.x)
    if x is None:
        return None
    emitter = Emitter(op.origin.without_tensor())
    total = replace(op, x=emitter.map(x.quantity.centred, x.value), origin=emitter.origin).result
    return _checked(total, np.asarray(x.quantity.scale), count * FARTHEST, "sums of bytes")


def _pooled(op: Window) -> Sums | None:
    x = bytes_of(op.x)
    if x is None:
        return None
    emitter = Emitter(op.origin.without_tensor())
    centred = emitter.map(x.quantity.centred, x.value)
    total = replace(op, x=centred, kind=WindowKind.SUM, origin=emitter.origin).result
    scale = np.asarray(x.quantity.scale)
    if op.kind is WindowKind.AVERAGE:
        scale = uniform(scale * (1.0 / _counts(op)))
    return _checked(total, scale, math.prod(op.kernel) * FARTHEST, "sums of bytes")


def _counts(op: Window) -> Array:
    """How many elements each window averages, shaped to broadcast with the result."""
    axes: list[Array] = []
    for axis, n in enumerate(op.result.type.dims):
        first = np.arange(n)[:, None] * op.strides[axis] - op.pads[axis][0]
        tap = first + np.arange(op.kernel[axis]) * op.dilations[axis]
        inside = np.ones_like(tap, bool) if op.count_pad else (tap >= 0) & (tap < op.x.type.dims[axis])
        count = inside.sum(1)
        axes.append(count[:1] if (count == count[0]).all() else count)
    return np.maximum(reduce(np.multiply.outer, axes), 1)


def _dequantized(op: Dequantize) -> Sums | None:
    """Numbers that the model itself keeps in i32."""
    quantity = quantity_of(op.scale, op.zero)
    if quantity is None or quantity.zero or constant_of(op.x) is not None:
        return None
    return Sums(op.x, np.asarray(quantity.scale), reach_of(op.x))


def real_sums(op: Conv | Contract) -> Value:
    """A sum of products of bytes, computed in i32, as floats."""
    sums = sums_of(op.result)
    assert sums is not None
    return scaled(sums.value, sums.scale, op.origin)


def scaled(value: Value, scale: Array, origin: Origin) -> Value:
    """Sums as floats, times what one unit of them stands for."""
    emitter, factors = Emitter(origin), scale.astype(np.float32)
    if factors.size == 1:
        factor = float(factors)
        return emitter.map(lambda t: t.cast(F32) * factor, value)
    return emitter.map(lambda t, s: t.cast(F32) * s, value, emitter.between().array(factors))
