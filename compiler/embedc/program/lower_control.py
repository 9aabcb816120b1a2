"""Loops and branches: their regions are lowered into steps of their own, whose views move with the counter."""

from collections.abc import Sequence
from dataclasses import replace

from embedc.ir.graph import Value
from embedc.ops.control import If, Loop
from embedc.program.keep import carried_in_place
from embedc.program.layout import Layout, row_major
from embedc.program.lowering import Lowering
from embedc.program.placement import demands
from embedc.program.program import Branch, Counter, For, Layer, View
from embedc.program.views import dense_view, same_place


def carry(lowering: Lowering, kept: Sequence[tuple[Value, View, View]], what: str) -> None:
    """Copies each next value to where it is kept; what shows the present value of another is set aside first, in its own third view."""
    present = {view.buffer for _, view, _ in kept}
    ready: list[tuple[View, View, Layer]] = []
    for value, place, aside in kept:
        view, layer = lowering.view(value), Layer(f"{what} {place.buffer.name}", what, value.origin)
        if same_place(view, place):
            continue
        if view.buffer in present:
            lowering.copy(view, aside, layer)
            view = aside
        ready.append((view, place, layer))
    for view, place, layer in ready:
        lowering.copy(view, place, layer)


def lower_loop(lowering: Lowering, op: Loop) -> None:
    """Carried values live in the results' memory; slices are views that move, so that nothing scanned or stacked is copied."""
    layer = lowering.layer(op)
    counter = Counter(op.trips)
    number, *rest = op.body.inputs
    wanted = demands(op.body, lowering.policy.target)
    carried: list[View] = []
    for inner, first, result in zip(rest, op.carried, op.results, strict=False):
        place = lowering.allocate(result, wanted.get(inner, tuple(range(inner.type.rank))))
        begin = lowering.view(first)
        if not same_place(begin, place):
            lowering.copy(begin, place, replace(layer, name=f"{layer.name} (begin)", tensor=""))
        carried.append(place)
    condition = _variable(lowering, op.condition, "condition", layer)
    place = _scalar(lowering, number, f"trip of {layer.name}")
    stacked = [lowering.allocate(v, tuple(range(v.type.rank))) for v in op.results[len(carried) :]]
    given = [
        place,
        *carried,
        *(_slice(lowering.view(v), counter) for v in op.scanned),
        *map(lowering.view, op.captures),
    ]
    aside = [_like(lowering, view, f"next {view.buffer.name}") for view in carried]
    targets = [*condition, *aside, *(_slice(view, counter) for view in stacked)]
    inner = lowering.region(op.body, given, targets)
    results = list(op.body.outputs.values())
    flags, after, rows = len(condition), len(condition) + len(carried), len(condition) + len(carried)
    _collect(inner, results[:flags], targets[:flags])
    _collect(inner, results[rows:], targets[rows:])
    carry(inner, list(zip(results[flags:after], carried, aside, strict=True)), "next")
    body = carried_in_place(inner.steps, {view.buffer for view in carried})
    limit = next((lowering.view(v) for v in op.count), None)
    macs = (op.trips if op.is_counted else 1) * sum(
        step.layer.macs for step in body
    )  # of one trip where more is not known
    used = any(place.buffer in step.reads for step in body)
    lowering.steps.append(
        For(replace(layer, macs=macs), counter, body, limit, next(iter(condition), None), place if used else None)
    )


def lower_if(lowering: Lowering, op: If) -> None:
    """Both branches write the same results."""
    layer = lowering.layer(op)
    targets = [lowering.allocate(v, tuple(range(v.type.rank))) for v in op.results]
    given = [lowering.view(v) for v in op.captures]
    branches: list[Lowering] = []
    for region in (op.then, op.otherwise):
        inner = lowering.region(region, given, targets)
        _collect(inner, list(region.outputs.values()), targets)
        branches.append(inner)
    then, otherwise = (tuple(branch.steps) for branch in branches)
    macs = max(sum(step.layer.macs for step in steps) for steps in (then, otherwise))
    lowering.steps.append(Branch(replace(layer, macs=macs), lowering.view(op.condition), then, otherwise))


def _collect(inner: Lowering, values: Sequence[Value], targets: Sequence[View]) -> None:
    """Copies what was not computed in its place."""
    for value, target in zip(values, targets, strict=True):
        view = inner.view(value)
        if not same_place(view, target):
            inner.copy(view, target, Layer(value.name or "result", "result", value.origin))


def _variable(lowering: Lowering, first: Sequence[Value], name: str, layer: Layer) -> list[View]:
    """Memory of its own for a value that the loop changes, with its first value in it."""
    places: list[View] = []
    for value in first:
        place = _scalar(lowering, value, f"{name} of {layer.name}")
        lowering.copy(lowering.view(value), place, replace(layer, name=f"{layer.name} ({name})", tensor=""))
        places.append(place)
    return places


def _scalar(lowering: Lowering, value: Value, name: str) -> View:
    element = value.type.element
    return dense_view(lowering.arena(name, element.bytes), element, value.type.dims, row_major(value.type.rank))


def _like(lowering: Lowering, view: View, name: str) -> View:
    """New memory that lies as `view` does."""
    order = Layout(tuple(sorted(range(len(view.shape)), key=lambda a: -view.strides[a])))
    return dense_view(lowering.arena(name, order.bytes(view.shape, view.element)), view.element, view.shape, order)


def _slice(view: View, counter: Counter) -> View:
    """The element of axis 0 that the counter is at."""
    return replace(
        view, shape=view.shape[1:], strides=view.strides[1:], moves=(*view.moves, (counter, view.strides[0]))
    )
