"""The base class of operators: one declaration from which parser, printer, verifier, interpreter, docs and fuzzing derive.

Fields annotated Value, or tuple[Value, ...] are operands; every other field is an attribute, and one that is a Graph a region.
Operators are frozen; their results come into being with them, typed by `infer()`.
"""

import dataclasses
import importlib
import pkgutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any, ClassVar, Self, dataclass_transform, get_type_hints

from embedc import ops
from embedc.ir.graph import NOWHERE, Graph, Origin, Value
from embedc.ir.types import Array, TensorType

OPERATORS: dict[str, type["Op"]] = {}


class TypeMismatch(ValueError):  # noqa: N818 - reads as what it says
    """An operator's operands or attributes do not fit together; the text says expected and got."""


@dataclass_transform(frozen_default=True, eq_default=False, field_specifiers=(field,))
@dataclass(frozen=True, eq=False)
class Op:
    """An operator application. Subclasses say `class Conv(Op, name="conv")` and are dataclasses by that."""

    opname: ClassVar[str]
    results: tuple[Value, ...] = field(init=False, repr=False)
    origin: Origin = field(default=NOWHERE, kw_only=True)

    def __init_subclass__(cls, name: str) -> None:
        cls.opname = name
        dataclass(frozen=True, eq=False)(cls)
        OPERATORS[name] = cls

    def __post_init__(self) -> None:
        types = self.infer()
        origins = [self.origin.of_result(i) for i in range(len(types))]
        results = tuple(Value(t, o.tensor, o, self, i) for i, (t, o) in enumerate(zip(types, origins, strict=True)))
        object.__setattr__(self, "results", results)

    @property
    def result(self) -> Value:
        """The only result."""
        (only,) = self.results
        return only

    def infer(self) -> tuple[TensorType, ...]:
        """Types of the results; TypeMismatch if operands and attributes do not fit."""
        raise NotImplementedError

    def reference(self, *arrays: Array) -> tuple[Array, ...]:
        """The results for numpy operands: f64 accumulation, rounded once."""
        raise NotImplementedError

    @property
    def operands(self) -> tuple[Value, ...]:
        """All operand values in declaration order."""
        found: list[Value] = []
        for name in operand_fields(type(self)):
            held: Value | tuple[Value, ...] = getattr(self, name)
            found.extend((held,) if isinstance(held, Value) else held)
        return tuple(found)

    @property
    def attributes(self) -> dict[str, Any]:
        """Attribute values by name in declaration order."""
        return {name: getattr(self, name) for name in attribute_fields(type(self))}

    def with_operands(self, mapping: Mapping[Value, Value]) -> Self:
        """The operator with operands replaced; itself if none changes."""
        if all(mapping.get(v, v) is v for v in self.operands):
            return self
        changes: dict[str, Any] = {}
        for name in operand_fields(type(self)):
            held: Value | tuple[Value, ...] = getattr(self, name)
            changes[name] = (
                mapping.get(held, held) if isinstance(held, Value) else tuple(mapping.get(v, v) for v in held)
            )
        return dataclasses.replace(self, **changes)

    @property
    def regions(self) -> dict[str, Graph]:
        """Graphs that the operator runs, by attribute."""
        return {name: value for name, value in self.attributes.items() if isinstance(value, Graph)}

    def with_regions(self, change: Callable[[Graph], Graph]) -> Self:
        """The operator with changed regions; itself if `change` gives back the same objects."""
        new = {name: change(region) for name, region in self.regions.items()}
        if all(region is self.regions[name] for name, region in new.items()):
            return self
        return dataclasses.replace(self, **new)


@cache
def _hints(cls: type[Op]) -> dict[str, Any]:
    hints = get_type_hints(cls)
    return {f.name: hints[f.name] for f in dataclasses.fields(cls) if f.name not in ("results", "origin")}


@cache
def operand_fields(cls: type[Op]) -> tuple[str, ...]:
    """Names of the operand fields of an operator class."""
    return tuple(n for n, h in _hints(cls).items() if h in (Value, tuple[Value, ...]))


@cache
def attribute_fields(cls: type[Op]) -> dict[str, Any]:
    """Attribute names of an operator class and their annotated types."""
    return {n: h for n, h in _hints(cls).items() if n not in operand_fields(cls)}


@cache
def attribute_defaults(cls: type[Op]) -> dict[str, Any]:
    """What attributes of an operator class are where nobody says."""
    fields = {f.name: f.default for f in dataclasses.fields(cls)}
    return {n: fields[n] for n in attribute_fields(cls) if fields[n] is not dataclasses.MISSING}


@cache
def all_operators() -> Mapping[str, type[Op]]:
    """Every operator by name, with all modules of this package imported."""
    for module in pkgutil.iter_modules(ops.__path__):
        importlib.import_module(f"{ops.__name__}.{module.name}")
    return OPERATORS


def expect(condition: bool, message: str) -> None:
    """Raises TypeMismatch with `message` unless `condition` holds."""
    if not condition:
        raise TypeMismatch(message)
