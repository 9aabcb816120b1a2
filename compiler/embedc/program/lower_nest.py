"""Everything that is not a kernel call, as loop nests over strided views: maps, reductions, copies, and products of variables."""

from dataclasses import replace
from math import prod

import numpy as np

from embedc.ir.graph import Value
from embedc.ir.scalar import ScalarBuilder, ScalarProgram, binary, identity
from embedc.ir.types import I32, Array
from embedc.ops.base import Op
from embedc.ops.elementwise import Map, Reduce, Reduction, constant_of
from embedc.ops.layout import Concat, Gather, Index, Pad, Reshape, Scatter, Update
from embedc.ops.quantized import Dequantize, Quantize
from embedc.ops.window import Contract, Conv, Window, WindowKind, sums_narrow
from embedc.program.layout import Layout, row_major
from embedc.program.lowering import Lowering
from embedc.program.program import Layer, Lookup, Nest, View
from embedc.program.views import axis_order, dense_view, index_view, reshape_view, same_place


def broadcast_view(view: View, shape: tuple[int, ...]) -> View:
    """`view` repeated along axes where it has extent 1, by numpy's rule."""
    lead = len(shape) - len(view.shape)
    strides = (0,) * lead + tuple(0 if n == 1 else s for n, s in zip(view.shape, view.strides, strict=True))
    return replace(view, shape=shape, strides=strides)


def over(view: View, letters: str, axes: str, extents: tuple[int, ...]) -> View:
    """`view`, whose axes are named by `letters`, over the loop axes `axes`."""
    strides = tuple(view.strides[letters.index(c)] if c in letters else 0 for c in axes)
    return replace(view, shape=extents, strides=strides)


def lower_map(lowering: Lowering, op: Map | Quantize | Dequantize) -> None:
    """One nest over the broadcast operands."""
    result = lowering.allocate(op.result, lowering.natural_order(op.inputs, op.result))
    operands = tuple(broadcast_view(lowering.view(v), result.shape) for v in op.inputs)
    first = _narrowed(lowering, op, result) or result
    lowering.steps.append(Nest(lowering.layer(op), result.shape, operands, first, op.body))
    if first is not result:
        lowering.copy(first, result, Layer(f"relayout {op.result.name}", "relayout", op.origin))


def _narrowed(lowering: Lowering, op: Map | Quantize | Dequantize, result: View) -> View | None:
    """Where a map that makes bytes of one larger tensor puts them first, in that tensor's order: bytes are cheaper to transpose.

    None where the orders agree or too little is to be moved.
    """
    shape, size = result.shape, op.result.type.size
    large = [lowering.view(v) for v in op.inputs if v.type.size == size and constant_of(v) is None]
    if len(large) != 1 or result.element.bits > 8 or large[0].element.bits <= 8:
        return None
    orders = [tuple(a for a in axis_order(view) if shape[a] > 1) for view in (large[0], result)]
    if not all(orders) or orders[0][-1] == orders[1][-1] or min(shape[o[-1]] for o in orders) < TRANSPOSED:
        return None
    layout = Layout(axis_order(large[0]))
    buffer = lowering.arena(f"{op.result.name} in the order of its operand", layout.bytes(shape, result.element))
    return dense_view(buffer, result.element, shape, layout)


def lower_reduce(lowering: Lowering, op: Reduce) -> None:
    """One nest whose result does not move along the reduced axes."""
    result = lowering.allocate(op.result, lowering.natural_order((op.x,), op.result))
    x = lowering.view(op.x)
    still = tuple(0 if a in op.axes else s for a, s in enumerate(result.strides))
    target = replace(result, shape=x.shape, strides=still)
    lowering.steps.append(Nest(lowering.layer(op), x.shape, (x,), target, identity(x.element), op.axes, op.kind))


def lower_reshape(lowering: Lowering, op: Reshape) -> None:
    """A view, or a copy in row-major order where the layout does not allow one."""
    view = reshape_view(lowering.view(op.x), op.shape)
    if view is None:
        view = reshape_view(lowering.relayout(op.x, row_major(op.x.type.rank).order), op.shape)
        assert view is not None
    lowering.set_view(op.result, view)


def lower_index(lowering: Lowering, op: Index) -> None:
    """Always a view."""
    lowering.set_view(op.result, index_view(lowering.view(op.x), op))


