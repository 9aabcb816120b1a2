"""Regions written with values from around them at hand, and closed afterwards: what they read becomes captures."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import count

from embedc.ir.graph import Graph, Origin, Value, collect
from embedc.ir.types import TensorType
from embedc.ops.base import Op
from embedc.ops.control import NUMBER, Loop
from embedc.ops.elementwise import Const


@dataclass(frozen=True)
class Open:
    """A region before it is closed: its own inputs, and outputs by name."""

    inputs: tuple[Value, ...]
    outputs: Mapping[str, Value]


def close(regions: Sequence[Open]) -> tuple[list[Graph], tuple[Value, ...]]:
    """Regions with the same captures behind their own inputs, and what these are outside.

    What depends on no input of a region is computed outside, constants are in it.
    """
    captures = tuple(dict.fromkeys(value for region in regions for value in _outside(region)))
    graphs: list[Graph] = []
    for region in regions:
        mapping = dict(zip(captures, _named(captures, {value.name for value in region.inputs}), strict=True))
        own = (*region.inputs, *mapping.values())
        for op in _inside(region):
            mapping.update(zip(op.results, op.with_operands(mapping).results, strict=True))
        outputs = {name: mapping.get(value, value) for name, value in region.outputs.items()}
        graphs.append(collect("region", own, outputs))
    return graphs, captures


def _inside(region: Open) -> list[Op]:
    """Operators that depend on an input of the region."""
    known = set(region.inputs)
    found: list[Op] = []
    for op in collect("", (), region.outputs).ops:
        if not known.isdisjoint(op.operands):
            known.update(op.results)
            found.append(op)
    return found


def _outside(region: Open) -> Iterator[Value]:
    """Values of around that the region reads, constants left out."""
    inside = _inside(region)
    known = {*region.inputs, *(value for op in inside for value in op.results)}
    for value in (*(v for op in inside for v in op.operands), *region.outputs.values()):
        if value not in known and not isinstance(value.producer, Const):
            yield value


def _named(values: Sequence[Value], taken: set[str]) -> Iterator[Value]:
    """Inputs in place of `values` with names that are not taken."""
    for number, value in enumerate(values):
        wanted = value.name or f"capture{number}"
        name = next(n for k in count() if (n := f"{wanted}.{k}" if k else wanted) not in taken)
        taken.add(name)
        yield Value(value.type, name, value.origin)


@dataclass(frozen=True)
class Trip:
    """The inputs of a loop's body: its number, the carried values, the slices of what is scanned."""

    number: Value
    carried: tuple[Value, ...]
    slices: tuple[Value, ...]


def open_loop(carried: Sequence[Value], scanned: Sequence[Value], origin: Origin) -> Trip:
    """Inputs with which the body of a loop can be written."""
    nameless = origin.without_tensor()
    sliced = [TensorType(v.type.element, v.type.shape[1:]) for v in scanned]
    return Trip(
        Value(NUMBER, "number", nameless),
        tuple(Value(v.type, f"carried{k}", nameless) for k, v in enumerate(carried)),
        tuple(Value(kind, f"slice{k}", nameless) for k, kind in enumerate(sliced)),
    )


@dataclass(frozen=True)
class Control:
    """How often a loop runs: `trips` at most, below the `limit` and while the condition holds, its first and next value."""

    trips: int
    limit: tuple[Value, ...] = ()
    condition: tuple[Value, Value] | None = None


def close_loop(
    trip: Trip,
    carried: Sequence[Value],
    scanned: Sequence[Value],
    after: Sequence[Value],
    rows: Sequence[Value],
    control: Control,
    origin: Origin,
) -> tuple[Value, ...]:
    """The last carried values and the stacked rows of the loop whose body computes `after` and `rows`."""
    first, flag = ((v,) for v in control.condition) if control.condition else ((), ())
    names = [*("condition" for _ in flag), *(f"next{k}" for k in range(len(after)))]
    names += [f"row{k}" for k in range(len(rows))]
    outputs = dict(zip(names, [*flag, *after, *rows], strict=True))
    (body,), captures = close([Open((trip.number, *trip.carried, *trip.slices), outputs)])
    op = Loop(tuple(carried), tuple(scanned), captures, first, control.limit, control.trips, body, origin=origin)
    return op.results
