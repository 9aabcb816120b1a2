"""Cases of the window families: geometry, operands, the answer in f64 and how far a kernel may be from it."""

import struct
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from embedc.ir.types import F32, I32, Element
from embedc.kernels.row import Family, KernelRow, Packing, address_steps
from embedc.kernels.tiles import TileGrid
from tests.kernels.harness import Floats, pack_array, pack_bytes

Extents = tuple[int, int, int]
Doubles = NDArray[np.float64]
Operand = NDArray[Any]

TAILS = (1, 3, 7, 8, 9, 15, 16, 17, 31, 33, 64, 65)  # channels around the widths of vectors and panels
EPSILON = 2.0**-24
POINTER = 8
CANARY = np.float32(-7.75e33)  # what must not change in an output, and must not be read from an input


def canary(dtype: np.dtype[Any]) -> Any:
    """The canary as an element of a type."""
    return np.frombuffer(CANARY.tobytes()[: dtype.itemsize], dtype)[0]


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
    x_element: Element = F32
    w_element: Element = F32
    least_w: int | None = None

    @cached_property
    def row_range(self) -> tuple[int, int]:
        return self.rows or (0, self.out[1])

    @cached_property
    def taps(self) -> int:
        return self.kernel[0] * self.kernel[1] * self.kernel[2]

    @property
    def tiles(self) -> TileGrid:
        """What Winograd's kernels divide the outputs into."""
        return TileGrid(self.images, *self.out[1:])

    @property
    def multiplies_channels(self) -> bool:
        return self.family in (Family.CONV, Family.WINOGRAD)

    @property
    def is_integer(self) -> bool:
        return self.x_element.is_integer

    def _numbers(self, salt: int, shape: tuple[int, ...], element: Element) -> Operand:
        """Random numbers: floats from -1 to 1, whole ones as far as layers have them, or their ends alone where special."""
        rng = np.random.default_rng(self.seed + salt)
        if element.is_float:
            return rng.uniform(-1, 1, shape).astype(np.float32)
        least, most = element.limits
        reach = 2**24 if element.bits > 16 else 255
        low, high = max(least, -reach), min(most, reach)
        ends = np.array([low, high], element.dtype)
        return rng.choice(ends, shape) if self.special else rng.integers(low, high, shape, element.dtype, endpoint=True)

    @cached_property
    def x(self) -> Operand:
        """Images x depth x height x width x channels of all groups."""
        x = self._numbers(0, (self.images, *self.size, self.groups * self.ic), self.x_element)
        if self.special and not self.is_integer:
            rng = np.random.default_rng(self.seed)
            x[rng.uniform(size=x.shape) < 0.05] = np.nan
            x[rng.uniform(size=x.shape) < 0.05] = np.inf
            x[rng.uniform(size=x.shape) < 0.05] = -np.inf
        return x

    @cached_property
    def weights(self) -> Operand:
        """Groups x taps x input channels x output channels."""
        weights = self._numbers(1, (self.groups, self.taps, self.ic, self.oc), self.w_element)
        return weights if self.least_w is None else np.maximum(weights, np.array(self.least_w, weights.dtype))

    @cached_property
    def bias(self) -> Operand:
        return self._numbers(2, (self.groups * self.oc,), self.result)

    @cached_property
    def residual_values(self) -> Operand:
        return self._numbers(3, (self.images, *self.out, self.groups * self.oc), self.result)

    @cached_property
    def start(self) -> Operand:
        """Where integer sums start; floats have none."""
        numbers = self._numbers(5, (self.groups * self.oc,), I32).astype(np.int64)
        return numbers if self.is_integer else np.zeros_like(numbers)

    @property
    def result(self) -> Element:
        return I32 if self.is_integer else F32

    @cached_property
    def pad_value(self) -> float | int:
        """What the row of padding holds: a zero point, or what never wins a maximum."""
        if self.family is Family.POOL_MAX:
            return int(np.iinfo(self.x_element.dtype).min) if self.is_integer else -np.inf
        return int(self._numbers(4, (), self.x_element)) if self.is_integer else 0.0

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
            if self.is_integer and self.family is not Family.POOL_MAX:
                total = total + self.start
            terms = self.taps * (self.ic if self.multiplies_channels else 1) + 4
            total = total + self.bias
            magnitude = magnitude + np.abs(self.bias)
            if self.residual:
                total = total + self.residual_values
                magnitude = magnitude + np.abs(self.residual_values)
        return total, np.zeros_like(magnitude) if self.is_integer else terms * EPSILON * magnitude

    def _accumulate(self, columns: Doubles, inside: NDArray[np.bool_]) -> tuple[Doubles, Doubles]:
        mask = inside[None, ..., None]
        if self.family is Family.POOL_MAX:
            best = np.where(mask, columns, self.pad_value).max(axis=-2)
            return best, np.abs(best)
        columns = np.where(mask, columns, self.pad_value)
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

    def scatter(self, values: Operand, rows: range) -> Operand:
        """A buffer that holds some rows of a tensor, and the canary everywhere else."""
        at, length = self.index(rows)
        buffer = np.full(length, canary(values.dtype), values.dtype)
        buffer[at] = values[:, :, rows.start : rows.stop]
        return buffer


