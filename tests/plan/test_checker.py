"""The checker accepts exactly what the definition allows, and says what is wrong."""

from dataclasses import replace
from itertools import combinations

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from embedc.plan.arena import plan
from embedc.plan.checker import PlanError, check
from embedc.plan.problem import Item, Overlap, Problem, Solution
from tests.plan.problems import apart, problems

PROBLEM = Problem(
    (Item("a", 8, 0, 1, 4), Item("b", 8, 1, 2, 4), Item("c", 4, 1, 1, 4)), (Overlap("a", "b", 4),), align=4
)
PLAN = Solution({"a": 4, "b": 0, "c": 12}, 16)


def test_accepts_an_overlap() -> None:
    check(PROBLEM, PLAN)


@pytest.mark.parametrize(
    ("offsets", "size", "message"),
    [
        ({"a": 0, "b": 0}, 16, r"a at \[0, 8\) and b at \[0, 8\) share bytes in step 1"),
        ({"c": 8}, 12, r"a at \[4, 12\) and c at \[8, 12\) share bytes in step 1"),
        ({"c": 14}, 18, r"c at \[14, 18\): not at a multiple of 4"),
        ({"c": -4}, 12, r"c at \[-4, 0\): not at a multiple of 4"),
        ({}, 15, "the size is stated as 15, the topmost item ends at 16"),
        ({"d": 0}, 16, r"items without offset or offsets without item: \['d'\]"),
    ],
)
def test_names_the_fault(offsets: dict[str, int], size: int, message: str) -> None:
    with pytest.raises(PlanError, match=message):
        check(PROBLEM, Solution({**PLAN.offsets, **offsets}, size))


def test_misses_no_item() -> None:
    with pytest.raises(PlanError, match=r"\['c'\]"):
        check(PROBLEM, Solution({"a": 4, "b": 0}, 12))


@settings(deadline=None)
@given(problems(count=12, steps=8, size=64, align=16), st.data())
def test_a_moved_item_is_judged_by_the_definition(problem: Problem, data: st.DataObject) -> None:
    assume(problem.items)
    solution = plan(problem, 0)
    item = data.draw(st.sampled_from(problem.items))
    offset = data.draw(st.integers(0, solution.size // item.align)) * item.align
    offsets = {**solution.offsets, item.name: offset}
    moved = replace(solution, offsets=offsets, size=max(offsets[i.name] + i.size for i in problem.items))
    if all(apart(one, two, problem, offsets) for one, two in combinations(problem.items, 2)):
        check(problem, moved)
    else:
        with pytest.raises(PlanError, match=f"{item.name} at"):
            check(problem, moved)
