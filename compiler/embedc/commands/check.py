"""embedc check: what a model holds, and whether it compiles."""

import json
import sys
from argparse import Namespace
from dataclasses import replace
from typing import Any

from rich.console import Console
from rich.table import Table

from embedc.commands.common import progress, request_from
from embedc.diagnostics import EmbedcError, Fault
from embedc.driver import Stages, make_plan, simplify
from embedc.frontends.forms import with_forms
from embedc.frontends.onnx import Survey, survey
from embedc.report.console import console
from embedc.report.text import cell, plain, size


def run(args: Namespace) -> int:
    """Prints the survey; the faults are raised for the caller to print."""
    request = request_from(args)
    found = survey(request.source, request.import_options)
    scratch = 0
    if found.graph:
        stages = Stages(progress(args), request.dump)
        try:
            policy = request.policy
            graph = with_forms(found.graph, policy.forms, policy.states)
            scratch = make_plan(simplify(graph, stages), policy, stages).size
        except EmbedcError as error:
            found = replace(found, faults=tuple(error.faults))
    if args.json:
        json.dump(_json(found, scratch), sys.stdout, indent=2)
        print()
        return 2 if found.faults else 0
    if not args.quiet:
        _print(console(), found)
    if found.faults:
        raise EmbedcError(*found.faults)
    if not args.quiet:
        console().print(f"compiles for {request.target.name}: {size(scratch)} of scratch")
    return 0


def _print(out: Console, found: Survey) -> None:
    facts = Table.grid(padding=(0, 2))
    facts.add_row("model", cell(found.name).append(f", opset {found.opset}"))
    for kind, texts in (("input", found.inputs), ("output", found.outputs)):
        for text in texts:
            facts.add_row(kind, cell(text))
    for dim in found.open_dims:
        facts.add_row("open", cell(f"dimension '{dim.key}', axis {dim.axis} of '{dim.input}': --dim {dim.key}=SIZE"))
    facts.add_row("parameters", f"{found.parameters:,}, {size(found.parameter_bytes)}")
    operators = (
        f"{plain(op)} x{n}" + (" (not supported)" if op in found.unsupported else "")
        for op, n in found.op_counts.items()
    )
    facts.add_row("operators", cell(", ".join(operators)))
    out.print(facts)


def _json(found: Survey, scratch: int) -> dict[str, Any]:
    return {
        "name": found.name,
        "opset": found.opset,
        "inputs": list(found.inputs),
        "outputs": list(found.outputs),
        "open_dims": [{"name": d.key, "input": d.input, "axis": d.axis} for d in found.open_dims],
        "operators": dict(found.op_counts),
        "unsupported": sorted(found.unsupported),
        "parameters": found.parameters,
        "parameter_bytes": found.parameter_bytes,
        "scratch_bytes": scratch or None,
        "faults": [_fault_json(f) for f in found.faults],
    }


def _fault_json(fault: Fault) -> dict[str, str]:
    return {
        "message": fault.message,
        "node": fault.origin.node,
        "operator": fault.origin.operator,
        "tensor": fault.origin.tensor,
        "hint": fault.hint,
    }
