"""reshape, index, pad, concat, gather, scatter: operators that move elements."""

from collections.abc import Sequence
from enum import StrEnum

import numpy as np

from embedc.ir.graph import Origin, Value
from embedc.ir.types import I8, I32, I64, U8, Array, Element, TensorType
from embedc.ops.base import Op, expect


class Reshape(Op, name="reshape"):
    """The same elements in row-major order under another shape."""

    x: Value
    shape: tuple[int, ...]

    def infer(self) -> tuple[TensorType, ...]:
        result = TensorType(self.x.type.element, self.shape, self.x.type.quantization)
        expect(
            result.size == self.x.type.size, f"reshape of {self.x.type} to {list(self.shape)}: other number of elements"
        )
        return (result,)

    def reference(self, *arrays: Array) -> tuple[Array, ...]:
        return (arrays[0].reshape(self.shape),)


class Index(Op, name="index"):
    """One affine view: slice, transpose, expand, reverse, select.

    Element r of the result is x[s] with s[a] = start[a] + sum of step[j] * r[j] over the result axes j with source[j] == a;
    source[j] == -1 repeats along j.
    """

    x: Value
    shape: tuple[int, ...]
    source: tuple[int, ...]
    start: tuple[int, ...]
    step: tuple[int, ...]

    def infer(self) -> tuple[TensorType, ...]:
        expect(len(self.shape) == len(self.source) == len(self.step), "index: shape, source and step differ in length")
        expect(len(self.start) == self.x.type.rank, f"index: start {self.start} for {self.x.type}")
        expect(all(-1 <= o < self.x.type.rank for o in self.source), f"index: source {self.source} for {self.x.type}")
        for axis, extent in enumerate(self.x.type.dims):
            reached = [
                (n - 1) * s for n, o, s in zip(self.shape, self.source, self.step, strict=True) if o == axis and n > 0
            ]
            low = self.start[axis] + sum(min(r, 0) for r in reached)
            high = self.start[axis] + sum(max(r, 0) for r in reached)
            empty = 0 in self.shape
            expect(empty or (low >= 0 and high < extent), f"index: axis {axis} reaches {low}..{high} of {extent}")
        return (TensorType(self.x.type.element, self.shape, self.x.type.quantization),)

    def reference(self, *arrays: Array) -> tuple[Array, ...]:
        (x,) = arrays
        if 0 in self.shape:
            return (np.zeros(self.shape, x.dtype),)
        where: list[Array] = []
        for axis in range(x.ndim):
            position = np.full((1,) * len(self.shape), self.start[axis], np.int64)
            for j, (extent, source, step) in enumerate(zip(self.shape, self.source, self.step, strict=True)):
                if source == axis:
                    line = np.arange(extent).reshape([-1 if k == j else 1 for k in range(len(self.shape))])
                    position = position + step * line
            where.append(position)
        return (np.broadcast_to(x[tuple(where)] if where else x, self.shape),)

    @property
    def is_identity(self) -> bool:
        """True if the result is x itself."""
        return (
            self.shape == self.x.type.dims
            and self.source == tuple(range(len(self.shape)))
            and not any(self.start)
            and all(s == 1 for s, n in zip(self.step, self.shape, strict=True) if n > 1)
        )


def transpose(x: Value, order: Sequence[int], origin: Origin) -> Value:
    """Axes of `x` in the given order."""
    shape = tuple(x.type.dims[a] for a in order)
    return Index(x, shape, tuple(order), (0,) * len(order), (1,) * len(order), origin=origin).result


def slice_axes(x: Value, begin: Sequence[int], shape: Sequence[int], step: Sequence[int], origin: Origin) -> Value:
    """x[begin : : step] with the given extents on every axis."""
    return Index(x, tuple(shape), tuple(range(len(shape))), tuple(begin), tuple(step), origin=origin).result


def expand(x: Value, shape: Sequence[int], origin: Origin) -> Value:
    """`x` repeated to `shape` by numpy's broadcasting rule."""
    lead = len(shape) - x.type.rank
    source = tuple(-1 if j < lead or x.type.dims[j - lead] != n else j - lead for j, n in enumerate(shape))
    return Index(x, tuple(shape), source, (0,) * x.type.rank, (1,) * len(shape), origin=origin).result


class Pad(Op, name="pad"):
    """`x` with `value` in front of and behind each axis; negative amounts crop."""

    x: Value
    before: tuple[int, ...]
    after: tuple[int, ...]
    value: float

    def infer(self) -> tuple[TensorType, ...]:
        expect(
            len(self.before) == len(self.after) == self.x.type.rank,
            f"pad {self.before}, {self.after} for {self.x.type}",
        )
        shape = tuple(b + d + a for b, d, a in zip(self.before, self.x.type.dims, self.after, strict=True))
        expect(all(n >= 0 for n in shape), f"pad crops {self.x.type} to {list(shape)}")
        return (TensorType(self.x.type.element, shape, self.x.type.quantization),)

    def reference(self, *arrays: Array) -> tuple[Array, ...]:
        (x,) = arrays
        cut = tuple(slice(max(-b, 0), n - max(-a, 0)) for b, n, a in zip(self.before, x.shape, self.after, strict=True))
        widths = [(max(b, 0), max(a, 0)) for b, a in zip(self.before, self.after, strict=True)]
        return (np.pad(x[cut], widths, constant_values=np.asarray(self.value).astype(x.dtype)),)