def gathered_bytes(case: Case, row: KernelRow) -> int:
    """Bytes of a gathered row; 0 where the kernel's steps fit the channels."""
    if case.family is not Family.CONV or case.ic % row.kr == 0:
        return 0
    return -(-case.taps * case.ic // row.kr) * row.kr


def pack_weights(case: Case, row: KernelRow) -> tuple[bytes, int]:
    """The weights as the row wants them, and the bytes of one group."""
    w = case.weights
    if row.packing is Packing.NONE:
        return b"", 0
    if row.packing is Packing.CHANNELS:
        w = w[:, :, 0, :]
        start = case.start.reshape(1, -1) - row.x_bias * w.sum(1, dtype=np.int64) if case.is_integer else None
        steps = np.concatenate([w[0], np.zeros((-case.taps % row.kr, case.oc), w.dtype)]).reshape(-1, row.kr, case.oc)
        return b"".join(packed(steps.swapaxes(1, 2), None if start is None else start[0])), 0
    starts = case.start.reshape(case.groups, -1) - row.x_bias * w.sum((1, 2), dtype=np.int64)
    row_bytes = gathered_bytes(case, row)
    if row_bytes:
        flat = w.reshape(case.groups, 1, -1, case.oc)
        w = np.concatenate([flat, np.zeros((case.groups, 1, row_bytes - flat.shape[2], case.oc), w.dtype)], 2)
    width = row.nr or case.oc
    missing = -case.oc % width
    w = np.concatenate([w, np.zeros((*w.shape[:3], missing), w.dtype)], 3)
    starts = np.concatenate([starts, np.zeros((case.groups, missing), np.int64)], 1)
    parts: list[bytes] = []
    for group, start in zip(w, starts, strict=True):
        for c in range(0, w.shape[3], width):
            panel = group[:, :, c : c + width].reshape(w.shape[1], -1, row.kr, width).swapaxes(2, 3)
            starts_here = start[c : c + width].copy()
            if row.packing is Packing.TILES:
                panel = panel.swapaxes(0, 1)
            if row.packing is Packing.NIBBLES:  # 8 more than the first half's weights, 16 times the second half's
                first, second = np.split(panel.astype(np.int64), 2, 2)
                starts_here[: width // 2] -= 8 * row.x_bias * w.shape[1] * w.shape[2]
                panel = (first + 8 + 16 * second).astype(np.int8)
            parts += packed(panel, starts_here if case.is_integer else None)
    data = b"".join(parts)
    return data, len(data) // case.groups


def packed(weights: Operand, start: Operand | None) -> list[bytes]:
    """Where sums start, if that is not zero, and the weights."""
    return ([start.astype(np.int32).tobytes()] if start is not None else []) + [weights.tobytes()]


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
    block = case.tiles.block if case.family is Family.WINOGRAD else case.block
    block, steps = (
        (shared_block(case), (1, case.dilation[1] * case.out[2]))
        if shares(case, row)
        else (block, address_steps(case.family, case.taps, block))
    )
    fields += [block, *steps, int(linear), int(case.backwards), case.x_ring, int(case.count_pad)]
    size = case.x_element.bits // 8
    fields += [gathered_bytes(case, row), size * x.steps[0], size * case.ic, *(size * step for step in x.steps[1:])]
    fields += [w_group, 1 + case.residual]
    for operand in (y, residual)[: 1 + case.residual]:
        fields += [operand.ring, *(4 * step for step in operand.steps)]
    dtype = case.x_element.dtype
    joined = is_joined(case, row)
    padding = np.full(case.ic * (case.kernel[2] if joined or gathered_bytes(case, row) else 1), case.pad_value, dtype)
    inputs = (x.scatter(case.x, needed), np.frombuffer(w, np.uint8), padding)
    arrays = (
        case.bias,
        np.full(y.index(range(0))[1], CANARY, np.float32),
        residual.scatter(case.residual_values, range(case.out[1])) if case.residual else np.zeros(0, np.float32),
    )
    numbers = (*fields, first, last, joined, -(-scratch_bytes(case, row) // POINTER) * POINTER)
    head = row.id.encode().ljust(64, b"\0") + struct.pack(f"<{len(numbers)}q", *numbers)
    return head + b"".join([*map(pack_bytes, inputs), *map(pack_array, arrays)])


def scratch_bytes(case: Case, row: KernelRow) -> int:
    """What the driver needs: addresses and gathered windows of a block, or what tiles take."""
    if case.family is Family.WINOGRAD:
        return case.tiles.scratch(case.ic, row.nr, POINTER)
    gathered = gathered_bytes(case, row)
    if is_joined(case, row):
        starts = [i * case.stride[2] - case.pad[2] for i in range(case.out[2])]
        borders = sum(ix < 0 or ix + case.kernel[2] > case.size[2] for ix in starts)
        if shares(case, row):
            below = (case.kernel[1] - 1) * case.dilation[1]
            copies = borders * case.kernel[2] * case.ic * case.x_element.bytes
            return (shared_block(case) // case.out[2] + below) * (case.out[2] * POINTER + copies)
        touched = (case.block + case.out[2] - 2) // case.out[2] + 1
        copies = touched * borders * case.taps * case.ic * case.x_element.bytes
        return case.block * case.taps // case.kernel[2] * POINTER + copies
    addresses = case.block * (POINTER + gathered if gathered else case.taps * POINTER)
    return addresses + row.widened(gathered or case.taps * case.ic, case.block)


def is_joined(case: Case, row: KernelRow) -> bool:
    """True for every second case of which the kernel can see rows as taps."""
    near = case.dilation[2] == 1 and case.gap == 0 and case.groups == 1 and case.kernel[2] > 1
    return case.family is Family.CONV and near and not (gathered_bytes(case, row) or row.widens) and case.seed % 2 == 0


def shares(case: Case, row: KernelRow) -> bool:
    """True for every second joined case whose blocks can be whole rows that share addresses."""
    flat = case.kernel[0] == 1 and case.stride[1] == 1 and case.kernel[1] > 1 and not case.y_ring and case.row_gap == 0
    return is_joined(case, row) and flat and case.seed % 4 == 0


def shared_block(case: Case) -> int:
    """Pixels of a block of whole rows, more of them than the kernel's are apart."""
    return case.out[2] * (case.dilation[1] + 1 + case.block % 3)


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
    actual = answer[at].view(case.result.dtype).astype(np.float64)
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


def window_cases(family: Family, x: Element, w: Element | None, least_w: int | None = None) -> list[Case]:
    """The cases of a family: each channel tail, then random geometry, rings and row ranges, then special values."""
    types = {"x_element": x, "w_element": w or x, "least_w": least_w}
    if family is Family.WINOGRAD:
        return [replace(case, seed=seed, **types) for seed, case in enumerate(tile_cases())]
    rng = np.random.default_rng(len(family.value))
    cases: list[Case] = []
    for oc in TAILS:
        cases.append(random_case(family, oc, rng, plain=True))
        cases += [random_case(family, oc, rng, plain=False) for _ in range(6)]
    for special in (False, True):
        for _ in range(12):
            case = random_case(family, int(rng.choice(TAILS[:9])), rng, plain=False)
            cases.append(replace(ringed(case, rng), special=special and (x.is_integer or family is not Family.CONV)))
    if family is Family.CONV and x.is_integer:  # more inputs of a pixel than kernels take at a time
        cases += [
            Case(family, ic, 17, (1, 2, 5), kernel, out=(1, 2, 5), pad=(0, kernel[1] // 2, kernel[2] // 2))
            for ic, kernel in ((2500, (1, 1, 1)), (520, (1, 3, 3)), (4702, (1, 1, 2)))
        ]
    return [replace(case, seed=seed, **types) for seed, case in enumerate(cases)]


def tile_cases() -> list[Case]:
    """Cases of Winograd's family: 3 x 3 at stride 1, of 16 channels or some times as many, with sums below 2^25."""
    rng = np.random.default_rng(len(Family.WINOGRAD.value))
    cases: list[Case] = []
    for oc in TAILS:
        for _ in range(4):
            case = random_case(Family.CONV, oc, rng, plain=False)
            size = (1, int(rng.choice((1, 3, 6, 9))), int(rng.choice((1, 4, 7, 18))))
            pad = (0, *(int(p) for p in rng.choice((0, 1, 1, 2, -1), 2)))
            plain = {"kernel": (1, 3, 3), "stride": (1, 1, 1), "dilation": (1, 1, 1), "size": size, "pad": pad}
            case = replace(case, family=Family.WINOGRAD, ic=int(rng.choice((16, 32, 48, 96))), **plain)
            case = fitted(case, rng)
            case = replace(case, out=(1, *case.out[1:]), special=bool(rng.integers(0, 2)))
            cases += [case, ringed(case, rng)]
    wide = Case(Family.WINOGRAD, 16, 20, (1, 19, 70), out=(1, 19, 70))  # more tiles than a block has
    return [*cases, wide, replace(wide, backwards=True, residual=True)]


def random_case(family: Family, oc: int, rng: np.random.Generator, *, plain: bool) -> Case:
    """A geometry of everything that the driver knows; `plain`: one 3x3 window as networks have it."""
    conv = family is Family.CONV
    ic = int(rng.choice((1, 2, 3, 4, 5, 8, 9, 12, 16, 17, 40))) if conv else oc
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
