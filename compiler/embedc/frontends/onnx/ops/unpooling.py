"""Windows taken apart: where their maxima lie, and the way back from windows to images."""

import math
from collections.abc import Sequence

import numpy as np

from embedc.frontends.onnx.folding import filled
from embedc.frontends.onnx.geometry import Sliding, sliding
from embedc.frontends.onnx.indices import offsets, strides_of
from embedc.frontends.onnx.node import Node
from embedc.frontends.onnx.registry import onnx_op
from embedc.ir.expression import Expr
from embedc.ir.graph import Value
from embedc.ir.types import I32, I64
from embedc.ops.elementwise import Reduction
from embedc.ops.layout import Pad, Scatter, Update


def max_positions(node: Node, x: Value, peak: Value, window: Sliding, column_major: bool) -> Value:
    """Where in the flattened `x` the first maximum of each window lies, which are `peak`."""
    size, rank = x.type.dims[2:], len(window.kernel)
    out, taps = peak.type.dims[2:], math.prod(window.kernel)
    low, high = zip(*window.pads, strict=True)
    border = Reduction.MAX.identity(x.type.element)
    padded = x
    if any((*low, *high)):
        padded = node.emit(Pad(x, (0, 0, *low), (0, 0, *high), border, origin=node.origin))
    axes = range(2, 2 + rank)
    windows = node.index(
        padded,
        (*x.type.dims[:2], *out, *window.kernel),
        (0, 1, *axes, *axes),
        (0,) * (2 + rank),
        (1, 1, *window.strides, *window.dilations),
    )
    spread = node.reshape(peak, (*peak.type.dims, *(1 for _ in out)))
    found = node.map(lambda w, p: w.equals(p).call("or", w.equals(w).negate()), windows, spread)
    for axis, (n, m, k, s, d) in enumerate(
        zip(size, out, window.kernel, window.strides, window.dilations, strict=True)
    ):
        place = np.add.outer(node.count(m) * s - low[axis], node.count(k) * d)
        shape = [1] * (2 * rank)
        shape[axis], shape[rank + axis] = m, k
        inside = node.array(((place >= 0) & (place < n)).reshape(shape))
        found = node.map(lambda f, i: f.call("and", i), found, inside)
    numbers = node.array(node.count(taps).astype(np.int32).reshape(window.kernel))
    tried = node.map(lambda f, n: f.where(n, taps - 1), found, numbers)
    first = node.reshape(node.reduce(tried, Reduction.MIN, range(2 + rank, 2 + 2 * rank)), peak.type.dims)
    strides = strides_of(size[::-1])[::-1] if column_major else strides_of(size)
    total = offsets(node, (*peak.type.dims[:2], *(1 for _ in out)), (*strides_of(x.type.dims)[:2], *(0 for _ in out)))
    for axis, stride in enumerate(strides):
        begin = (node.count(out[axis]) * window.strides[axis] - low[axis]) * stride
        total = total + begin.reshape([-1 if a == 2 + axis else 1 for a in range(2 + rank)])
    inner = strides_of(window.kernel)

    def place_of(tap: Expr, base: Expr) -> Expr:
        for axis, stride in enumerate(strides):
            step = tap / inner[axis]
            step = step - step / window.kernel[axis] * window.kernel[axis]
            base = base + step.cast(I64) * (stride * window.dilations[axis])
        return base

    return node.map(place_of, first, node.array(total))


@onnx_op("MaxUnpool")
def max_unpool(node: Node) -> Value:
    """Elements put back to where they were maxima, zeros elsewhere."""
    x, indices = node.operand(0), node.operand(1)
    if x.type.rank < 3 or indices.type.dims != x.type.dims or indices.type.element not in (I32, I64):
        raise node.fail(f"indices {indices.type} for {x.type}", "one index for each element of [N, C, spatial…]")
    window = sliding(node, x.type.dims[2:], node.integers("kernel_shape"))
    axes = zip(x.type.dims[2:], window.strides, window.pads, window.kernel, strict=True)
    shape = (*x.type.dims[:2], *((n - 1) * s - low - high + k for n, s, (low, high), k in axes))
    wanted = node.optional_ints(2, "output_shape") or shape
    if len(wanted) != len(shape) or any(m < n for m, n in zip(wanted, shape, strict=True)):
        raise node.fail(f"output_shape {list(wanted)} is smaller than {list(shape)}", "re-export the model")
    flat = _scattered(node, (math.prod(shape),), 0, node.reshape(indices, (x.type.size,)), x)
    image = node.reshape(flat, shape)
    behind = tuple(m - n for m, n in zip(wanted, shape, strict=True))
    return node.emit(Pad(image, (0,) * len(shape), behind, 0.0, origin=node.origin)) if any(behind) else image


def _scattered(
    node: Node, shape: Sequence[int], axis: int, indices: Value, x: Value, kind: Update = Update.REPLACE
) -> Value:
    """Zeros of `shape` with x, reshaped to fit, at `indices` of one axis."""
    zeros = filled(np.zeros((), x.type.element.dtype), shape, node.origin)
    updates = node.reshape(x, (*shape[:axis], indices.type.size, *shape[axis + 1 :]))
    return node.emit(Scatter(zeros, indices, updates, axis, kind, origin=node.origin))


@onnx_op("Col2Im")
def columns_to_image(node: Node) -> Value:
    """The sum of overlapping blocks, which lie as columns beside each other."""
    x = node.operand(0)
    image, block = node.constant_ints(1, "image_shape"), node.constant_ints(2, "block_shape")
    window = sliding(node, image, block)
    steps = tuple(
        (n + low + high - d * (k - 1) - 1) // s + 1
        for n, (low, high), d, k, s in zip(image, window.pads, window.dilations, block, window.strides, strict=True)
    )
    taps, places = math.prod(block), math.prod(steps)
    if x.type.rank != 3 or x.type.dims[1] % taps or x.type.dims[2] != places:
        raise node.fail(f"columns {x.type} of blocks {list(block)}", f"expected [N, C * {taps}, {places}]")
    padded = tuple(n + low + high for n, (low, high) in zip(image, window.pads, strict=True))
    strides = strides_of(padded)
    taken = [s * t for s, t in zip(window.dilations, strides, strict=True)]
    moved = [s * t for s, t in zip(window.strides, strides, strict=True)]
    table = np.add.outer(offsets(node, block, taken).reshape(-1), offsets(node, steps, moved).reshape(-1))
    planes = x.type.dims[0] * x.type.dims[1] // taps
    shape = (planes, math.prod(padded))
    flat = _scattered(node, shape, 1, node.array(table.reshape(-1).astype(np.int32)), x, Update.ADD)
    whole = node.reshape(flat, (x.type.dims[0], x.type.dims[1] // taps, *padded))
    low, high = zip(*window.pads, strict=True)
    cropped = Pad(whole, (0, 0, *(-n for n in low)), (0, 0, *(-n for n in high)), 0.0, origin=node.origin)
    return node.emit(cropped) if any((*low, *high)) else whole
