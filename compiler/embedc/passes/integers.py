"""integers: what lies between dequantize and quantize is computed in integers.

    dequantize -> conv -> + bias -> relu -> quantize     becomes   conv of bytes -> one map: + bias, rescale, zero point, clamp
    dequantize -> conv -> + bias                         becomes   conv of bytes -> to float, scale -> + bias

Dequantize moves down through what only moves or compares elements, quantize up, where they meet; quantization is monotone, so that it
commutes with maxima and clamps. Sums of products are exact in i32 and rounded once; sums of several tensors share one grid; any other
function of one tensor is a table. What cannot be had in integers stays float; `float_layers` says why.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import numpy as np

from embedc.ir.graph import Graph, Origin, Value
from embedc.ir.types import F32
from embedc.ops.base import Op
from embedc.ops.elementwise import Map, Reduce, Reduction, constant
from embedc.ops.layout import Concat, Gather, Index, Pad, Reshape, expand
from embedc.ops.quantized import Dequantize, Quantize
from embedc.ops.window import Contract, Conv, Window, WindowKind
from embedc.passes.base import Pass
from embedc.passes.expression import Term
from embedc.passes.integer_forms import combined, computed, leaf_of
from embedc.passes.integer_leaves import Bytes, Emitter, Unfit, bytes_of, quantity_of, real_sums
from embedc.passes.integer_terms import constant_array, whole_term
from embedc.passes.uses import Uses, rewrite_counted
from embedc.quantized.quantity import Quantity


class Integers(Pass, name="integers"):
    """Computes in integers what quantize and dequantize enclose, and products of bytes whose results are floats."""

    def run(self, graph: Graph) -> Graph:
        return rewrite_counted(rewrite_counted(graph, _met), _real)


FloatLayer = tuple[Origin, str]
"""What is computed in floats, and why."""


def float_layers(graph: Graph) -> list[FloatLayer]:
    """What this pass has left in floats between dequantize and quantize, and why."""
    found: list[FloatLayer] = []
    for op in graph.ops:
        for region in op.regions.values():
            found += float_layers(region)
        try:
            if isinstance(op, Quantize) and any(isinstance(o, Dequantize) for o in _behind(op)):
                quantized(op)
            elif isinstance(op, Conv | Contract) and any(isinstance(v.producer, Dequantize) for v in op.operands):
                real_sums(op)
        except Unfit as reason:
            found.append((op.origin, str(reason)))
    return found


def _behind(op: Op) -> Iterator[Op]:
    """Operators on which `op` depends, as far as they compute floats."""
    seen: set[int] = set()
    waiting = [v.producer for v in op.operands]
    while waiting:
        inner = waiting.pop()
        if inner is not None and id(inner) not in seen and inner.results[0].type.element.is_float:
            seen.add(id(inner))
            yield inner
            waiting += [v.producer for v in inner.operands]


def _met(op: Op, uses: Uses) -> Value | None:
    del uses
    try:
        return quantized(op) if isinstance(op, Quantize) else _moved(op)
    except Unfit:
        return None


def _real(op: Op, uses: Uses) -> Value | None:
    del uses
    if not isinstance(op, Conv | Contract) or op.result.type.element != F32:
        return None
    try:
        return real_sums(op)
    except Unfit:
        return None


def _moved(op: Op) -> Value | None:
    """An operator that moves or compares elements, made to do so in front of the dequantize instead of behind it."""
    origin = op.origin.without_tensor()
    match op:
        case Reshape() | Index() | Gather():
            return _dequantized(bytes_of(op.x), lambda b: replace(op, x=b.value, origin=origin), op.origin)
        case Reduce(kind=Reduction.MAX | Reduction.MIN) if op.x.type.size:
            return _dequantized(bytes_of(op.x), lambda b: replace(op, x=b.value, origin=origin), op.origin)
        case Window(kind=WindowKind.MAX) if op.always_inside:
            return _dequantized(bytes_of(op.x), lambda b: replace(op, x=b.value, origin=origin), op.origin)
        case Pad():
            x = bytes_of(op.x)
            fill = None if x is None else _exactly(op.value, x.quantity)
            if fill is None:
                return None
            return _dequantized(x, lambda b: replace(op, x=b.value, value=float(fill), origin=origin), op.origin)
        case Concat():
            parts = [bytes_of(v) for v in op.inputs]
            alike = [b for b in parts if b is not None and parts[0] is not None and b.quantity == parts[0].quantity]
            if len(alike) != len(parts):
                return None
            return _dequantized(alike[0], lambda _: Concat(tuple(b.value for b in alike), op.axis), op.origin)
        case Map():
            return _clamped(op)
        case _:
            return None


def _dequantized(x: Bytes | None, make: Callable[[Bytes], Op], origin: Origin) -> Value | None:
    """The dequantize of what `make` makes of bytes."""
    if x is None:
        return None
    scale = constant(np.asarray(x.quantity.scale, np.float32), origin.without_tensor())
    zero = constant(np.asarray(x.quantity.zero, x.quantity.element.dtype), origin.without_tensor())
    return Dequantize(make(x).results[0], scale, zero, origin=origin).result


def _exactly(real: float, quantity: Quantity) -> int | None:
    """The byte that stands for a number."""
    if not np.isfinite(real):
        return None
    byte = round(real / quantity.scale) + quantity.zero
    low, high = quantity.limits
    held = np.float32(quantity.scale) * np.float32(byte - quantity.zero)
    return byte if low <= byte <= high and held == np.float32(real) else None


def _clamped(op: Map) -> Value | None:
    """A clamp to numbers that bytes stand for."""
    if len(op.inputs) != 1:
        return None
    inner, steps = _clamps(whole_term(op.result))
    x = None if inner.source is None else bytes_of(inner.source)
    if x is None or not steps or x.value.type.dims != op.result.type.dims:
        return None
    exact = [(kind, _exactly(limit, x.quantity)) for kind, limit in steps]
    if any(byte is None for _, byte in exact):
        return None
    ends = _composed([(kind, byte) for kind, byte in exact if byte is not None], x.quantity.limits)
    emitter = Emitter(op.origin.without_tensor())
    return _dequantized(x, lambda b: _op(emitter.map(replace(x.quantity, ends=ends).within, b.value)), op.origin)


def _op(value: Value) -> Op:
    assert value.producer is not None
    return value.producer


Clamp = tuple[str, int]


def _clamps(term: Term) -> tuple[Term, list[tuple[str, float]]]:
    """A term without the clamps around it, and those from the inside out."""
    found: list[tuple[str, float]] = []
    while term.op in ("max", "min"):
        sides = [(x, constant_array(limit)) for x, limit in (term.args, term.args[::-1])]
        inner = next(((x, float(c.reshape(-1)[0])) for x, c in sides if c is not None and c.size == 1), None)
        if inner is None or np.isnan(inner[1]):
            break
        found.append((term.op, inner[1]))
        term = inner[0]
    return term, found[::-1]


def _composed(steps: Sequence[Clamp], limits: tuple[int, int]) -> tuple[int, int]:
    """The two ends of several clamps, one behind the other."""
    low, high = limits
    for kind, limit in steps:
        combine = max if kind == "max" else min
        low, high = combine(low, limit), combine(high, limit)
    return low, high


def quantized(op: Quantize) -> Value:
    """A quantize in integers; Unfit where that cannot be."""
    target = quantity_of(op.scale, op.zero)
    if target is None:
        raise Unfit("its result has several scales, or they are computed while the model runs")
    return _integer(op.x, target, op.origin)


def _byte(real: float, target: Quantity) -> int:
    """A number quantized."""
    with np.errstate(all="ignore"):
        whole = float(np.rint(np.float32(real) / np.float32(target.scale)))
    low, high = target.ends or target.limits
    return int(min(max(whole + target.zero, low), high))


def _integer(value: Value, target: Quantity, origin: Origin) -> Value:
    """Floats as bytes of `target`, without computing the floats."""
    op, inner = value.producer, origin.without_tensor()
    match op:
        case Map():
            return _mapped(value, target, origin)
        case Reshape() | Index() | Gather():
            return replace(op, x=_integer(op.x, target, inner), origin=origin).result
        case Reduce(kind=Reduction.MAX | Reduction.MIN) if op.x.type.size:
            return replace(op, x=_integer(op.x, target, inner), origin=origin).result
        case Window(kind=WindowKind.MAX) if op.always_inside:
            return replace(op, x=_integer(op.x, target, inner), origin=origin).result
        case Pad():
            fill = float(_byte(op.value, target))
            return replace(op, x=_integer(op.x, target, inner), value=fill, origin=origin).result
        case Concat():
            return Concat(_parts(op, target, inner), op.axis, origin=origin).result
        case _:
            return combined([(leaf_of(value), np.ones(()))], np.zeros(()), target, Emitter(origin))


def _parts(op: Concat, target: Quantity, origin: Origin) -> tuple[Value, ...]:
    """The operands of a concat as bytes; floats among them are quantized, if not all are."""
    parts: list[Value] = []
    reasons: list[Unfit] = []
    for value in op.inputs:
        try:
            parts.append(_integer(value, target, origin))
        except Unfit as reason:
            reasons.append(reason)
            scale = constant(np.asarray(target.scale, np.float32), origin)
            zero = constant(np.asarray(target.zero, target.element.dtype), origin)
            parts.append(_limited(Quantize(value, scale, zero, origin=origin).result, target, origin))
    if len(reasons) == len(parts):
        raise reasons[0]
    return tuple(parts)


def _limited(value: Value, target: Quantity, origin: Origin) -> Value:
    return value if target.ends is None else Emitter(origin).map(target.within, value)


def _mapped(value: Value, target: Quantity, origin: Origin) -> Value:
    term, clamps = _clamps(whole_term(value))
    if clamps:
        steps = [(kind, _byte(limit, replace(target, ends=None))) for kind, limit in clamps]
        low, high = target.ends or target.limits
        target = replace(target, ends=_composed([*steps, ("max", low), ("min", high)], target.limits))
    if term.source is not None:
        return _shaped(_integer(term.source, target, origin), value)
    return _shaped(computed(term, target, Emitter(origin)), value)


def _shaped(result: Value, like: Value) -> Value:
    """`result`, repeated where a constant that is the same everywhere had made it larger."""
    dims = like.type.dims
    return result if result.type.dims == dims else expand(result, dims, result.origin)
