"""embedc bench: how long the generated code takes on this machine."""

import json
import sys
import tempfile
import time
from argparse import Namespace
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx

from embedc.bundle import Bundle
from embedc.commands.common import progress, request_from
from embedc.diagnostics import fail
from embedc.driver import Compiled, compile_to
from embedc.execution.timing import timer
from embedc.forms import model_inputs
from embedc.ir.types import ELEMENTS, Array
from embedc.report.console import console
from embedc.report.text import paragraph
from embedc.report.timing import Times, print_times, times_json, timing
from embedc.targets.machine import missing_for
from embedc.targets.toolchain import find_ways
from embedc.verify import onnxruntime
from embedc.verify.samples import random_samples

BATCHES = 10  # everything is timed in turn, so that a machine that slows down slows all alike
ORT = "ONNX Runtime, 1 thread"


def run(args: Namespace) -> int:
    """Compiles, times in interleaved batches, prints."""
    request = request_from(args)
    reason = missing_for(request.target)
    if reason and not (args.emulated or args.runner or request.target.bare):
        raise fail(
            f"cannot time '{request.target.name}' here: {reason}",
            hint="--emulated times the emulator, which says little of the CPU",
        )
    emulator = find_ways(request.target, args.runner)[0]
    with tempfile.TemporaryDirectory(prefix="embedc-") as work:
        folder = Path(args.out_dir or Path(work) / "bundle")
        compiled = compile_to(request, folder, progress(args))
        bundle = Bundle(folder, compiler=args.compiler, runner=args.runner)
        whole, layered = (timer(bundle, emulator, layers=layers) for layers in (False, True))
        contenders: dict[str, Callable[[int], Array]] = {"embedc": whole.run, "layers": layered.run}
        oracle = _oracle(compiled, request.source, bundle) if not (reason or args.runner) else None
        if oracle:
            contenders[ORT] = oracle
        found = _interleaved(contenders, 1 if emulator.board else args.runs)
    ids = [tap.id for tap in bundle.described.trace]
    layers = {number: timing(found["layers"][:, 1 + k]) for k, number in enumerate(ids)}
    rivals = {ORT: timing(found[ORT])} if ORT in found else {}
    times = Times(timing(found["embedc"][:, 0]), layers, rivals, counted=emulator.board is not None)
    if args.json:
        json.dump(times_json(bundle.described, times), sys.stdout, indent=2)
        print()
    else:
        print_times(console(), bundle.described, times)
    return 0


def _interleaved(contenders: dict[str, Callable[[int], Array]], runs: int) -> dict[str, Array]:
    """Every contender's runs, a batch of each in turn."""
    batches = min(BATCHES, runs)
    found: dict[str, list[Array]] = {name: [] for name in contenders}
    for batch in range(batches):
        count = runs // batches + (batch < runs % batches)
        for name, contender in contenders.items():
            found[name].append(contender(count))
    return {name: np.concatenate(parts) for name, parts in found.items()}


def _oracle(compiled: Compiled, source: Path | onnx.ModelProto, bundle: Bundle) -> Callable[[int], Array] | None:
    """Times ONNX Runtime on random inputs, or None where it is not installed or cannot run the model."""
    if not onnxruntime.installed():
        return None
    described = bundle.described
    inputs = model_inputs(random_samples(described.inputs, 1)[0].inputs, compiled.policy.forms)
    inputs = compiled.conversions.model_inputs(inputs)
    inputs |= {s.input: np.zeros(s.shape, ELEMENTS[s.element].dtype) for s in described.states}
    wanted = [*(port.name for port in described.outputs), *described.feedback.values()]
    try:
        session = onnxruntime.Oracle(source, {name: name for name in wanted}, optimized=True, given=described.feedback)
        session.run(inputs)
    except Exception as error:  # a rival that cannot take part
        console(errors=True).print(paragraph(f"{ORT} cannot run the model: {error}"))
        return None

    def batch(runs: int) -> Array:
        session.run(inputs)
        times = np.zeros(runs, np.int64)
        for k in range(runs):
            started = time.perf_counter_ns()
            session.run(inputs)
            times[k] = time.perf_counter_ns() - started
        return times

    return batch
