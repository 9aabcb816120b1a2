"""expand-quantized: quantize and dequantize become the maps that they stand for, which other passes fold and fuse."""

from embedc.ir.graph import Graph, Replacement, rewrite
from embedc.ops.base import Op
from embedc.ops.elementwise import Map
from embedc.ops.quantized import Dequantize, Quantize
from embedc.passes.base import Pass


class ExpandQuantized(Pass, name="expand-quantized"):
    """Leaves no quantize and no dequantize."""

    def run(self, graph: Graph) -> Graph:
        return rewrite(graph, _expanded)


def _expanded(op: Op) -> Replacement:
    return Map(op.inputs, op.body, origin=op.origin).results if isinstance(op, Quantize | Dequantize) else None
