"""What a pass is: a frozen dataclass from Graph to Graph whose fields are its options."""

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import ClassVar, dataclass_transform

from embedc.ir.graph import Graph, Value
from embedc.ops.base import Op
from embedc.passes.uses import Uses, rewrite_counted

PASSES: dict[str, type["Pass"]] = {}


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
@dataclass(frozen=True)
class Pass:
    """Rewrites a Graph. Subclasses say `class Fold(Pass, name="fold")` and are dataclasses by that.

    `requires` are properties that earlier passes must have ensured. Most passes are one `rule`, applied to every operator;
    the others override `run`.
    """

    name: ClassVar[str]
    requires: ClassVar[frozenset[str]] = frozenset()
    ensures: ClassVar[frozenset[str]] = frozenset()

    def __init_subclass__(cls, name: str) -> None:
        cls.name = name
        dataclass(frozen=True)(cls)
        PASSES[name] = cls

    def rule(self, op: Op, uses: Uses) -> Value | None:
        """A value to take the place of the operator's only result, or None."""
        raise NotImplementedError

    def run(self, graph: Graph) -> Graph:
        """The rewritten graph; operators that did not change are the same objects."""
        return rewrite_counted(graph, self.rule)

    @property
    def options(self) -> dict[str, object]:
        """Options that differ from their defaults."""
        values = {f.name: (getattr(self, f.name), f.default) for f in dataclasses.fields(self)}
        return {name: value for name, (value, default) in values.items() if value != default}

    def __str__(self) -> str:
        options = ",".join(f"{name.replace('_', '-')}={value}" for name, value in self.options.items())
        return self.name + (f"{{{options}}}" if options else "")


Rule = Callable[[Op, Uses], Value | None]


def first_of(*rules: Rule) -> Rule:
    """The first rule that gives a value."""

    def rule(op: Op, uses: Uses) -> Value | None:
        for candidate in rules:
            value = candidate(op, uses)
            if value is not None:
                return value
        return None

    return rule