class Concat(Op, name="concat"):
    """Operands one behind the other along `axis`."""

    inputs: tuple[Value, ...]
    axis: int

    def infer(self) -> tuple[TensorType, ...]:
        first = self.inputs[0].type
        expect(0 <= self.axis < first.rank, f"concat axis {self.axis} for rank {first.rank}")
        for value in self.inputs:
            fits = value.type.rank == first.rank and all(
                a == self.axis or m == n for a, (m, n) in enumerate(zip(value.type.dims, first.dims, strict=True))
            )
            expect(
                fits and value.type.element == first.element, f"concat along {self.axis} of {first} and {value.type}"
            )
        extent = sum(v.type.dims[self.axis] for v in self.inputs)
        return (TensorType(first.element, (*first.dims[: self.axis], extent, *first.dims[self.axis + 1 :])),)

    def reference(self, *arrays: Array) -> tuple[Array, ...]:
        return (np.concatenate(arrays, axis=self.axis),)


class Gather(Op, name="gather"):
    """x[..., indices, ...] along `axis`; the result has the shape of `indices` in place of that axis.

    Negative indices count from the end; what is out of range reads the first or last element.
    """

    x: Value
    indices: Value
    axis: int

    def infer(self) -> tuple[TensorType, ...]:
        x = self.x.type
        expect(0 <= self.axis < x.rank, f"gather axis {self.axis} for {x}")
        _check_indices(self.indices.type, self.opname, (I8, U8, I32, I64))
        shape = (*x.dims[: self.axis], *self.indices.type.dims, *x.dims[self.axis + 1 :])
        expect(x.dims[self.axis] > 0 or 0 in shape, f"gather from axis {self.axis} of {x}, which is empty")
        return (TensorType(x.element, shape, x.quantization),)

    def positions(self, indices: Array) -> Array:
        """The positions that `indices` read."""
        extent = self.x.type.dims[self.axis]
        return np.clip(np.where(indices < 0, indices.astype(np.int64) + extent, indices), 0, max(extent - 1, 0))

    def reference(self, *arrays: Array) -> tuple[Array, ...]:
        x, indices = arrays
        if self.result.type.size == 0:
            return (np.zeros(self.result.type.dims, x.dtype),)
        return (np.take(x, self.positions(indices), axis=self.axis),)


def _check_indices(indices: TensorType, op: str, allowed: Sequence[Element]) -> None:
    expect(
        indices.element in allowed,
        f"{op} indices are {indices}, not {', '.join(map(str, allowed[:-1]))} or {allowed[-1]}",
    )


class Update(StrEnum):
    """What becomes of an element that is scattered to."""

    REPLACE = "replace"
    ADD = "add"
    MUL = "mul"
    MAX = "max"
    MIN = "min"


class Scatter(Op, name="scatter"):
    """`x` with x[..., indices, ...] along `axis` replaced by, or combined with, `updates`, in the order of the indices.

    `updates` has the shape that gathering `indices` would give. Negative indices count from the end; those out of range do
    nothing.
    """

    x: Value
    indices: Value
    updates: Value
    axis: int
    kind: Update

    def infer(self) -> tuple[TensorType, ...]:
        x, updates = self.x.type, self.updates.type
        expect(0 <= self.axis < x.rank, f"scatter axis {self.axis} for {x}")
        _check_indices(self.indices.type, self.opname, (I32, I64))
        shape = (*x.dims[: self.axis], *self.indices.type.dims, *x.dims[self.axis + 1 :])
        wanted = TensorType(x.element, shape)
        expect((updates.element, updates.dims) == (x.element, shape), f"scatter updates are {updates}, not {wanted}")
        return (TensorType(x.element, x.shape, x.quantization),)

    def reference(self, *arrays: Array) -> tuple[Array, ...]:
        x, indices, updates = arrays
        rank = indices.ndim
        wide = np.float64 if self.x.type.element.is_float and self.kind is not Update.REPLACE else x.dtype
        result = np.moveaxis(x, self.axis, 0).astype(wide)
        rows = np.moveaxis(updates, range(self.axis, self.axis + rank), range(rank)).astype(wide)
        flat = indices.reshape(-1).astype(np.int64)
        flat = np.where(flat < 0, flat + x.shape[self.axis], flat)
        inside = (flat >= 0) & (flat < x.shape[self.axis])
        rows = rows.reshape(flat.size, *result.shape[1:])[inside]
        if self.kind is Update.REPLACE:
            for place, row in zip(flat[inside], rows, strict=True):
                result[place] = row
        else:
            combine = {Update.ADD: np.add, Update.MUL: np.multiply, Update.MAX: np.maximum, Update.MIN: np.minimum}
            combine[self.kind].at(result, flat[inside], rows)
        return (np.moveaxis(result, 0, self.axis).astype(x.dtype),)
