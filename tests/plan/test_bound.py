"""The lower bound is reached where it should be and never above the optimum."""

import pytest
from hypothesis import given, settings

from embedc.plan.bound import bounds, step_bounds
from embedc.plan.problem import Bounds, Item, Overlap, Problem, Solution
from tests.plan.problems import fits, problems


def lower(*items: Item, overlaps: tuple[Overlap, ...] = ()) -> int:
    return max((step.bytes for step in step_bounds(Problem(items, overlaps))), default=0)


def pair(early: int, late: int, distance: int, align: int = 1) -> int:
    items = Item("e", early, 0, 1, align), Item("l", late, 1, 2, align)
    return lower(*items, overlaps=(Overlap("e", "l", distance),))


@settings(deadline=None)
@given(problems(count=5, steps=4, size=4, align=4))
def test_never_above_the_optimum(problem: Problem) -> None:
    assert not fits(problem, max((step.bytes for step in step_bounds(problem)), default=0) - 1)


def test_sums_what_is_live() -> None:
    items = Item("a", 5, 0, 1), Item("b", 7, 1, 3), Item("c", 8, 2, 2), Item("d", 1, 2, 9)
    assert [(step.step, step.bytes) for step in step_bounds(Problem(items))] == [(1, 12), (2, 16)]


@pytest.mark.parametrize(
    ("early", "late", "distance", "size"),
    [
        (10, 10, 0, 10),
        (10, 10, 3, 13),
        (10, 10, -3, 10),
        (10, 4, 3, 13),
        (10, 4, 9, 14),
        (4, 10, 3, 10),
        (4, 10, 8, 12),
    ],
)
def test_pair(early: int, late: int, distance: int, size: int) -> None:
    assert pair(early, late, distance) == size


def test_pads_all_but_the_topmost() -> None:
    assert lower(Item("a", 17, 0, 0, 16), Item("b", 5, 0, 0, 16), Item("c", 9, 0, 0, 16)) == 32 + 16 + 16 - 15
    assert pair(20, 20, 3, align=16) == 32 + 16 - 12


def test_takes_the_best_of_several_pairs() -> None:
    """A sum may lie over either input, but its inputs are disjoint."""
    items = Item("x", 6, 0, 1), Item("y", 7, 0, 1), Item("sum", 7, 1, 2), Item("z", 1, 1, 1)
    assert lower(*items, overlaps=(Overlap("x", "sum", 0), Overlap("y", "sum", 0))) == 6 + 7 + 1
    assert lower(*items, overlaps=(Overlap("x", "sum", 2), Overlap("y", "sum", 7))) == 7 + 7 + 1


def test_says_what_is_proved() -> None:
    problem = Problem((Item("a", 5, 0, 1), Item("b", 7, 1, 3)))
    assert bounds(problem, Solution({}, 12, 12)) == Bounds(12, 1, True, "the items live in step 1 need it")
    assert bounds(problem, Solution({}, 14, 13)) == Bounds(
        13, 1, False, "no arrangement has less, though step 1 alone needs 12; not proven that 14 is the least"
    )
    assert bounds(Problem(()), Solution({}, 0)).proved


def test_a_step_that_can_run_backwards_counts_in_its_cheaper_direction() -> None:
    items = (Item("e", 40, 0, 1), Item("l", 40, 1, 2))
    assert lower(*items, overlaps=(Overlap("e", "l", 30, 10),)) == 50
    assert lower(*items, overlaps=(Overlap("e", "l", 10, 30),)) == 50
