"""embedc verify: does the generated code compute what the model says?"""

import json
import sys
import tempfile
from argparse import Namespace
from pathlib import Path

from embedc.bundle import Bundle
from embedc.commands.common import progress, request_from
from embedc.driver import Stages, compile_to
from embedc.report.console import console
from embedc.report.verification import print_verification, verification_json
from embedc.targets.toolchain import find_emulators
from embedc.verify.samples import Sample, load_samples, random_samples
from embedc.verify.session import Session


def run(args: Namespace) -> int:
    """Compiles, runs and compares; 1 if anything departs."""
    request = request_from(args)
    find_emulators(request.target)  # an error now rather than after the compilation
    listener = progress(args)
    with tempfile.TemporaryDirectory(prefix="embedc-") as work:
        folder = Path(args.out_dir or Path(work) / "bundle")
        compiled = compile_to(request, folder, listener)
        bundle = Bundle(folder, compiler=args.compiler)
        session = Session(
            request.source, compiled, bundle, _samples(args, bundle), Path(args.inputs).name, args.tolerance
        )
        found = session.run(Stages(listener))
    if args.json:
        json.dump({"tolerance": args.tolerance, **verification_json(found)}, sys.stdout, indent=2)
        print()
    elif not args.quiet:
        print_verification(console(), found, args.tolerance)
    return 0 if found.passed else 1


def _samples(args: Namespace, bundle: Bundle) -> list[Sample]:
    manifest = bundle.described
    if args.inputs:
        return load_samples(Path(args.inputs), manifest.inputs, manifest.outputs, args.samples)
    return random_samples(manifest.inputs, args.samples or 2, args.seed)
