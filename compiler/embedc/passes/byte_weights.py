"""byte-weights: constant weights that are stored as integers stay bytes where they multiply floats.

    conv(x, dequantize(w))     becomes     conv(x, w) with w of i8 -> map: times the scale of each output channel

Kernels make floats of bytes in registers, so that weights take a quarter of the memory. Zero points are subtracted here. Weights with
several scales for one result (blocks, input channels), or with more than 8 bits less their zero point, become floats, as do those
that something else reads.
"""

from collections.abc import Collection
from dataclasses import replace

from embedc.ir.graph import Graph, Value
from embedc.ir.types import F32, I8
from embedc.ops.base import Op
from embedc.ops.elementwise import constant, constant_of
from embedc.ops.layout import Index, Reshape
from embedc.ops.window import Contract, Conv
from embedc.passes.base import Pass
from embedc.passes.integer_leaves import Stored, Unfit, scale_of, scaled, stored, uniform
from embedc.passes.uses import rewrite_counted
from embedc.quantized.scales import narrowest

MOST_RANK = 5  # of inputs of convolutions that kernels take


class ByteWeights(Pass, name="byte-weights"):
    """Keeps weights of float convolutions and products with constant matrices as bytes."""

    def run(self, graph: Graph) -> Graph:
        others = (op for op in graph.ops if not isinstance(op, Conv | Contract | Reshape | Index))
        elsewhere = {v for op in others for v in op.operands} | set(graph.outputs.values())
        return rewrite_counted(graph, lambda op, _: _kept(op, elsewhere))


def _kept(op: Op, elsewhere: Collection[Value]) -> Value | None:
    """The product with weights of bytes, None if it is none or cannot have them."""
    if not isinstance(op, Conv | Contract) or any(v.type.element != F32 for v in op.operands):
        return None
    if isinstance(op, Contract) and stored(op.x) is not None:
        x, y, result = op.terms
        op = Contract(op.y, op.x, f"{y},{x}->{result}", origin=op.origin)
    if not _has_kernels(op):
        return None
    x, w = op.operands
    weights = None if constant_of(x) is not None else _alone(w, elsewhere)
    whole = None if weights is None else narrowest(weights.whole)
    if weights is None or whole is None or whole.dtype != I8.dtype:
        return None
    try:
        scale = uniform(scale_of(op, weights))
    except Unfit:
        return None
    bytes_, origin = constant(whole, w.origin.without_tensor()), op.origin.without_tensor()
    total = replace(op, w=bytes_, origin=origin) if isinstance(op, Conv) else replace(op, y=bytes_, origin=origin)
    return scaled(total.result, scale, op.origin)


def _has_kernels(op: Conv | Contract) -> bool:
    return op.is_matrix_product if isinstance(op, Contract) else op.x.type.rank <= MOST_RANK


def _alone(value: Value, elsewhere: Collection[Value]) -> Stored | None:
    """Stored constants, if nothing but products reads what they are dequantized to."""
    weights, seen = stored(value), value
    while seen not in elsewhere and isinstance(seen.producer, Reshape | Index):
        seen = seen.producer.x
    return None if seen in elsewhere else weights