def lower_concat(lowering: Lowering, op: Concat) -> None:
    """Copies what was not computed in place."""
    result = lowering.allocate(op.result, lowering.natural_order(op.inputs, op.result))
    begin = 0
    for operand in op.inputs:
        view = lowering.view(operand)
        offset = result.offset + begin * result.strides[op.axis]
        part = replace(result, shape=operand.type.dims, offset=offset)
        if not same_place(view, part):
            lowering.copy(view, part, _part_layer(lowering, op, operand))
        begin += operand.type.dims[op.axis]


def _part_layer(lowering: Lowering, op: Op, part: Value) -> Layer:
    layer = lowering.layer(op)
    return replace(layer, name=f"{layer.name} ({part.name})", tensor="")


def _fill(lowering: Lowering, target: View, value: float, layer: Layer) -> None:
    constant = lowering.constant(np.full((1,) * len(target.shape), value, target.element.dtype), "fill value")
    source = broadcast_view(constant, target.shape)
    lowering.steps.append(Nest(layer, target.shape, (source,), target, identity(target.element)))


def padded(lowering: Lowering, source: View, target: View, before: tuple[int, ...], value: float, layer: Layer) -> None:
    """Fills `target` with `value` around a copy of `source` that begins at `before` (negative: crops)."""
    begin = tuple(max(0, b) for b in before)
    skip = tuple(max(0, -b) for b in before)
    shape = tuple(max(0, min(n - s, m - b)) for n, s, m, b in zip(source.shape, skip, target.shape, begin, strict=True))
    if prod(shape) != prod(target.shape):
        _fill(lowering, target, value, replace(layer, name=f"{layer.name} (border)", tensor=""))
    inner = replace(target, shape=shape, offset=target.offset + _dot(begin, target.strides))
    lowering.copy(replace(source, shape=shape, offset=source.offset + _dot(skip, source.strides)), inner, layer)


def _dot(a: tuple[int, ...], b: tuple[int, ...]) -> int:
    return sum(x * y for x, y in zip(a, b, strict=True))


def lower_pad(lowering: Lowering, op: Pad) -> None:
    """A filled border and a copy."""
    result = lowering.allocate(op.result, lowering.natural_order((op.x,), op.result))
    padded(lowering, lowering.view(op.x), result, op.before, op.value, lowering.layer(op))


TRANSPOSED = 8  # shorter axes are not worth a copy
FEW_RUNS = 4  # up to here a gather with constant indices is so many copies


def lower_gather(lowering: Lowering, op: Gather) -> None:
    """Copies of runs of equally spaced constant indices where those are few, else a nest that looks indices up."""
    result = lowering.allocate(op.result, lowering.natural_order((op.x,), op.result))
    indices = constant_of(op.indices)
    indices = None if indices is None else op.positions(indices)
    found = runs([int(i) for i in indices.reshape(-1)]) if indices is not None and indices.ndim == 1 else []
    if 0 < len(found) <= FEW_RUNS:
        assert indices is not None
        _gather_runs(lowering, op, result, [(int(indices[begin]), begin, count, step) for begin, count, step in found])
        return
    x, table = lowering.view(op.x), lowering.view(op.indices)
    before, inner = len(op.x.type.dims[: op.axis]), (0,) * len(table.shape)
    strides = (*x.strides[:before], *inner, *x.strides[before + 1 :])
    source = replace(x, shape=result.shape, strides=strides)
    steps = (0,) * before + table.strides + (0,) * (op.x.type.rank - before - 1)
    lookup = Lookup(replace(table, shape=result.shape, strides=steps), x.strides[before], x.shape[before])
    layer = lowering.layer(op)
    lowering.steps.append(Nest(layer, result.shape, (source,), result, identity(x.element), lookup=lookup))


def _gather_runs(lowering: Lowering, op: Gather, result: View, found: list[tuple[int, int, int, int]]) -> None:
    x, axis = lowering.view(op.x), op.axis
    for first, begin, count, step in found:
        shape = (*result.shape[:axis], count, *result.shape[axis + 1 :])
        strides = (*x.strides[:axis], x.strides[axis] * step, *x.strides[axis + 1 :])
        source = replace(x, shape=shape, strides=strides, offset=x.offset + first * x.strides[axis])
        part = replace(result, shape=shape, offset=result.offset + begin * result.strides[axis])
        lowering.copy(source, part, lowering.layer(op))


