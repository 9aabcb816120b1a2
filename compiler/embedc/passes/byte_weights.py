"""byte-weights: constant weights that are stored as integers stay bytes where they multiply floats.

    conv(x, dequantize(w))     becomes     conv(x, w) with w of i8 -> map: times the scale of each output channel

Kernels make floats of bytes in registers, so that weights take a quarter of the memory. Zero points are subtracted here. Scales of blocks
of inputs are the business of `block_weights.py`. Weights with other scales for one result (input channels), or with more than 8 bits
less their zero point, become floats, as do those that something else reads; `float_weights` says why.
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
from embedc.passes.block_weights import by_blocks
from embedc.passes.integer_leaves import Unfit, scale_of, scaled, stored, uniform
from embedc.passes.integers import FloatLayer
from embedc.passes.uses import Uses, rewrite_counted
from embedc.quantized.scales import narrowest

MOST_RANK = 5  # of inputs of convolutions that kernels take


class ByteWeights(Pass, name="byte-weights"):
    """Keeps weights of float convolutions and products with constant matrices as bytes."""

    def run(self, graph: Graph) -> Graph:
        elsewhere = _read_elsewhere(graph)

        def rule(op: Op, uses: Uses) -> Value | None:
            del uses
            try:
                return _kept(op, elsewhere)
            except Unfit:
                return None

        return rewrite_counted(graph, rule)


def float_weights(graph: Graph) -> list[FloatLayer]:
    """Stored weights that this pass makes floats of, and why."""
    found = [layer for op in graph.ops for region in op.regions.values() for layer in float_weights(region)]
    elsewhere = _read_elsewhere(graph)
    for op in graph.ops:
        try:
            _kept(op, elsewhere)
        except Unfit as reason:
            found.append((op.origin, f"its weights become floats, as {reason}"))
    return found


def _read_elsewhere(graph: Graph) -> Collection[Value]:
    """What others than products and views read."""
    others = (op for op in graph.ops if not isinstance(op, Conv | Contract | Reshape | Index))
    return {v for op in others for v in op.operands} | set(graph.outputs.values())


def _kept(op: Op, elsewhere: Collection[Value]) -> Value | None:
    """The product with weights of bytes; None if it has no stored weights, Unfit if they cannot be bytes."""
    if not isinstance(op, Conv | Contract) or any(v.type.element != F32 for v in op.operands):
        return None
    if isinstance(op, Contract) and stored(op.x) is not None:
        x, y, result = op.terms
        op = Contract(op.y, op.x, f"{y},{x}->{result}", origin=op.origin)
    x, w = op.operands
    weights = stored(w)
    if weights is None or stored(x) is not None or constant_of(x) is not None:
        return None
    if not (op.is_matrix_product if isinstance(op, Contract) else op.x.type.rank <= MOST_RANK):
        raise Unfit("no kernel computes it")
    if _is_among(w, elsewhere):
        raise Unfit("something else reads its weights")
    whole = narrowest(weights.whole)
    if whole.dtype != I8.dtype:
        raise Unfit("its weights have more than 8 bits")
    try:
        scale = uniform(scale_of(op, weights))
    except Unfit:
        if isinstance(op, Contract):
            return by_blocks(op, weights)
        raise
    kept, origin = constant(whole, w.origin.without_tensor()), op.origin.without_tensor()
    total = replace(op, w=kept, origin=origin) if isinstance(op, Conv) else replace(op, y=kept, origin=origin)
    return scaled(total.result, scale, op.origin)


def _is_among(value: Value, values: Collection[Value]) -> bool:
    """True for a value, or one that it is a view of, among others."""
    while value not in values and isinstance(value.producer, Reshape | Index):
        value = value.producer.x
    return value in values
