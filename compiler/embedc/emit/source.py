"""The Plan as statements and definitions of <name>.c."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from textwrap import indent

from embedc.emit.calls import print_descriptor, print_epilogue, print_instance
from embedc.emit.forward import forward
from embedc.emit.layout import lay_out
from embedc.emit.loops import nest_arguments
from embedc.emit.names import comment
from embedc.emit.nests import print_nest
from embedc.emit.routines import print_routine
from embedc.emit.scalars import suffix
from embedc.emit.weights import Blob
from embedc.plan.plan import Plan
from embedc.program.program import Branch, Buffer, Call, Counter, For, Nest, Routine, Step, Storage, View
from embedc.targets.target import Target

PLACEHOLDER = "@@"


@dataclass
class Source:
    """Collects the parts of <name>.c; equal definitions are written once and shared."""

    name: str
    plan: Plan
    target: Target
    blob: Blob
    fields: dict[Buffer, str]
    definitions: list[str] = field(default_factory=list[str])
    statements: list[str] = field(default_factory=list[str])
    headers: set[str] = field(default_factory=set[str])
    _names: dict[tuple[str, str], str] = field(default_factory=dict[tuple[str, str], str])
    _counters: dict[Counter, str] = field(default_factory=dict[Counter, str])
    _counts: dict[str, int] = field(default_factory=dict[str, int])

    def define(self, kind: str, text: str) -> str:
        """The symbol of a definition whose text has PLACEHOLDER for its own name."""
        key = (kind, text)
        if key not in self._names:
            number = self._counts.get(kind, 0)
            self._counts[kind] = number + 1
            self._names[key] = f"{self.name}_{kind}{number}"
            self.definitions.append(lay_out(text.replace(PLACEHOLDER, self._names[key])))
        return self._names[key]

    def address(self, buffer: Buffer, offset: int = 0) -> str:
        """The C expression of an address: scratch, weights or a caller's buffer."""
        if buffer.storage is Storage.ARENA:
            base, offset = "s", offset + self.plan.offsets[buffer]
        elif buffer.storage is Storage.CONST:
            base, offset = "w", offset + self.blob.offsets[buffer]
        elif buffer.storage is Storage.STATE:
            base, offset = "k", offset + self.plan.state_offsets[buffer]
        else:
            kind = "const unsigned char" if buffer.storage is Storage.INPUT else "unsigned char"
            base = f"({kind} *)io->{self.fields[buffer]}"
        return f"{base} + {offset}" if offset else base

    def view(self, view: View) -> str:
        """The address of a view's first element, in this trip of the loops around it."""
        moves = "".join(f" + {self._counters[counter]} * {step}" for counter, step in view.moves if step)
        return self.address(view.buffer, view.offset) + moves

    def add(self, number: int, step: Step) -> None:
        """Writes one step with the layer's name and its trace."""
        head = f"  /* {number}: {comment(step.layer.name)} ({comment(step.layer.op, 20)}) */\n"
        program = self.plan.program
        shown = [t for t in program.traces if t.step == number]
        traces = [f"\n  EC_TRACE({program.trace_id(t)}, {self.view(t.view)});" for t in shown]
        self.statements.append(lay_out(head + self.statement(step) + "".join(traces)))

    def statement(self, step: Step) -> str:
        """The C statement that runs a step."""
        match step:
            case Call():
                return self._call(step)
            case Nest():
                return self._nest(step)
            case Routine():
                return self._routine(step)
            case For():
                return self._loop(step)
            case Branch():
                condition = self._load(step.condition)
                then, otherwise = self._block(step.then), self._block(step.otherwise)
                return f"  if ({condition}) {{\n{then}\n  }} else {{\n{otherwise}\n  }}"

    def _block(self, steps: Sequence[Step]) -> str:
        """Statements inside of braces."""
        return "\n".join(indent(self.statement(step), "  ") for step in steps)

    def _loop(self, step: For) -> str:
        name = f"i{len(self._counters)}"
        ends = [f"{name} < {step.counter.trips}"]
        if step.limit:
            ends.append(f"{name} < {self._load(step.limit)}")
        if step.condition:
            ends.append(self._load(step.condition))
        number = f"    ec_store_i64({self.view(step.number)}, (int64_t){name});\n" if step.number else ""
        self._counters[step.counter] = name
        body = self._block(step.body)
        del self._counters[step.counter]
        return f"  for (ptrdiff_t {name} = 0; {' && '.join(ends)}; {name}++) {{\n{number}{body}\n  }}"

    def _load(self, view: View) -> str:
        return f"ec_load_{suffix(view.element)}({self.view(view)})"

    def _nest(self, nest: Nest) -> str:
        nest = forward(nest)
        name = self.define("nest", print_nest(nest, PLACEHOLDER, self.target))
        return f"  {name}({', '.join(self.view(v) for v in nest_arguments(nest))});"

    def _routine(self, routine: Routine) -> str:
        self.headers.add(routine.header)
        name = self.define("routine", print_routine(routine, PLACEHOLDER))
        return f"  {name}({', '.join(self.view(v) for v in (*routine.operands, *routine.results))});"

    def _pixels(self, view: View) -> str:
        """The address of a pixel operand; the table of them is writable for the sake of the first one."""
        read_only = view.buffer.storage in (Storage.CONST, Storage.INPUT)
        return f"(void *){'(uintptr_t)' if read_only else ''}({self.view(view)})"

    def _call(self, call: Call) -> str:
        if call.unpack:
            self.headers.add("ec_unpack.h")
        if call.gather or call.joined:
            self.headers.add("ec_gather.h")
        epilogue = self.define("epilogue", print_epilogue(call, PLACEHOLDER, self.target))
        instance = self.define("call", print_instance(call, PLACEHOLDER, epilogue))
        window = self.define("window", print_descriptor(call, PLACEHOLDER, call in self.plan.backwards))
        pixels = ", ".join(self._pixels(p.view) for p in call.pixels)
        channels = ", ".join(self.view(v) for v in call.channels)
        lines = [f"    void *const px[] = {{{pixels}}};"]
        if channels:
            lines.append(f"    const void *const ch[] = {{{channels}}};")
        weights = self.address(call.weights) if call.weights else "NULL"
        pad = self.address(call.pad_row) if call.pad_row else "NULL"
        rows = "0, " + str(call.geometry.output[1])
        if call.rows:
            begin = f"{call.rows.begin} + {call.rows.step} * (int32_t){list(self._counters.values())[-1]}"
            rows = f"ec_clip({begin}, {call.geometry.output[1]}), ec_clip({begin} + {call.rows.count}, {call.geometry.output[1]})"
        lines.append(
            f"    {instance}(&{window}, {self.view(call.x.view)}, {weights}, {pad}, {self.address(call.taps)}, px, "
            f"{'ch' if channels else 'NULL'}, {rows});"
        )
        return "\n".join(["  {", *lines, "  }"])
