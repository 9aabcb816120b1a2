"""The registry row: everything the selector, the packer, the planner, the tests and the benchmarks know of a kernel."""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal

from embedc.ir.types import Element
from embedc.kernels.tiles import TileGrid, Transforms

EXTENSIONS = {"portable": {"dsp": "dsp", "neon7": "neon"}}
"""Folders whose kernels targets of an ISA use beside its own, and the feature that they need; they build on its ec_v."""

WIDE = {"neon": 4, "avx2": 4, "avx512": 4, "mve": 1, "neon7": 2}
"""Folders where epilogues of integer sums are in the words ec_w of kernels/README.md, and how many vectors those take at once."""

QUADS = frozenset({"neon7"})
"""Those of them whose vectors are of integers alone: the words ec_q."""

SATURATING = frozenset({"avx2", "avx512"})
"""Instruction sets whose ec_v stores of bytes clamp to the byte's type."""
WIDENED_PIXELS = 160
WIDENED_BYTES = 2**17


def folders_of(isa: str, features: frozenset[str]) -> list[str]:
    """The folders of kernels that a target uses, its ISA's last."""
    return [*(folder for folder, needed in EXTENSIONS.get(isa, {}).items() if needed in features), isa]


class Family(StrEnum):
    """What a kernel computes; one call signature per family (runtime/c/ec_window.h).

    Winograd's are convolutions 3 x 3 at stride 1 in tiles of outputs (kernels/portable/ec_winograd_i32.h).
    """

    CONV = "conv"
    WINOGRAD = "winograd"
    DEPTHWISE = "dwconv"
    POOL_MAX = "maxpool"
    POOL_AVERAGE = "avgpool"


class Packing(StrEnum):
    """Order of packed weights in memory, slowest axis first; channels of a panel are padded with zeros."""

    PANELS = "[oc/nr][tap][ic/kr][nr][kr]"
    TILES = "[oc/nr][ic/kr][tap][nr][kr]"
    ROWS = "[tap][ic][oc]"
    NIBBLES = "[oc/nr][tap][ic/kr][nr/2][kr]"
    CHANNELS = "[tap/kr][c][kr]"
    NONE = "none"


@dataclass(frozen=True)
class WindowShape:
    """What selection and cost depend on: geometry (channels per group), and what integer weights allow.

    `least_w` is the least weight, `most_sum` bounds the sums of products; `tiles` is None where tiles are not to be used.
    `nibbles`: 4 bits hold the weights, which are worth packing.
    """

    pixels: int
    taps: int
    ic: int
    oc: int
    groups: int = 1
    least_w: int | None = None
    most_sum: int | None = None
    tiles: TileGrid | None = None
    nibbles: bool = False


def any_shape(shape: WindowShape) -> str | None:
    """Accepts every geometry."""
    del shape
    return None


@dataclass(frozen=True)
class KernelRow:
    """One kernel: one C header under kernels/ and what the compiler may assume of it.

    `id` follows the grammar ec_<family>_<types>_<mr>x<nr>[c<kr>]__<isa>; the header is <isa folder>/<id>.h.
    `nr` is 0 where only the run time knows the width of a vector (RVV). `kr` input channels make a step; where their number is no
    multiple of it, windows are gathered into rows padded with zeros. A step of depthwise kernels takes kr taps.
    `step_cycles` is the ideal cost of one inner step (kr input channels of one tap or kr taps, mr x nr outputs) on the reference core.
    Sums of integers start at numbers that lie in front of each panel's weights; they make up for `x_bias`, which the kernel adds to x.
    A kernel may need weights to be `least_w` at least. `transforms` are what tiles cost beside their products.
    A kernel that `widens` has inputs of a block and weights of a panel in scratch, 16 bits wide. Those with weights of i4 take them
    packed, two channels of a panel in a byte (kernels/portable/ec_conv_i32_nibbles.h).
    """

    id: str
    family: Family
    isa: str
    x: Element
    w: Element | None
    acc: Element
    mr: int
    nr: int
    packing: Packing
    step_cycles: float
    kr: int = 1
    x_bias: int = 0
    tile_cycles: float = 20.0
    features: frozenset[str] = frozenset()
    exactness: Literal["integer", "reassociation"] = "reassociation"
    overread_x: int = 0
    overread_w: int = 0
    accepts: Callable[[WindowShape], str | None] = field(default=any_shape)
    transforms: Transforms | None = None
    widens: bool = False
    least_w: int | None = None

    def refusal(self, shape: WindowShape) -> str | None:
        """Why the kernel cannot compute a call, None if it can."""
        if self.least_w is not None and (shape.least_w is None or shape.least_w < self.least_w):
            return f"weights may be less than {self.least_w}"
        return self.accepts(shape)

    def widened_pixels(self, inputs: int) -> int:
        """Pixels of a block that share a panel's widened weights."""
        return max(self.mr, min(WIDENED_PIXELS, WIDENED_BYTES // (2 * inputs)) // self.mr * self.mr)

    def widened(self, inputs: int, pixels: int) -> int:
        """Bytes of scratch for what a block of pixels of so many inputs makes 16 bits wide."""
        return 64 + 2 * inputs * (self.nr + pixels) if self.widens else 0

    def gather(self, taps: int, ic: int) -> int:
        """Channels of a gathered window; 0 where the steps fit the channels of a tap."""
        return 0 if ic % self.kr == 0 else -(-taps * ic // self.kr) * self.kr

    @property
    def header(self) -> str:
        """Path of the C header below kernels/."""
        return f"{self.isa}/{self.id}.h"


def address_steps(family: Family, taps: int, block: int) -> tuple[int, int]:
    """Addresses from a pixel to the next one and from a tap: convolutions go through pixels inside, the others through taps."""
    return (1, block) if family is Family.CONV else (taps, 1)
