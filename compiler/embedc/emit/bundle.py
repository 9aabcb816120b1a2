"""Plan to Bundle: every file of the generated code by its relative path."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from math import prod
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

import embedc
from embedc.emit.headers import collect_headers
from embedc.emit.names import comment, unique_identifiers
from embedc.emit.scalars import c_type
from embedc.emit.source import Source
from embedc.emit.weights import INCBIN_BYTES, Blob, layout_constants, print_incbin, print_words
from embedc.ir.types import Element
from embedc.manifest import FORMAT
from embedc.plan.plan import Plan
from embedc.policy import Policy
from embedc.program.program import Call, Port
from embedc.resources import licence

RESERVED_PARAMETERS = ("scratch", "io", "s", "w", "i")


@dataclass(frozen=True)
class ModelInfo:
    """Where the model came from."""

    file: str
    sha256: str


@cache
def _templates() -> Environment:
    loader = PackageLoader("embedc.emit", "templates")
    return Environment(loader=loader, trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True, undefined=StrictUndefined, autoescape=False)


def render(template: str, values: Mapping[str, object]) -> bytes:
    """A file from a skeleton in emit/templates."""
    return _templates().get_template(template).render(values).encode()


def emit(plan: Plan, policy: Policy, model: ModelInfo) -> dict[str, bytes]:
    """All files of the bundle; the same bytes for the same input, options and version."""
    name = policy.name
    program = plan.program
    ports = [*program.inputs, *program.outputs]
    fields = unique_identifiers([p.name for p in ports], "t", (*RESERVED_PARAMETERS, name))
    blob = layout_constants(program)
    source = Source(name, plan, policy.target, blob, {p.buffer: f for p, f in zip(ports, fields, strict=True)})
    for number, step in enumerate(program.steps):
        source.add(number, step)
    headers = _headers(plan, policy)
    values: dict[str, object] = {
        "name": name,
        "N": name.upper(),
        "version": embedc.__version__,
        "model": comment(model.file),
        "target": " ".join(filter(None, (policy.target.name, policy.target.cpu))),
        "cflags": policy.target.cflags,
        "scratch_bytes": plan.size,
        "scratch_align": policy.target.align,
        "stack_bytes": None,
        "stack_origin": "",
        "ports": [_port(p, f, i < len(program.inputs)) for i, (p, f) in enumerate(zip(ports, fields, strict=True))],
        "headers": headers,
        "weights_bytes": blob.size,
        "definitions": source.definitions,
        "statements": source.statements,
    }
    files = {f"{name}.h": render("model.h.jinja", values), f"{name}.c": render("model.c.jinja", values)}
    files |= _weights(name, blob)
    sources = [f for f in (f"{name}.c", f"{name}_weights.c", f"{name}_weights.S") if f in files]
    files |= collect_headers(headers, policy.target.isa)
    files["sources.txt"] = "".join(f"{s}\n" for s in sources).encode()
    files["CMakeLists.txt"] = render("CMakeLists.txt.jinja", {**values, "sources": sources, "assembly": sources[-1].endswith(".S")})
    files["LICENSE"] = licence("0BSD")
    manifest = describe(plan, policy, model, fields, blob, sources)
    manifest["files"] = sorted([*files, "manifest.json"])
    files["manifest.json"] = (json.dumps(manifest, indent=2, ensure_ascii=True) + "\n").encode()
    return files


def _headers(plan: Plan, policy: Policy) -> list[str]:
    """Headers that the source includes, in order."""
    rows = sorted({step.row.header.split("/")[-1] for step in plan.program.steps if isinstance(step, Call)})
    isa = policy.target.isa
    return ["ec_scalar.h", f"ec_v__{isa}.h", "ec_transpose_f32.h", "ec_window.h", *rows]


def _weights(name: str, blob: Blob) -> dict[str, bytes]:
    if not blob.size:
        return {}
    data = blob.bytes()
    if len(data) > INCBIN_BYTES:
        return {f"{name}_weights.bin": data, f"{name}_weights.S": print_incbin(f"{name}_weights", f"{name}_weights.bin").encode()}
    head = f'/* SPDX-License-Identifier: 0BSD */\n#include "ec_base.h"\n\nextern const uint64_t {name}_weights[];\n'
    return {f"{name}_weights.c": (head + print_words(f"{name}_weights", data)).encode()}


def _port(port: Port, c_name: str, is_input: bool) -> dict[str, object]:
    return {
        "role": "Input" if is_input else "Output",
        "comment": comment(port.name),
        "c_name": c_name,
        "macro": c_name.upper(),
        "c_type": c_type(port.type.element),
        "element": str(port.type.element),
        "shape": list(port.type.dims),
        "length": prod(port.type.dims),
        "bytes": port.buffer.bytes,
    }


def describe(plan: Plan, policy: Policy, model: ModelInfo, fields: list[str], blob: Blob, sources: list[str]) -> dict[str, Any]:
    """manifest.json."""
    program = plan.program
    steps = list(enumerate(program.steps))
    inputs = len(program.inputs)
    return {
        "format": FORMAT,
        "embedc": embedc.__version__,
        "name": policy.name,
        "model": {"file": model.file, "sha256": model.sha256},
        "options": {
            "target": policy.target.name,
            "cpu": policy.target.cpu,
            "optimize": policy.optimize,
            "dims": dict(policy.dims),
            "outputs": list(policy.outputs),
        },
        "inputs": [_entry(p, f) for p, f in zip(program.inputs, fields[:inputs], strict=True)],
        "outputs": [_entry(p, f) for p, f in zip(program.outputs, fields[inputs:], strict=True)],
        "parameters": program.parameters,
        "macs": sum(step.layer.macs for step in program.steps),
        "scratch_bytes": plan.size,
        "scratch_align": policy.target.align,
        "scratch_lower_bound": plan.bounds.lower,
        "scratch_bound": {"step": plan.bounds.step, "proved": plan.bounds.proved, "why": plan.bounds.why, "across_orders": None},
        "state_bytes": 0,
        "flash_bytes": blob.size,
        "weights_bytes": blob.size,
        "layers": [
            {
                "id": number,
                "name": step.layer.name,
                "op": step.layer.op,
                "kernel": step.row.id if isinstance(step, Call) else "nest",
                "macs": step.layer.macs,
                "tensor": step.layer.tensor,
                "origin": str(step.layer.origin),
            }
            for number, step in steps
        ],
        "trace": [
            {
                "id": number,
                "tensor": step.layer.tensor,
                "element": _element_name(step.output.element),
                "shape": list(step.output.shape),
                "strides": list(step.output.strides),
            }
            for number, step in steps
            if step.layer.tensor
        ],
        "sources": sources,
    }


def _element_name(element: Element) -> str:
    return str(element)


def _entry(port: Port, c_name: str) -> dict[str, Any]:
    return {
        "name": port.name,
        "c_name": c_name,
        "element": _element_name(port.type.element),
        "shape": list(port.type.dims),
        "bytes": port.buffer.bytes,
    }
