"""fold: operators on constants are computed here, but only where every host computes the same bits.

Moves of elements, maps whose steps IEEE 754 fixes, and reductions in a fixed order qualify; numpy's transcendental functions, BLAS and
pairwise sums do not. A splat stays a splat.
"""

from collections.abc import Sequence

import numpy as np

from embedc.ir.graph import Value
from embedc.ir.scalar import SCALAR_OPS
from embedc.ir.types import Array, TensorType, element_of
from embedc.ops.base import Op
from embedc.ops.elementwise import Const, Data, Map, Reduce, constant_of, splat
from embedc.ops.layout import Concat, Gather, Index, Pad, Reshape, Scatter
from embedc.ops.lines import Arg, Cumulate
from embedc.ops.quantized import Quantize
from embedc.passes.base import Pass
from embedc.passes.uses import Uses

MOVES = (Reshape, Index, Pad, Concat, Gather)
ORDERED = (Arg, Cumulate, Scatter)  # computed element by element in a fixed order
SMALL = 1024


class Fold(Pass, name="fold"):
    """Computes operators on constants whose result has at most `limit` elements and `growth` times those of its operands."""

    limit: int = 1 << 26
    growth: int = 2

    def rule(self, op: Op, uses: Uses) -> Value | None:
        del uses
        if isinstance(op, Const):
            return _as_splat(op)
        arrays = [constant_of(v) for v in op.operands]
        if not arrays or any(a is None for a in arrays) or 0 in op.results[0].type.dims:
            return None
        if isinstance(op, Quantize):
            return Map(op.inputs, op.body, origin=op.origin).result
        known = [a for a in arrays if a is not None]
        uniform = _uniform(op, known)
        if uniform is not None:
            return splat(uniform, op.results[0].type, op.origin)
        size = op.results[0].type.size
        grown = size > max(SMALL, self.growth * sum(_stored(a) for a in known))
        if size > self.limit or grown:
            return None
        result = compute(op, known)
        return None if result is None else Const(Data(result), op.results[0].type, origin=op.origin).result


def compute(op: Op, arrays: Sequence[Array]) -> Array | None:
    """The only result of `op`, the same bits on every host, or None where that cannot be had."""
    if isinstance(op, MOVES + ORDERED):
        (result,) = op.reference(*arrays)
    elif isinstance(op, Map):
        if not op.body.is_exact:
            return None
        (result,) = op.reference(*arrays)
    elif isinstance(op, Reduce):
        result = _reduce(op, arrays[0])
    else:
        return None
    return _canonical_nans(np.ascontiguousarray(result).reshape(op.results[0].type.dims))


def _as_splat(op: Const) -> Value | None:
    """A constant that is one number everywhere, stored as one element."""
    data: Array = op.data
    if op.is_splat or data.size < 2:
        return None
    raw = np.ascontiguousarray(data).reshape(-1).view(f"u{data.dtype.itemsize}")
    if raw[0] != raw[-1] or (raw != raw[0]).any():
        return None
    return Const(Data(np.broadcast_to(data[(slice(0, 1),) * data.ndim], data.shape)), op.type, origin=op.origin).result


def _stored(array: Array) -> int:
    """Elements that are really stored, repeats not counted."""
    count = 1
    for n, stride in zip(array.shape, array.strides, strict=True):
        count *= n if stride else 1
    return count


def _uniform(op: Op, arrays: Sequence[Array]) -> float | int | None:
    """The number that is every element of the result, if that is plain to see."""
    producers = [v.producer for v in op.operands]
    firsts = [p.first if isinstance(p, Const) and p.is_splat else None for p in producers]
    if isinstance(op, Gather):
        firsts = firsts[:1]
    if any(f is None for f in firsts):
        return None
    if isinstance(op, Map):
        ones = [a[(slice(0, 1),) * a.ndim] for a in arrays]
        result = compute(Map(tuple(_one(a, v.type) for a, v in zip(ones, op.inputs, strict=True)), op.body), ones)
        return None if result is None else result.flat[0].item()
    if isinstance(op, Pad):
        firsts.append(np.asarray(op.value).astype(arrays[0].dtype).item())
    if not isinstance(op, MOVES) or any(_bits(f) != _bits(firsts[0]) for f in firsts):
        return None
    return firsts[0]


def _one(array: Array, like: TensorType) -> Value:
    return Const(Data(array), TensorType(like.element, array.shape)).result


def _bits(number: float | int | None) -> str:
    return repr(number)


def _reduce(op: Reduce, x: Array) -> Array:
    """The reduction with elements taken in row-major order, in f64 for floats and rounded once."""
    kept = [a for a in range(x.ndim) if a not in op.axes]
    lines = np.transpose(x, [*op.axes, *kept]).reshape(-1, *(x.shape[a] for a in kept))
    lines = lines.astype(np.float64) if op.x.type.element.is_float else lines
    combine = SCALAR_OPS[op.kind].numpy
    total = lines[0]
    with np.errstate(all="ignore"):
        for line in lines[1:]:
            total = combine(total, line)
    return total.astype(x.dtype).reshape(op.result.type.dims)


def _canonical_nans(array: Array) -> Array:
    """One NaN for all: its sign and payload differ between hosts."""
    if element_of(array.dtype).is_float:
        holes = np.isnan(array)
        if holes.any():
            array = np.where(holes, np.asarray(np.nan, array.dtype), array)
    return array
