"""Inputs and outputs as the C code names them."""

from dataclasses import dataclass
from math import prod

from embedc.emit.names import c_string, comment, unique_identifiers
from embedc.emit.scalars import literal, stored_type
from embedc.ir.types import F32, Element, Quantization
from embedc.plan.plan import Plan
from embedc.program.layout import Layout, layout_name
from embedc.program.program import Buffer

# Parameters and variables of the generated functions, and the first words of macros that every header has.
TAKEN = (
    "scratch",
    "scratch_bytes",
    "io",
    "s",
    "w",
    "i",
    "m",
    "memory",
    "layer",
    "status",
    "selftest",
    "stack",
    "state",
    "weights",
)
SUFFIXES = ("", "_io", "_run", "_status", "_weights", "_selftest", "_trace", "_state_init")


@dataclass(frozen=True)
class CPort:
    """A port of the model with its field in the C struct; `offset` says where it lies in scratch, if it does."""

    name: str
    c_name: str
    element: Element
    shape: tuple[int, ...]
    buffer: Buffer
    is_input: bool
    layout: Layout
    offset: int | None = None
    quantization: Quantization | None = None

    @property
    def bytes(self) -> int:
        return self.buffer.bytes

    @property
    def declaration(self) -> str:
        """The C declaration of its address."""
        return f"{'const ' if self.is_input else ''}{stored_type(self.element)} *{self.c_name}"

    @property
    def comment(self) -> str:
        """What it is, for people."""
        told = f'{"Input" if self.is_input else "Output"} "{comment(self.name)}": {self.element}{list(self.shape)}'
        if self.element.bits < 8:
            told += ", one in a byte"
        if self.quantization:
            scale, zero = self.quantization.scale[0], self.quantization.zero_point[0]
            told += f", real = {scale:.9g} * (q {'+' if zero < 0 else '-'} {abs(zero)})"
        where = f"in memory {list(self.extents)}, " if self.extents != self.shape else ""
        return f"{told}, {where}{layout_name(self.layout)}"

    @property
    def extents(self) -> tuple[int, ...]:
        """The shape as it lies in memory, from slowest to fastest axis."""
        return tuple(self.shape[axis] for axis in self.layout.order)

    def macros(self, prefix: str) -> list[tuple[str, object]]:
        """Its facts for the preprocessor."""
        stem = f"{prefix}_{self.c_name.upper()}"
        shape = [(f"{stem}_SHAPE", "{" + ", ".join(map(str, self.extents)) + "}")] if self.shape else []
        told = [
            (f"{stem}_NAME", c_string(self.name)),
            (f"{stem}_ELEMENT", f'"{self.element}"'),
            (f"{stem}_LAYOUT", f'"{layout_name(self.layout)}"'),
        ]
        facts = [(f"{stem}_LENGTH", prod(self.shape)), (f"{stem}_BYTES", self.bytes), (f"{stem}_RANK", len(self.shape))]
        place = [] if self.offset is None else [(f"{stem}_OFFSET", self.offset)]
        return [*told, *facts, *shape, *self._meaning(stem), *place]

    def _meaning(self, stem: str) -> list[tuple[str, object]]:
        """Scale and zero point of quantized elements."""
        if not self.quantization:
            return []
        scale, zero = self.quantization.scale[0], self.quantization.zero_point[0]
        return [(f"{stem}_SCALE", literal(scale, F32)), (f"{stem}_ZERO_POINT", f"({zero})" if zero < 0 else zero)]

    def accessor(self, name: str) -> str:
        """Of a port in scratch, the function that gives its address."""
        kind = f"{'' if self.is_input else 'const '}{stored_type(self.element)} *"
        void, byte = ("void", "unsigned char") if self.is_input else ("const void", "const unsigned char")
        function = f"{name}_{'input' if self.is_input else 'output'}_{self.c_name}"
        address = f"({kind})({void} *)(({byte} *)scratch + {name.upper()}_{self.c_name.upper()}_OFFSET)"
        return f"static inline {kind}{function}({void} *scratch) {{\n  return {address};\n}}"


def c_ports(plan: Plan, name: str) -> list[CPort]:
    """Inputs, then outputs; no C name collides with another or with what the files declare."""
    program = plan.program
    ports = [*program.inputs, *program.outputs]
    taken = (*TAKEN, *(name + suffix for suffix in SUFFIXES))
    fields = unique_identifiers([p.name for p in ports], "t", taken)
    return [
        CPort(
            p.name,
            field,
            p.type.element,
            p.type.dims,
            p.buffer,
            number < len(program.inputs),
            p.layout,
            plan.offsets.get(p.buffer),
            p.type.quantization,
        )
        for number, (p, field) in enumerate(zip(ports, fields, strict=True))
    ]
