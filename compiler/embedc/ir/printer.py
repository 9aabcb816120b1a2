"""Graphs as text, derived from the operators' declarations.

    graph "kws" {
      input %x : f32[1,40]
      %w = const() {data = blob "0f1e2d3c4b5a6978"} : f32[40,12] loc("", "", "w")
      %y = contract(%x, %w) {equation = "nk,km->nm"} : f32[1,12] loc("fc", "Gemm", "y")
      output "y" = %y
    }

A region is the text of its graph, as the attribute that it is. Floats are hexadecimal, so that they read back to the same bits. Constants of up to 16 elements are printed in full, larger ones by digest
(`blobs` gives them); an attribute that is the type of the result is printed as that and nowhere else,
one that is its default not at all.
"""

import json
import re
from collections.abc import Iterator
from enum import StrEnum
from typing import Any, cast

import numpy as np

from embedc.ir.graph import NOWHERE, Graph, Origin, Value
from embedc.ir.scalar import ScalarProgram, format_float, format_number
from embedc.ir.types import Array, Quantization, TensorType
from embedc.ops.base import Op, attribute_defaults, attribute_fields, operand_fields
from embedc.ops.elementwise import Const

INLINE = 16
BLOB_DIGITS = 16
PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_.]*")


def to_text(graph: Graph) -> str:
    """The whole graph; `parser.from_text` reads it back."""
    names = unique_names(graph)
    lines = [f"graph {json.dumps(graph.name)} {{"]
    for value in graph.inputs:
        begins = f" = {_data(value.initial)}" if isinstance(value.initial, Const) else ""
        lines.append(
            f"  input {json.dumps(value.name)} {names[value]} : {type_text(value.type)}{begins}{_origin(value.origin)}"
        )
    lines += [f"  {_operator(op, names)}" for op in graph.ops]
    lines += [f"  output {json.dumps(name)} = {names[value]}" for name, value in graph.outputs.items()]
    return "\n".join([*lines, "}\n"])


def blobs(graph: Graph) -> dict[str, Array]:
    """The constants that `to_text` prints by digest."""
    held = (*graph.ops, *(value.initial for value in graph.inputs))
    found: dict[str, Array] = {
        op.digest[:BLOB_DIGITS]: op.data for op in held if isinstance(op, Const) and _is_blob(op)
    }
    for region in (region for op in graph.ops for region in op.regions.values()):
        found |= blobs(region)
    return found


def unique_names(graph: Graph) -> dict[Value, str]:
    """A name for every value: its tensor's or its operator's, numbered where taken; quoted unless it is an identifier."""
    names: dict[Value, str] = {}
    taken: set[str] = set()
    numbers: dict[str, int] = {}
    for value in graph.values():
        wanted = value.name or (value.producer.opname if value.producer else "input")
        name = wanted
        while name in taken:
            numbers[wanted] = numbers.get(wanted, 0) + 1
            name = f"{wanted}.{numbers[wanted]}"
        taken.add(name)
        names[value] = f"%{name}" if PLAIN.fullmatch(name) else f"%{json.dumps(name)}"
    return names


def type_text(declared: TensorType) -> str:
    """A tensor type with its quantization."""
    q = declared.quantization
    return str(declared) + (f" {_quantization(q)}" if q else "")


def _quantization(q: Quantization) -> str:
    scales = ", ".join(format_float(s) for s in q.scale)
    axis = "none" if q.axis is None else str(q.axis)
    return f"quantized([{scales}], [{', '.join(map(str, q.zero_point))}], {axis})"


def _origin(origin: Origin) -> str:
    if origin == NOWHERE:
        return ""
    parts = (origin.node, origin.operator, origin.tensor, *origin.others)
    return f" loc({', '.join(json.dumps(part) for part in parts)})"


def _operator(op: Op, names: dict[Value, str]) -> str:
    operands = ", ".join(_operands(op, names))
    attributes = ", ".join(_attributes(op))
    results = ", ".join(names[value] for value in op.results)
    types = ", ".join(type_text(value.type) for value in op.results)
    braces = f" {{{attributes}}}" if attributes else ""
    return f"{results} = {op.opname}({operands}){braces} : {types}{_origin(op.origin)}"


def _operands(op: Op, names: dict[Value, str]) -> Iterator[str]:
    for field in operand_fields(type(op)):
        held: Value | tuple[Value, ...] = getattr(op, field)
        yield names[held] if isinstance(held, Value) else f"[{', '.join(names[value] for value in held)}]"


def _attributes(op: Op) -> Iterator[str]:
    defaults = attribute_defaults(type(op))
    for name, hint in attribute_fields(type(op)).items():
        value = getattr(op, name)
        if name in defaults and value == defaults[name]:
            continue
        if hint is TensorType:
            assert value == op.results[0].type, f"{op.opname}.{name} is not the type of the result"
        elif isinstance(value, np.ndarray):
            assert isinstance(op, Const)
            yield f"{name} = {_data(op)}"
        else:
            yield f"{name} = {_attribute(value, hint)}"


def _attribute(value: Any, hint: Any) -> str:
    """An attribute by its annotated type; `parser` holds the inverse."""
    match value:
        case None:
            return "none"
        case bool():
            return "true" if value else "false"
        case StrEnum():
            return value.value
        case str():
            return json.dumps(value)
        case int() | float():
            return format_float(float(value)) if hint is float else str(value)
        case tuple():
            items = cast("tuple[Any, ...]", value)
            inner = getattr(hint, "__args__", (None,))[0]
            return f"[{', '.join(_attribute(item, inner) for item in items)}]"
        case ScalarProgram():
            return str(value)
        case Graph():
            return to_text(value).rstrip().replace("\n", "\n  ")
        case _:
            raise TypeError(f"no text form for attributes of type {hint}")


def _is_blob(op: Const) -> bool:
    return op.type.size > INLINE and not op.is_splat


def _data(op: Const) -> str:
    if op.is_splat:
        return f"splat({format_number(op.first, op.type.element)})"
    if _is_blob(op):
        return f'blob "{op.digest[:BLOB_DIGITS]}"'
    data: Array = op.data
    return f"[{', '.join(format_number(item, op.type.element) for item in data.reshape(-1).tolist())}]"