def lower_scatter(lowering: Lowering, op: Scatter) -> None:
    """A copy, into which a nest writes the updates."""
    result = lowering.allocate(op.result, lowering.natural_order((op.x,), op.result))
    layer, x = lowering.layer(op), lowering.view(op.x)
    if not same_place(x, result):
        lowering.copy(x, result, replace(layer, name=f"{layer.name} (copy)", tensor=""))
    updates, table = lowering.view(op.updates), lowering.view(op.indices)
    before, behind = result.strides[: op.axis], result.strides[op.axis + 1 :]
    none = (0,) * len(table.shape)
    place = replace(result, shape=updates.shape, strides=(*before, *none, *behind))
    steps = (*(0 for _ in before), *table.strides, *(0 for _ in behind))
    scatter = Lookup(replace(table, shape=updates.shape, strides=steps), result.strides[op.axis], x.shape[op.axis])
    element = result.element
    operands, body = (updates,), identity(element)
    if op.kind is not Update.REPLACE:
        operands, body = (place, updates), binary(op.kind.value, element)
    lowering.steps.append(Nest(layer, updates.shape, operands, place, body, scatter=scatter))


def runs(indices: list[int]) -> list[tuple[int, int, int]]:
    """Splits indices into arithmetic progressions: (position of the first, count, step)."""
    found: list[tuple[int, int, int]] = []
    begin = 0
    while begin < len(indices):
        step = indices[begin + 1] - indices[begin] if begin + 1 < len(indices) else 0
        end = begin + 1
        while end < len(indices) and indices[end] - indices[end - 1] == step:
            end += 1
        found.append((begin, end - begin, step))
        begin = end
    return found


def lower_contract(lowering: Lowering, op: Contract) -> None:
    """A product of two variables as a reduction nest."""
    x_letters, y_letters, result_letters = op.terms
    inner = "".join(dict.fromkeys(c for c in x_letters + y_letters if c not in result_letters))
    axes = result_letters + inner
    sizes = dict(zip(x_letters + y_letters, op.x.type.dims + op.y.type.dims, strict=True))
    extents = tuple(sizes[c] for c in axes)
    result = lowering.allocate(op.result, lowering.wanted(op.result) or row_major(op.result.type.rank).order)
    operands = (
        over(lowering.view(op.x), x_letters, axes, extents),
        over(lowering.view(op.y), y_letters, axes, extents),
    )
    layer = lowering.layer(op, macs=op.macs)
    target = over(result, result_letters, axes, extents)
    _product_nest(lowering, layer, _term(op.x, op.y, op.x_zero), operands, target, len(result_letters))


def _term(x: Value, w: Value, x_zero: int) -> ScalarProgram:
    """One product of a sum."""
    narrow = sums_narrow(x, w)
    if not narrow and x.type.element == w.type.element:
        return binary("mul", x.type.element)
    builder = ScalarBuilder(x.type.element, w.type.element)
    centred = builder.cast(0, I32) if narrow else 0
    if x_zero:
        centred = builder.call("sub", centred, builder.const(x_zero, I32))
    return builder.build(builder.call("mul", centred, builder.cast(1, I32 if narrow else x.type.element)))


def _product_nest(
    lowering: Lowering, layer: Layer, body: ScalarProgram, operands: tuple[View, View], result: View, parallel: int
) -> None:
    """Sum of products over the axes behind the first `parallel` ones."""
    axes = tuple(range(parallel, len(result.shape)))
    lowering.steps.append(Nest(layer, result.shape, operands, result, body, axes, Reduction.ADD if axes else None))


def _windows(
    view: View, result: tuple[int, ...], kernel: tuple[int, ...], strides: tuple[int, ...], dilations: tuple[int, ...]
) -> View:
    """An overlapping view over (result axes, kernel axes) of a padded tensor."""
    steps = tuple(t * s for t, s in zip(view.strides, strides, strict=True))
    taps = tuple(t * d for t, d in zip(view.strides, dilations, strict=True))
    return replace(view, shape=(*result, *kernel), strides=(*steps, *taps))


def _padded_input(
    lowering: Lowering,
    value: Value,
    pads: tuple[tuple[int, int], ...],
    fill: float,
    layer: Layer,
    spread: tuple[int, ...] = (),
) -> View:
    """`value` with a border, and `spread` - 1 fill values between neighbours, in memory of its own if it needs any."""
    view = lowering.view(value)
    spread = spread or (1,) * len(view.shape)
    shape = tuple((n - 1) * f + 1 for n, f in zip(view.shape, spread, strict=True))
    border = replace(layer, name=f"{layer.name} (padding)", tensor="", macs=0)
    if shape != view.shape:
        target = _like(lowering, view, shape, f"{value.name} spread")
        _fill(lowering, target, fill, border)
        strides = tuple(s * f for s, f in zip(target.strides, spread, strict=True))
        lowering.copy(view, replace(target, shape=view.shape, strides=strides), border)
        view = target
    if any(a or b for a, b in pads):
        target = _like(
            lowering, view, tuple(n + a + b for n, (a, b) in zip(shape, pads, strict=True)), f"{value.name} padded"
        )
        padded(lowering, view, target, tuple(a for a, _ in pads), fill, border)
        view = target
    return view


