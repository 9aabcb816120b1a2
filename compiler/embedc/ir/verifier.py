"""Checks that a Graph is well formed; a failure is a bug in the compiler, so it names the passes that ran."""

from collections.abc import Callable, Sequence
from typing import Any

from embedc.ir.graph import Graph, Value
from embedc.ir.scalar import SCALAR_OPS, ScalarNode, ScalarProgram
from embedc.ir.types import Element, TensorType
from embedc.ops.base import Op, operand_fields


class GraphError(Exception):
    """A malformed Graph: which operator, which operand, what was expected and what is there."""


def verify(graph: Graph, after: Sequence[str] = ()) -> None:
    """Raises GraphError unless every value is defined once and before use, and every type is what `infer()` says."""
    try:
        _check_graph(graph)
    except GraphError as error:
        history = f" (after {', '.join(after)})" if after else ""
        raise GraphError(f"graph '{graph.name}'{history}: {error}") from None


def _check_graph(graph: Graph) -> None:
    _check_inputs(graph)
    defined = set(graph.inputs)
    for op in graph.ops:
        _check_operator(op, defined)
        defined.update(op.results)
    for name, value in graph.outputs.items():
        if value not in defined:
            raise GraphError(f"output '{name}': {_described(value)} is not computed in this graph")


def _described(value: Value) -> str:
    return f"value '{value.name}' : {value.type}, {value.origin}"


def _check_inputs(graph: Graph) -> None:
    seen: set[str] = set()
    for value in graph.inputs:
        if value.producer is not None:
            raise GraphError(f"input '{value.name}' is the result of {value.producer.opname}")
        if value.name in seen:
            raise GraphError(f"two inputs are named '{value.name}'")
        seen.add(value.name)


def _check_operator(op: Op, defined: set[Value]) -> None:
    where = f"{op.opname}, {op.origin}"
    for name in operand_fields(type(op)):
        held: Value | tuple[Value, ...] = getattr(op, name)
        for number, value in enumerate((held,) if isinstance(held, Value) else held):
            if value not in defined:
                position = name if isinstance(held, Value) else f"{name}[{number}]"
                raise GraphError(f"{where}: operand {position}, {_described(value)}, is not defined before it is used")
    for number, value in enumerate(op.results):
        if value in defined:
            raise GraphError(f"{where}: result {number}, {_described(value)}, is defined twice")
        if value.producer is not op or value.index != number:
            raise GraphError(f"{where}: result {number}, {_described(value)}, belongs to another operator")
    for attribute in op.attributes.values():
        if isinstance(attribute, ScalarProgram):
            _check_program(attribute, where)
    for name, region in op.regions.items():
        try:
            _check_graph(region)
        except GraphError as error:
            raise GraphError(f"{where}: {name}: {error}") from None
    _check_types(where, [v.type for v in op.results], op.infer)


def _check_types(where: str, got: list[TensorType], infer: Callable[[], tuple[TensorType, ...]]) -> None:
    try:
        expected = list(infer())
    except ValueError as error:
        raise GraphError(f"{where}: {error}") from None
    if got != expected:
        raise GraphError(f"{where}: expected results {_listed(expected)}, got {_listed(got)}")


def _listed(items: Sequence[Any]) -> str:
    return f"({', '.join(str(item) for item in items)})"


def _check_program(program: ScalarProgram, where: str) -> None:
    elements: list[Element] = list(program.inputs)
    for number, node in enumerate(program.nodes):
        try:
            _check_step(node, elements)
        except GraphError as error:
            raise GraphError(f"{where}: step t{number} = {node.op} of {program}: {error}") from None
        elements.append(node.element)
    if not 0 <= program.result < len(elements):
        raise GraphError(f"{where}: result {program.result} of {program} does not exist")


def _check_step(node: ScalarNode, elements: Sequence[Element]) -> None:
    if any(not 0 <= a < len(elements) for a in node.args):
        raise GraphError(f"operands {node.args} are not defined before it")
    args = [elements[a] for a in node.args]
    declared = SCALAR_OPS.get(node.op)
    if declared is None and node.op not in ("const", "cast"):
        raise GraphError("there is no such scalar operator")
    arity = declared.arity if declared else int(node.op == "cast")
    if len(args) != arity:
        raise GraphError(f"expected {arity} operands, got {len(args)}")
    if declared is None:
        if node.op == "const" and node.value is None:
            raise GraphError("a constant without value")
        return
    if not declared.accepts(args):
        wanted = _listed(declared.operands) if declared.operands else "operands of one type"
        raise GraphError(f"expected {wanted}, got {_listed(args)}")
    expected = declared.result or args[-1]
    if node.element != expected:
        raise GraphError(f"expected element {expected}, got {node.element}")
