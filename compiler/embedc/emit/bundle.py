"""Plan to Bundle: every file of the generated code by its relative path."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined

import embedc
from embedc.emit.describe import describe
from embedc.emit.golden import Golden
from embedc.emit.headers import collect_headers, wide_headers
from embedc.emit.layout import defines, lay_out, remark
from embedc.emit.names import comment
from embedc.emit.ports import c_ports
from embedc.emit.selftest import memory_layout, selftest_values
from embedc.emit.single import in_one_file
from embedc.emit.source import Source
from embedc.emit.weights import INCBIN_BYTES, Blob, layout_constants, print_incbin, print_words
from embedc.forms import InputForm
from embedc.manifest import FILE, ModelInfo, manifest_bytes, manifest_from
from embedc.plan.plan import STATE_ALIGN, Plan
from embedc.policy import Policy, WeightsForm
from embedc.program.program import State, Storage, calls
from embedc.resources import licence

NO_GOLDEN = Golden(reason="no golden values were computed")
WORD_HEADERS = {  # functions with a header of their own
    "ec_transpose_f32": "ec_transpose_f32.h",
    "ec_transpose_u8": "ec_transpose_u8.h",
    **{f"ec_v{word}_f32": "ec_vmath.h" for word in ("exp", "log", "tanh", "sigmoid", "erf")},
}


@dataclass(frozen=True)
class Footprint:
    """What a C compiler made of the code; flash is code and constants, `stack_bytes` None where it does not tell."""

    compiler: str
    code_bytes: int
    flash_bytes: int
    stack_bytes: int | None


@cache
def _templates() -> Environment:
    environment = Environment(
        loader=PackageLoader("embedc.emit", "templates"),
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        undefined=StrictUndefined,
        autoescape=False,
    )
    environment.filters["defines"] = defines
    environment.filters["remark"] = remark
    environment.filters["wrapped"] = lay_out
    return environment


def render(template: str, values: Mapping[str, object]) -> bytes:
    """A file from a skeleton in emit/templates."""
    return _templates().get_template(template).render(values).encode()


def emit(plan: Plan, policy: Policy, model: ModelInfo, golden: Golden = NO_GOLDEN) -> dict[str, bytes]:
    """All files of the bundle but its report; the same bytes for the same input, options and version."""
    name, program = policy.name, plan.program
    values = _values(plan, policy, model, golden)
    ports = c_ports(plan, name)
    blob = layout_constants(program)
    source = Source(name, plan, policy.target, blob, {port.buffer: port.c_name for port in ports})
    for number, step in enumerate(program.steps):
        source.add(number, step)
    memory = memory_layout(plan, policy.target.align)
    headers = _headers(source, policy)
    values |= {
        "headers": headers,
        "weights_bytes": blob.size,
        "reads_weights": any(buffer.storage is Storage.CONST for step in program.steps for buffer in step.reads),
        "definitions": source.definitions,
        "statements": source.statements,
    }
    files = {f"{name}.h": render("model.h.jinja", values), f"{name}.c": render("model.c.jinja", values)}
    files |= _weights(name, blob, policy.weights)
    if not golden.reason:
        files[f"{name}_selftest.c"] = render("selftest.c.jinja", values | selftest_values(golden, program, memory))
    collected = collect_headers(headers, policy.target.isa)
    files = in_one_file(name, files, collected) if policy.single_file else files | collected
    sources = [f for f in files if f.endswith((".c", ".S"))]
    files["sources.txt"] = "".join(f"{s}\n" for s in sources).encode()
    files["CMakeLists.txt"] = render("CMakeLists.txt.jinja", {**values, "sources": sources, "step": False})
    for package_file in ("config.cmake", "config-version.cmake"):
        files[f"{name}-{package_file}"] = render(f"{package_file}.jinja", values)
    files["LICENSE"] = licence("0BSD")
    manifest = describe(plan, policy, model, ports, golden, memory.bytes, blob.size)
    listed = replace(manifest, sources=tuple(sources), files=tuple(sorted([*files, FILE, "report.html"])))
    files[FILE] = manifest_bytes(listed)
    return files


def add_measured(
    files: dict[str, bytes], plan: Plan, policy: Policy, model: ModelInfo, golden: Golden, measured: Footprint
) -> None:
    """Puts what the C compiler made of the code into header and manifest: stack, flash."""
    if measured.stack_bytes is not None:
        values = _values(plan, policy, model, golden) | {
            "stack_bytes": measured.stack_bytes,
            "compiler": measured.compiler,
        }
        files[f"{policy.name}.h"] = render("model.h.jinja", values)
    manifest = manifest_from(files[FILE])
    files[FILE] = manifest_bytes(
        replace(
            manifest,
            stack_bytes=measured.stack_bytes,
            code_bytes=measured.code_bytes,
            flash_bytes=measured.flash_bytes,
            measured_with=measured.compiler,
        )
    )


def _values(plan: Plan, policy: Policy, model: ModelInfo, golden: Golden) -> dict[str, object]:
    """What the skeletons of all files are filled with."""
    name, align, ports = policy.name, policy.target.align, c_ports(plan, policy.name)
    blob = layout_constants(plan.program)
    state = ["void *state"] if plan.program.states else []
    io = [] if policy.io_in_scratch else [f"const {name}_io *io"]
    arguments = [] if policy.io_in_scratch else [port.declaration for port in ports]
    return {
        "name": name,
        "N": name.upper(),
        "version": embedc.__version__,
        "origin": f"{name}: generated by embedc {embedc.__version__} from {comment(model.file)} for {_target(policy)}.",
        "cflags": policy.target.cflags,
        "scratch_bytes": plan.size,
        "scratch_align": align,
        "stack_bytes": None,
        "compiler": "",
        "selftest_bytes": memory_layout(plan, align).bytes,
        "no_selftest": comment(golden.reason),
        "ports": ports,
        "forms": {name: _form_text(form) for name, form in policy.forms.items() if form.scales},
        "io_in_scratch": policy.io_in_scratch,
        "run_parameters": ", ".join([*io, *state, "void *scratch", "size_t scratch_bytes"]),
        "call_parameters": ", ".join([*arguments, *state, "void *scratch"]),
        "states": [_state_text(s, plan.state_offsets[s.port.buffer]) for s in plan.program.states],
        "state_bytes": plan.state_bytes,
        "state_align": min(STATE_ALIGN, align),
        "begins": [
            (_at("k", plan.state_offsets[s.port.buffer]), _at("w", blob.offsets[s.initial]), s.initial.bytes)
            for s in plan.program.states
            if s.initial
        ],
    }


def _at(base: str, offset: int) -> str:
    return f"{base} + {offset}" if offset else base


def _form_text(form: InputForm) -> str:
    """What the model makes of the caller's numbers, for people."""
    mean, std = ("/".join(f"{number:g}" for number in numbers) for numbers in (form.mean, form.std))
    return f"the model's is (x - {mean}) / {std}, computed in a step of its own"