def _like(lowering: Lowering, view: View, shape: tuple[int, ...], name: str) -> View:
    """New memory of another shape in the axis order of `view`."""
    layout = Layout(axis_order(view))
    return dense_view(lowering.arena(name, layout.bytes(shape, view.element)), view.element, shape, layout)


def lower_window(lowering: Lowering, op: Window) -> None:
    """A window that no kernel takes (over channels, sums, integers) as a reduction over an overlapping view."""
    layer = lowering.layer(op)
    element = op.x.type.element
    identity_value = 0.0
    if op.kind is WindowKind.MAX:
        identity_value = -np.inf if element.is_float else float(np.iinfo(element.dtype).min)
    x = _padded_input(lowering, op.x, op.pads, identity_value, layer)
    shape, rank = op.result.type.dims, op.x.type.rank
    result = lowering.allocate(op.result, lowering.natural_order((op.x,), op.result))
    target = replace(result, shape=(*shape, *op.kernel), strides=(*result.strides, *(0,) * rank))
    source = _windows(x, shape, op.kernel, op.strides, op.dilations)
    kind = Reduction.MAX if op.kind is WindowKind.MAX else Reduction.ADD
    lowering.steps.append(
        Nest(layer, target.shape, (source,), target, identity(element), tuple(range(rank, 2 * rank)), kind)
    )
    if op.kind is WindowKind.AVERAGE:
        counts = lowering.constant(_counts(op).astype(element.dtype), f"window sizes of {layer.name}")
        divided: ScalarProgram = binary("div", element)
        lowering.steps.append(Nest(layer, shape, (result, broadcast_view(counts, shape)), result, divided))


def _counts(op: Window) -> Array:
    """Elements that each window averages over."""
    counts: Array = np.ones((1,) * op.x.type.rank)
    axes = zip(op.result.type.dims, op.kernel, op.strides, op.dilations, op.pads, op.x.type.dims, strict=True)
    for axis, (n, k, s, d, (low, _), extent) in enumerate(axes):
        inside = [k if op.count_pad else sum(0 <= i * s - low + j * d < extent for j in range(k)) for i in range(n)]
        counts = counts * np.expand_dims(np.array(inside), [a for a in range(op.x.type.rank) if a != axis])
    return counts


def lower_conv_nest(lowering: Lowering, op: Conv) -> None:
    """A convolution with variable weights as a reduction over an overlapping view of the padded and dilated input."""
    layer = lowering.layer(op, macs=op.macs)
    x = _padded_input(lowering, op.x, ((0, 0), (0, 0), *op.pads), op.x_zero, layer, (1, 1, *op.input_dilation))
    w = lowering.view(op.w)
    groups = op.groups
    images, channels, *_ = op.x.type.dims
    outputs, per_group, *kernel = op.w.type.dims
    size = op.result.type.dims[2:]
    per_output = outputs // groups
    result = lowering.allocate(op.result, lowering.wanted(op.result) or row_major(op.result.type.rank).order)
    extents = (images, groups, per_output, *size, channels // groups, *kernel)
    steps = tuple(t * s for t, s in zip(x.strides[2:], op.strides, strict=True))
    taps = tuple(t * d for t, d in zip(x.strides[2:], op.dilations, strict=True))
    none = (0,) * len(size)
    source = replace(x, shape=extents, strides=(x.strides[0], x.strides[1] * per_group, 0, *steps, x.strides[1], *taps))
    weights = replace(
        w, shape=extents, strides=(0, w.strides[0] * per_output, w.strides[0], *none, w.strides[1], *w.strides[2:])
    )
    target_strides = (
        result.strides[0],
        result.strides[1] * per_output,
        result.strides[1],
        *result.strides[2:],
        0,
        *none,
    )
    target = replace(result, shape=extents, strides=target_strides)
    _product_nest(lowering, layer, _term(op.x, op.w, op.x_zero), (source, weights), target, 3 + len(size))
