"""What the bytes of a model's inputs and outputs mean: the scales and zero points with which it reads and writes them."""

from embedc.ir.graph import Graph, Value
from embedc.ir.types import Quantization
from embedc.ops.base import Op
from embedc.ops.elementwise import constant_of
from embedc.ops.layout import Index, Reshape
from embedc.ops.quantized import Dequantize, Quantize


def port_quantizations(graph: Graph) -> dict[str, Quantization]:
    """By name, for inputs that nothing but dequantize of one scale reads, and outputs that quantize writes; views between do not count."""
    uses = graph.uses()
    found: dict[str, Quantization] = {}
    for value in graph.inputs:
        read = {parameters(op) for op in _readers(value, uses)}
        only = read.pop() if len(read) == 1 else None
        if only and value.type.element.is_integer:
            found[value.name] = only
    for name, value in graph.outputs.items():
        source = value
        while isinstance(source.producer, Reshape | Index):
            source = source.producer.operands[0]
        written = parameters(source.producer) if isinstance(source.producer, Quantize) else None
        if written:
            found[name] = written
    return found


def _readers(value: Value, uses: dict[Value, list[Op]]) -> list[Op]:
    """What reads the elements of a value, through views."""
    found: list[Op] = []
    for op in uses.get(value, []):
        found += _readers(op.results[0], uses) if isinstance(op, Reshape | Index) else [op]
    return found


def parameters(op: Op | None) -> Quantization | None:
    """Scale and zero point of one for all elements, None for anything else."""
    if not isinstance(op, Quantize | Dequantize):
        return None
    scale, zero = constant_of(op.scale), constant_of(op.zero)
    if scale is None or zero is None or scale.size != 1 or zero.size != 1:
        return None
    return Quantization((scale.item(),), (zero.item(),))
