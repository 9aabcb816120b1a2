"""How closely a kernel call's output may follow its input in memory."""

from dataclasses import dataclass

from embedc.program.program import Call, Pixels


@dataclass(frozen=True)
class Distances:
    """Least offset(input) - offset(output) for blocks in order, least offset(output) - offset(input) for reverse order."""

    forwards: int
    backwards: int


def overlap_distances(call: Call) -> Distances | None:
    """Distances at which no block overwrites what later blocks, or itself, still read; None where order is not one of memory.

    A block writes the pixels first..last. In order, what is still unread begins at the first input row (of a window one row
    high: pixel) that its first pixel touches; in reverse order it ends behind the last one that its last pixel touches.
    """
    g, x, y = call.geometry, call.x, call.pixels[0]
    in_order = _in_order(x, g.input, g.ic) and _in_order(y, g.output, g.oc) and call.rows is None
    plain = g.images == 1 and g.groups == 1 and g.output[0] == 1 and g.input[0] == 1
    shares = any(p.view.buffer is x.view.buffer for p in call.pixels[1:])
    if not in_order or not plain or shares or x.view.moves or y.view.moves:
        return None
    forwards: list[int] = []
    backwards: list[int] = []
    for first, last in _blocks(call):
        row, column = divmod(first, g.output[2])
        begins = y.view.offset + row * y.strides.step[1] + column * y.strides.step[2]
        unread = x.view.offset + _touched(call, row, column, 0)
        row, column = divmod(last, g.output[2])
        ends = y.view.offset + row * y.strides.step[1] + column * y.strides.step[2] + g.oc * y.view.element.bytes
        read = x.view.offset + _touched(call, row, column, 1) + g.ic * x.view.element.bytes
        forwards.append(ends - unread)
        backwards.append(read - begins)
    return Distances(max(forwards), max(backwards))


def _in_order(pixels: Pixels, size: tuple[int, int, int], channels: int) -> bool:
    """True if pixels of a row, and rows, follow each other in memory without interleaving."""
    _, row, column = pixels.strides.step
    width = channels * pixels.view.element.bytes
    return (size[2] == 1 or column >= width) and (size[1] == 1 or row >= (size[2] - 1) * column + width)


def _touched(call: Call, row: int, column: int, last: int) -> int:
    """Byte position in the input of the first pixel (or the last) that a window touches.

    Its whole row counts where windows of the next or previous row touch it too: higher windows, and rows in the padding.
    """
    g, step = call.geometry, call.x.strides.step
    top = row * g.stride[1] - g.pad[1] + last * (g.kernel[1] - 1) * g.dilation[1]
    left = column * g.stride[2] - g.pad[2] + last * (g.kernel[2] - 1) * g.dilation[2]
    if g.kernel[1] > 1 or not 0 <= top < g.input[1]:
        left = last * (g.input[2] - 1)
    return min(max(top, 0), g.input[1] - 1) * step[1] + min(max(left, 0), g.input[2] - 1) * step[2]


def _blocks(call: Call) -> list[tuple[int, int]]:
    """First and last pixel of every block."""
    width = call.geometry.output[2]
    total = call.geometry.pixels
    if call.spans_rows:
        return [(b, min(b + call.block, total) - 1) for b in range(0, total, call.block)]
    rows = range(0, total, width)
    return [(r + b, r + min(b + call.block, width) - 1) for r in rows for b in range(0, width, call.block)]
