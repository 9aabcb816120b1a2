"""Regions written with values from around them at hand, and closed afterwards: what they read becomes captures."""

from collections.abc import Callable, Iterator, Mapping, Sequence
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


Trip = Callable[[Value, Sequence[Value], Sequence[Value]], tuple[Sequence[Value], Sequence[Value], Sequence[Value]]]
"""What one trip computes of its number, carried values and slices: the condition (none or one), the next values, rows to stack."""


def loop(
    trips: int,
    carried: Sequence[Value],
    scanned: Sequence[Value],
    trip: Trip,
    origin: Origin,
    condition: Sequence[Value] = (),
    limit: Sequence[Value] = (),
) -> tuple[Value, ...]:
    """The last carried values and the stacked rows of a loop whose body `trip` writes."""
    number = Value(NUMBER, "number", origin.without_tensor())
    inner = [Value(v.type, f"carried{k}", origin.without_tensor()) for k, v in enumerate(carried)]
    slices = [
        Value(TensorType(v.type.element, v.type.shape[1:]), f"slice{k}", origin.without_tensor())
        for k, v in enumerate(scanned)
    ]
    flags, after, rows = trip(number, inner, slices)
    names = [*(["condition"] if condition else []), *(f"next{k}" for k in range(len(after)))]
    names += [f"row{k}" for k in range(len(rows))]
    outputs = dict(zip(names, [*(flags if condition else ()), *after, *rows], strict=True))
    (body,), captures = close([Open((number, *inner, *slices), outputs)])
    op = Loop(tuple(carried), tuple(scanned), captures, tuple(condition), tuple(limit), trips, body, origin=origin)
    return op.results
