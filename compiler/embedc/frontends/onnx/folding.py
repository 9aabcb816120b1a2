"""Folds operators over constants while importing, so that shapes computed by the model become known."""

import math
from collections.abc import Sequence

import numpy as np

from embedc.ir.graph import Origin, Value
from embedc.ir.types import Array, TensorType
from embedc.ops.base import Op, TypeMismatch
from embedc.ops.elementwise import Const, Data, Map, constant, constant_of
from embedc.ops.layout import Concat, Gather, Index, Pad, Reshape, Scatter, Update
from embedc.ops.lines import TopK
from embedc.ops.quantized import Dequantize

MAX_ELEMENTS = 2**31 - 1
"""No tensor may have more: extents and loop counters of the generated code are int32."""

MAX_COMPUTED = 1 << 24
"""Most elements of a constant that the frontend itself writes down (ranges, index tables)."""

FOLD_LIMIT = 1 << 12
"""Constants up to this many elements are folded here, larger ones are left to the passes."""


def checked(value: Value) -> Value:
    """`value`; TypeMismatch if it has too many elements."""
    if value.type.size > MAX_ELEMENTS:
        raise TypeMismatch(f"{value.type} has {value.type.size} elements; at most {MAX_ELEMENTS} are supported")
    return value


def known(value: Value) -> Array | None:
    """The data of a constant, and of one that is stored as bytes; None for others."""
    op = value.producer
    if isinstance(op, Dequantize) and all(isinstance(v.producer, Const) for v in op.operands):
        (data,) = op.reference(*(np.asarray(v.producer.data) for v in op.operands if isinstance(v.producer, Const)))
        return data
    return constant_of(value)


def folded(op: Op) -> Value:
    """The only result of `op`, folded."""
    (only,) = folded_all(op)
    return only


def folded_all(op: Op) -> Sequence[Value]:
    """The results of `op`: Consts where they have no elements, or its operands are constants that are cheap to fold."""
    if all(value.type.size == 0 for value in op.results):
        return [_constant(v, np.zeros(v.type.dims, v.type.element.dtype)) for v in op.results]
    if op.operands and all(v.type.size == 0 for v in op.operands):  # nothing is computed, so every host agrees
        nothing = [np.zeros(v.type.dims, v.type.element.dtype) for v in op.operands]
        return [_constant(value, array) for value, array in zip(op.results, op.reference(*nothing), strict=True)]
    constants = [v.producer for v in op.operands if isinstance(v.producer, Const)]
    if len(constants) == len(op.operands) and constants and not isinstance(op, Const):
        data = _evaluate(op, constants)
        if data is not None:
            return [_constant(value, array) for value, array in zip(op.results, data, strict=True)]
    return [checked(value) for value in op.results]


def _constant(value: Value, data: Array) -> Value:
    return Const(Data(data), value.type, origin=value.origin).result


def filled(value: Array, shape: Sequence[int], origin: Origin, element: TensorType | None = None) -> Value:
    """A Const with one value everywhere, stored once."""
    if math.prod(shape) > MAX_ELEMENTS:
        raise TypeMismatch(f"shape {list(shape)} has more than the {MAX_ELEMENTS} elements that are supported")
    data = np.broadcast_to(value.reshape(()), tuple(shape))
    return constant(data, origin, element)


def _evaluate(op: Op, constants: Sequence[Const]) -> Sequence[Array] | None:
    arrays = [np.asarray(c.data) for c in constants]
    type_ = op.results[0].type
    if isinstance(op, Reshape):
        return [np.reshape(arrays[0], op.shape)]
    if isinstance(op, (Index, Map)) and all(c.is_splat or c.type.size == 1 for c in constants):
        if isinstance(op, Index):
            return [np.broadcast_to(arrays[0].reshape(-1)[:1].reshape(()), type_.dims)]
        if op.body.is_exact:
            return [np.broadcast_to(op.body.evaluate([a.flat[0] for a in arrays]), type_.dims)]
    if max(type_.size, *(c.type.size for c in constants)) > FOLD_LIMIT or not _exact(op):
        return None
    return op.reference(*arrays)


def _exact(op: Op) -> bool:
    """True if every host computes the same bits, and soon."""
    if op.regions:
        return False
    if isinstance(op, Map):
        return op.body.is_exact or not op.result.type.element.is_float
    if isinstance(op, Scatter) and op.kind is Update.REPLACE:
        return True
    return isinstance(op, (Index, Pad, Concat, Gather, TopK)) or not op.results[0].type.element.is_float
