"""--require integer: what a simplified graph computes in floats, other than its floats in and out."""

from collections.abc import Mapping, Sequence
from typing import Literal

from embedc.diagnostics import EmbedcError, Fault
from embedc.ir.graph import Graph, Origin, Value
from embedc.ops.base import Op
from embedc.ops.elementwise import Const, Map, constant_of
from embedc.ops.layout import Concat, Gather, Index, Pad, Reshape

Requirement = Literal["", "integer"]
MOVING = (Concat, Gather, Index, Pad, Reshape)  # no arithmetic
SHOWN = 20  # layers in the message


def require_integers(graph: Graph, reasons: Sequence[tuple[Origin, str]]) -> None:
    """EmbedcError that names what runs in floats; `reasons` are known for some of it."""
    known = {str(origin): reason for origin, reason in reasons}
    found = [op.origin for op in float_work(graph)]
    faults = [
        Fault(
            f"computes in floats{f': {known[str(origin)]}' if str(origin) in known else ''}",
            origin,
            "--require integer allows floats only as inputs that are quantized at once and as outputs; quantize the "
            "model there too, or leave the option away",
        )
        for origin in dict.fromkeys(found)
    ]
    if faults:
        raise EmbedcError(*faults[:SHOWN])


def float_work(graph: Graph) -> list[Op]:
    """Operators that do arithmetic on floats, in order, but for such that make bytes of an input or floats of outputs."""
    uses = graph.uses()
    outputs = set(graph.outputs.values())
    found: list[Op] = []
    for op in graph.ops:
        found += [inner for region in op.regions.values() for inner in float_work(region)]
        if isinstance(op, (Const, *MOVING)) or not _computes_floats(op):
            continue
        if not _quantizes_input(op) and not _only_leaves(op.results, uses, outputs):
            found.append(op)
    return found


def _computes_floats(op: Op) -> bool:
    if isinstance(op, Map):
        given = [v for v in op.inputs if constant_of(v) is None]
        steps = any(n.op != "const" and n.element.is_float for n in op.body.nodes)
        return steps or any(v.type.element.is_float for v in given)
    return any(v.type.element.is_float for v in (*op.operands, *op.results))


def _quantizes_input(op: Op) -> bool:
    """True for a map that makes integers of nothing but inputs of the model."""
    given = [v for v in op.operands if constant_of(v) is None]
    return isinstance(op, Map) and op.result.type.element.is_integer and all(_moved(v).producer is None for v in given)


def _moved(value: Value) -> Value:
    while isinstance(value.producer, Reshape | Index):
        value = value.producer.operands[0]
    return value


def _only_leaves(values: Sequence[Value], uses: Mapping[Value, list[Op]], outputs: set[Value]) -> bool:
    """True if floats go nowhere but out, moved at most."""
    for value in values:
        readers = uses.get(value, [])
        if not readers and value not in outputs:
            return False
        if not all(isinstance(op, MOVING) and _only_leaves(op.results, uses, outputs) for op in readers):
            return False
    return True
