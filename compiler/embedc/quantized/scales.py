"""Numbers of quantized arithmetic, worked out when the model is compiled.

Terms of several scales that meet in a sum share one grid: their scales over that of the result are rounded to multiples of one power of
two, the finest for which the sum fits i32 for all bytes. That is 22 bits where two are near 1; the sum is then rounded once.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from embedc.ir.types import Array
from embedc.quantized.quantity import FARTHEST
from embedc.quantized.steps import Steps

FINEST = 100  # bits behind the point of which 2^-bits is far from the least f32
SUM_BITS = 24  # one more than a grid has where both terms are equal


def narrowest(weights: Array) -> Array:
    """Whole numbers of up to 9 bits and a sign as i8 if that holds them, else as i16."""
    fits = not weights.size or (weights.min() >= -128 and weights.max() <= 127)
    return weights.astype(np.int8 if fits else np.int16)


def multiplier(steps: Steps, first: Array, second: Array, divisor: float) -> Array:
    """The product of two scales over a third, rounded once: f32, of which requantization takes all 24 bits."""
    with np.errstate(all="ignore"):
        exact = first.astype(np.float64) * second.astype(np.float64) / divisor
        rounded = exact.astype(np.float32)
    sound = np.isfinite(rounded) & (rounded >= np.finfo(np.float32).tiny)
    if not sound.all():
        worst = exact.reshape(-1)[int(np.argmin(sound))]
        raise steps.fail(
            f"its scales multiply to {worst:g}", "they must be positive and finite; quantize the model again"
        )
    return rounded


def ratio(steps: Steps, first: float, second: float, divisor: float) -> float:
    """First second / divisor as f32."""
    return float(multiplier(steps, np.asarray(first), np.asarray(second), divisor))


@dataclass(frozen=True)
class Grid:
    """Whole factors of the terms of a sum, and what is added to it, in units of 2^-bits of the result."""

    factors: tuple[Array, ...]
    shift: Array
    bits: int


@dataclass(frozen=True)
class Exact:
    """An array of exact numbers: the different ones, and where each is."""

    values: tuple[Fraction, ...]
    places: Array

    def whole(self, bits: int) -> Array:
        """The numbers in units of 2^-bits, rounded."""
        scale = Fraction(2) ** bits
        rounded = [max(min(round(r * scale), 2**40), -(2**40)) for r in self.values]
        return np.asarray(rounded, np.int64)[self.places]


def exactly(data: Array, factor: Fraction) -> Exact:
    """The numbers of an array times a factor."""
    values, places = np.unique(data, return_inverse=True)
    return Exact(tuple(Fraction(float(n)) * factor for n in values), places.reshape(data.shape))


def grid(steps: Steps, ratios: Sequence[Exact], shift: Exact) -> Grid:
    """The grid for terms of bytes, each less its zero point, with these ratios."""
    sizes = {abs(r) for exact in ratios for r in exact.values} - {Fraction(0)}
    if not sizes:
        raise steps.fail("adds nothing")
    largest = max(ratio(steps, float(r), 1.0, 1.0) for r in sizes)
    bits = min(FINEST, SUM_BITS - int(np.frexp(largest)[1]))
    while True:
        factors = tuple(exact.whole(bits) for exact in ratios)
        moved = shift.whole(bits)
        reach = sum(int(abs(f).max()) for f in factors) * FARTHEST + int(abs(moved).max())
        if reach < 2**31:
            return Grid(factors, moved, bits)
        if bits < -SUM_BITS:
            raise steps.fail("adds numbers of too different sizes")
        bits -= 1
