"""What operators refuse, and that the message says what was expected."""

from collections.abc import Callable

import pytest

from embedc.ir.graph import NOWHERE, Value
from embedc.ir.scalar import binary
from embedc.ir.types import F32, I32, I64, TensorType
from embedc.ops.base import Op, TypeMismatch
from embedc.ops.elementwise import Map, Reduce, Reduction
from embedc.ops.layout import Concat, Gather, Index, Pad, Reshape, Scatter, Update, expand, transpose
from embedc.ops.lines import Arg, Cumulate, Extreme, TopK
from embedc.ops.window import Contract, Conv, Window, WindowKind


def value(*shape: int, element: object = F32) -> Value:
    return Value(TensorType(F32 if element is F32 else I32 if element is I32 else I64, shape), "v")


X = value(1, 4, 5, 5)


def conv(w: Value, groups: int = 1, strides: tuple[int, ...] = (1, 1)) -> Op:
    return Conv(X, w, strides, ((0, 0), (0, 0)), (1, 1), groups, (1, 1))


REFUSED: list[tuple[Callable[[], object], str]] = [
    (lambda: Map((value(2), value(3)), binary("add", F32)), r"shapes \[2\], \[3\] do not broadcast"),
    (
        lambda: Map((value(2), value(2, element=I32)), binary("add", F32)),
        r"takes \['f32', 'f32'\], got \['f32', 'i32'\]",
    ),
    (lambda: Reduce(value(2), Reduction.ADD, (1,)), r"axes \(1,\) for rank 1"),
    (lambda: Reduce(value(2, 2), Reduction.ADD, (1, 1)), "repeat"),
    (lambda: Reshape(value(2, 3), (5,)), r"f32\[2,3\] to \[5\]"),
    (lambda: Index(value(4), (3,), (0,), (2,), (1,)), r"axis 0 reaches 2\.\.4 of 4"),
    (lambda: Index(value(4), (3,), (1,), (0,), (1,)), r"source \(1,\)"),
    (lambda: Pad(value(2), (-3,), (0,), 0.0), r"crops f32\[2\] to \[-1\]"),
    (lambda: Concat((value(2, 3), value(2, 4)), 0), r"along 0 of f32\[2,3\] and f32\[2,4\]"),
    (lambda: Concat((value(2), value(2, element=I32)), 0), r"f32\[2\] and i32\[2\]"),
    (lambda: Gather(value(2), value(1), 0), "not i8, u8, i32 or i64"),
    (lambda: Gather(value(2), value(1, element=I64), 1), "axis 1"),
    (
        lambda: Scatter(value(4, 3), value(2, element=I64), value(2, 4), 0, Update.ADD),
        r"updates are f32\[2,4\], not f32\[2,3\]",
    ),
    (lambda: Arg(value(2), Extreme.MAX, 1, False), "axis 1"),
    (lambda: Cumulate(value(2), Reduction.MAX, 0, False, False), "cannot combine by max"),
    (lambda: TopK(value(2, 3), Extreme.MIN, 1, 4), "4 of axis 1"),
    (lambda: conv(value(2, 3, 3, 3)), "4 channels"),
    (lambda: conv(value(3, 2, 3, 3), groups=2), "do not divide into 2 groups"),
    (lambda: conv(value(2, 4, 6, 6)), "larger than the padded input"),
    (lambda: conv(value(2, 4, 3, 3), strides=(1,)), r"2 spatial axes with attributes of \[1, 2\]"),
    (lambda: conv(value(2, 4, 3, 3), strides=(0, 1)), "must be positive"),
    (lambda: conv(value(2, 4, 3)), "ranks must be equal"),
    (lambda: Window(value(3), WindowKind.MAX, (4,), (1,), ((0, 0),), (1,), False), "larger than the padded input"),
    (lambda: Contract(value(2, 3), value(4, 5), "nk,km->nm"), "'k' is 3 and 4"),
    (lambda: Contract(value(2, 3), value(3, 5), "nk,km->nz"), "letters of neither operand"),
    (lambda: Contract(value(2, 2), value(2, 2), "kk,km->km"), "a letter repeats in 'kk'"),
    (lambda: Contract(value(2), value(2, 2), "nk,km->nm"), r"of f32\[2\], f32\[2,2\]"),
]


@pytest.mark.parametrize(("make", "message"), REFUSED)
def test_refusals(make: Callable[[], object], message: str) -> None:
    with pytest.raises(TypeMismatch, match=message):
        make()


def test_views_by_name() -> None:
    assert transpose(X, (0, 2, 3, 1), NOWHERE).type.dims == (1, 5, 5, 4)
    assert expand(value(3, 1), (2, 3, 4), NOWHERE).type.dims == (2, 3, 4)
    assert Index(value(4), (0,), (0,), (9,), (1,)).result.type.dims == (0,)
