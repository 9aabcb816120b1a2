"""Weights stored as integers."""

from embedc.frontends.onnx.node import Node
from embedc.frontends.onnx.ops.constants import wanted_element
from embedc.frontends.onnx.registry import onnx_op
from embedc.frontends.onnx.taking import repeat
from embedc.ir.graph import Value
from embedc.ir.types import I32
from embedc.ops.elementwise import constant_of


@onnx_op("DequantizeLinear")
def dequantize(node: Node) -> Value:
    """(q - zero point) scale of constants: one for all, for each index of an axis, or for blocks along it."""
    q, scale, zero = node.operand(0), node.operand(1), node.optional(2)
    if constant_of(q) is None:
        raise node.fail(
            "dequantizes a tensor that is computed while the model runs",
            "quantized activations are not supported yet: give the float model",
        )
    axis, block = node.integer("axis", 1), node.integer("block_size", 0)
    element = wanted_element(node, "output_dtype", scale.type.element)
    if scale.type.size > 1:
        axis = node.axis(axis, q.type.rank)
        scale = _spread(node, q, scale, axis, block)
        zero = zero and _spread(node, q, zero, axis, block)
    else:
        scale, zero = node.reshape(scale, ()), zero and node.reshape(zero, ())
    if zero is None:
        return node.map(lambda q, s: (q.cast(s.element) * s).cast(element), q, scale)
    return node.map(lambda q, s, z: ((q.cast(I32) - z.cast(I32)).cast(s.element) * s).cast(element), q, scale, zero)


def _spread(node: Node, q: Value, numbers: Value, axis: int, block: int) -> Value:
    """Scales or zero points shaped to broadcast with q."""
    if numbers.type.rank == 1:
        if numbers.type.dims[0] != q.type.dims[axis]:
            raise node.fail(f"{numbers.type} for axis {axis} of {q.type}", "one number for each index of the axis")
        return node.reshape(numbers, [n if a == axis else 1 for a, n in enumerate(q.type.dims)])
    blocks = -(-q.type.dims[axis] // block) if block > 0 else 0
    if numbers.type.dims != (*q.type.dims[:axis], blocks, *q.type.dims[axis + 1 :]):
        raise node.fail(f"{numbers.type} for blocks of {block} along axis {axis} of {q.type}", "re-export the model")
    repeated = repeat(node, numbers, [block if a == axis else 1 for a in range(q.type.rank)])
    return node.part(repeated, axis, 0, q.type.dims[axis])
