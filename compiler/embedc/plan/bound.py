"""Lower bound of the arena for one order of steps: the most bytes that any single step needs.

Soundness. Take one step and the items live in it; let `a` be the least of their alignments.
1. Padding. Offsets are multiples of `a`, so o2 >= o1 + s1 implies o2 >= o1 + round_up(s1, a), and likewise for
   distances: with both rounded up every solution stays one, and its extent grows by at most the padding of one item.
2. Pairs. Where an Overlap is used with a distance d <= size(late), no byte lies free between the two and they occupy at
   least max(size(late), size(early), d + size(early)) bytes, in reverse with late and early exchanged; where it is not
   used, or d is larger, they are disjoint.
3. Sum. Items without an Overlap between them are disjoint. Choose single items and pairs such that no Overlap joins two
   of the choices: their bytes are disjoint, so the extent is at least their sum. What is not chosen can only add to it.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace

from embedc.plan.problem import Bounds, Item, Overlap, Problem, Solution


@dataclass(frozen=True)
class Pair:
    """Two items that may share memory in this step and occupy at least `size` bytes together."""

    early: Item
    late: Item
    size: int

    @property
    def names(self) -> tuple[str, str]:
        """The names of both."""
        return self.early.name, self.late.name


@dataclass(frozen=True)
class StepBound:
    """Items and pairs of one step that are disjoint in every solution; sizes are rounded up to `align`."""

    step: int
    singles: tuple[Item, ...] = ()
    pairs: tuple[Pair, ...] = ()
    align: int = 1

    @property
    def height(self) -> int:
        """Sum of the padded sizes."""
        return sum(round_up(item.size, self.align) for item in self.singles) + sum(pair.size for pair in self.pairs)

    @property
    def padding(self) -> int:
        """Bytes of the height that the topmost item may not need."""
        items = [*self.singles, *(item for pair in self.pairs for item in (pair.early, pair.late))]
        return max((-item.size % self.align for item in items), default=0)

    @property
    def bytes(self) -> int:
        """The bound."""
        return self.height - self.padding


def round_up(size: int, align: int) -> int:
    """The least multiple of `align` that is not below `size`."""
    return -(-size // align) * align


def bounds(problem: Problem, solution: Solution) -> Bounds:
    """What is known of the smallest arena for this order of steps, given the planner's solution."""
    peak = max(step_bounds(problem), key=lambda step: step.bytes, default=StepBound(0))
    lower = max(peak.bytes, solution.lower)
    why = f"the items live in step {peak.step} need it"
    if lower > peak.bytes:
        why = f"no arrangement has less, though step {peak.step} alone needs {peak.bytes}"
    if solution.size > lower:
        why += f"; not proven that {solution.size} is the least"
    return Bounds(lower, peak.step, solution.size == lower, why)


def step_bounds(problem: Problem) -> Iterator[StepBound]:
    """By rising step, without the steps whose live items are all live together in a later one too."""
    overlaps: defaultdict[int, list[Overlap]] = defaultdict(list)
    for overlap in problem.overlaps:
        overlaps[problem.by_name[overlap.late].first].append(overlap)
    items = sorted((item for item in problem.items if item.size), key=lambda item: item.first)
    live: list[Item] = []
    for number, item in enumerate(items, 1):
        live.append(item)
        following = items[number].first if number < len(items) else None
        if following is None or any(other.last < following for other in live):
            yield _step_bound(item.first, live, overlaps[item.first])
            live = [other for other in live if following is not None and other.last >= following]


def _step_bound(step: int, live: list[Item], overlaps: list[Overlap]) -> StepBound:
    """The best choice of items and pairs."""
    align = min(item.align for item in live)
    items = {item.name: item for item in live}
    pairs = [_pair(items[o.early], items[o.late], o, align) for o in overlaps if o.early in items and o.late in items]
    joined = {name: items[name] for pair in pairs for name in pair.names}
    singles = tuple(item for item in live if item.name not in joined)
    return _choose(StepBound(step, singles, (), align), joined, pairs)


def _pair(early: Item, late: Item, overlap: Overlap, align: int) -> Pair:
    """Padded, in the cheaper of the directions that the step may run in."""
    early_size, late_size = round_up(early.size, align), round_up(late.size, align)
    extent = min(round_up(overlap.distance, align), late_size) + early_size
    if overlap.reverse is not None:
        extent = min(extent, min(round_up(overlap.reverse, align), early_size) + late_size)
    return Pair(early, late, max(late_size, early_size, extent))


def _choose(bound: StepBound, items: dict[str, Item], pairs: list[Pair]) -> StepBound:
    """The bound with the best choice from `items`: the one with most partners is dropped, taken alone or paired."""
    partners = Counter(name for pair in pairs for name in pair.names)
    bound = replace(bound, singles=bound.singles + tuple(i for name, i in items.items() if name not in partners))
    if not pairs:
        return bound
    pick, _ = partners.most_common(1)[0]
    choices = [(bound, {pick})]
    choices.append((replace(bound, singles=(*bound.singles, items[pick])), _touching((pick,), pairs)))
    for pair in pairs:
        if pick in pair.names:
            choices.append((replace(bound, pairs=(*bound.pairs, pair)), _touching(pair.names, pairs)))
    return max(
        (
            _choose(
                choice,
                {name: items[name] for name in partners if name not in gone},
                [pair for pair in pairs if gone.isdisjoint(pair.names)],
            )
            for choice, gone in choices
        ),
        key=lambda choice: choice.bytes,
    )


def _touching(names: tuple[str, ...], pairs: list[Pair]) -> set[str]:
    """These items and their partners."""
    return set(names).union(*(pair.names for pair in pairs if not set(names).isdisjoint(pair.names)))
