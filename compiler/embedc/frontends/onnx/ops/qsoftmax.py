"""com.microsoft's softmax of bytes, in integers: a table of exponentials of the distance to the maximum, one division."""

import math
from fractions import Fraction

import numpy as np

from embedc.frontends.onnx.node import Node
from embedc.frontends.onnx.ops.normalization import softmax_axes
from embedc.frontends.onnx.ops.qlinear import power
from embedc.frontends.onnx.quantity import quantities
from embedc.frontends.onnx.registry import MICROSOFT, onnx_op
from embedc.ir.graph import Value
from embedc.ir.types import I32, I64
from embedc.ops.elementwise import Reduction
from embedc.ops.layout import Gather
from embedc.quantized.quantity import FARTHEST

FINEST = 22  # bits behind the point of an exponential: 2^7 times those of a byte and a sum of 256
SUM_BITS = 30
RATIO_BITS = 16
LEAST_SCALE = 2.0**-RATIO_BITS


@onnx_op("QLinearSoftmax", domain=MICROSOFT)
def softmax(node: Node) -> Value:
    """exp(x - max) / sum along one axis, or over all axes from `axis` on where `opset` is below 13; halves round up."""
    x = node.operand(0)
    own, target = quantities(node, (x, 1, 2), (x, 3, 4))
    axes = softmax_axes(node, x, node.integer("axis", -1), node.integer("opset") >= 13)
    count = math.prod(x.type.dims[a] for a in axes)
    bits = min(FINEST, SUM_BITS - count.bit_length())
    if bits < RATIO_BITS:
        raise node.fail(f"normalizes {count} numbers", f"embedc takes up to {2 ** (SUM_BITS - RATIO_BITS) - 1}")
    if target.scale < LEAST_SCALE:
        raise node.fail(f"its scale (input 3) is {target.scale:g}", f"bytes hold no softmax below {LEAST_SCALE:g}")
    step = node.between()
    distance = step.map(lambda x, m: m.cast(I32) - x.cast(I32), x, step.reduce(x, Reduction.MAX, axes))
    exponentials = (round(power(Fraction(own.scale) * -d) * 2**bits) for d in range(FARTHEST + 1))
    table = step.array(np.fromiter(exponentials, np.int32, FARTHEST + 1))
    powers = step.emit(Gather(table, distance, 0, origin=step.origin))
    total = step.map(lambda s: s.cast(I64) * 2**RATIO_BITS, step.reduce(powers, Reduction.ADD, axes))
    twice = 2 * round(Fraction(2**RATIO_BITS) / Fraction(target.scale))
    return node.map(lambda p, s: target.clamped(((p.cast(I64) * twice / s).cast(I32) + 1) / 2), powers, total)
