"""embedc verify: does the generated code compute what the model says?"""

import json
import sys
import tempfile
from argparse import Namespace
from collections.abc import Sequence
from pathlib import Path

from embedc.bundle import Bundle
from embedc.commands.common import progress, request_from
from embedc.driver import Compiled, compile_to
from embedc.model import Source
from embedc.report.console import console
from embedc.report.text import paragraph
from embedc.report.verification import comparison_json, print_comparisons
from embedc.targets.target import Emulator
from embedc.verify import onnxruntime
from embedc.verify.samples import Sample, load_samples, random_samples
from embedc.verify.verify import Comparison, Reference, compare, definition, excused


def run(args: Namespace) -> int:
    """Compiles, runs and compares; 1 if anything departs."""
    request = request_from(args)
    listener = progress(args)
    with tempfile.TemporaryDirectory(prefix="embedc-") as work:
        folder = Path(args.out_dir or Path(work) / "bundle")
        compiled = compile_to(request, folder, listener)
        bundle = Bundle(folder, compiler=args.compiler)
        ways = bundle.emulators
        samples = _samples(args, bundle)
        wanted = [tap.tensor for tap in bundle.manifest.trace]
        references = [definition(compiled.imported, samples, wanted)]
        problems = _oracles(request.source, bundle, samples, wanted, references)
        if all(sample.expected for sample in samples):
            references.append(Reference(Path(args.inputs).name, [s.expected for s in samples]))
        found: list[Comparison] = []
        selftests: dict[str, int | None] = {}
        for way in ways:
            found += _judged(bundle, compiled, way, samples, references, args.tolerance)
            if bundle.has_selftest:
                status, layer = bundle.selftest(way)
                selftests[way.name] = layer if status else None
    passed = all(c.passed for c in found) and all(layer is None for layer in selftests.values())
    if args.json:
        report = {"passed": passed, "tolerance": args.tolerance, "comparisons": [comparison_json(c) for c in found]}
        report["selftest_failed_at"] = selftests
        json.dump(report, sys.stdout, indent=2)
        print()
    elif not args.quiet:
        out = console()
        print_comparisons(out, found, args.tolerance)
        for way_name, layer in selftests.items():
            out.print(f"{way_name} self-test: {'passes' if layer is None else f'fails, first at layer {layer}'}")
        for problem in problems:
            out.print(paragraph(problem))
    return 0 if passed else 1


def _judged(
    bundle: Bundle,
    compiled: Compiled,
    way: Emulator,
    samples: Sequence[Sample],
    references: Sequence[Reference],
    tolerance: float,
) -> list[Comparison]:
    """All comparisons of one way to run; where one fails, tensors that a pass has rewritten are told apart."""
    found = compare(bundle, way, samples, references, tolerance)
    if all(c.passed for c in found):
        return found
    own = definition(compiled.simplified, samples, [tap.tensor for tap in bundle.manifest.trace])
    outputs = [port.name for port in bundle.manifest.outputs]
    return excused(found, compare(bundle, way, samples, [own], tolerance)[0], outputs)


def _samples(args: Namespace, bundle: Bundle) -> list[Sample]:
    manifest = bundle.manifest
    if args.inputs:
        return load_samples(Path(args.inputs), manifest.inputs, manifest.outputs, args.samples or 0)
    return random_samples(manifest.inputs, args.samples or 2, args.seed)


def _oracles(
    source: Source, bundle: Bundle, samples: Sequence[Sample], wanted: Sequence[str], references: list[Reference]
) -> list[str]:
    """Adds ONNX Runtime's tensors to the references where it can run the model; tells why where it cannot."""
    if not onnxruntime.installed():
        return ["ONNX Runtime is not installed: not compared with it (pip install onnxruntime)"]
    outputs = [port.name for port in bundle.manifest.outputs]
    known = onnxruntime.computed_tensors(source)
    every = [name for name in (*wanted, *outputs) if name in known]
    problems: list[str] = []
    for name, tensors, optimized in (
        ("ONNX Runtime unoptimized", every, False),
        ("ONNX Runtime's defaults", outputs, True),
    ):
        try:
            oracle = onnxruntime.Oracle(source, tensors, optimized)
            references.append(Reference(name, [oracle.run(s.inputs) for s in samples], binding=not optimized))
        except Exception as error:  # whatever it dislikes is no fault of the code under test
            problems.append(f"{name} cannot run the model: {error}")
    return problems
