"""Types of the Graph: element x shape x quantization. Bytes are computed only through a Layout (program/layout.py)."""

from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Any

import ml_dtypes
import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]


class Encoding(StrEnum):
    """How the bits of an element are read."""

    FLOAT = "f"
    BRAIN = "bf"
    SIGNED = "i"
    UNSIGNED = "u"
    BOOL = "b"
    BIPOLAR = "bip"
    TERNARY = "ter"


@dataclass(frozen=True)
class Element:
    """Type of one element: encoding and width in bits; `bip1` holds -1/+1 in one bit, `ter2` -1/0/+1 in two."""

    encoding: Encoding
    bits: int

    def __str__(self) -> str:
        return f"{self.encoding.value}{self.bits}"

    @property
    def is_packed(self) -> bool:
        """True for elements of which several share a byte wherever they lie."""
        return self.encoding in (Encoding.BIPOLAR, Encoding.TERNARY)

    @property
    def bytes(self) -> int:
        """Bytes of an element that is not packed: integers of 2 and 4 bits take one each."""
        return -(-self.bits // 8)

    @cached_property
    def limits(self) -> tuple[int, int]:
        """The least and the greatest number of an integer type."""
        signed = int(self.encoding is Encoding.SIGNED)
        return -signed << self.bits - 1, (1 << self.bits - signed) - 1

    @cached_property
    def dtype(self) -> np.dtype[Any]:
        """The numpy type that holds one element, widened to a byte for narrower ones."""
        if self.encoding is Encoding.BOOL:
            return np.dtype(np.bool_)
        if self.encoding is Encoding.BRAIN:
            return np.dtype(ml_dtypes.bfloat16)
        kind = {Encoding.FLOAT: "f", Encoding.UNSIGNED: "u"}.get(self.encoding, "i")
        return np.dtype(f"{kind}{max(self.bits, 8) // 8}")

    @property
    def is_float(self) -> bool:
        return self.encoding in (Encoding.FLOAT, Encoding.BRAIN)

    @property
    def is_stored(self) -> bool:
        """True for floats of 16 bits: they are only stored as such, and computed in f32."""
        return self.is_float and self.bits == 16

    @property
    def computed(self) -> "Element":
        """The element type in which arithmetic on this one happens."""
        return F32 if self.is_stored else self

    @cached_property
    def normal(self) -> tuple[float, float]:
        """The least and the greatest normal number of a float type."""
        highest = 2 ** (self.bits - self.precision - 1) - 1  # exponent
        return 2.0 ** (1 - highest), (2 - 2.0 ** (1 - self.precision)) * 2.0**highest

    @cached_property
    def precision(self) -> int:
        """Significant bits: every integer of so many bits has its place."""
        if self.is_float:
            return {Encoding.FLOAT: {16: 11, 32: 24, 64: 53}, Encoding.BRAIN: {16: 8}}[self.encoding][self.bits]
        return {Encoding.SIGNED: self.bits - 1, Encoding.BOOL: 1}.get(self.encoding, self.bits)

    @property
    def is_integer(self) -> bool:
        return self.encoding in (Encoding.SIGNED, Encoding.UNSIGNED)


F16 = Element(Encoding.FLOAT, 16)
BF16 = Element(Encoding.BRAIN, 16)
F32 = Element(Encoding.FLOAT, 32)
F64 = Element(Encoding.FLOAT, 64)
I2 = Element(Encoding.SIGNED, 2)
I4 = Element(Encoding.SIGNED, 4)
I8 = Element(Encoding.SIGNED, 8)
I16 = Element(Encoding.SIGNED, 16)
I32 = Element(Encoding.SIGNED, 32)
I64 = Element(Encoding.SIGNED, 64)
U2 = Element(Encoding.UNSIGNED, 2)
U4 = Element(Encoding.UNSIGNED, 4)
U8 = Element(Encoding.UNSIGNED, 8)
U16 = Element(Encoding.UNSIGNED, 16)
U32 = Element(Encoding.UNSIGNED, 32)
U64 = Element(Encoding.UNSIGNED, 64)
BOOL = Element(Encoding.BOOL, 8)
BIPOLAR1 = Element(Encoding.BIPOLAR, 1)
TERNARY2 = Element(Encoding.TERNARY, 2)

ELEMENTS: dict[str, Element] = {
    str(e): e
    for e in (
        *(F16, BF16, F32, F64),
        *(I2, I4, I8, I16, I32, I64),
        *(U2, U4, U8, U16, U32, U64),
        *(BOOL, BIPOLAR1, TERNARY2),
    )
}


def element_of(dtype: np.dtype[Any]) -> Element:
    """The element type of a numpy array; TypeError for types that the IR does not have."""
    for element in (BOOL, F16, BF16, F32, F64, I8, I16, I32, I64, U8, U16, U32, U64):
        if element.dtype == dtype:
            return element
    raise TypeError(f"no element type for numpy {dtype}")


@dataclass(frozen=True)
class DimVar:
    """A dimension known only by name and upper bound."""

    name: str
    max: int

    def __str__(self) -> str:
        return f"{self.name}<={self.max}"


Dim = int | DimVar


@dataclass(frozen=True)
class Quantization:
    """real = scale * (q - zero_point); one entry, or one for each index of `axis`."""

    scale: tuple[float, ...]
    zero_point: tuple[int, ...]
    axis: int | None = None


@dataclass(frozen=True)
class TensorType:
    """element[shape], with the quantization that gives integers their real value."""

    element: Element
    shape: tuple[Dim, ...]
    quantization: Quantization | None = None

    @cached_property
    def dims(self) -> tuple[int, ...]:
        """The shape of a static type; ValueError if a dimension is open."""
        for dim in self.shape:
            if isinstance(dim, DimVar):
                raise ValueError(f"dimension '{dim.name}' is not fixed")
        return tuple(dim for dim in self.shape if isinstance(dim, int))

    @property
    def rank(self) -> int:
        return len(self.shape)

    @cached_property
    def size(self) -> int:
        """Number of elements."""
        count = 1
        for dim in self.dims:
            count *= dim
        return count

    def __str__(self) -> str:
        return f"{self.element}[{','.join(str(d) for d in self.shape)}]"
