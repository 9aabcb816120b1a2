"""<name>_selftest.c: runs the golden input on the device and compares tensors with their expected sums."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from embedc.emit.golden import EXACT, Expected, Golden, draw, golden_calls
from embedc.emit.layout import COLUMNS
from embedc.emit.names import comment
from embedc.emit.scalars import suffix
from embedc.ir.types import F64, Element
from embedc.plan.plan import Plan
from embedc.program.program import Port, Program


@dataclass(frozen=True)
class Memory:
    """Offsets of inputs, outputs and state in the self-test's memory, which begins with the scratch; `bytes` of all."""

    ports: list[int]
    state: int
    bytes: int


def memory_layout(plan: Plan, align: int) -> Memory:
    """Inputs and outputs one after the other behind the scratch, unless they lie in it, then the state."""
    offsets: list[int] = []
    end = plan.size

    def append(size: int) -> int:
        nonlocal end
        begin = -(-end // align) * align if size else end
        end = begin + size
        return begin

    for port in (*plan.program.inputs, *plan.program.outputs):
        inside = plan.offsets.get(port.buffer)
        offsets.append(append(port.buffer.bytes) if inside is None else inside)
    return Memory(offsets, append(plan.state_bytes), end)


def selftest_values(golden: Golden, program: Program, memory: Memory) -> dict[str, Any]:
    """What the template needs beside the values of the other files."""
    offsets = memory.ports
    tensors = (*golden.layers, *(expected for _, expected in golden.outputs))
    elements = list(dict.fromkeys(tensor.element for tensor in tensors))
    real = _real(tensors)
    axes = max((len(tensor.extents) for tensor in tensors), default=0) or 1
    inputs: list[dict[str, object]] = []
    first = 0
    for port, offset in zip(program.inputs, offsets, strict=False):
        inputs.append({**_input(port), "first": first, "offset": offset})
        first += port.type.size
    return {
        "axes": axes,
        "half": any(e.is_stored for e in (*elements, *(port.type.element for port in program.inputs))),
        "steps": len(program.steps),
        "real": real,
        "zero": _literal("0", real),
        "elements": [suffix(element) for element in elements],
        "inputs": inputs,
        "offsets": offsets,
        "state_offset": memory.state,
        "calls": golden_calls(program),
        "layers": _table(
            [
                (_row(e, axes, elements, real), program.steps[e.id % len(program.steps)].layer.name)
                for e in golden.layers
            ],
        ),
        "outputs": _table([(_row(e, axes, elements, real), program.outputs[k].name) for k, e in golden.outputs]),
        "checks": [(offsets[len(program.inputs) + k], e.id) for k, e in golden.outputs],
    }


def _input(port: Port) -> dict[str, object]:
    element = port.type.element
    return {
        "length": port.type.size,
        "bytes": element.bytes,
        "suffix": suffix(element),
        "draw": draw(element).c,
    }


def _real(tensors: Sequence[Expected]) -> str:
    """The C type of sums: integers, which wrap around, where all must be met exactly; doubles where floats do not reach.

    Many small devices have no instructions for doubles.
    """
    if all(tensor.tolerance == EXACT for tensor in tensors):
        return "uint64_t"
    return "float" if all(map(_fits_float, tensors)) else "double"


def _fits_float(tensor: Expected) -> bool:
    magnitudes = (abs(float(text)) for text in (*tensor.sums, tensor.tolerance))
    return tensor.element != F64 and all(m == 0 or 1e-30 < m < 1e30 for m in magnitudes)


def _literal(text: str, real: str) -> str:
    """A number of the golden values in C."""
    if real == "uint64_t":
        return f"{int(text) % 2**64}u"
    return (text if "e" in text else f"{text}.0") + ("f" if real == "float" else "")


def _row(tensor: Expected, axes: int, elements: Sequence[Element], real: str) -> str:
    """The initializer of one tensor."""
    missing = axes - len(tensor.extents)
    extents = _list([1] * missing + [*tensor.extents])
    strides = _list([0] * missing + [*tensor.strides])
    kind = elements.index(tensor.element)
    sums = _list([_literal(text, real) for text in tensor.sums])
    tolerance = _literal(tensor.tolerance, real)
    return f"{{{tensor.id}, {kind}, {tensor.nonfinite}, {extents}, {strides}, {sums}, {tolerance}}}"


def _table(rows: Sequence[tuple[str, str]]) -> list[str]:
    """Initializers with comments in one column, which also keep each on a line of its own."""
    width = max((len(row) for row, _ in rows), default=0) + 1
    room = COLUMNS - 4 - width - len(" /*  */")
    return [f"{row + ',':<{width}} /* {comment(name, room)} */" if room > 3 else f"{row}," for row, name in rows]


def _list(values: Sequence[object]) -> str:
    return "{" + ", ".join(map(str, values)) + "}"
