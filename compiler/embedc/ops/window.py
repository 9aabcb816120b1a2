"""conv, window, contract: sums and maxima over neighbourhoods and products of tensors."""

import math
from enum import StrEnum
from itertools import product

import numpy as np

from embedc.ir.graph import Value
from embedc.ir.types import F32, I8, I16, I32, U8, Array, Element, TensorType
from embedc.ops.base import Op, expect

Pads = tuple[tuple[int, int], ...]


def window_extents(
    size: tuple[int, ...], kernel: tuple[int, ...], strides: tuple[int, ...], pads: Pads, dilations: tuple[int, ...]
) -> tuple[int, ...]:
    """Output extent of a sliding window on each axis."""
    return tuple(
        (n + low + high - d * (k - 1) - 1) // s + 1
        for n, k, s, (low, high), d in zip(size, kernel, strides, pads, dilations, strict=True)
    )


def _dilate(x: Array, factors: tuple[int, ...]) -> Array:
    """Puts factor-1 zeros between neighbours on the last axes."""
    lead = x.ndim - len(factors)
    wide = np.zeros(
        x.shape[:lead] + tuple((n - 1) * f + 1 for n, f in zip(x.shape[lead:], factors, strict=True)), x.dtype
    )
    wide[(..., *(slice(None, None, f) for f in factors))] = x
    return wide


def _pad(x: Array, pads: Pads, value: float) -> Array:
    """Pads or crops the last axes."""
    lead = x.ndim - len(pads)
    cut = tuple(slice(max(-low, 0), n - max(-high, 0)) for n, (low, high) in zip(x.shape[lead:], pads, strict=True))
    widths = [(0, 0)] * lead + [(max(low, 0), max(high, 0)) for low, high in pads]
    return np.pad(x[(..., *cut)], widths, constant_values=value)


def sums_narrow(x: Value, w: Value) -> bool:
    """True for quantized operands: bytes and weights of 8 or 16 bits, of which the sums are i32."""
    return x.type.element in (I8, U8) and w.type.element in (I8, I16)


def weighs_in_bytes(x: Value, w: Value) -> bool:
    """True for floats with weights that are kept as bytes; what one unit of a weight stands for is a factor of the sums."""
    return x.type.element == F32 and w.type.element == I8


def _sum_element(x: Value, w: Value, x_zero: int, what: str) -> Element:
    """The element of sums of products of x and w."""
    narrow = sums_narrow(x, w)
    second = "weights of " if what == "conv" else ""
    elements = f"{what} of {x.type.element} with {second}{w.type.element}"
    expect(narrow or weighs_in_bytes(x, w) or x.type.element == w.type.element, elements)
    if narrow:
        limits = np.iinfo(x.type.element.dtype)
        expect(limits.min <= x_zero <= limits.max, f"{elements}, of which {x_zero} is no zero point")
    else:
        expect(x_zero == 0, f"{elements}, which have no zero point, but got {x_zero}")
    return I32 if narrow else x.type.element


def _exact(x: Array, w: Array, x_zero: int, terms: int) -> tuple[Array, Array]:
    """Operands of sums of so many products in a type in which they are exact (if wide integers wrap), x without its zero point."""
    narrow = max(x.dtype.itemsize, w.dtype.itemsize) <= 2
    floats = x.dtype.kind not in "iu" or (narrow and terms < 2 ** (53 - 32))  # numpy is fast with floats only
    wide = np.dtype(np.float64 if floats else np.int64)
    centred = x.astype(wide)
    return centred - x_zero if x_zero else centred, w.astype(wide)


def _narrowed(total: Array, element: Element) -> Array:
    """Sums in their element type, in which those of integers wrap around."""
    return total.astype(np.int64 if element.is_integer else element.dtype).astype(element.dtype)


