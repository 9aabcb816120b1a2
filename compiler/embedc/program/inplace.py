"""How closely a kernel call's output may follow its input in memory."""

from embedc.program.program import Call


def overlap_distance(call: Call) -> int | None:
    """Least offset(input buffer) - offset(output buffer) at which no block overwrites what later blocks, or itself, still read.

    A block writes up to the end of its last pixel's row of channels; what is still unread begins at the first input row that
    its first pixel's window touches. None where reads and writes do not both move forwards.
    """
    g, x, y = call.geometry, call.x, call.pixels[0]
    forwards = min(*x.strides.step, *y.strides.step) >= 0 and call.rows is None
    plain = g.images == 1 and g.groups == 1 and g.output[0] == 1 and g.input[0] == 1
    shares = any(p.view.buffer is x.view.buffer for p in call.pixels[1:])
    if not forwards or not plain or shares:
        return None
    distance: int | None = None
    width = g.oc * y.view.element.bits // 8
    for first, last in _blocks(call):
        row, column = divmod(last, g.output[2])
        written = y.view.offset + row * y.strides.step[1] + column * y.strides.step[2] + width
        row, column = divmod(first, g.output[2])
        top = max(0, row * g.stride[1] - g.pad[1])
        left = max(0, column * g.stride[2] - g.pad[2]) if g.kernel[1] == 1 else 0
        unread = x.view.offset + top * x.strides.step[1] + left * x.strides.step[2]
        distance = written - unread if distance is None else max(distance, written - unread)
    return distance


def _blocks(call: Call) -> list[tuple[int, int]]:
    """First and last pixel of every block."""
    width = call.geometry.output[2]
    total = call.geometry.pixels
    if call.spans_rows:
        return [(b, min(b + call.block, total) - 1) for b in range(0, total, call.block)]
    rows = range(0, total, width)
    return [(r + b, r + min(b + call.block, width) - 1) for r in rows for b in range(0, width, call.block)]
