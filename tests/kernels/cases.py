"""Cases of the window families: geometry, operands, the answer in f64 and how far a kernel may be from it."""

import struct
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from embedc.kernels.row import Family, KernelRow, Packing
from tests.kernels.harness import Floats, pack_array

Extents = tuple[int, int, int]
Doubles = NDArray[np.float64]

TAILS = (1, 3, 7, 8, 9, 15, 16, 17, 31, 33, 64, 65)  # channels around the widths of vectors and panels
EPSILON = 2.0**-24
CANARY = np.float32(-7.75e33)  # what must not change in an output, and must not be read from an input


@dataclass(frozen=True)
class Case:
    """One call of the driver. Pixels of operands lie `gap` elements apart, rows `row_gap` more."""

    family: Family
    ic: int
    oc: int
    size: Extents
    kernel: Extents = (1, 3, 3)
    stride: Extents = (1, 1, 1)
    dilation: Extents = (1, 1, 1)
    pad: Extents = (0, 1, 1)
    out: Extents = (1, 1, 1)
    images: int = 1
    groups: int = 1
    block: int = 16
    backwards: bool = False
    count_pad: bool = False
    gap: int = 0
    row_gap: int = 0
    x_ring: int = 0
    y_ring: int = 0
    rows: tuple[int, int] | None = None
    residual: bool = False
    special: bool = False
    seed: int = 0

    @cached_property
    def row_range(self) -> tuple[int, int]:
        return self.rows or (0, self.out[1])

    @cached_property
    def taps(self) -> int:
        return self.kernel[0] * self.kernel[1] * self.kernel[2]

    @cached_property
    def x(self) -> Floats:
        """Images x depth x height x width x channels of all groups."""
        rng = np.random.default_rng(self.seed)
        x = rng.uniform(-1, 1, (self.images, *self.size, self.groups * self.ic)).astype(np.float32)
        if self.special:
            x[rng.uniform(size=x.shape) < 0.05] = np.nan
            x[rng.uniform(size=x.shape) < 0.05] = np.inf
            x[rng.uniform(size=x.shape) < 0.05] = -np.inf
        return x

    @cached_property
    def weights(self) -> Floats:
        """Groups x taps x input channels x output channels."""
        rng = np.random.default_rng(self.seed + 1)
        return rng.uniform(-1, 1, (self.groups, self.taps, self.ic, self.oc)).astype(np.float32)

    @cached_property
    def bias(self) -> Floats:
        rng = np.random.default_rng(self.seed + 2)
        return rng.uniform(-1, 1, self.groups * self.oc).astype(np.float32)

    @cached_property
    def residual_values(self) -> Floats:
        rng = np.random.default_rng(self.seed + 3)
        return rng.uniform(-1, 1, (self.images, *self.out, self.groups * self.oc)).astype(np.float32)

    @cached_property
    def gathered(self) -> tuple[Doubles, NDArray[np.bool_]]:
        """Inputs of each tap of each output pixel, images x out x taps x channels, and whether the tap is inside."""
        columns: list[Doubles] = []
        inside: list[NDArray[np.bool_]] = []
        for tap in np.ndindex(*self.kernel):
            index = [
                np.arange(self.out[k]) * self.stride[k] - self.pad[k] + tap[k] * self.dilation[k] for k in range(3)
            ]
            valid = [(i >= 0) & (i < self.size[k]) for k, i in enumerate(index)]
            mesh = np.ix_(*(np.clip(i, 0, self.size[k] - 1) for k, i in enumerate(index)))
            columns.append(self.x[:, *mesh].astype(np.float64))
            inside.append(valid[0][:, None, None] & valid[1][:, None] & valid[2])
        return np.stack(columns, -2), np.stack(inside, -1)

    @cached_property
    def expected(self) -> tuple[Doubles, Doubles]:
        """The answer and its bound: accumulated rounding of any order of summation."""
        columns, inside = self.gathered
        with np.errstate(invalid="ignore"):
            total, magnitude = self._accumulate(columns, inside)
            terms = self.taps * (self.ic if self.family is Family.CONV else 1) + 4
            total = total + self.bias
            magnitude = magnitude + np.abs(self.bias)
            if self.residual:
                total = total + self.residual_values
                magnitude = magnitude + np.abs(self.residual_values)
        return total, terms * EPSILON * magnitude

    def _accumulate(self, columns: Doubles, inside: NDArray[np.bool_]) -> tuple[Doubles, Doubles]:
        mask = inside[None, ..., None]
        if self.family is Family.POOL_MAX:
            best = np.where(mask, columns, -np.inf).max(axis=-2)
            return best, np.abs(best)
        columns = np.where(mask, columns, 0.0)
        if self.family is Family.POOL_AVERAGE:
            count = np.full(inside.shape[:-1], self.taps) if self.count_pad else np.maximum(inside.sum(-1), 1)
            divisor = count[None, ..., None]
            return columns.sum(-2) / divisor, np.abs(columns).sum(-2) / divisor
        if self.family is Family.DEPTHWISE:
            w = self.weights[0, :, 0, :].astype(np.float64)
            return (columns * w).sum(-2), np.abs(columns * w).sum(-2)
        grouped = columns.reshape(*columns.shape[:-1], self.groups, self.ic)
        w = self.weights.astype(np.float64)
        total = np.einsum("...tgi,gtio->...go", grouped, w, optimize=True)
        magnitude = np.einsum("...tgi,gtio->...go", np.abs(grouped), np.abs(w), optimize=True)
        shape = (*columns.shape[:-2], self.groups * self.oc)
        return total.reshape(shape), magnitude.reshape(shape)


