"""Products with a constant matrix as kernel calls of one tap."""

from math import prod

from embedc.ir.graph import Value
from embedc.kernels.row import WindowShape
from embedc.ops.elementwise import Map, constant_of
from embedc.ops.window import Contract
from embedc.program.lowering import Lowering
from embedc.program.pack import Operands, are_nibbles, least_weight
from embedc.program.program import Geometry, Pixels, Strides, View
from embedc.program.views import merge_axes
from embedc.program.window_call import add_call, channels_contiguous, choose, epilogue_of, spatial


def lower_product(lowering: Lowering, op: Contract, absorbed: Map | None, output: View) -> None:
    """Row letters become pixels, letters of the sum become channels in the order in which x holds them."""
    x_letters, y_letters, result = op.terms
    inner = [c for c in x_letters if c not in result]
    rows = [c for c in result if c in x_letters]
    columns = [c for c in result if c not in x_letters]
    row_first = tuple(x_letters.index(c) for c in (*rows, *inner))
    x_view = lowering.view(op.x)
    if not channels_contiguous(x_view, tuple(x_letters.index(c) for c in inner)):
        order = _contiguous_order(x_view, x_letters, inner)
        if order is None:
            x_view = lowering.relayout(op.x, row_first)
        else:
            inner = order
    weights = constant_of(op.y)
    assert weights is not None
    epilogue = epilogue_of(op, absorbed)
    residuals = tuple(_rows_readable(lowering, v, output) for v in epilogue.pixels)
    depth = prod(x_view.shape[x_letters.index(c)] for c in inner)
    width = prod(output.shape[result.index(c)] for c in columns)
    matrix = weights.transpose([y_letters.index(c) for c in (*columns, *inner)]).reshape(width, 1, depth)
    layer = lowering.layer(op, absorbed, op.macs)
    strides, extents = _row_geometry(op, x_view, output, residuals, rows)
    if strides is None:
        x_view = lowering.relayout(op.x, row_first)
        strides, extents = _row_geometry(op, x_view, output, residuals, rows)
        assert strides is not None
    count = prod(extents)
    shape = WindowShape(count, 1, depth, width, least_w=least_weight(matrix), nibbles=are_nibbles(matrix))
    row = choose(lowering, op, shape, layer)
    images, *rest = extents
    size = spatial(tuple(rest), 1)
    geometry = Geometry(images, 1, depth, width, size, size, (1, 1, 1), (1, 1, 1), (1, 1, 1), (0, 0, 0))
    x, *written = [
        Pixels(v, Strides(s[0], spatial(s[1:], 0))) for v, s in zip((x_view, output, *residuals), strides, strict=True)
    ]
    add_call(lowering, layer, Operands(row, matrix, op.x_zero), geometry, x, tuple(written), epilogue)


def _contiguous_order(view: View, letters: str, inner: list[str]) -> list[str] | None:
    """The inner letters from slowest to fastest if they form one contiguous run in that order."""
    order = sorted(inner, key=lambda c: -view.strides[letters.index(c)])
    axes = tuple(letters.index(c) for c in order)
    return order if channels_contiguous(view, axes) else None


def _rows_readable(lowering: Lowering, value: Value, output: View) -> View:
    """A residual operand in the layout of the output's axes."""
    view = lowering.view(value)
    order = tuple(sorted(range(len(output.shape)), key=lambda a: -output.strides[a]))
    step = view.element.bytes
    fast = [a for a in order if output.shape[a] > 1][-1:]
    return view if all(view.strides[a] == step for a in fast) else lowering.relayout(value, order)


def _row_geometry(
    op: Contract, x: View, output: View, residuals: tuple[View, ...], rows: list[str]
) -> tuple[list[tuple[int, ...]] | None, tuple[int, ...]]:
    """Strides of x, output and residuals over up to four merged row axes; None if there are more."""
    x_letters, _, result = op.terms
    extents = tuple(output.shape[result.index(c)] for c in rows)
    table = [tuple(x.strides[x_letters.index(c)] for c in rows)]
    table += [tuple(v.strides[result.index(c)] for c in rows) for v in (output, *residuals)]
    groups = merge_axes(extents, tuple(table))
    if len(groups) > 4:
        return None, ()
    merged = tuple(prod(extents[a] for a in g) for g in groups)
    fill = 4 - len(groups)
    return [(0,) * fill + tuple(s[g[-1]] for g in groups) for s in table], (1,) * fill + merged
