"""Reads the text form of a Graph; `printer` describes it, graph.lark is its grammar, the operators' declarations give it meaning."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from enum import Enum
from functools import cache
from pathlib import Path
from types import UnionType
from typing import Any, TypeVar, get_args, get_origin

import numpy as np
from lark import Lark, Token, Tree, UnexpectedInput

from embedc.ir.graph import NOWHERE, Graph, Origin, Value
from embedc.ir.scalar import ScalarNode, ScalarProgram
from embedc.ir.types import ELEMENTS, Array, Dim, DimVar, Element, Quantization, TensorType
from embedc.ops.base import Op, all_operators, attribute_defaults, attribute_fields, operand_fields
from embedc.ops.elementwise import Const, Data

Node = Tree[Token]
T = TypeVar("T")


class TextError(ValueError):
    """The text of a graph is wrong; says where."""


@cache
def _lark() -> Lark:
    grammar = Path(__file__).with_name("graph.lark").read_text(encoding="utf-8")
    return Lark(grammar, parser="lalr", propagate_positions=True)


def from_text(text: str, blobs: Mapping[str, Array] | None = None) -> Graph:
    """The graph that `to_text` printed; `blobs` holds its large constants by digest prefix."""
    try:
        tree: Node = _lark().parse(text)  # pyright: ignore[reportUnknownMemberType] - lark's text types
    except UnexpectedInput as error:
        raise TextError(f"line {error.line}, column {error.column}: {error.get_context(text)}{error}") from None
    return _Reader(blobs or {}).graph(next(_nodes(tree, "graph")))


def _parts(tree: Node) -> list[Token | Node]:
    return [child for child in tree.children if child is not None]  # pyright: ignore[reportUnnecessaryComparison] - [x]


def _nodes(tree: Node, kind: str) -> Iterator[Node]:
    return (child for child in tree.children if isinstance(child, Tree) and child.data == kind)


def _tokens(tree: Node, kind: str) -> list[str]:
    return [str(child) for child in tree.children if isinstance(child, Token) and child.type == kind]


def _string(token: str) -> str:
    return json.loads(token)


def _number(text: str) -> float | int:
    """Hexadecimal floats, inf and nan are floats, the rest are integers."""
    return float.fromhex(text) if "p" in text or "n" in text else int(text)


class _Reader:
    def __init__(self, blobs: Mapping[str, Array]) -> None:
        self.blobs = blobs
        self.values: dict[str, Value] = {}

    def graph(self, tree: Node) -> Graph:
        inputs = tuple(self.input(node) for node in _nodes(tree, "input"))
        ops = tuple(_located(node, self.operator) for node in _nodes(tree, "operator"))
        outputs = dict(_located(node, self.output) for node in _nodes(tree, "output"))
        return Graph(_string(_tokens(tree, "STRING")[0]), inputs, outputs, ops)

    def input(self, node: Node) -> Value:
        declared, name, origin = _type(next(_nodes(node, "type"))), _string(_tokens(node, "STRING")[0]), _origin(node)
        begins = [
            Const(Data(self.data(_parts(i)[0], declared)), declared, origin=origin) for i in _nodes(node, "initial")
        ]
        value = Value(declared, name, origin, initial=begins[0] if begins else None)
        self.define(_tokens(node, "NAME")[0], value)
        return value

    def output(self, node: Node) -> tuple[str, Value]:
        return _string(_tokens(node, "STRING")[0]), self.value(_tokens(node, "NAME")[0])

    def define(self, name: str, value: Value) -> None:
        if name in self.values:
            raise TextError(f"{name} is defined twice")
        self.values[name] = value

    def value(self, name: str) -> Value:
        if name not in self.values:
            raise TextError(f"{name} is not defined")
        return self.values[name]

    def operator(self, node: Node) -> Op:
        opname = _tokens(node, "WORD")[0]
        declared = all_operators()
        if opname not in declared:
            raise TextError(f"there is no operator '{opname}'; there are {', '.join(sorted(declared))}")
        cls = declared[opname]
        types = [_type(t) for t in _nodes(next(_nodes(node, "types")), "type")]
        arguments = self.operands(cls, node) | self.attributes(cls, node, types[0])
        op = cls(**arguments, origin=_origin(node))
        names = _tokens(next(_nodes(node, "results")), "NAME")
        if [v.type for v in op.results] != types or len(names) != len(types):
            raise TextError(f"{opname} gives {', '.join(str(v.type) for v in op.results)}")
        for name, value in zip(names, op.results, strict=True):
            self.define(name, value)
        return op

    def operands(self, cls: type[Op], node: Node) -> dict[str, Any]:
        fields = operand_fields(cls)
        held: list[Value | tuple[Value, ...]] = []
        for operand in _nodes(node, "operand"):
            several = [tuple(self.value(n) for n in _tokens(group, "NAME")) for group in _nodes(operand, "operands")]
            held.append(several[0] if several else self.value(_tokens(operand, "NAME")[0]))
        if len(held) != len(fields):
            raise TextError(f"{cls.opname} takes operands ({', '.join(fields)}), got {len(held)}")
        return dict(zip(fields, held, strict=True))

    def attributes(self, cls: type[Op], node: Node, result: TensorType) -> dict[str, Any]:
        given = {
            _tokens(item, "WORD")[0]: _parts(item)[1]
            for group in _nodes(node, "attributes")
            for item in _nodes(group, "attribute")
        }
        fields = attribute_fields(cls)
        found: dict[str, Any] = {name: result for name, hint in fields.items() if hint is TensorType}
        expected = set(fields) - set(found)
        if not expected - set(attribute_defaults(cls)) <= set(given) <= expected:
            raise TextError(f"{cls.opname} has attributes {sorted(expected)}, got {sorted(given)}")
        for name, item in given.items():
            if fields[name] is Data:
                found[name] = self.data(item, result)
            elif fields[name] is Graph and isinstance(item, Tree):
                found[name] = _Reader(self.blobs).graph(item)
            else:
                found[name] = _attribute(item, fields[name])
        return found

    def data(self, item: Token | Node, declared: TensorType) -> Array:
        dtype = declared.element.dtype
        if isinstance(item, Tree) and item.data == "splat":
            return np.broadcast_to(np.asarray(_number(_tokens(item, "NUMBER")[0])).astype(dtype), declared.dims)
        if isinstance(item, Tree) and item.data == "list":
            return np.asarray([_number(t) for t in _tokens(item, "NUMBER")]).astype(dtype).reshape(declared.dims)
        digest = _string(_tokens(item, "STRING")[0]) if isinstance(item, Tree) else str(item)
        if digest not in self.blobs:
            raise TextError(f"there is no blob '{digest}'")
        return self.blobs[digest]


def _located(node: Node, read: Callable[[Node], T]) -> T:
    """`read(node)` with the line added to what is wrong."""
    try:
        return read(node)
    except KeyError as error:
        raise TextError(f"line {node.meta.line}: {error.args[0]} is not defined") from None
    except ValueError as error:
        raise TextError(f"line {node.meta.line}: {error}") from None


def _origin(node: Node) -> Origin:
    for found in _nodes(node, "origin"):
        name, operator, tensor, *others = (_string(token) for token in _tokens(found, "STRING"))
        return Origin(name, operator, tensor, tuple(others))
    return NOWHERE


def _type(node: Node) -> TensorType:
    name = _tokens(node, "WORD")[0]
    if name not in ELEMENTS:
        raise TextError(f"there is no element type '{name}'")
    dims: list[Dim] = []
    quantization: Quantization | None = None
    for part in _parts(node)[1:]:
        if isinstance(part, Token):
            dims.append(int(part))
        elif part.data == "variable":
            dims.append(DimVar(_tokens(part, "WORD")[0], int(_tokens(part, "NUMBER")[0])))
        else:
            quantization = _quantization(part)
    return TensorType(ELEMENTS[name], tuple(dims), quantization)


def _quantization(node: Node) -> Quantization:
    scales, zeros = ([_number(t) for t in _tokens(part, "NUMBER")] for part in _nodes(node, "list"))
    axis = _tokens(node, "NUMBER")
    return Quantization(tuple(map(float, scales)), tuple(map(int, zeros)), int(axis[0]) if axis else None)


def _attribute(item: Token | Node, hint: Any) -> Any:
    """An attribute value by its annotated type."""
    if isinstance(hint, UnionType):
        inner = next(arg for arg in get_args(hint) if arg is not type(None))
        return None if item == "none" else _attribute(item, inner)
    if get_origin(hint) is tuple:
        return _tuple(item, get_args(hint))
    if hint is ScalarProgram and isinstance(item, Tree):
        return _program(item)
    if not isinstance(item, Token):
        raise TextError(f"expected {getattr(hint, '__name__', hint)}, got {item.data}")
    if hint is bool:
        return item == "true"
    if hint is str:
        return _string(str(item))
    if isinstance(hint, type) and issubclass(hint, Enum):
        return hint(str(item))
    if hint in (int, float):
        return hint(_number(str(item)))
    raise TextError(f"attributes of type {hint} have no text form")


def _tuple(item: Token | Node, hints: Sequence[Any]) -> tuple[Any, ...]:
    parts = _parts(item) if isinstance(item, Tree) else []
    kinds = [hints[0]] * len(parts) if hints[-1] is ... else hints
    return tuple(_attribute(part, kind) for part, kind in zip(parts, kinds, strict=True))


def _program(node: Node) -> ScalarProgram:
    numbers: dict[str, int] = {}
    inputs: list[Element] = []
    nodes: list[ScalarNode] = []
    for parameter in _nodes(node, "parameter"):
        name, element = _tokens(parameter, "WORD")
        numbers[name] = len(numbers)
        inputs.append(ELEMENTS[element])
    for step in _nodes(node, "step"):
        name, op, *args, element = _tokens(step, "WORD")
        literal = _tokens(step, "NUMBER")
        value = None
        if literal:
            value = float(_number(literal[0])) if ELEMENTS[element].is_float else int(_number(literal[0]))
        nodes.append(ScalarNode(op, tuple(numbers[a] for a in args), ELEMENTS[element], value))
        numbers[name] = len(numbers)
    return ScalarProgram(tuple(inputs), tuple(nodes), numbers[_tokens(node, "WORD")[-1]])
