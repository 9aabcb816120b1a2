"""sample: values of a tensor between its elements, at positions computed while the model runs."""

from enum import StrEnum
from itertools import product

import numpy as np

from embedc.ir.graph import Value
from embedc.ir.types import F32, F64, Array, TensorType
from embedc.ops.base import Op, expect

CUBIC = -0.75  # the usual coefficient of cubic convolution
FARTHEST = 1e9  # positions are taken for no farther than this: what is outside does not depend on how far


class Method(StrEnum):
    """What is made of the elements around a position: `peak` is the greatest of the weighted ones of `linear`."""

    NEAREST = "nearest"
    LINEAR = "linear"
    CUBIC = "cubic"
    PEAK = "peak"


class Outside(StrEnum):
    """What lies beyond the ends: zeros, the last element, or the elements mirrored without or with repeating the last."""

    ZERO = "zero"
    EDGE = "edge"
    REFLECT = "reflect"
    SYMMETRIC = "symmetric"


class Sample(Op, name="sample"):
    """x [N,C,*S] at positions [N,*O,axes of S], which count in elements along the axes of S: the result is [N,C,*O]."""

    x: Value
    positions: Value
    method: Method
    outside: Outside

    def infer(self) -> tuple[TensorType, ...]:
        x, at = self.x.type, self.positions.type
        expect(
            x.element in (F32, F64) and at.element == x.element, f"sample of {x} at {at}: elements must be f32 or f64"
        )
        expect(3 <= x.rank <= 5, f"sample of {x}: one to three axes behind [N,C]")
        expect(at.rank >= 2 and at.dims[-1] == x.rank - 2, f"sample of {x} at {at}: one coordinate for each axis")
        expect(at.dims[0] == x.dims[0], f"sample of {x} at {at}: images differ in number")
        expect(min(x.dims[2:]) >= 1, f"sample of {x}, which has no elements")
        return (TensorType(x.element, (*x.dims[:2], *at.dims[1:-1])),)

    def reference(self, *arrays: Array) -> tuple[Array, ...]:
        x, at = (a.astype(np.float64) for a in arrays)
        spatial = x.shape[2:]
        taps = [_taps(at[..., a], n, self.method, self.outside) for a, n in enumerate(spatial)]
        images: Array = np.expand_dims(np.arange(self.x.type.dims[0]), tuple(range(1, at.ndim - 1)))
        terms: list[Array] = []
        with np.errstate(invalid="ignore"):
            for chosen in product(*taps):
                inside = np.logical_and.reduce([index >= 0 for index, _ in chosen])
                weight = np.multiply.reduce([weight for _, weight in chosen])
                picked = x[(images, slice(None), *(np.maximum(index, 0) for index, _ in chosen))]
                terms.append(np.where(inside[..., None], picked * weight[..., None], 0))
        total = np.maximum.reduce(terms) if self.method is Method.PEAK else np.add.reduce(terms)
        return (np.moveaxis(total, -1, 1).astype(self.x.type.element.dtype),)


def _taps(at: Array, extent: int, method: Method, outside: Outside) -> list[tuple[Array, Array]]:
    """Indices (negative: none) and weights of the elements around each position of one axis."""
    at = np.where(at > -FARTHEST, np.where(at < FARTHEST, at, FARTHEST), -FARTHEST)
    if method is Method.NEAREST:
        return [(_placed(np.rint(at).astype(np.int64), extent, outside), np.ones(at.shape))]
    low = np.floor(at)
    rest, base = at - low, low.astype(np.int64)
    if method is Method.CUBIC:
        weights = [_far(rest + 1), _near(rest), _near(1 - rest), _far(2 - rest)]
        return [(_placed(base + k - 1, extent, outside), w) for k, w in enumerate(weights)]
    return [(_placed(base + k, extent, outside), w) for k, w in enumerate((1 - rest, rest))]


def _near(d: Array) -> Array:
    return ((CUBIC + 2) * d - (CUBIC + 3)) * d * d + 1


def _far(d: Array) -> Array:
    return ((CUBIC * d - 5 * CUBIC) * d + 8 * CUBIC) * d - 4 * CUBIC


def _placed(index: Array, extent: int, outside: Outside) -> Array:
    """The element that stands for an index that may be outside; -1 where there is none."""
    match outside:
        case Outside.ZERO:
            return np.where((index >= 0) & (index < extent), index, -1)
        case Outside.EDGE:
            return np.clip(index, 0, extent - 1)
        case Outside.REFLECT:
            period = max(2 * (extent - 1), 1)
            folded = index % period
            return np.where(folded < extent, folded, period - folded)
        case Outside.SYMMETRIC:
            folded = index % (2 * extent)
            return np.where(folded < extent, folded, 2 * extent - 1 - folded)
