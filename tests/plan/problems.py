"""Arena problems for the planner's tests: random ones, a network, and an exhaustive judge for tiny ones."""

from collections import defaultdict
from dataclasses import dataclass, replace
from itertools import chain as flatten

from hypothesis import strategies as st

from embedc.plan.problem import Item, Overlap, Problem


@st.composite
def problems(draw: st.DrawFn, count: int, steps: int, size: int, align: int) -> Problem:
    """Up to `count` items in `steps` steps, of up to `size` bytes, with overlaps wherever they are allowed."""
    items: list[Item] = []
    for number in range(draw(st.integers(0, count))):
        first = draw(st.integers(0, steps - 1))
        last = draw(st.integers(first, steps - 1))
        alignment = 1 << draw(st.integers(0, align.bit_length() - 1))
        items.append(Item(f"t{number}", draw(st.integers(0, size)), first, last, alignment))
    overlaps: dict[int, list[Overlap]] = defaultdict(list)
    early: set[tuple[str, int]] = set()
    late: set[tuple[str, int]] = set()
    for one, two in [(one, two) for one in items for two in items if one is not two and one.last == two.first]:
        source, sink = (one.name, one.last), (two.name, two.first)
        if draw(st.booleans()) and source not in late and sink not in early:
            early.add(source)
            late.add(sink)
            overlaps[two.first].append(Overlap(one.name, two.name, draw(st.integers(-size, size))))
    for step, alone in overlaps.items():
        if len(alone) == 1:
            overlaps[step] = [replace(alone[0], reverse=draw(st.none() | st.integers(-size, size)))]
    return Problem(tuple(items), tuple(flatten.from_iterable(overlaps.values())), align)


def apart(one: Item, two: Item, problem: Problem, offsets: dict[str, int]) -> bool:
    """Whether the definition allows both offsets."""
    if max(one.first, two.first) > min(one.last, two.last):
        return True
    if not set(_bytes(one, offsets)) & set(_bytes(two, offsets)):
        return True
    names = {one.name, two.name}
    for overlap in problem.overlaps:
        if {overlap.early, overlap.late} == names:
            above = offsets[overlap.early] - offsets[overlap.late]
            return above >= overlap.distance or (overlap.reverse is not None and -above >= overlap.reverse)
    return False


def _bytes(item: Item, offsets: dict[str, int]) -> range:
    return range(offsets[item.name], offsets[item.name] + item.size)


def fits(problem: Problem, size: int, offsets: dict[str, int] | None = None) -> bool:
    """Whether any plan has at most `size` bytes: tries every offset of every item."""
    offsets = offsets or {}
    if len(offsets) == len(problem.items):
        return size >= 0
    item = problem.items[len(offsets)]
    for offset in range(0, size - item.size + 1, item.align):
        trial = {**offsets, item.name: offset}
        if all(apart(item, other, problem, trial) for other in problem.items[: len(offsets)]) and fits(
            problem, size, trial
        ):
            return True
    return False


@dataclass(frozen=True)
class Layer:
    """One layer of a chain: bytes it writes, and the distance where it may overwrite its input."""

    size: int
    distance: int | None = None


def chain(source: int, layers: list[Layer], align: int = 16) -> Problem:
    """A network without branches: each layer reads what the one before wrote."""
    sizes = [source, *(layer.size for layer in layers)]
    items = tuple(Item(f"t{step}", size, max(step - 1, 0), step, align) for step, size in enumerate(sizes))
    overlaps = tuple(
        Overlap(f"t{step}", f"t{step + 1}", layer.distance)
        for step, layer in enumerate(layers)
        if layer.distance is not None
    )
    return Problem(items, overlaps)


def mobilenet(side: int, channels: int) -> Problem:
    """MobileNet v1 in int8: pointwise layers, and depthwise 3x3 ones in place, a row and a pixel behind their input."""
    layers = [Layer((side // 2) ** 2 * channels)]
    side //= 2
    for stride, factor in ((1, 2), (2, 2), (1, 1), (2, 2), (1, 1), (2, 2), *[(1, 1)] * 5, (2, 2), (1, 1)):
        distance = (side + 1) * channels
        side //= stride
        layers.append(Layer(side * side * channels, distance))
        channels *= factor
        layers.append(Layer(side * side * channels))
    return chain((2 * layers[0].size // channels) * 3, layers)
