"""Tiles of Winograd's convolutions, F(4 x 4, 3 x 3): what the compiler must know of kernels/portable/ec_winograd_i32.h."""

from dataclasses import dataclass

OUTPUTS = 4
"""Outputs of a tile along an axis."""
POSITIONS = 36
"""Products of a tile for each pair of channels."""
LANES = 16
"""Channels that are transformed at once."""
MOST_SUM = 2**25
"""Sums of products stay below it: they come out times 9 * 64 at most, modulo 2^32."""
MOST_TILES = 32
"""Tiles of a block: twice as many gain 4 % and take twice the scratch."""
_APART = 64


@dataclass(frozen=True)
class TileGrid:
    """Tiles that cover the outputs of a convolution 3 x 3 at stride 1, and the sizes of its images."""

    images: int
    height: int
    width: int

    @property
    def down(self) -> int:
        return -(-self.height // OUTPUTS)

    @property
    def across(self) -> int:
        return -(-self.width // OUTPUTS)

    @property
    def rows(self) -> int:
        """Rows of tiles of a block."""
        blocks = -(-self.down // max(1, MOST_TILES // self.across))
        return -(-self.down // blocks)

    @property
    def block(self) -> int:
        """Output pixels of a block."""
        return self.rows * OUTPUTS * self.width

    @property
    def blocks(self) -> list[int]:
        """Tiles of the blocks of an image."""
        return [min(self.rows, self.down - row) * self.across for row in range(0, self.down, self.rows)]

    def scratch(self, ic: int, nr: int, pointer: int) -> int:
        """Bytes that a block takes: transformed weights of nr channels, products, transformed inputs, addresses."""
        count = self.rows * self.across
        parts = (2 * ic * nr, 4 * count * nr, 2 * count * ic)
        return POSITIONS * (sum(part + _APART for part in parts) + self.across * pointer)


@dataclass(frozen=True)
class Transforms:
    """Cycles of the transforms: of LANES channels of a tile's inputs, of LANES weights, of a vector of its outputs."""

    inputs: float
    weights: float
    outputs: float
