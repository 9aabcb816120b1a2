"""Between which bounds the values of a scalar program lie: what says that a narrower type, or a faster step, is exact."""

import math
from collections.abc import Sequence

from embedc.ir.scalar import ScalarNode, ScalarProgram
from embedc.ir.types import BOOL, Element

Interval = tuple[float, float]
"""The least and the greatest; whole numbers of integer types are exact below 2^53."""


def of_element(element: Element) -> Interval:
    """All that a type can hold."""
    if element == BOOL:
        return 0, 1
    if element.is_float:
        return -math.inf, math.inf
    return element.limits


def intervals(program: ScalarProgram, inputs: Sequence[Interval | None]) -> list[Interval]:
    """For every input and step its interval, NaN aside; None for an input means all that its type holds."""
    found = [given or of_element(e) for given, e in zip(inputs, program.inputs, strict=True)]
    for node in program.nodes:
        low, high = _step(node, [found[a] for a in node.args])
        least, most = of_element(node.element)
        inside = least <= low and high <= most and not (math.isnan(low) or math.isnan(high))
        found.append((low, high) if inside else (least, most))
    return found


def _step(node: ScalarNode, args: list[Interval]) -> Interval:
    match node.op:
        case "const":
            value = math.nan if node.value is None else node.value
            return value, value
        case "cast" if node.element.is_integer or node.element.is_float:
            return args[0]
        case "add":
            return args[0][0] + args[1][0], args[0][1] + args[1][1]
        case "sub":
            return args[0][0] - args[1][1], args[0][1] - args[1][0]
        case "neg":
            return -args[0][1], -args[0][0]
        case "mul":
            products = [a * b for a in args[0] for b in args[1]]
            return min(products), max(products)
        case "min":
            return min(args[0][0], args[1][0]), min(args[0][1], args[1][1])
        case "max":
            return max(args[0][0], args[1][0]), max(args[0][1], args[1][1])
        case "select":
            return min(args[1][0], args[2][0]), max(args[1][1], args[2][1])
        case "round" | "floor" | "ceil":
            return (
                math.floor(args[0][0]) if math.isfinite(args[0][0]) else args[0][0],
                math.ceil(args[0][1]) if math.isfinite(args[0][1]) else args[0][1],
            )
        case "rescale" | "rescale_wide":
            products = [a * s for a in args[0] for s in args[1]]
            ends = min(products), max(products)
            return (math.floor(ends[0]), math.ceil(ends[1])) if all(map(math.isfinite, ends)) else (-math.inf, math.inf)
        case _:
            return of_element(node.element)
