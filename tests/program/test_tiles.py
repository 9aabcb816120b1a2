"""When a convolution is computed in Winograd's tiles, and what of it the compiler and the C code must agree on."""

import numpy as np
import pytest

from embedc.ir.types import I8, U8, Element
from embedc.kernels.row import Family, WindowShape
from embedc.kernels.select import select
from embedc.kernels.tiles import MOST_SUM, MOST_TILES, TileGrid
from embedc.program.pack import most_sum
from embedc.targets.load import load_target

GRID = TileGrid(1, 32, 32)


def chosen(ic: int, sums: int | None, tiles: TileGrid | None) -> Family:
    shape = WindowShape(32 * 32, 9, ic, 32, 1, -127, sums, tiles)
    choice = select(Family.CONV, (U8, I8), shape, load_target("x86-avx2"))
    assert choice is not None
    return choice.row.family


def test_tiles_are_chosen_where_they_are_exact_and_cheaper() -> None:
    assert chosen(32, MOST_SUM - 1, GRID) is Family.WINOGRAD
    assert chosen(32, MOST_SUM, GRID) is Family.CONV
    assert chosen(32, None, GRID) is Family.CONV
    assert chosen(24, 1, GRID) is Family.CONV
    assert chosen(32, 1, None) is Family.CONV


@pytest.mark.parametrize("element", [U8, I8])
def test_most_sum_is_what_the_worst_inputs_give(element: Element) -> None:
    weights = np.random.default_rng(3).integers(-128, 128, (5, 16, 3, 3))
    limits = np.iinfo(element.dtype)
    worst = [np.where(sign * weights > 0, limits.max, limits.min) for sign in (1, -1)]
    assert most_sum(weights, element) == max(np.abs((weights * x).sum((1, 2, 3))).max() for x in worst)


@pytest.mark.parametrize(("height", "width"), [(1, 1), (7, 7), (28, 28), (19, 70), (5, 500), (224, 224)])
def test_blocks_cover_the_tiles(height: int, width: int) -> None:
    grid = TileGrid(1, height, width)
    assert sum(grid.blocks) == grid.down * grid.across
    assert max(grid.blocks) == grid.rows * grid.across
    assert grid.rows == 1 or max(grid.blocks) <= MOST_TILES