class Conv(Op, name="conv"):
    """N-D convolution (correlation) of x [N,C,*S] with w [O,C/groups,*K].

    `input_dilation` puts zeros between the inputs, which makes it a transposed convolution. No bias: that is a map.
    Quantized, x of i8 or u8 with w of i8 or i16, it is the i32 sum of (x - x_zero) w; padding and what lies between inputs add
    nothing. Floats x may have weights of i8: sums are floats.
    """

    x: Value
    w: Value
    strides: tuple[int, ...]
    pads: Pads
    dilations: tuple[int, ...]
    groups: int
    input_dilation: tuple[int, ...]
    x_zero: int = 0

    def infer(self) -> tuple[TensorType, ...]:
        x, w, spatial = self.x.type, self.w.type, self.x.type.rank - 2
        expect(spatial >= 1 and w.rank == x.rank, f"conv of {x} with weights {w}: ranks must be equal and at least 3")
        lengths = {len(self.strides), len(self.pads), len(self.dilations), len(self.input_dilation)}
        expect(lengths == {spatial}, f"conv of {spatial} spatial axes with attributes of {sorted(lengths)}")
        element = _sum_element(self.x, self.w, self.x_zero, self.opname)
        channels, wanted = x.dims[1], w.dims[1] * self.groups
        expect(
            channels == wanted, f"conv input has {channels} channels, weights {w} in {self.groups} groups take {wanted}"
        )
        expect(
            w.dims[0] % self.groups == 0, f"conv: {w.dims[0]} output channels do not divide into {self.groups} groups"
        )
        expect(
            min((*self.strides, *self.dilations, *self.input_dilation, *w.dims)) >= 1, "conv: extents must be positive"
        )
        size = tuple((n - 1) * f + 1 for n, f in zip(x.dims[2:], self.input_dilation, strict=True))
        extents = window_extents(size, w.dims[2:], self.strides, self.pads, self.dilations)
        expect(min(extents) >= 1, f"conv kernel {list(w.dims[2:])} is larger than the padded input {list(x.dims[2:])}")
        return (TensorType(element, (x.dims[0], w.dims[0], *extents)),)

    def reference(self, *arrays: Array) -> tuple[Array, ...]:
        x, w = _exact(arrays[0], arrays[1], self.x_zero, math.prod(arrays[1].shape[1:]))
        x = _pad(_dilate(x, self.input_dilation), self.pads, 0)
        out = self.result.type.dims
        size = out[2:]
        grouped = x.reshape(out[0], self.groups, -1, *x.shape[2:])
        weights = w.reshape(self.groups, -1, *w.shape[1:])
        total = np.zeros((out[0], self.groups, weights.shape[1], math.prod(size)), x.dtype)
        for tap in product(*(range(k) for k in w.shape[2:])):
            where = tuple(
                slice(k * d, k * d + (n - 1) * s + 1, s)
                for k, d, n, s in zip(tap, self.dilations, size, self.strides, strict=True)
            )
            shifted = grouped[(..., *where)].reshape(out[0], self.groups, grouped.shape[2], -1)
            total += weights[(..., *tap)] @ shifted
        return (_narrowed(total.reshape(out), self.result.type.element),)

    @property
    def macs(self) -> int:
        """Multiply-adds of the direct algorithm."""
        effective = self.result.type.size * (self.w.type.size // self.w.type.dims[0])
        return effective // math.prod(self.input_dilation)


class WindowKind(StrEnum):
    """What a window computes."""

    MAX = "max"
    SUM = "sum"
    AVERAGE = "average"


class Window(Op, name="window"):
    """max, sum or average over a window sliding along all axes (extent 1 where it does not).

    Padding never wins a maximum and adds nothing; an average divides by the elements inside, or by the whole window with `count_pad`.
    """

    x: Value
    kind: WindowKind
    kernel: tuple[int, ...]
    strides: tuple[int, ...]
    pads: Pads
    dilations: tuple[int, ...]
    count_pad: bool

    def infer(self) -> tuple[TensorType, ...]:
        x = self.x.type
        lengths = {len(self.kernel), len(self.strides), len(self.pads), len(self.dilations)}
        expect(lengths == {x.rank}, f"window over {x} with attributes for {sorted(lengths)} axes")
        expect(min((*self.kernel, *self.strides, *self.dilations)) >= 1, "window: extents must be positive")
        extents = window_extents(x.dims, self.kernel, self.strides, self.pads, self.dilations)
        expect(min(extents, default=1) >= 1, f"window {list(self.kernel)} is larger than the padded input {x}")
        return (TensorType(x.element, extents),)

    def reference(self, *arrays: Array) -> tuple[Array, ...]:
        x = arrays[0].astype(np.float64) if self.x.type.element.is_float else arrays[0]
        empty = 0.0
        if self.kind is WindowKind.MAX:
            empty = -np.inf if self.x.type.element.is_float else np.iinfo(self.x.type.element.dtype).min
        padded = _pad(x, self.pads, empty)
        inside = _pad(np.ones(x.shape), self.pads, float(self.count_pad))
        size = self.result.type.dims
        total, count = np.full(size, empty, x.dtype), np.zeros(size)
        for tap in product(*(range(k) for k in self.kernel)):
            where = tuple(
                slice(k * d, k * d + (n - 1) * s + 1, s)
                for k, d, n, s in zip(tap, self.dilations, size, self.strides, strict=True)
            )
            total = np.maximum(total, padded[where]) if self.kind is WindowKind.MAX else total + padded[where]
            count += inside[where]
        if self.kind is WindowKind.AVERAGE:
            total = total / np.maximum(count, 1)
        return (total.astype(self.result.type.element.dtype),)

    @property
    def always_inside(self) -> bool:
        """True if no window lies in the padding altogether."""
        for axis, extent in enumerate(self.x.type.dims):
            begin = np.arange(self.result.type.dims[axis])[:, None] * self.strides[axis] - self.pads[axis][0]
            taps = begin + np.arange(self.kernel[axis]) * self.dilations[axis]
            if not ((taps >= 0) & (taps < extent)).any(axis=1).all():
                return False
        return True


class Contract(Op, name="contract"):
    """Einstein sum of two operands, e.g. "nk,km->nm"; letters only, no repeated letter within one operand.

    Quantized, x of i8 or u8 with y of i8 or i16, it is the i32 sum of (x - x_zero) y. Floats x may have y of i8: sums are floats.
    """

    x: Value
    y: Value
    equation: str
    x_zero: int = 0

    @property
    def terms(self) -> tuple[str, str, str]:
        """The letters of x, y and the result."""
        operands, result = self.equation.split("->")
        x, y = operands.split(",")
        return x, y, result

    @property
    def is_matrix_product(self) -> bool:
        """Every letter in exactly two of the three terms, and one that is summed over."""
        x, y, result = self.terms
        inner, rows, columns = set(x) & set(y), set(x) & set(result), set(y) & set(result)
        separate = not inner & set(result) and len(inner) + len(rows) == len(x) and len(inner) + len(columns) == len(y)
        return separate and bool(inner) and len(rows) + len(columns) == len(result)

    def infer(self) -> tuple[TensorType, ...]:
        x, y, result = self.terms
        expect(
            len(x) == self.x.type.rank and len(y) == self.y.type.rank,
            f"contract {self.equation} of {self.x.type}, {self.y.type}",
        )
        element = _sum_element(self.x, self.y, self.x_zero, self.opname)
        extents: dict[str, int] = {}
        for letters, value in ((x, self.x), (y, self.y)):
            expect(len(set(letters)) == len(letters), f"contract {self.equation}: a letter repeats in '{letters}'")
            for letter, n in zip(letters, value.type.dims, strict=True):
                expect(
                    extents.setdefault(letter, n) == n,
                    f"contract {self.equation}: '{letter}' is {extents[letter]} and {n}",
                )
        expect(set(result) <= set(extents), f"contract {self.equation}: the result has letters of neither operand")
        return (TensorType(element, tuple(extents[c] for c in result)),)

    def reference(self, *arrays: Array) -> tuple[Array, ...]:
        x, y = _exact(arrays[0], arrays[1], self.x_zero, self.macs // max(self.result.type.size, 1))
        return (_narrowed(np.einsum(self.equation, x, y, optimize=True), self.result.type.element),)

    @property
    def macs(self) -> int:
        """Multiply-adds."""
        x, y, _ = self.terms
        extents = dict(zip(x + y, self.x.type.dims + self.y.type.dims, strict=True))
        return math.prod(extents.values())
