"""Pads, strides and extents of sliding windows, from ONNX's several ways to say them."""

from collections.abc import Sequence
from dataclasses import dataclass

from embedc.frontends.onnx.node import Node
from embedc.ops.window import Pads

_AUTO_PADS = ("NOTSET", "SAME_UPPER", "SAME_LOWER", "VALID")


@dataclass(frozen=True)
class Sliding:
    """A window sliding over spatial axes; `declared` are the pads that the model states, `pads` what its extents need."""

    kernel: tuple[int, ...]
    strides: tuple[int, ...]
    pads: Pads
    dilations: tuple[int, ...]
    declared: Pads


def sliding(node: Node, size: Sequence[int], kernel: Sequence[int], ceil: bool = False) -> Sliding:
    """Reads strides, dilations, pads and auto_pad of a node that slides `kernel` over `size`."""
    strides = _per_axis(node, "strides", len(size))
    dilations = _per_axis(node, "dilations", len(size))
    if len(kernel) != len(size) or min(kernel, default=1) < 1:
        raise node.fail(f"kernel_shape {list(kernel)} for {len(size)} spatial axes", "re-export the model")
    reach = tuple(d * (k - 1) + 1 for k, d in zip(kernel, dilations, strict=True))
    auto = node.choice("auto_pad", *_AUTO_PADS)
    if auto == "NOTSET":
        declared = _declared(node, len(size))
    else:
        node.ignore("pads")
        declared = tuple(
            _same(n, r, s, auto) if auto != "VALID" else (0, 0) for n, r, s in zip(size, reach, strides, strict=True)
        )
    pads = declared
    if ceil:
        pads = tuple(_ceiled(*axis) for axis in zip(size, reach, strides, declared, strict=True))
    return Sliding(tuple(kernel), strides, pads, dilations, declared)


def _per_axis(node: Node, name: str, rank: int) -> tuple[int, ...]:
    values = node.integers(name, (1,) * rank)
    if len(values) != rank or min(values, default=1) < 1:
        raise node.fail(f"{name} {list(values)} for {rank} spatial axes", f"give {rank} positive {name}")
    return values


def _declared(node: Node, rank: int) -> Pads:
    pads = node.integers("pads", (0,) * (2 * rank))
    if len(pads) != 2 * rank:
        raise node.fail(f"pads {list(pads)} for {rank} spatial axes", f"give {2 * rank} pads")
    return tuple(zip(pads[:rank], pads[rank:], strict=True))


def _same(n: int, reach: int, stride: int, auto: str) -> tuple[int, int]:
    """Pads that make the output ceil(n / stride) long."""
    total = max((-(-n // stride) - 1) * stride + reach - n, 0)
    small = total // 2
    return (small, total - small) if auto == "SAME_UPPER" else (total - small, small)


def _ceiled(n: int, reach: int, stride: int, pads: tuple[int, int]) -> tuple[int, int]:
    """Pads whose end is moved so that a partial last window counts, if it starts inside the input or its left pad."""
    low, high = pads
    steps = -(-(n + low + high - reach) // stride)
    if steps * stride >= n + low:
        steps -= 1
    return low, steps * stride + reach - n - low


def transposed_pads(
    node: Node, size: Sequence[int], kernel: Sequence[int]
) -> tuple[tuple[int, ...], tuple[int, ...], Pads]:
    """Strides, dilations and pads of a transposed convolution; output_padding is taken off the end pads."""
    rank = len(size)
    strides, dilations = _per_axis(node, "strides", rank), _per_axis(node, "dilations", rank)
    extra = node.integers("output_padding", (0,) * rank)
    if len(extra) != rank or min(extra, default=0) < 0:
        raise node.fail(f"output_padding {list(extra)} for {rank} spatial axes", f"give {rank} numbers")
    full = tuple(
        s * (n - 1) + d * (k - 1) + 1 + e for n, k, s, d, e in zip(size, kernel, strides, dilations, extra, strict=True)
    )
    auto = node.choice("auto_pad", *_AUTO_PADS)
    wanted = node.optional_integers("output_shape")
    if wanted is None and auto.startswith("SAME"):
        if any(extra):
            raise node.fail(f"auto_pad {auto} with output_padding {list(extra)} is ambiguous", "state pads instead")
        wanted = tuple(min(n * s, f) for n, s, f in zip(size, strides, full, strict=True))
    if wanted is not None:
        node.ignore("pads")
        wanted = wanted[-rank:]
        if len(wanted) != rank or min(wanted) < 1:
            raise node.fail(f"output_shape {list(wanted)} for {rank} spatial axes", f"give {rank} positive extents")
        pads = tuple(_split(f - w, auto) for f, w in zip(full, wanted, strict=True))
    else:
        pads = _declared(node, rank) if auto == "NOTSET" else ((0, 0),) * rank
        node.ignore("pads")
    return strides, dilations, tuple((low, high - e) for (low, high), e in zip(pads, extra, strict=True))


def _split(total: int, auto: str) -> tuple[int, int]:
    """What a wanted output extent takes off at both ends; nothing in front if it adds."""
    if total < 0:
        return 0, total
    small = total // 2
    return (small, total - small) if auto == "SAME_UPPER" else (total - small, small)
