"""arg, cumulate, topk: what is computed along the lines of one axis and depends on the order of their elements."""

from enum import StrEnum

import numpy as np

from embedc.ir.graph import Value
from embedc.ir.types import I64, Array, TensorType
from embedc.ops.base import Op, expect
from embedc.ops.elementwise import Reduction


class Extreme(StrEnum):
    """Which end is looked for; NaN counts as the largest number, and as the smallest for an `arg`."""

    MAX = "max"
    MIN = "min"


def _check_axis(op: str, x: TensorType, axis: int) -> None:
    expect(0 <= axis < x.rank, f"{op} axis {axis} for {x}")
    expect(not x.element.is_stored, f"{op} of {x}: floats of 16 bits are not computed")
    expect(x.element.is_integer or x.element.is_float, f"{op} of {x}: elements have no order")


class Arg(Op, name="arg"):
    """Position of the extreme along `axis`, which stays with extent 1: the first of equals, or the `last`. NaN is extreme."""

    x: Value
    kind: Extreme
    axis: int
    last: bool

    def infer(self) -> tuple[TensorType, ...]:
        x = self.x.type
        _check_axis(self.opname, x, self.axis)
        expect(x.dims[self.axis] > 0, f"arg of {x}: axis {self.axis} is empty")
        return (TensorType(I64, tuple(1 if a == self.axis else d for a, d in enumerate(x.dims))),)

    def reference(self, *arrays: Array) -> tuple[Array, ...]:
        (x,) = arrays
        find = np.argmax if self.kind is Extreme.MAX else np.argmin
        if not self.last:
            return (np.asarray(find(x, axis=self.axis, keepdims=True), np.int64),)
        found = find(np.flip(x, self.axis), axis=self.axis, keepdims=True)
        return (np.asarray(x.shape[self.axis] - 1 - found, np.int64),)


class Cumulate(Op, name="cumulate"):
    """Running sums or products along `axis`: of what lies before each position, or behind it with `reverse`.

    The position itself counts unless `exclusive`. Integers wrap around.
    """

    x: Value
    kind: Reduction
    axis: int
    exclusive: bool
    reverse: bool

    def infer(self) -> tuple[TensorType, ...]:
        _check_axis(self.opname, self.x.type, self.axis)
        expect(self.kind in (Reduction.ADD, Reduction.MUL), f"cumulate cannot combine by {self.kind}")
        return (TensorType(self.x.type.element, self.x.type.shape),)

    def reference(self, *arrays: Array) -> tuple[Array, ...]:
        (x,) = arrays
        wide = x.astype(np.float64) if self.x.type.element.is_float else x
        lines = np.flip(wide, self.axis) if self.reverse else wide
        if self.exclusive:
            lines = np.roll(lines, 1, self.axis)
            lines[(slice(None),) * self.axis + (slice(0, 1),)] = int(self.kind is Reduction.MUL)
        combine = np.add if self.kind is Reduction.ADD else np.multiply
        total = combine.accumulate(lines, axis=self.axis, dtype=wide.dtype)
        return ((np.flip(total, self.axis) if self.reverse else total).astype(x.dtype),)


class TopK(Op, name="topk"):
    """The `count` largest or smallest elements along `axis`, best first, and their positions; of equals the first. NaN is largest."""

    x: Value
    kind: Extreme
    axis: int
    count: int

    def infer(self) -> tuple[TensorType, ...]:
        x = self.x.type
        _check_axis(self.opname, x, self.axis)
        expect(0 <= self.count <= x.dims[self.axis], f"topk: {self.count} of axis {self.axis} of {x}")
        shape = tuple(self.count if a == self.axis else d for a, d in enumerate(x.dims))
        return TensorType(x.element, shape, x.quantization), TensorType(I64, shape)

    def reference(self, *arrays: Array) -> tuple[Array, ...]:
        (x,) = arrays
        if self.kind is Extreme.MIN:
            order = np.argsort(x, axis=self.axis, kind="stable")  # numpy sorts NaN behind everything
        else:
            backwards = np.argsort(np.flip(x, self.axis), axis=self.axis, kind="stable")
            order = np.flip(x.shape[self.axis] - 1 - backwards, self.axis)
        best = np.take(order, np.arange(self.count), self.axis)
        return np.take_along_axis(x, best, self.axis), best.astype(np.int64)
