"""docs/operators.md, derived from ONNX's schemas and from what the builders ask of a node: python tools/operators.py."""

import ast
import inspect
import sys
import textwrap
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from types import FunctionType
from typing import Any, cast

from onnx import NodeProto, defs

from embedc.frontends.onnx.inlining import has_definition
from embedc.frontends.onnx.node import Node
from embedc.frontends.onnx.outline import MIN_OPSET
from embedc.frontends.onnx.registry import BUILDERS, MICROSOFT, of_domain
from embedc.frontends.onnx.sequences import SEQUENCES
from embedc.frontends.onnx.support import unsupported
from embedc.frontends.onnx.tensors import ELEMENTS, type_name

PAGE = Path(__file__).parent.parent / "docs" / "operators.md"
KNOWN = {"constant", "optional_constant", "constant_ints", "optional_ints", "scalar", "whole", "deciding"}
"""Methods of Node that read an operand at compile time."""

HEAD = """\
# ONNX operators

Written by `python tools/operators.py` from ONNX's schemas and from the builders in `compiler/embedc/frontends/onnx/ops`; do not edit.

Opsets {first} to {newest}. *Elements* are those of the first input that ONNX allows and embedc has. *Known* inputs must be known at compile
time: initializers, or what follows from them and from shapes. *Limits* names attributes with the values that are taken, and attributes
that are refused. Sequences and optionals are taken apart while compiling: inputs and outputs are tensors. Whatever is not taken is refused with the node, the attribute and what to do: `embedc check MODEL` lists it all.

"""

VENDOR = """\
Operators of domain `{domain}` that its quantizer emits, on u8 and i8. Scales and zero points must be known at compile time where the result is quantized. Such
results are computed in integers, rounded once to the nearest or even, and equal on every target; ONNX Runtime rounds f32 numbers, so that one unit may
differ where the exact result is about halfway between two.
"""


@dataclass
class Asked:
    """What a builder and the functions that it calls ask of a node."""

    words: set[str] = field(default_factory=set[str])
    known: set[int] = field(default_factory=set[int])
    choices: dict[str, list[str]] = field(default_factory=dict[str, list[str]])


@cache
def known_inputs(operator: str) -> list[str]:
    """Names of the inputs that the operator's builder reads at compile time, in any version."""
    return _known(asked(BUILDERS["", operator]), _versions(operator))


def asked(build: Callable[..., Any]) -> Asked:
    """Follows the calls of a builder within the frontend."""
    found = Asked()
    waiting, seen = [build], set[Any]()
    while waiting:
        function = waiting.pop()
        if function in seen or not isinstance(function, FunctionType):
            continue
        seen.add(function)
        (written,) = ast.parse(textwrap.dedent(inspect.getsource(function))).body
        assert isinstance(written, ast.FunctionDef)
        for part in (inner for statement in written.body for inner in ast.walk(statement)):
            if isinstance(part, ast.Constant) and isinstance(part.value, str):
                found.words.add(part.value)
            elif isinstance(part, ast.Call) and isinstance(part.func, ast.Attribute):
                _method(part.func.attr, part.args, function.__globals__, found)
            elif isinstance(part, ast.Name):
                waiting += _functions(function.__globals__.get(part.id))
    return found


def _method(name: str, arguments: list[ast.expr], scope: Mapping[str, Any], found: Asked) -> None:
    """A call node.<name>(arguments)."""
    values = [_literal(a, scope) for a in arguments]
    first = values[0][0] if values and values[0] else None
    if name in KNOWN and isinstance(first, int):
        found.known.add(first)
    elif name == "choice" and isinstance(first, str):
        words = [word for value in values[1:] for word in value]
        if words:
            found.choices[first] = list(dict.fromkeys([*found.choices.get(first, []), *words]))


def _literal(expression: ast.expr, scope: Mapping[str, Any]) -> list[Any]:
    """Constants, starred names of constants, and both sides of a condition."""
    match expression:
        case ast.Constant(value=value):
            return [value]
        case ast.Tuple(elts=elements):
            return [value for e in elements for value in _literal(e, scope)]
        case ast.Starred(value=inner):
            return _literal(inner, scope)
        case ast.IfExp(body=yes, orelse=no):
            return [*_literal(yes, scope), *_literal(no, scope)]
        case ast.Name(id=name):
            value = scope.get(name)
            return [*value] if isinstance(value, tuple | dict) else []
        case _:
            return []