def _state_text(state: State, offset: int) -> str:
    """One state, for people."""
    return f'"{comment(state.port.name)}", next "{comment(state.output)}": {state.port.type} at {offset}'


def _target(policy: Policy) -> str:
    return " ".join(filter(None, (policy.target.name, policy.target.cpu)))


def _headers(source: Source, policy: Policy) -> Sequence[str]:
    """Headers that the source includes."""
    rows = {call.row.header.split("/")[-1] for call in calls(source.plan.program.steps)}
    found = source.headers | {"ec_scalar.h", f"ec_v__{policy.target.isa}.h", *rows, *(["ec_window.h"] if rows else [])}
    text = "".join(source.definitions)
    found.update(header for word, header in WORD_HEADERS.items() if f"{word}(" in text)
    first = wide_headers(policy.target) if "ec_w" in text or "ec_q" in text else []
    return [*first, *sorted(found)]


def _weights(name: str, blob: Blob, form: WeightsForm) -> dict[str, bytes]:
    if not blob.size:
        return {}
    data = blob.bytes()
    if form == "assembly" or (form == "auto" and len(data) > INCBIN_BYTES):
        assembly = print_incbin(f"{name}_weights", f"{name}_weights.bin")
        return {f"{name}_weights.S": assembly.encode(), f"{name}_weights.bin": data}
    return {f"{name}_weights.c": print_words(f"{name}_weights", data).encode()}
