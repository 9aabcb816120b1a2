"""Lower bound of the arena for one order of steps: the most bytes that any single step needs.

Soundness. Take one step and the items live in it; let `a` be the least of their alignments.
1. Padding. Offsets are multiples of `a`, so o2 >= o1 + s1 implies o2 >= o1 + round_up(s1, a), and likewise for distances: with
   sizes and distances rounded up, every solution stays one. Its extent grows by at most the padding of one item.
2. Pairs. Where an Overlap is used with distance d <= size(late), no byte lies free between the two and they span at least
   max(size(late), size(early), d + size(early)) bytes; where it is not used, or d is larger, the two are disjoint.
3. Sum. Items without an Overlap between them are disjoint. Choose single items and pairs such that no Overlap joins two of the
   choices: their bytes are disjoint, so the extent is at least their sum. Whatever is not chosen can only add to it.
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
class Stack:
    """Single items and pairs of one step that are disjoint in every solution; sizes are rounded up to `align`."""

    step: int
    singles: tuple[Item, ...]
    pairs: tuple[Pair, ...]
    align: int

    @property
    def height(self) -> int:
        """Sum of the padded sizes."""
        return sum(round_up(item.size, self.align) for item in self.singles) + sum(pair.size for pair in self.pairs)

    @property
    def padding(self) -> int:
        """Bytes of `height` that may be missing at the top."""
        items = [*self.singles, *(item for pair in self.pairs for item in (pair.early, pair.late))]
        return max((-item.size % self.align for item in items), default=0)

    @property
    def bytes(self) -> int:
        """The bound of this step."""
        return self.height - self.padding


def round_up(size: int, align: int) -> int:
    """The least multiple of `align` that is not below `size`."""
    return -(-size // align) * align


def bounds(problem: Problem, solution: Solution) -> Bounds:
    """What is known of the smallest arena for this order of steps, given the planner's solution."""
    peak = max(stacks(problem), key=lambda stack: stack.bytes, default=Stack(0, (), (), 1))
    lower = max(peak.bytes, solution.lower)
    why = f"the items live in step {peak.step} need it"
    if lower > peak.bytes:
        why = f"every arrangement was searched that could have less; step {peak.step} alone needs {peak.bytes}"
    if solution.size > lower:
        why += f"; not proven that {solution.size} is the least"
    return Bounds(lower, peak.step, solution.size == lower, why)


def stacks(problem: Problem) -> Iterator[Stack]:
    """One Stack for each step whose live items are not all live in another step too, by rising step."""
    overlaps: defaultdict[int, list[Overlap]] = defaultdict(list)
    for overlap in problem.overlaps:
        overlaps[problem.by_name[overlap.late].first].append(overlap)
    items = sorted((item for item in problem.items if item.size), key=lambda item: item.first)
    live: list[Item] = []
    for index, item in enumerate(items):
        live.append(item)
        following = items[index + 1].first if index + 1 < len(items) else None
        if following is None or any(other.last < following for other in live):
            yield _stack(item.first, live, overlaps[item.first])
            live = [other for other in live if following is not None and other.last >= following]


def _stack(step: int, live: list[Item], overlaps: list[Overlap]) -> Stack:
    """The highest Stack of one step."""
    align = min(item.align for item in live)
    items = {item.name: item for item in live}
    pairs = [_pair(items[o.early], items[o.late], o.distance, align) for o in overlaps if {o.early, o.late} <= items.keys()]
    joined = {name: items[name] for pair in pairs for name in pair.names}
    singles = tuple(item for item in live if item.name not in joined)
    return _highest(Stack(step, singles, (), align), joined, pairs)


def _pair(early: Item, late: Item, distance: int, align: int) -> Pair:
    """The bytes that both occupy together, padded."""
    early_size, late_size = round_up(early.size, align), round_up(late.size, align)
    shift = min(round_up(distance, align), late_size)
    return Pair(early, late, max(late_size, early_size, shift + early_size))


def _highest(stack: Stack, items: dict[str, Item], pairs: list[Pair]) -> Stack:
    """`stack` and the best choice from `items`, joined by `pairs`: drop, take alone or pair the item with most partners."""
    partners = Counter(name for pair in pairs for name in pair.names)
    lone = tuple(item for name, item in items.items() if name not in partners)
    stack = replace(stack, singles=stack.singles + lone)
    items = {name: items[name] for name in partners}
    if not pairs:
        return stack
    pick, _ = partners.most_common(1)[0]
    choices = [(stack, {pick})]
    choices.append((replace(stack, singles=(*stack.singles, items[pick])), _touching((pick,), pairs)))
    for pair in pairs:
        if pick in pair.names:
            choices.append((replace(stack, pairs=(*stack.pairs, pair)), _touching(pair.names, pairs)))
    return max((_highest(choice, *_without(gone, items, pairs)) for choice, gone in choices), key=lambda s: s.bytes)


def _touching(names: tuple[str, ...], pairs: list[Pair]) -> set[str]:
    """These items and their partners."""
    return set(names).union(*(pair.names for pair in pairs if not set(names).isdisjoint(pair.names)))


def _without(gone: set[str], items: dict[str, Item], pairs: list[Pair]) -> tuple[dict[str, Item], list[Pair]]:
    """What is left to choose from."""
    return {n: i for n, i in items.items() if n not in gone}, [pair for pair in pairs if gone.isdisjoint(pair.names)]
