"""Resize and Upsample: one axis after the other, as gathers of a few taps and a weighted sum of them."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from embedc.frontends.onnx.folding import MAX_COMPUTED
from embedc.frontends.onnx.node import Node
from embedc.frontends.onnx.registry import onnx_op
from embedc.frontends.onnx.taking import repeat, take
from embedc.ir.expression import Expr
from embedc.ir.graph import Value
from embedc.ir.types import Array

MAX_TAPS = 64
_MODES = ("nearest", "linear", "cubic")
_NEAREST = ("round_prefer_floor", "round_prefer_ceil", "floor", "ceil")
_COORDINATES = (
    "half_pixel",
    "half_pixel_symmetric",
    "pytorch_half_pixel",
    "align_corners",
    "asymmetric",
    "tf_crop_and_resize",
    "tf_half_pixel_for_nn",
)


@dataclass(frozen=True)
class Method:
    """How positions and weights follow from coordinates."""

    mode: str
    coordinates: str
    nearest: str
    cubic_a: float = -0.75
    exclude_outside: bool = False
    antialias: bool = False
    extrapolation: float = 0.0


@dataclass(frozen=True)
class Line:
    """Resizing of one axis: its extents, its exact scale, and the part of it that is read (0 to 1)."""

    axis: int
    extent: int
    wanted: int
    scale: float
    region: tuple[float, float]

    @property
    def is_identity(self) -> bool:
        return self.extent == self.wanted and math.isclose(self.scale, 1.0) and self.region == (0.0, 1.0)


@onnx_op("Upsample")
def upsample(node: Node) -> Value:
    """Resize as it was before opset 11."""
    return resize_10(node)


@onnx_op("Resize")
def resize(node: Node) -> Value:
    """To given sizes, or by given scales."""
    if node.opset < 11:
        return resize_10(node)
    x = node.operand(0)
    method = Method(
        node.choice("mode", *_MODES),
        node.choice("coordinate_transformation_mode", *_COORDINATES),
        node.choice("nearest_mode", *_NEAREST),
        node.real("cubic_coeff_a", -0.75),
        node.flag("exclude_outside"),
        node.flag("antialias"),
        node.real("extrapolation_value", 0.0),
    )
    return _resized(node, x, _lines(node, x, method), method)


def resize_10(node: Node) -> Value:
    """Asymmetric coordinates, rounded down, by scales only."""
    x = node.operand(0)
    mode = node.choice("mode", "nearest", "linear", "bilinear").removeprefix("bi")
    if node.op_type == "Upsample" and node.opset < 7:
        scales = (1.0, 1.0, node.real("height_scale"), node.real("width_scale"))
    elif node.op_type == "Upsample" and node.opset < 9:
        scales = node.reals("scales")
    else:
        scales = tuple(node.constant(1, "scales").reshape(-1).tolist())
    lines = _scaled(node, x, range(x.type.rank), scales, [(0.0, 1.0)] * x.type.rank)
    return _resized(node, x, lines, Method(mode, "asymmetric", "floor"))


def _lines(node: Node, x: Value, method: Method) -> list[Line]:
    """What happens to each axis, from the operands roi, scales and sizes."""
    listed = node.optional_integers("axes")
    axes = node.axes(range(x.type.rank) if listed is None else listed, x.type.rank)
    policy = node.choice("keep_aspect_ratio_policy", "stretch", "not_larger", "not_smaller")
    cropped = method.coordinates == "tf_crop_and_resize"
    regions = _regions(node, len(axes)) if cropped else [(0.0, 1.0)] * len(axes)
    scales = node.optional_constant(2, "scales")
    if scales is not None and scales.size:
        return _scaled(node, x, axes, scales.reshape(-1).tolist(), regions)
    sizes = node.constant_ints(3, "sizes")
    if len(sizes) != len(axes) or min(sizes, default=1) < 1:
        raise node.fail(f"sizes {list(sizes)} for {len(axes)} axes of {x.type}", "give one positive size for each axis")
    ratios = [n / x.type.dims[a] for a, n in zip(axes, sizes, strict=True)]
    if policy != "stretch":
        ratio = min(ratios) if policy == "not_larger" else max(ratios)
        sizes = tuple(int(ratio * x.type.dims[a] + 0.5) for a in axes)
        ratios = [ratio] * len(axes)
    return [Line(a, x.type.dims[a], n, s, r) for a, n, s, r in zip(axes, sizes, ratios, regions, strict=True)]


def _regions(node: Node, count: int) -> list[tuple[float, float]]:
    data = node.constant(1, "roi").reshape(-1).tolist()
    if len(data) != 2 * count:
        raise node.fail(f"roi has {len(data)} numbers for {count} axes", f"give {2 * count}: all starts, then all ends")
    return list(zip(data[:count], data[count:], strict=True))


def _scaled(
    node: Node,
    x: Value,
    axes: Sequence[int],
    scales: Sequence[float],
    regions: Sequence[tuple[float, float]],
) -> list[Line]:
    if len(scales) != len(axes) or not all(0 < s < math.inf for s in scales):
        raise node.fail(
            f"scales {list(scales)} for {len(axes)} axes of {x.type}", "give one positive scale for each axis"
        )
    return [
        Line(a, x.type.dims[a], math.floor(x.type.dims[a] * s), s, r)
        for a, s, r in zip(axes, scales, regions, strict=True)
    ]


def _resized(node: Node, x: Value, lines: Sequence[Line], method: Method) -> Value:
    """Shrinking axes first; whole multiples of nearest neighbours in one view."""
    active = [line for line in lines if not line.is_identity]
    for line in active:
        if not 1 <= line.wanted <= MAX_COMPUTED:
            raise node.fail(f"resizes axis {line.axis} of {x.type} to {line.wanted}", f"1…{MAX_COMPUTED} is supported")
    if method.mode != "nearest":
        for line in sorted(active, key=lambda n: n.wanted / n.extent):
            x = _interpolated(node, x, line, method)
        return x
    factors = [1] * x.type.rank
    for line in sorted(active, key=lambda n: n.wanted / n.extent):
        indices, _, outside = taps(line, method)
        factor = line.wanted // line.extent
        if np.array_equal(indices[:, 0], np.repeat(np.arange(line.extent), max(factor, 1))) and not outside.any():
            factors[line.axis] = factor
        else:
            x = _interpolated(node, x, line, method)
    return repeat(node, x, factors) if max(factors) > 1 else x


def _interpolated(node: Node, x: Value, line: Line, method: Method) -> Value:
    """One axis resized as the weighted sum of its taps."""
    indices, weights, outside = taps(line, method)
    weights = np.where(outside[:, None], 0.0, weights)
    used = [t for t in range(weights.shape[1]) if np.any(weights[:, t])]
    if len(used) > MAX_TAPS:
        raise node.fail(f"reads {len(used)} elements for one", f"at most {MAX_TAPS} are supported: shrink in two steps")
    parts = [take(node, x, line.axis, indices[:, t]) for t in used]
    if len(parts) == 1 and np.all(weights[:, used[0]] == 1):
        return parts[0]
    if not x.type.element.is_float:
        raise node.fail(f"interpolates {x.type}", "only float tensors can be interpolated; cast first")
    factors = [node.numbers(weights[:, t], x, line.axis) for t in used]
    extra = [node.numbers(outside * method.extrapolation, x, line.axis)] if outside.any() else []

    def body(*terms: Expr) -> Expr:
        n = len(parts)
        total = terms[0] * terms[n] if n else terms[-1]
        for value, weight in zip(terms[1:n], terms[n + 1 : 2 * n], strict=True):
            total = total + value * weight
        return total + terms[-1] if n and extra else total

    if not parts:
        shape = [line.wanted if a == line.axis else d for a, d in enumerate(x.type.dims)]
        return node.expand(extra[0], shape)
    return node.map(body, *parts, *factors, *extra)


def taps(line: Line, method: Method) -> tuple[Array, Array, Array]:
    """Indices and weights [wanted, taps], and which positions lie outside of the input."""
    x = _coordinates(line, method.coordinates)
    outside = (x < 0) | (x > line.extent - 1)
    if method.coordinates != "tf_crop_and_resize":
        outside = np.zeros(line.wanted, np.bool_)
    if method.mode == "nearest":
        indices, weights = _nearest(x, method.nearest)[:, None], np.ones((line.wanted, 1))
    else:
        indices, weights = _filtered(x, line.scale, method)
    if method.exclude_outside:
        weights = np.where((indices < 0) | (indices >= line.extent), 0.0, weights)
        total = weights.sum(axis=1, keepdims=True)
        weights = weights / np.where(total == 0, 1.0, total)
    return np.clip(indices, 0, line.extent - 1), weights, outside


def _coordinates(line: Line, kind: str) -> Array:
    """The place in the input of every output position."""
    y = np.arange(line.wanted, dtype=np.float64)
    width = line.scale * line.extent
    last = line.extent - 1
    if kind == "align_corners":  # by the whole extent, as the text of the standard and ONNX Runtime have it
        return y * last / max(line.wanted - 1, 1)
    if kind == "asymmetric":
        return y / line.scale
    if kind == "tf_crop_and_resize":
        begin, end = line.region
        if line.wanted == 1:
            return y * 0.0 + 0.5 * (begin + end) * last
        return begin * last + y * (end - begin) * last / (line.wanted - 1)
    if kind == "tf_half_pixel_for_nn":
        return (y + 0.5) / line.scale
    if kind == "pytorch_half_pixel" and line.wanted == 1:
        return y * 0.0
    shift = line.extent / 2 * (1 - line.wanted / width) if kind == "half_pixel_symmetric" else 0.0
    return shift + (y + 0.5) / line.scale - 0.5


def _nearest(x: Array, mode: str) -> Array:
    rounded = {
        "round_prefer_floor": np.ceil(x - 0.5),
        "round_prefer_ceil": np.floor(x + 0.5),
        "floor": np.floor(x),
        "ceil": np.ceil(x),
    }[mode]
    return rounded.astype(np.int64)


def _filtered(x: Array, scale: float, method: Method) -> tuple[Array, Array]:
    """Taps around each coordinate, weighted by the filter, which antialiasing stretches when shrinking."""
    stretch = min(scale, 1.0) if method.antialias else 1.0
    radius = math.ceil((1 if method.mode == "linear" else 2) / stretch)
    base = np.floor(x).astype(np.int64)
    indices = base[:, None] + np.arange(1 - radius, radius + 1)
    distance = np.abs(indices - x[:, None]) * stretch
    weights = np.maximum(1 - distance, 0.0) if method.mode == "linear" else _cubic(distance, method.cubic_a)
    return indices, weights / weights.sum(axis=1, keepdims=True) if method.antialias else weights


def _cubic(d: Array, a: float) -> Array:
    near = ((a + 2) * d - (a + 3)) * d * d + 1
    far = ((a * d - 5 * a) * d + 8 * a) * d - 4 * a
    return np.where(d <= 1, near, np.where(d < 2, far, 0.0))