def _functions(value: Any) -> Iterator[Any]:
    """Functions of the frontend by a global name, or in a table of that name."""
    frontend = Node.__module__.rpartition(".")[0]
    items = list(cast(dict[Any, Any], value).values()) if isinstance(value, dict) else [value]
    for item in items:
        if isinstance(item, FunctionType) and item.__name__ != "<lambda>" and item.__module__.startswith(frontend):
            yield item


def page() -> str:
    """The whole page."""
    newest = defs.onnx_opset_version()
    schemas = {s.name: s for s in defs.get_all_schemas() if s.domain == ""}
    builders: dict[str, Callable[..., Any]] = {**SEQUENCES, **of_domain("")}
    rows = [_row(schemas[name], builders[name]) for name in sorted(builders) if name in schemas]
    theirs = sorted(of_domain(MICROSOFT).items())
    without = [s for name, s in sorted(schemas.items()) if name not in builders]
    own = [s.name for s in without if unsupported(NodeProto(op_type=s.name), newest) is None]
    rest = [s for s in without if s.name not in own]
    defined = [s.name for s in rest if has_definition(s.name, newest)]
    missing = [s.name for s in rest if s.name not in defined and not s.deprecated]
    return "\n".join(
        [
            HEAD.format(first=MIN_OPSET, newest=newest),
            f"## Supported: {len(rows) + len(own)}\n",
            "| Operator | Opsets | Elements | Known | Limits | |\n|---|---|---|---|---|---|",
            *rows,
            *(f"| {name} | | | | | see `compiler/embedc/frontends/onnx` |" for name in own),
            f"\n## ONNX Runtime's: {len(theirs)}\n",
            VENDOR.format(domain=MICROSOFT),
            "| Operator | |\n|---|---|",
            *(f"| {name} | {_note(build)} |" for name, build in theirs),
            "\n## By ONNX's definition\n",
            "These are replaced by the operators that define them, and compile where all of those do:\n",
            textwrap.fill(", ".join(defined), 130) + ".",
            "\n## Not supported\n",
            textwrap.fill(", ".join(missing), 130) + ".\n",
        ]
    )


def _row(schema: defs.OpSchema, build: Callable[..., Any]) -> str:
    found = asked(build)
    versions = _versions(schema.name)
    cells = (
        schema.name,
        _opsets(versions),
        _elements(schema, versions),
        ", ".join(_known(found, versions)),
        _limits(found, versions),
        _note(build),
    )
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _note(build: Callable[..., Any]) -> str:
    return " ".join((inspect.getdoc(build) or "").split())


def _opsets(versions: list[defs.OpSchema]) -> str:
    first = max(MIN_OPSET, min(s.since_version for s in versions))
    last = max(versions, key=lambda s: s.since_version)
    return f"{first}–{last.since_version - 1}" if last.deprecated else f"{first}–"


def _elements(schema: defs.OpSchema, versions: list[defs.OpSchema]) -> str:
    newest = max((s for s in versions if not s.deprecated), key=lambda s: s.since_version)
    if not newest.inputs:
        return ""
    allowed = {text.removeprefix("tensor(").removesuffix(")") for text in newest.inputs[0].types}
    names = {type_name(number).lower(): str(element) for number, element in ELEMENTS.items()}
    taken = [element for name, element in names.items() if name in allowed]
    return "all" if len(taken) == len(names) else " ".join(taken)


def _versions(operator: str) -> list[defs.OpSchema]:
    return [s for s in defs.get_all_schemas_with_history() if s.name == operator and s.domain == ""]


def _known(found: Asked, versions: list[defs.OpSchema]) -> list[str]:
    names: dict[str, None] = {}
    for schema in versions:
        inputs = [i.name for i in schema.inputs]
        names.update((inputs[k], None) for k in sorted(found.known) if k < len(inputs))
    return list(names)


def _limits(found: Asked, versions: list[defs.OpSchema]) -> str:
    attributes = {a for schema in versions for a in schema.attributes} - {"consumed_inputs"}
    taken = [f"{name}: {', '.join(words)}" for name, words in found.choices.items() if name in attributes]
    refused = sorted(attributes - found.words)
    return "; ".join([*taken, *([f"refused: {', '.join(refused)}"] if refused else [])])


if __name__ == "__main__":
    PAGE.parent.mkdir(exist_ok=True)
    PAGE.write_text(page(), encoding="utf-8")
    print(f"{PAGE.name}: {len(BUILDERS) + len(SEQUENCES)} operators", file=sys.stderr)
