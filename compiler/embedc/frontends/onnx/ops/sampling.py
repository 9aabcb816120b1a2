"""What reads images between their pixels, at positions computed while the model runs."""

import numpy as np

from embedc.frontends.onnx.geometry import sliding
from embedc.frontends.onnx.node import Node
from embedc.frontends.onnx.ops.linear import biased
from embedc.frontends.onnx.registry import onnx_op
from embedc.ir.expression import Expr
from embedc.ir.graph import Value
from embedc.ir.types import F32, F64, Element
from embedc.ops.elementwise import constant_of
from embedc.ops.layout import Concat, Gather
from embedc.ops.sampling import Method, Outside, Sample
from embedc.ops.window import Contract, Window, WindowKind

_METHODS = {
    "linear": Method.LINEAR,
    "bilinear": Method.LINEAR,
    "nearest": Method.NEAREST,
    "cubic": Method.CUBIC,
    "bicubic": Method.CUBIC,
}


def _sampled(node: Node, x: Value, positions: Value, method: Method, outside: Outside) -> Value:
    """`x` at `positions`, computed in f32 at least."""
    element = F64 if x.type.element == F64 else F32
    wide = _as(node, x, element)
    result = node.emit(Sample(wide, _as(node, positions, element), method, outside, origin=node.origin))
    return _as(node, result, x.type.element)


def _as(node: Node, value: Value, element: Element) -> Value:
    return value if value.type.element == element else node.map(lambda v: v.cast(element), value)


@onnx_op("GridSample")
def grid_sample(node: Node) -> Value:
    """Values at the positions of a grid, which run from -1 to 1 over each axis, the last axis of the image first."""
    x, grid = node.real_operand(0), node.real_operand(1)
    modern = node.opset >= 20
    word = node.choice("mode", *(("linear", "nearest", "cubic") if modern else ("bilinear", "nearest", "bicubic")))
    padding = node.choice("padding_mode", "zeros", "border", "reflection")
    corners = node.flag("align_corners")
    axes = x.type.rank - 2
    if not 1 <= axes <= 3 or grid.type.rank != x.type.rank or grid.type.dims[-1] != axes:
        raise node.fail(f"grid {grid.type} for {x.type}", "embedc takes 1 to 3 spatial axes and a coordinate for each")
    if grid.type.dims[0] != x.type.dims[0]:
        raise node.fail(f"grid {grid.type} for {x.type}: the batches differ", "re-export the model")
    method = _METHODS[word]
    extents = np.asarray(x.type.dims[2:], np.float64)
    last = grid.type.rank - 1
    backwards = node.part(grid, last, axes - 1, axes, -1)
    if corners:
        at = node.map(lambda g, n: (g + 1.0) / 2.0 * n, backwards, node.numbers(extents - 1, grid, last))
    else:
        at = node.map(lambda g, n: ((g + 1.0) * n - 1.0) / 2.0, backwards, node.numbers(extents, grid, last))
    if method is Method.NEAREST:
        at = node.map(lambda p: p.call("round"), at)
    low = np.full(axes, 0.0 if corners else -0.5)
    if method is not Method.CUBIC:  # which reads its sixteen elements each as outside as it is: PyTorch, ONNX Runtime
        at = _moved_inside(node, at, low, extents - 1 - low, padding)
    outside = {
        "zeros": Outside.ZERO,
        "border": Outside.EDGE,
        "reflection": Outside.REFLECT if corners else Outside.SYMMETRIC,
    }
    return _sampled(node, x, at, method, outside[padding])


def _moved_inside(node: Node, at: Value, low: np.ndarray, high: np.ndarray, padding: str) -> Value:
    """Positions beyond the borders `low` and `high` of each axis: clamped to elements, or reflected by the borders."""
    if padding == "zeros":
        return at
    axis = at.type.rank - 1
    first, last = node.numbers(low, at, axis), node.numbers(high, at, axis)

    def beyond(p: Expr, low: Expr, high: Expr) -> Expr:
        return (p < low).call("or", p > high)

    if padding == "border":
        ends = node.numbers(np.ceil(low), at, axis), node.numbers(np.floor(high), at, axis)
        clamped = node.map(lambda p, a, b: p.max(a).min(b), at, *ends)
        return node.map(lambda p, c, a, b: beyond(p, a, b).where(c, p), at, clamped, first, last)
    widths = node.numbers(np.where(high > low, high - low, 1.0), at, axis)
    folds = node.map(lambda p, a, w: ((p - a).abs() / w).call("floor"), at, first, widths)
    rest = node.map(lambda p, a, w, n: (p - a).abs() - n * w, at, first, widths, folds)

    def folded(n: Expr, rest: Expr, low: Expr, high: Expr) -> Expr:
        even = ((n * 0.5).call("floor") * 2.0).equals(n)
        return even.where(low + rest, high - rest).max(low).min(high)

    inside = node.map(folded, folds, rest, first, last)
    return node.map(lambda p, c, a, b: beyond(p, a, b).where(c, p), at, inside, first, last)


@onnx_op("RoiAlign")
def roi_align(node: Node) -> Value:
    """Each region of interest as a few cells, which pool so many samples along each axis."""
    x, regions, images = node.real_operand(0), node.real_operand(1), node.operand(2)
    half = node.choice("coordinate_transformation_mode", "half_pixel", "output_half_pixel") if node.opset >= 16 else ""
    mode = node.choice("mode", "avg", "max")
    rows, columns = node.integer("output_height", 1), node.integer("output_width", 1)
    samples, scale = node.integer("sampling_ratio", 0), node.real("spatial_scale", 1.0)
    if samples < 1:
        raise node.fail(
            f"sampling_ratio is {samples}: as many samples as the regions are large, which the model computes",
            "state how many samples each cell pools along each axis",
        )
    if x.type.rank != 4 or regions.type.rank != 2 or regions.type.dims[1] != 4 or min(rows, columns) < 1:
        raise node.fail(f"regions {regions.type} for {x.type}", "the input must be [N, C, H, W], regions [R, 4]")
    count, height, width = regions.type.dims[0], *x.type.dims[2:]
    shift = 0.5 if half == "half_pixel" else 0.0

    def line(first: int, cells: int, extent: int) -> tuple[Value, Value]:
        """Positions [R, cells * samples] along one axis, and which of them are near the image."""
        begin, end = (node.map(lambda r: r * scale - shift, node.part(regions, 1, i, 1)) for i in (first, first + 2))
        span = node.map(lambda a, b: b - a, begin, end)
        if half != "half_pixel":
            span = node.map(lambda s: s.max(1.0), span)
        steps = np.repeat(np.arange(cells), samples) + np.tile((np.arange(samples) + 0.5) / samples, cells)
        at = node.map(lambda b, s, k: b + s / cells * k, begin, span, node.numbers(steps, regions, 1))
        near = node.map(lambda p: (p >= -1.0).call("and", p <= float(extent)), at)
        return node.map(lambda p: p.max(0.0).min(extent - 1.0), at), near

    (y, y_near), (z, z_near) = line(1, rows, height), line(0, columns, width)
    shape = (count, rows * samples, columns * samples, 1)
    parts = (
        node.expand(node.reshape(y, (count, rows * samples, 1, 1)), shape),
        node.expand(node.reshape(z, (count, 1, columns * samples, 1)), shape),
    )
    positions = node.emit(Concat(parts, 3, origin=node.origin))
    sampled = _sampled(
        node, _chosen(node, x, images), positions, Method.PEAK if mode == "max" else Method.LINEAR, Outside.EDGE
    )
    sampled = node.map(
        lambda v, a, b: a.call("and", b).where(v, 0.0),
        sampled,
        node.reshape(y_near, (count, 1, rows * samples, 1)),
        node.reshape(z_near, (count, 1, 1, columns * samples)),
    )
    kind = WindowKind.MAX if mode == "max" else WindowKind.AVERAGE
    cell = (1, 1, samples, samples)
    return node.emit(Window(sampled, kind, cell, cell, ((0, 0),) * 4, (1,) * 4, False, origin=node.origin))