@dataclass(frozen=True)
class Placement:
    """Where images, depths, rows, pixels of a tensor lie in a buffer that ends with its last element, in elements."""

    shape: tuple[int, int, int, int]
    channels: int
    gap: int
    row_gap: int
    ring: int

    @cached_property
    def steps(self) -> tuple[int, int, int, int]:
        pixel = self.channels + self.gap
        row = pixel * self.shape[3] + self.row_gap
        depth = row * (self.ring or self.shape[2])
        return depth * self.shape[1], depth, row, pixel

    def index(self, rows: range) -> tuple[NDArray[np.intp], int]:
        """Positions of the elements of some rows, and the length of the whole buffer."""
        image, depth, row, pixel = self.steps
        y = np.array([r % self.ring if self.ring else r for r in rows], np.intp)
        extents = [np.arange(n) for n in (self.shape[0], self.shape[1], self.shape[3], self.channels)]
        at = (
            extents[0][:, None, None, None, None] * image
            + extents[1][:, None, None, None] * depth
            + y[:, None, None] * row
            + extents[2][:, None] * pixel
            + extents[3]
        )
        n, d, h, w = self.shape
        last = (n - 1) * image + (d - 1) * depth + ((self.ring or h) - 1) * row + (w - 1) * pixel
        return at, last + self.channels

    def scatter(self, values: Floats, rows: range) -> Floats:
        """A buffer that holds some rows of a tensor, and the canary everywhere else."""
        at, length = self.index(rows)
        buffer = np.full(length, CANARY, np.float32)
        buffer[at] = values[:, :, rows.start : rows.stop]
        return buffer


