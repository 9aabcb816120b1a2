"""embedc verify: does the generated code compute what the model says?"""

import json
import sys
import tempfile
from argparse import Namespace
from pathlib import Path

from embedc.bundle import Bundle
from embedc.commands.common import progress, request_from
from embedc.driver import Compiled, Stages, compile_to
from embedc.ir.feedback import initial_states
from embedc.report.console import console
from embedc.report.verification import print_verification, verification_json
from embedc.targets.toolchain import find_ways
from embedc.verify.compare import Bounds
from embedc.verify.samples import Sample, Signature, load_samples, random_samples
from embedc.verify.session import Session

STREAM = 20  # calls of a model with state


def run(args: Namespace) -> int:
    """Compiles, runs and compares; 1 if anything departs."""
    request = request_from(args)
    find_ways(request.target, args.runner)  # an error now rather than after the compilation
    listener = progress(args)
    with tempfile.TemporaryDirectory(prefix="embedc-") as work:
        folder = Path(args.out_dir or Path(work) / "bundle")
        compiled = compile_to(request, folder, listener)
        bundle = Bundle(folder, compiler=args.compiler, runner=args.runner)
        bounds = Bounds(args.tolerance, args.units)
        session = Session(
            request.source, compiled, bundle, _samples(args, bundle, compiled), Path(args.inputs).name, bounds
        )
        found = session.run(Stages(listener))
    if args.json:
        json.dump({"tolerance": args.tolerance, "units": args.units, **verification_json(found)}, sys.stdout, indent=2)
        print()
    elif not args.quiet:
        print_verification(console(), found, bounds)
    return 0 if found.passed else 1


def _samples(args: Namespace, bundle: Bundle, compiled: Compiled) -> list[Sample]:
    manifest, graph = bundle.described, compiled.imported
    if args.inputs:
        initial = initial_states(graph, manifest.feedback)
        signature = Signature(tuple(v.name for v in graph.inputs), tuple(graph.outputs), manifest.feedback, initial)
        return load_samples(Path(args.inputs), manifest.inputs, manifest.outputs, args.samples, signature)
    return random_samples(manifest.inputs, args.samples or (STREAM if manifest.states else 2), args.seed)