def _chosen(node: Node, x: Value, images: Value) -> Value:
    """The image of each region."""
    if images.type.rank != 1 or not images.type.element.is_integer:
        raise node.fail(f"batch_indices are {images.type}", "one integer for each region")
    known = constant_of(images)
    if known is not None and np.any((known < 0) | (known >= x.type.dims[0])):
        raise node.fail(f"batch_indices are out of range for {x.type}", "re-export the model")
    if x.type.dims[0] == 1:
        return node.expand(x, (images.type.dims[0], *x.type.dims[1:]))
    return node.emit(Gather(x, images, 0, origin=node.origin))


@onnx_op("DeformConv")
def deformable_convolution(node: Node) -> Value:
    """A convolution whose taps are moved by offsets of their own, and weighted by a mask."""
    x, w, offsets, mask = node.real_operand(0), node.operand(1), node.operand(2), node.optional(4)
    groups, parts = node.integer("group", 1), node.integer("offset_group", 1)
    if x.type.rank != 4 or w.type.rank != 4:
        raise node.fail(f"input {x.type} with weights {w.type}", "embedc takes images: [N, C, H, W]")
    kernel = w.type.dims[2:]
    if node.integers("kernel_shape", kernel) != kernel:
        raise node.fail(f"kernel_shape is not that of the weights {w.type}", "re-export the model")
    window = sliding(node, x.type.dims[2:], kernel)
    batch, channels, *_ = x.type.dims
    outputs, taps = w.type.dims[0], kernel[0] * kernel[1]
    size = offsets.type.dims[2:]
    reach = (d * (k - 1) + 1 for k, d in zip(kernel, window.dilations, strict=True))
    axes = zip(x.type.dims[2:], window.pads, reach, window.strides, strict=True)
    wanted = tuple((n + low + high - r) // s + 1 for n, (low, high), r, s in axes)
    if channels % parts or outputs % groups or w.type.dims[1] * groups != channels:
        raise node.fail(f"{x.type} and weights {w.type} in {groups} groups do not fit together", "re-export the model")
    if offsets.type.dims != (batch, parts * taps * 2, *wanted):
        raise node.fail(f"offsets {offsets.type}", f"expected [{batch}, {parts * taps * 2}, {wanted[0]}, {wanted[1]}]")
    if mask is not None and mask.type.dims != (batch, parts * taps, *wanted):
        raise node.fail(f"mask {mask.type}", f"expected [{batch}, {parts * taps}, {wanted[0]}, {wanted[1]}]")
    moved = node.transpose(node.reshape(offsets, (batch * parts, taps, 2, *size)), (0, 1, 3, 4, 2))
    grid = np.zeros((taps, *size, 2))
    for axis in range(2):
        tap = np.arange(kernel[axis]) * window.dilations[axis] - window.pads[axis][0]
        place = np.arange(size[axis]) * window.strides[axis]
        shape = [1, 1, 1, 1]
        shape[axis], shape[2 + axis] = len(tap), len(place)
        spread = np.add.outer(tap, place).reshape(shape)
        grid[..., axis] = np.broadcast_to(spread, (*kernel, *size)).reshape(taps, *size)
    at = node.map(lambda o, g: o + g, moved, node.numbers(grid, offsets))
    images = node.reshape(x, (batch * parts, channels // parts, *x.type.dims[2:]))
    columns = _sampled(node, images, at, Method.LINEAR, Outside.ZERO)
    if mask is not None:
        columns = node.map(lambda c, m: c * m, columns, node.reshape(mask, (batch * parts, 1, taps, *size)))
    columns = node.reshape(columns, (batch, groups, channels // groups, taps, *size))
    weights = node.reshape(w, (groups, outputs // groups, channels // groups, taps))
    product = node.emit(Contract(columns, weights, "ngcthw,goct->ngohw", origin=node.origin))
    return biased(node, node.reshape(product, (batch, outputs, *size)), node.optional(3))
