"""Chooses a kernel: filter by what it accepts, then least estimated cost; every candidate says why it lost."""

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from embedc.ir.types import Element
from embedc.kernels.registry import ROWS
from embedc.kernels.row import Family, KernelRow, WindowShape, folders_of
from embedc.kernels.tiles import LANES, POSITIONS, TileGrid, Transforms
from embedc.targets.target import Target

ASSUMED_LANES = 16  # of a vector unit whose width only the run time knows: LMUL 4 at VLEN 128
ADDRESS_CYCLES = 2.0  # to find and store the address of one tap of a pixel
WIDENING_CYCLES = 1.3
TILES_TRAFFIC = (
    1.2  # transformed inputs, weights and products of Winograd pass through the caches (measured on Sapphire Rapids)
)
FAVOUR = 1.5

Types = tuple[Element, Element | None]
"""Elements of input and weights."""


@dataclass(frozen=True)
class Choice:
    """The chosen row and a line for each candidate."""

    row: KernelRow
    explained: tuple[str, ...]


def cost(row: KernelRow, shape: WindowShape) -> float:
    """Estimated cycles of a whole call: inner steps of all tiles plus each tile's entry, epilogue and exit."""
    nr = row.nr or ASSUMED_LANES
    if row.transforms is not None and shape.tiles is not None:
        return shape.groups * _tiles_cost(row, row.transforms, shape, shape.tiles)
    if row.family is Family.CONV:
        tiles = math.ceil(shape.pixels / row.mr) * math.ceil(shape.oc / nr) * shape.groups
        gathered = row.gather(shape.taps, shape.ic)
        steps = gathered // row.kr if gathered else shape.taps * shape.ic // row.kr
        filled = gathered or shape.taps * ADDRESS_CYCLES
        cycles = tiles * (steps * row.step_cycles + row.tile_cycles) + shape.pixels * shape.groups * filled
        return cycles + (_widening_cost(row, shape, steps * row.kr) if row.widens else 0)
    tiles = math.ceil(shape.pixels / row.mr) * math.ceil(shape.oc / nr)
    return tiles * (math.ceil(shape.taps / row.kr) * row.step_cycles + row.tile_cycles)


def product_cycles(row: KernelRow) -> float:
    """Estimated cycles of one weight with one pixel."""
    return row.step_cycles / (row.mr * (row.nr or ASSUMED_LANES) * row.kr)


def _widening_cost(row: KernelRow, shape: WindowShape, inputs: int) -> float:
    """Estimated cycles of making inputs, and weights for each block, 16 bits wide, 16 at a time."""
    blocks = math.ceil(shape.pixels / row.widened_pixels(inputs))
    weights = blocks * math.ceil(shape.oc / row.nr) * row.nr
    return shape.groups * inputs / LANES * (shape.pixels + weights) * WIDENING_CYCLES


def _tiles_cost(row: KernelRow, transforms: Transforms, shape: WindowShape, tiles: TileGrid) -> float:
    """Estimated cycles of one group in Winograd's tiles."""
    panels, count = math.ceil(shape.oc / row.nr), sum(tiles.blocks)
    products = sum(math.ceil(n / row.mr) for n in tiles.blocks) * POSITIONS
    return (
        TILES_TRAFFIC
        * tiles.images
        * (
            count * shape.ic / LANES * transforms.inputs
            + len(tiles.blocks) * panels * row.nr * shape.ic / LANES * transforms.weights
            + panels * products * (shape.ic / row.kr * row.step_cycles + row.tile_cycles)
            + count * panels * transforms.outputs
        )
    )


def select(
    family: Family, types: Types, shape: WindowShape, target: Target, favoured: Collection[KernelRow] = ()
) -> Choice | None:
    """The cheapest row of the target's ISA, or None if it has none for this family and these types.

    `favoured` rows, already in the program, win over others up to FAVOUR times as fast: they add no code.
    """
    weighed: list[tuple[float, KernelRow]] = []
    lines: list[str] = []
    families = (family, Family.WINOGRAD) if family is Family.CONV else (family,)
    for row in (row for each in families for row in candidates(each, types, target)):
        reason = row.refusal(shape)
        if reason:
            lines.append(f"  {row.id}: refused, {reason}")
        else:
            weighed.append((cost(row, shape), row))
    if not weighed:
        return None
    weighed.sort(key=lambda pair: (pair[0] / (FAVOUR if pair[1] in favoured else 1), pair[1].id))
    best = weighed[0][0]
    for estimate, row in weighed:
        mark = "*" if row is weighed[0][1] else " "
        lines.append(
            f"{mark} {row.id}: {estimate:.0f} cycles estimated"
            + ("" if mark == "*" else f", {estimate / best:.2f}x the best")
        )
    return Choice(weighed[0][1], tuple(lines))


def candidates(family: Family, types: Types, target: Target) -> Sequence[KernelRow]:
    """Rows of the target's ISA and its extensions for a family whose features the target has."""
    folders = folders_of(target.isa, target.features)
    return [
        r
        for r in ROWS
        if r.family is family and r.isa in folders and (r.x, r.w) == types and r.features <= target.features
    ]
