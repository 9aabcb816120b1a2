"""What is no arena problem is refused, naming the item."""

import pytest

from embedc.plan.problem import Item, Overlap, Problem


@pytest.mark.parametrize(
    ("size", "first", "last", "align", "message"),
    [
        (-1, 0, 0, 1, "size -1 is negative"),
        (1, 2, 1, 1, "first step 2 is after last step 1"),
        (1, 0, 0, 12, "alignment 12 is not a power of two"),
        (1, 0, 0, 0, "alignment 0 is not a power of two"),
    ],
)
def test_item_is_refused(size: int, first: int, last: int, align: int, message: str) -> None:
    with pytest.raises(ValueError, match=f"t: {message}"):
        Item("t", size, first, last, align)


A, B, C = Item("a", 4, 0, 1), Item("b", 4, 1, 1), Item("c", 4, 1, 2)


@pytest.mark.parametrize(
    ("items", "overlaps", "message"),
    [
        ((A, A), (), "two items have the same name"),
        ((Item("a", 1, 0, 0, 128),), (), "a: alignment 128 does not divide the arena's 64"),
        ((A, C), (Overlap("a", "x", 0),), "overlap of a and x: no such item"),
        ((A, C), (Overlap("c", "a", 0),), "overlap of c and a: the last step 2 is not the first step 0"),
        ((A, C), (Overlap("a", "c", 0), Overlap("a", "c", 4)), "listed twice"),
        ((A, B, C), (Overlap("a", "b", 0), Overlap("b", "c", 0)), "b: both early and late of an overlap in step 1"),
        ((B,), (Overlap("b", "b", 0),), "b: both early and late"),
        (
            (A, B, C),
            (Overlap("a", "b", 0), Overlap("a", "c", 0, 0)),
            "overlap of a and c: reversible, not alone in step 1",
        ),
    ],
)
def test_problem_is_refused(items: tuple[Item, ...], overlaps: tuple[Overlap, ...], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Problem(items, overlaps)
