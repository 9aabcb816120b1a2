"""How far one tensor is from another."""

from dataclasses import dataclass
from math import inf

import numpy as np

from embedc.ir.types import Array, element_of

TOLERANCE = 1e-4  # of the reference's greatest magnitude
BYTE = 8
UNITS = 1  # of quantized integers, by which others round differently


@dataclass(frozen=True)
class Bounds:
    """How far a tensor may be from its reference.

    `tolerance` is relative to the reference's greatest magnitude; integers are exact but for bytes that a quantized layer computes:
    `units` of these, and as much of floats that come of such bytes.
    """

    tolerance: float = TOLERANCE
    units: int = 0

    @property
    def coarse(self) -> "Bounds":
        """The bound of floats that are computed from quantized bytes."""
        return Bounds(max(self.tolerance, self.units / 127), self.units)


QUANTIZED = Bounds(units=UNITS)


@dataclass(frozen=True)
class Deviation:
    """Errors over the elements that are finite in both tensors.

    `worst` is the greatest absolute error and `relative` the same against the greatest magnitude of the reference; `sqnr`
    is in dB. `stray` counts elements that are NaN or infinite in one tensor and not the same in the other. `exact`: integers.
    `unit` is the step between neighbours of the element type at 1: no tolerance can be less. Of `elements` that were
    compared, `by_one` integers differ by one unit and `by_more` by more; `bits` is their width.
    """

    worst: float
    relative: float
    sqnr: float
    cosine: float
    stray: int
    exact: bool
    unit: float = 0.0
    elements: int = 0
    by_one: int = 0
    by_more: int = 0
    bits: int = 32

    def within(self, bounds: Bounds) -> bool:
        """True if the tensors agree: bytes within so many units, other integers exactly, floats within the tolerance."""
        if self.exact:
            return not self.stray and self.worst <= (bounds.units if self.bits == BYTE else 0)
        return not self.stray and self.relative <= max(bounds.tolerance, self.unit)

    def worse(self, other: "Deviation") -> "Deviation":
        """The worse of two samples in every respect."""
        return Deviation(
            max(self.worst, other.worst),
            max(self.relative, other.relative),
            min(self.sqnr, other.sqnr),
            min(self.cosine, other.cosine),
            self.stray + other.stray,
            self.exact,
            self.unit,
            self.elements + other.elements,
            self.by_one + other.by_one,
            self.by_more + other.by_more,
            self.bits,
        )


def deviation(got: Array, reference: Array) -> Deviation:
    """`got` against `reference`, which must have the same shape."""
    if got.shape != reference.shape:
        raise ValueError(f"shapes differ: {got.shape} and {reference.shape}")
    a, b = got.astype(np.float64).ravel(), reference.astype(np.float64).ravel()
    element = element_of(got.dtype)
    finite = np.isfinite(a) & np.isfinite(b)
    same = (a == b) | (np.isnan(a) & np.isnan(b))
    stray = int(np.count_nonzero(~finite & ~same))
    a, b = a[finite], b[finite]
    error = a - b
    worst, peak = float(np.abs(error).max(initial=0.0)), float(np.abs(b).max(initial=0.0))
    noise, signal = float(error @ error), float(b @ b)
    norm = float(np.sqrt(a @ a)) * float(np.sqrt(signal))
    return Deviation(
        worst=worst,
        relative=worst / peak if peak else worst,
        sqnr=_decibels(signal, noise),
        cosine=float(a @ b) / norm if norm else float(noise == 0),
        stray=stray,
        exact=not element.is_float,
        unit=2.0 ** (1 - element.precision) if element.is_float else 0.0,
        elements=got.size,
        by_one=0 if element.is_float else int(np.count_nonzero(np.abs(error) == 1)),
        by_more=0 if element.is_float else int(np.count_nonzero(np.abs(error) > 1)),
        bits=element.bits,
    )


def _decibels(signal: float, noise: float) -> float:
    if noise == 0:
        return inf
    return float(10 * np.log10(signal / noise)) if signal else -inf