def pack_weights(case: Case, row: KernelRow) -> tuple[Floats, int]:
    """The weights as the row wants them, and the bytes of one group."""
    w = case.weights
    if row.packing is Packing.PANELS:
        panels = -(-case.oc // row.nr)
        padded = np.zeros((*w.shape[:3], panels * row.nr), np.float32)
        padded[..., : case.oc] = w
        w = padded.reshape(*w.shape[:3], panels, row.nr).transpose(0, 3, 1, 2, 4)
    elif row.packing is Packing.CHANNELS:
        w = w[:, :, 0, :]
    elif row.packing is Packing.NONE:
        w = w[:, :0]
    return np.ascontiguousarray(w), 4 * w[0].size


def encode(case: Case, row: KernelRow) -> bytes:
    """A case as window.c reads it."""
    w, w_group = pack_weights(case, row)
    first, last = case.row_range
    x = Placement((case.images, *case.size), case.groups * case.ic, case.gap, case.row_gap, case.x_ring)
    needed = range(case.size[1])
    if case.x_ring:
        top = first * case.stride[1] - case.pad[1]
        bottom = (last - 1) * case.stride[1] - case.pad[1] + (case.kernel[1] - 1) * case.dilation[1]
        needed = range(max(top, 0), min(bottom + 1, case.size[1]))
        assert len(needed) <= case.x_ring
    y = placement_of_output(case)
    residual = Placement((case.images, *case.out), case.groups * case.oc, case.gap + 1, case.row_gap, 0)
    linear = not case.y_ring and case.row_gap == 0
    fields = [case.images, case.groups, case.ic, case.oc]
    for extents in (case.size, case.out, case.kernel, case.stride, case.dilation, case.pad):
        fields += extents
    fields += [case.block, int(linear), int(case.backwards), case.x_ring, int(case.count_pad)]
    fields += [4 * x.steps[0], 4 * case.ic, *(4 * step for step in x.steps[1:]), w_group, 1 + case.residual]
    for operand in (y, residual)[: 1 + case.residual]:
        fields += [operand.ring, *(4 * step for step in operand.steps)]
    identity = -np.inf if case.family is Family.POOL_MAX else 0.0
    arrays = (
        x.scatter(case.x, needed),
        w,
        np.full(case.ic, identity, np.float32),
        case.bias,
        np.full(y.index(range(0))[1], CANARY, np.float32),
        residual.scatter(case.residual_values, range(case.out[1])) if case.residual else np.zeros(0, np.float32),
    )
    head = row.id.encode().ljust(64, b"\0") + struct.pack(f"<{len(fields) + 2}q", *fields, first, last)
    return head + b"".join(pack_array(array) for array in arrays)


def placement_of_output(case: Case) -> Placement:
    return Placement((case.images, *case.out), case.groups * case.oc, case.gap, case.row_gap, case.y_ring)


def check(case: Case, answer: Floats) -> None:
    """Compares an output buffer with the expected one; elements that belong to no output must be as before."""
    first, last = case.row_range
    at, length = placement_of_output(case).index(range(first, last))
    assert answer.size == length
    untouched = np.ones(length, np.bool_)
    untouched[at] = False
    assert np.all(answer[untouched] == CANARY), f"written outside of the output: {case}"
    total, bound = (part[:, :, first:last] for part in case.expected)
    actual = answer[at].astype(np.float64)
    finite = np.isfinite(total)
    with np.errstate(invalid="ignore"):
        wrong = np.where(finite, ~(np.abs(actual - total) <= bound), ~((actual == total) | np.isnan(actual + total)))
        wrong |= np.isnan(actual) != np.isnan(total)
    if np.any(wrong):
        where = tuple(int(i) for i in np.argwhere(wrong)[0])
        raise AssertionError(
            f"{int(wrong.sum())} of {wrong.size} wrong, first at {where}: {actual[where]} instead of {total[where]} "
            f"within {bound[where]:.3g} in {case}"
        )


def fitted(case: Case, rng: np.random.Generator) -> Case:
    """The case with an output that its input can feed, sometimes beyond it (padding behind)."""
    extents = [
        (case.size[k] + 2 * max(case.pad[k], 0) - (case.kernel[k] - 1) * case.dilation[k] - 1) // case.stride[k] + 1
        for k in range(3)
    ]
    most = (2, 7, 19)
    return replace(case, out=tuple(min(max(n + int(rng.integers(0, 2)), 1), most[k]) for k, n in enumerate(extents)))


def window_cases(family: Family) -> list[Case]:
    """The cases of a family: each channel tail, then random geometry, rings and row ranges, then special values."""
    rng = np.random.default_rng(len(family.value))
    cases: list[Case] = []
    for oc in TAILS:
        cases.append(random_case(family, oc, rng, plain=True))
        cases += [random_case(family, oc, rng, plain=False) for _ in range(6)]
    for special in (False, True):
        for _ in range(12):
            case = random_case(family, int(rng.choice(TAILS[:9])), rng, plain=False)
            cases.append(replace(ringed(case, rng), special=special and family is not Family.CONV))
    return [replace(case, seed=seed) for seed, case in enumerate(cases)]


def random_case(family: Family, oc: int, rng: np.random.Generator, *, plain: bool) -> Case:
    """A geometry of everything that the driver knows; `plain`: one 3x3 window as networks have it."""
    conv = family is Family.CONV
    ic = int(rng.choice((1, 2, 3, 4, 5, 8, 9, 17))) if conv else oc
    if plain:
        return Case(family, ic, oc, (1, 9, 14), out=(1, 9, 14), block=24)

    def pick(*choices: tuple[int, ...]) -> Extents:
        a, b, c = (int(rng.choice(values)) for values in choices)
        return a, b, c

    pointwise = rng.uniform() < 0.2
    case = Case(
        family,
        ic,
        oc,
        pick((1, 1, 3), (1, 2, 5, 8), (1, 3, 6, 11, 17)),
        kernel=(1, 1, 1) if pointwise else pick((1, 1, 1, 2), (1, 2, 3), (1, 2, 3, 3, 5)),
        stride=pick((1, 2), (1, 1, 2, 3), (1, 1, 2, 4)),
        dilation=pick((1, 2), (1, 1, 2), (1, 1, 2, 3)),
        pad=(0, 0, 0) if pointwise else pick((0, 1, -1), (0, 1, 1, 2, 3, -1), (0, 1, 1, 2, 4, -1, -2)),
        images=int(rng.choice((1, 1, 2))),
        groups=int(rng.choice((1, 1, 1, 2, 3))) if conv and oc <= 17 else 1,
        block=int(rng.choice((1, 2, 5, 7, 13, 16, 30, 64))),
        backwards=bool(rng.integers(0, 2)),
        count_pad=bool(rng.integers(0, 2)),
        gap=int(rng.choice((0, 0, 1, 5))),
        row_gap=int(rng.choice((0, 0, 3))),
        residual=bool(rng.integers(0, 2)),
    )
    return fitted(case, rng)


def ringed(case: Case, rng: np.random.Generator) -> Case:
    """The case as a streamed stage: some rows of its output, rings of rows for input and output."""
    first = int(rng.integers(0, case.out[1]))
    last = int(rng.integers(first, case.out[1])) + 1
    reach = (last - 1 - first) * case.stride[1] + (case.kernel[1] - 1) * case.dilation[1] + 1
    ring = min(reach, case.size[1]) + int(rng.integers(0, 2))
    y_ring = int(rng.choice((0, last - first, last - first + 2)))
    return replace(case, rows=(first, last), x_ring=ring, y_ring=y_ring)
