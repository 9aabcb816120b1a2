"""const, map, reduce: values without geometry."""

import hashlib
from collections.abc import Sequence
from enum import StrEnum
from functools import cached_property
from typing import NewType

import numpy as np

from embedc.ir.graph import Origin, Value
from embedc.ir.scalar import ScalarProgram
from embedc.ir.types import BOOL, Array, Dim, Element, TensorType, element_of
from embedc.ops.base import Op, expect

Data = NewType("Data", np.ndarray)  # pyright: ignore[reportMissingTypeArgument]


class Const(Op, name="const"):
    """A tensor known at compile time. A splat is stored as one element broadcast over `type`."""

    data: Data
    type: TensorType

    def infer(self) -> tuple[TensorType, ...]:
        data: Array = self.data
        expect(data.shape == self.type.dims, f"const data of shape {data.shape} for {self.type}")
        expect(data.dtype == self.type.element.dtype, f"const data of {data.dtype} for {self.type}")
        return (self.type,)

    def reference(self, *arrays: Array) -> tuple[Array, ...]:
        return (np.asarray(self.data),)

    @property
    def is_splat(self) -> bool:
        """True if one element, broadcast, is all that is stored."""
        data: Array = self.data
        return data.size > 0 and all(stride == 0 for stride, n in zip(data.strides, data.shape, strict=True) if n > 1)

    @property
    def first(self) -> float | int:
        """The first element: all there is of a splat."""
        data: Array = self.data
        return data[(0,) * data.ndim].item()

    @cached_property
    def digest(self) -> str:
        """SHA-256 of element type, shape and content; a splat's content is its one element."""
        data: Array = self.data
        stored = data[(slice(0, 1),) * data.ndim] if self.is_splat else data
        little = np.ascontiguousarray(stored, data.dtype.newbyteorder("<"))
        kind = f"{self.type.element}{list(data.shape)}{self.is_splat}"
        return hashlib.sha256(kind.encode() + little.tobytes()).hexdigest()


def splat(value: float | int, type: TensorType, origin: Origin) -> Value:
    """A constant that is `value` everywhere."""
    data = np.broadcast_to(np.asarray(value).astype(type.element.dtype), type.dims)
    return Const(Data(data), type, origin=origin).result


def constant(array: Array, origin: Origin, element: TensorType | None = None) -> Value:
    """A Const of `array`; the element type follows from the array unless a type is given."""
    return Const(Data(array), element or TensorType(element_of(array.dtype), array.shape), origin=origin).result


def constant_of(value: Value) -> Array | None:
    """The array of a constant value, None for others."""
    return np.asarray(value.producer.data) if isinstance(value.producer, Const) else None


def broadcast(shapes: Sequence[tuple[Dim, ...]]) -> tuple[Dim, ...]:
    """The common shape by numpy's rule; TypeMismatch if there is none."""
    rank = max((len(s) for s in shapes), default=0)
    padded = [(1,) * (rank - len(s)) + tuple(s) for s in shapes]
    result: list[Dim] = []
    for dims in zip(*padded, strict=True):
        wide = {d for d in dims if d != 1}
        expect(len(wide) <= 1, f"shapes {', '.join(str(list(s)) for s in shapes)} do not broadcast")
        result.append(wide.pop() if wide else 1)
    return tuple(result)


class Map(Op, name="map"):
    """`body` for every element of the broadcast operands."""

    inputs: tuple[Value, ...]
    body: ScalarProgram

    def infer(self) -> tuple[TensorType, ...]:
        got = tuple(v.type.element for v in self.inputs)
        expect(got == self.body.inputs, f"map body takes {list(map(str, self.body.inputs))}, got {list(map(str, got))}")
        return (TensorType(self.body.result_element, broadcast([v.type.shape for v in self.inputs])),)

    def reference(self, *arrays: Array) -> tuple[Array, ...]:
        return (np.broadcast_to(self.body.evaluate(arrays), self.result.type.dims),)


class Reduction(StrEnum):
    """How elements are combined."""

    ADD = "add"
    MUL = "mul"
    MAX = "max"
    MIN = "min"

    def identity(self, element: Element) -> float | int:
        """What combines with nothing changed: the result where there are no elements."""
        if self in (Reduction.ADD, Reduction.MUL):
            return int(self is Reduction.MUL)
        if element.is_float:
            return -np.inf if self is Reduction.MAX else np.inf
        if element == BOOL:
            return int(self is Reduction.MIN)
        return element.limits[self is Reduction.MIN]


class Reduce(Op, name="reduce"):
    """Combines the elements along `axes`, which stay with extent 1."""

    x: Value
    kind: Reduction
    axes: tuple[int, ...]

    def infer(self) -> tuple[TensorType, ...]:
        rank = self.x.type.rank
        expect(all(0 <= a < rank for a in self.axes), f"reduce axes {self.axes} for rank {rank}")
        expect(len(set(self.axes)) == len(self.axes), f"reduce axes {self.axes} repeat")
        shape = tuple(1 if a in self.axes else d for a, d in enumerate(self.x.type.shape))
        return (TensorType(self.x.type.element, shape),)

    def reference(self, *arrays: Array) -> tuple[Array, ...]:
        (x,) = arrays
        wide = x.astype(np.float64) if self.x.type.element.is_float else x
        functions = {"add": np.add, "mul": np.multiply, "max": np.maximum, "min": np.minimum}
        start = self.kind.identity(self.x.type.element)
        return (functions[self.kind].reduce(wide, axis=self.axes, keepdims=True, initial=start).astype(x.dtype),)
