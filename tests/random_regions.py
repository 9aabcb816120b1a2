"""Random loops and branches."""

from typing import TYPE_CHECKING

from embedc.ir.graph import Graph, Value, collect
from embedc.ir.scalar import binary
from embedc.ir.types import BOOL, F32, I64, TensorType
from embedc.ops.control import NUMBER, If, Loop
from embedc.ops.elementwise import Map
from embedc.ops.layout import transpose

if TYPE_CHECKING:
    from tests.strategies import Growing

KINDS = ("add", "sub", "mul", "max", "min")


def random_loop(grow: "Growing") -> Loop:
    """Carries up to three values that exchange places, scans up to two, stacks some; may end early."""
    first = grow.value((1, 2, 3), (F32,))
    shape, trips = first.type.dims, grow.integer(0 if grow.often(10) else 1, 4)
    carried = (first, *(grow.leaf(shape, F32) for _ in range(grow.integer(0, 2))))
    scanned = tuple(grow.leaf((trips, *shape), F32) for _ in range(grow.integer(0, 2) if trips else 0))
    captures = tuple(grow.leaf(shape, F32) for _ in range(grow.integer(0, 2)))
    count = (grow.leaf((), I64),) if grow.often(25) else ()
    condition = (grow.leaf((), BOOL),) if grow.often(25) else ()
    number = Value(NUMBER, "number")
    kind = TensorType(F32, shape)
    inputs = [Value(kind, f"i{k}") for k in range(len(carried) + len(scanned) + len(captures))]
    known = [*inputs, *(grow.constant(shape, F32) for _ in range(grow.integer(0, 1)))]
    outputs: dict[str, Value] = {}
    if condition:
        limit = grow.constant((), I64)
        outputs["condition"] = Map((number, limit), binary("lt", I64), origin=grow.origin()).result
    computed = [_combined(grow, known) for _ in range(grow.integer(1, 3))]
    for k in range(len(carried)):
        outputs[f"next{k}"] = grow.choose([*computed, *computed, *inputs])
    if not count and not condition:
        for k in range(grow.integer(0, 2)):
            outputs[f"row{k}"] = _laid(grow, grow.choose([*computed, *inputs]))
    body = collect("body", (number, *inputs), outputs)
    return Loop(carried, scanned, captures, condition, count, trips, body, origin=grow.origin())


def random_if(grow: "Growing") -> If:
    """Two branches over the same captures."""
    first = grow.value((1, 2, 3), (F32,))
    captures = (first, *(grow.leaf(first.type.dims, F32) for _ in range(grow.integer(0, 2))))
    results = grow.integer(1, 2)

    def branch(name: str) -> Graph:
        inputs = [Value(v.type, f"i{k}") for k, v in enumerate(captures)]
        known = [*inputs, grow.constant(first.type.dims, F32)]
        computed = [*inputs, *(_combined(grow, known) for _ in range(2))]
        return collect(name, inputs, {f"y{k}": grow.choose(computed) for k in range(results)})

    return If(grow.leaf((), BOOL), captures, branch("then"), branch("otherwise"), origin=grow.origin())


def _combined(grow: "Growing", known: list[Value]) -> Value:
    result = Map((grow.choose(known), grow.choose(known)), binary(grow.choose(KINDS), F32), origin=grow.origin()).result
    known.append(result)
    return result


def _laid(grow: "Growing", value: Value) -> Value:
    rank = value.type.rank
    return transpose(value, tuple(reversed(range(rank))), grow.origin()) if grow.often(30) else value
