"""Random layers of quantized networks: bytes times weights of few bits more, bias, requantization; extremes are common."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from embedc.ir.graph import NOWHERE, Graph, Origin, Value, collect
from embedc.ir.scalar import ScalarBuilder
from embedc.ir.types import F32, I8, I32, U8, Array, Element, TensorType
from embedc.ops.elementwise import Map, constant, constant_of
from embedc.ops.window import Contract, Conv, Window, WindowKind

T = TypeVar("T")

SPREAD = (-6.0, 3.0)  # decades over which the multipliers of a layer's channels may lie


@dataclass(frozen=True)
class Layers:
    """Draws layers from one random number generator."""

    rng: np.random.Generator

    def graph(self, number: int) -> Graph:
        """One layer as a graph of its own: x -> y."""
        kinds = [self._conv, self._conv, self._pointwise, self._first, self._depthwise]
        if self.rng.uniform() < 0.2:
            end = self._elementwise(self.pick([U8, I8]))
            return collect(f"g{number}", (_root(end),), {"y": end})
        layer = self.pick([*kinds, self._product, self._product, self._pool])(self.pick([U8, I8]))
        end = self._requantized(layer) if self.rng.uniform() < 0.85 else layer
        return collect(f"g{number}", (_root(end),), {"y": end})

    def pick(self, items: Sequence[T]) -> T:
        """One of the items."""
        return items[int(self.rng.integers(len(items)))]

    def _conv(self, x: Element) -> Value:
        groups = self.pick([1, 1, 1, 2, 3])
        return self._convolution(x, groups * self.pick([1, 2, 3, 4, 5, 8, 12, 16, 33]), groups)

    def _pointwise(self, x: Element) -> Value:
        return self._convolution(x, self.pick([3, 4, 8, 15, 16, 32, 40]), 1, kernel=(1, 1), pad=(0, 0))

    def _first(self, x: Element) -> Value:
        return self._convolution(x, self.pick([1, 3]), 1)

    def _depthwise(self, x: Element) -> Value:
        channels = self.pick([2, 3, 7, 8, 16, 17, 24, 40])
        return self._convolution(x, channels, channels)

    def _convolution(
        self,
        x: Element,
        channels: int,
        groups: int,
        kernel: tuple[int, int] | None = None,
        pad: tuple[int, int] | None = None,
    ) -> Value:
        kernel = kernel or self.pick([(1, 1), (3, 3), (3, 3), (2, 3), (5, 1), (4, 4)])
        size = [k + int(self.rng.integers(0, 9)) for k in kernel]
        pad = pad or self.pick([(0, 0), (1, 1), (1, 0), (2, 2)])
        outputs = channels if groups == channels else groups * self.pick([1, 2, 4, 7, 8, 16, 17, 31, 33, 64])
        value = self._input(x, (self.pick([1, 1, 2]), channels, *size))
        w = self._weights((outputs, channels // groups, *kernel))
        strides = self.pick([(1, 1), (1, 1), (2, 2), (1, 2)])
        pads = tuple((min(pad[a], kernel[a]), int(self.rng.integers(0, pad[a] + 1))) for a in range(2))
        return Conv(
            value, w, strides, pads, (1, 1), groups, (1, 1), self._zero(x), origin=Origin("conv", "Conv", "sums")
        ).result

    def _product(self, x: Element) -> Value:
        depth = self.pick([1, 3, 4, 10, 16, 64, 100, 257, 640, 4608, 66_000])
        width = self.pick([1, 2, 10, 12, 16, 33]) if depth < 5000 else 2
        value = self._input(x, (self.pick([1, 1, 2, 5, 9]), depth))
        w = self._weights((depth, width))
        return Contract(value, w, "nk,km->nm", self._zero(x), origin=Origin("product", "MatMul", "sums")).result

    def _pool(self, x: Element) -> Value:
        value = self._input(x, (1, self.pick([1, 5, 16, 35, 70]), 7, 9))
        pads = ((0, 0), (0, 0), (1, 0), (0, 1))
        return Window(
            value,
            WindowKind.MAX,
            (1, 1, 3, 2),
            (1, 1, 2, 1),
            pads,
            (1, 1, 1, 1),
            False,
            origin=Origin("pool", "MaxPool", "most"),
        ).result

    def _elementwise(self, x: Element) -> Value:
        """Bytes and constants of their kind on one grid, added or multiplied, and requantized; a broadcast operand at times."""
        shape = (1, self.pick([1, 3, 16, 33]), self.pick([1, 5, 8]), self.pick([3, 4, 17]))
        value = self._input(x, shape)
        limits = np.iinfo(x.dtype)
        other: tuple[int, ...] = shape if self.rng.uniform() < 0.5 else (shape[1], 1, 1)
        addend = constant(self.rng.integers(int(limits.min), int(limits.max) + 1, other).astype(x.dtype), NOWHERE)
        b = ScalarBuilder(x, x)
        centred = [b.call("sub", b.cast(k, I32), b.const(self._zero(x), I32)) for k in (0, 1)]
        if self.rng.uniform() < 0.5:
            bits = int(self.rng.integers(8, 22))
            parts = [b.call("mul", c, b.const(int(self.rng.integers(1, 1 << bits)), I32)) for c in centred]
            total, scale = b.call("add", parts[0], parts[1]), float(2.0**-bits)
        else:
            total, scale = b.call("mul", centred[0], centred[1]), float(np.float32(self.rng.uniform(0.001, 0.02)))
        whole = b.call("rescale", total, b.const(scale, F32))
        kept = b.call("min", b.call("max", whole, b.const(int(limits.min), I32)), b.const(int(limits.max), I32))
        return Map((value, addend), b.build(b.cast(kept, x)), origin=Origin("combine", "Add", "bytes")).result

    def _input(self, element: Element, shape: Sequence[int]) -> Value:
        return Value(TensorType(element, tuple(shape)), "x", NOWHERE)

    def _zero(self, element: Element) -> int:
        limits = np.iinfo(element.dtype)
        return self.pick([0, int(limits.min), int(limits.max), int(self.rng.integers(limits.min, limits.max))])

    def _weights(self, shape: Sequence[int]) -> Value:
        """Weights of i8, or i16 where a zero point moved them; random, or -128 and 127 next to each other."""
        if self.rng.uniform() < 0.2:
            return constant(self.rng.integers(-255, 256, shape).astype(np.int16), NOWHERE)
        if self.rng.uniform() < 0.25:  # weights of 4 bits, which are packed
            return constant(self.rng.integers(-8, 8, shape).astype(np.int8), NOWHERE)
        data = self.rng.integers(-128, 128, shape)
        style = self.pick(["any", "any", "small", "ends", "most"])
        if style == "small":
            data = data // 8
        elif style == "ends":
            data = np.where(data < 0, -128, 127)
        elif style == "most":
            data = np.full(shape, self.pick([-128, 127]))
        return constant(data.astype(np.int8), NOWHERE)

    def _requantized(self, sums: Value) -> Value:
        """round((sums + bias) scale) + zero, clamped to bytes; some layers have one scale for all channels."""
        element = self.pick([U8, I8])
        channels, axis = sums.type.dims[1], 1
        shape = [1] * sums.type.rank
        shape[axis] = channels
        reach = _deviation(sums)
        several = self.rng.uniform() < 0.7
        spread = self.rng.uniform(*SPREAD if self.rng.uniform() < 0.3 else (-0.3, 0.3), channels if several else 1)
        multipliers = (60 / reach * 10.0**spread).astype(np.float32)
        scale = constant(multipliers.reshape(shape if several else ()), NOWHERE)
        offsets = self.rng.integers(-int(reach), int(reach) + 1, channels)
        bias = constant(offsets.astype(np.int32).reshape(shape), NOWHERE)
        limits = np.iinfo(element.dtype)
        zero = int(self.rng.integers(limits.min, limits.max + 1))
        least, most = int(limits.min) - zero, int(limits.max) - zero
        if self.rng.uniform() < 0.4:
            least = max(least, 0)
        b = ScalarBuilder(sums.type.element, I32, F32)
        total = b.call("add", b.cast(0, I32), 1)
        whole = b.call("rescale", total, 2)
        kept = b.call("min", b.call("max", whole, b.const(least, I32)), b.const(most, I32))
        body = b.build(b.cast(b.call("add", kept, b.const(zero, I32)), element))
        return Map((sums, bias, scale), body, origin=Origin("requantize", "QuantizeLinear", "bytes")).result


def _deviation(sums: Value) -> float:
    """How far sums of random bytes are from each other, about."""
    weights = constant_of(sums.producer.operands[1]) if isinstance(sums.producer, Conv | Contract) else None
    if weights is None:
        return 70.0
    channels = sums.type.dims[1]
    return 70.0 * max(1.0, float(np.sqrt((weights.astype(np.float64) ** 2).sum() / channels)))


def _root(value: Value) -> Value:
    """The input that a layer reads."""
    while value.producer is not None:
        value = value.producer.operands[0]
    return value


def random_layers(seed: int, count: int) -> list[Graph]:
    """So many layers, each a graph g0, g1, …"""
    layers = Layers(np.random.default_rng(seed))
    return [layers.graph(number) for number in range(count)]


def inputs_for(graph: Graph, rng: np.random.Generator) -> dict[str, Array]:
    """Bytes over all of their range; sometimes all the greatest or the least."""
    (x,) = graph.inputs
    limits = np.iinfo(x.type.element.dtype)
    if rng.uniform() < 0.25:
        end = limits.max if rng.uniform() < 0.6 else limits.min
        return {x.name: np.full(x.type.dims, end, x.type.element.dtype)}
    return {x.name: rng.integers(limits.min, limits.max + 1, x.type.dims).astype(x.type.element.dtype)}
