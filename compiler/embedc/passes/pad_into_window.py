"""pad-into-window: padding in front of a convolution or a window becomes its own.

Zeros (of quantized numbers: zero points) go into a convolution, zeros into a sum, and into an average that counts them. Any number
goes into a maximum where it can never win: -inf, or one that the input is proved to reach (zeros behind a relu).
"""

from dataclasses import replace

from embedc.ir.graph import Value
from embedc.ops.base import Op
from embedc.ops.layout import Pad, transpose
from embedc.ops.window import Conv, Pads, Window, WindowKind
from embedc.passes.base import Pass
from embedc.passes.ranges import lower_bound
from embedc.passes.uses import Uses
from embedc.passes.views import permutation


class PadIntoWindow(Pass, name="pad-into-window"):
    """Absorbs pad operators into the pads of conv and window."""

    def rule(self, op: Op, uses: Uses) -> Value | None:
        del uses
        pad = _pad_behind(op.x) if isinstance(op, Conv | Window) else None
        if pad is None or min(pad.before + pad.after) < 0:
            return None
        return _conv(op, pad) if isinstance(op, Conv) else _window(op, pad) if isinstance(op, Window) else None


def _pad_behind(value: Value) -> Pad | None:
    """The pad that computes `value`; of a transposed pad, the pad of the transposed."""
    if isinstance(value.producer, Pad):
        return value.producer
    found = permutation(value)
    if found is None or not isinstance(found[0].producer, Pad):
        return None
    pad, order = found[0].producer, found[1]
    x = transpose(pad.x, order, value.origin.without_tensor())
    before, after = tuple(pad.before[a] for a in order), tuple(pad.after[a] for a in order)
    return Pad(x, before, after, pad.value)


def _sum(a: Pads, b: Pads) -> Pads:
    return tuple((i + k, j + m) for (i, j), (k, m) in zip(a, b, strict=True))


def _amounts(pad: Pad) -> Pads:
    return tuple(zip(pad.before, pad.after, strict=True))


def _conv(op: Conv, pad: Pad) -> Value | None:
    amounts = _amounts(pad)
    if pad.value != op.x_zero or any(amounts[0] + amounts[1]):
        return None
    spaced = tuple((i * f, j * f) for (i, j), f in zip(amounts[2:], op.input_dilation, strict=True))
    return replace(op, x=pad.x, pads=_sum(op.pads, spaced)).result


def _window(op: Window, pad: Pad) -> Value | None:
    unpadded = not any(map(any, op.pads))
    wider = replace(op, x=pad.x, pads=_sum(op.pads, _amounts(pad)))
    match op.kind:
        case WindowKind.SUM:
            fits = pad.value == 0
        case WindowKind.AVERAGE:
            fits = pad.value == 0 and (op.count_pad or unpadded)
            wider = replace(wider, count_pad=True)
        case WindowKind.MAX:
            never_wins = pad.value == float("-inf") or (lower_bound(pad.x) >= pad.value and wider.always_inside)
            fits = never_wins
    return wider.result if fits else None
