"""Plans are valid, no larger than need be and always the same."""

import os
import subprocess
import sys

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from embedc.plan.arena import plan
from embedc.plan.bound import bounds, step_bounds
from embedc.plan.budget import Budget
from embedc.plan.checker import check
from embedc.plan.exact import solve
from embedc.plan.problem import Item, Overlap, Problem, Solution
from tests.plan.problems import Layer, chain, fits, mobilenet, problems


@settings(deadline=None, max_examples=50)
@given(problems(count=30, steps=20, size=1000, align=64), st.integers(0, 1))
def test_plans_are_valid(problem: Problem, effort: int) -> None:
    solution = plan(problem, effort)
    check(problem, solution)
    assert max((step.bytes for step in step_bounds(problem)), default=0) <= solution.lower <= solution.size


@settings(deadline=None)
@given(problems(count=5, steps=4, size=4, align=4))
def test_tiny_plans_are_optimal(problem: Problem) -> None:
    solution = plan(problem)
    check(problem, solution)
    assert solution.size == solution.lower
    assert not fits(problem, solution.size - 1)


@settings(deadline=None)
@given(problems(count=5, steps=4, size=4, align=4))
def test_branch_and_bound_finds_the_optimum_unaided(problem: Problem) -> None:
    work = 10**6
    outcome = solve(problem, 1 + sum(item.size + item.align for item in problem.items), -1, Budget(work), work)
    assert outcome.order is not None
    assert fits(problem, outcome.lower)
    assert not fits(problem, outcome.lower - 1)


@settings(deadline=None)
@given(problems(count=12, steps=6, size=50, align=4))
def test_branch_and_bound_agrees_with_the_plan(problem: Problem) -> None:
    solution = plan(problem)
    assume(solution.size)
    outcome = solve(problem, solution.size, -1, Budget(30_000), 30_000)
    assert outcome.order is None or solution.lower < solution.size
    assert outcome.lower in (0, solution.size) or solution.lower <= outcome.lower < solution.size


@pytest.mark.parametrize(("side", "channels"), [(96, 8), (128, 16), (224, 32)])
def test_mobilenet_needs_what_its_largest_step_needs(side: int, channels: int) -> None:
    """The first pointwise layer: half the side squared, once with c channels and once with 2c."""
    problem = mobilenet(side, channels)
    solution = plan(problem)
    check(problem, solution)
    assert solution.size == (side // 2) ** 2 * 3 * channels
    assert bounds(problem, solution).proved


def test_layers_in_place_need_one_buffer() -> None:
    solution = plan(chain(1024, [Layer(1024, 0)] * 20))
    assert solution.size == 1024
    assert set(solution.offsets.values()) == {0}


def test_distances_that_add_up_are_proved_by_search() -> None:
    """Step 0 needs 50 + 30 bytes, but then t1 lies at 0, and step 1 needs it at 20 or above."""
    problem = chain(50, [Layer(50, 30), Layer(40, 20)], align=1)
    solution = plan(problem)
    check(problem, solution)
    assert solution.size == 90
    assert bounds(problem, solution).why == "no arrangement has less, though step 0 alone needs 80"


def test_no_items_need_no_arena() -> None:
    assert plan(Problem(())) == Solution({}, 0)


def test_more_effort_is_never_wasted_on_a_met_bound() -> None:
    problem = mobilenet(96, 8)
    assert plan(problem, 0) == plan(problem, 100)


@settings(deadline=None, max_examples=15)
@given(problems(count=30, steps=10, size=1000, align=16))
def test_the_same_problem_has_the_same_plan(problem: Problem) -> None:
    assert plan(problem) == plan(problem)


HASHED = """
import random
from embedc.plan.arena import plan
from embedc.plan.problem import Item, Overlap, Problem
draw = random.Random(1)
items = [Item(f"t{i}", draw.randrange(1, 1000), first, first + draw.randrange(9), 4) for i in range(60)
         for first in [draw.randrange(30)]]
pairs = [(a, b) for a in items for b in items if a.first < a.last == b.first < b.last]
print(plan(Problem(tuple(items), tuple(Overlap(a.name, b.name, draw.randrange(-9, 99)) for a, b in pairs))))
"""


def test_the_plan_does_not_depend_on_the_hash_seed() -> None:
    plans = {
        subprocess.run(
            [sys.executable, "-c", HASHED],
            env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("0", "1")
    }
    assert len(plans) == 1


def test_a_chain_that_may_alternate_its_direction_needs_two_distances_not_two_buffers() -> None:
    items = tuple(Item(f"t{n}", 100, n, n + 1) for n in range(6))
    both = tuple(Overlap(f"t{n}", f"t{n + 1}", 20, 20) for n in range(5))
    assert plan(Problem(items, both, 1)).size == 120
    forwards = tuple(Overlap(o.early, o.late, o.distance) for o in both)
    assert plan(Problem(items, forwards, 1)).size > 120
