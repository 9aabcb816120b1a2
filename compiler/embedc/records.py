"""Records: frozen dataclasses whose annotations say what a JSON file may hold. Reading, writing and a JSON Schema follow from them.

A field's type is bool, int, float, str, Literal, `X | None`, tuple[X, ...], Mapping[str, X] or a record; Annotated adds rules and,
as text, what the field means.
"""

import inspect
import re
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, TypeVar, Union, cast, get_args, get_origin, get_type_hints

T = TypeVar("T")
_SCALARS = {bool: "boolean", int: "integer", float: "number", str: "string"}


class RecordError(ValueError):
    """Says where JSON is not what a record takes."""


class Rule:
    """Narrows a type: the JSON Schema `keyword` with its value, and what holds for values."""

    def __init__(self, keyword: str, value: Any, told: str) -> None:
        self.keyword, self.value, self.told = keyword, value, told

    def holds(self, value: Any) -> bool:
        match self.keyword:
            case "minimum":
                return value >= self.value
            case "pattern":
                return re.search(self.value, value) is not None
            case _:
                return value in self.value


def at_least(number: int) -> Rule:
    """No number below."""
    return Rule("minimum", number, f"at least {number}")


def matching(pattern: str) -> Rule:
    """Text that the regular expression finds something in."""
    return Rule("pattern", pattern, f"text like {pattern}")


def one_of(words: tuple[str, ...]) -> Rule:
    """One of these."""
    return Rule("enum", list(words), f"one of {', '.join(words)}")


def read_record(kind: type[T], value: object) -> T:
    """The record that JSON data holds; nothing may be missing and nothing else may be there."""
    return cast(T, _read(kind, value, ""))


def as_json(value: Any) -> Any:
    """What the JSON file holds of a record."""
    if is_dataclass(value):
        return {f.name: as_json(getattr(value, f.name)) for f in fields(value)}
    if isinstance(value, Mapping):
        return {key: as_json(inner) for key, inner in cast(Mapping[str, Any], value).items()}
    if isinstance(value, tuple | list):
        return [as_json(inner) for inner in cast(tuple[Any, ...], value)]
    return value


def schema(kind: type, identity: str) -> dict[str, Any]:
    """The JSON Schema (2020-12) of the files that hold such a record."""
    records: dict[str, Any] = {}
    whole = _object(kind, records)
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": identity, "title": kind.__name__}
    return {**head, **whole, "$defs": records}


def _read(kind: Any, value: Any, where: str) -> Any:
    origin, args = get_origin(kind), get_args(kind)
    if origin is Annotated:
        found = _read(args[0], value, where)
        for rule in args[1:]:
            if isinstance(rule, Rule) and not rule.holds(found):
                raise _wrong(where, value, rule.told)
        return found
    if origin in (Union, UnionType):
        return None if value is None else _read(_without_none(args), value, where)
    if origin is Literal:
        if value not in args or isinstance(value, bool):
            raise _wrong(where, value, " or ".join(map(repr, args)))
        return value
    if origin is tuple:
        items = _typed(value, list, "an array", where)
        return tuple(_read(args[0], item, f"{where}[{number}]") for number, item in enumerate(items))
    if origin is Mapping:
        entries = _typed(value, dict, "an object", where)
        return {key: _read(args[1], inner, f"{where}.{key}") for key, inner in entries.items()}
    if is_dataclass(kind):
        return _read_object(cast(type, kind), _typed(value, dict, "an object", where), where)
    return _read_scalar(kind, value, where)


def _read_object(kind: type, entries: Mapping[str, Any], where: str) -> Any:
    hints = get_type_hints(kind, include_extras=True)
    names = [f.name for f in fields(kind)]
    begin = f"{where}." if where else ""
    for name in names:
        if name not in entries:
            raise RecordError(f"{begin}{name} is missing")
    for name in entries:
        if name not in names:
            raise RecordError(f"{begin}{name} is unknown")
    return kind(**{name: _read(hints[name], entries[name], f"{begin}{name}") for name in names})


def _read_scalar(kind: Any, value: Any, where: str) -> Any:
    if kind is int and isinstance(value, float) and value.is_integer():  # JSON has one kind of numbers
        return int(value)
    taken = (int, float) if kind is float else kind
    if not isinstance(value, taken) or (isinstance(value, bool) and kind is not bool):
        raise _wrong(where, value, f"a JSON {_SCALARS[kind]}")
    return value


def _typed(value: Any, kind: type, told: str, where: str) -> Any:
    if not isinstance(value, kind):
        raise _wrong(where, value, told)
    return value


def _wrong(where: str, value: Any, expected: str) -> RecordError:
    got = value if isinstance(value, bool | int | float | str | NoneType) else type(value).__name__
    return RecordError(f"{where or 'it'} must be {expected}, not {got!r:.60}")


def _without_none(kinds: tuple[Any, ...]) -> Any:
    (kind,) = (k for k in kinds if k is not NoneType)
    return kind


def _schema(kind: Any, records: dict[str, Any]) -> dict[str, Any]:
    origin, args = get_origin(kind), get_args(kind)
    if origin is Annotated:
        rules = {note.keyword: note.value for note in args[1:] if isinstance(note, Rule)}
        texts = [note for note in args[1:] if isinstance(note, str)]
        return _schema(args[0], records) | rules | ({"description": " ".join(texts)} if texts else {})
    if origin in (Union, UnionType):
        return {"anyOf": [_schema(_without_none(args), records), {"type": "null"}]}
    if origin is Literal:
        return {"const": args[0]} if len(args) == 1 else {"enum": list(args)}
    if origin is tuple:
        return {"type": "array", "items": _schema(args[0], records)}
    if origin is Mapping:
        return {"type": "object", "additionalProperties": _schema(args[1], records)}
    if is_dataclass(kind):
        name = cast(type, kind).__name__
        if name not in records:
            records[name] = {}
            records[name] = _object(cast(type, kind), records)
        return {"$ref": f"#/$defs/{name}"}
    return {"type": _SCALARS[kind]}


def _object(kind: type, records: dict[str, Any]) -> dict[str, Any]:
    hints = get_type_hints(kind, include_extras=True)
    properties = {f.name: _schema(hints[f.name], records) for f in fields(kind)}
    told = " ".join((inspect.getdoc(kind) or "").split())
    return {
        "description": told,
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }
