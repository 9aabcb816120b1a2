"""A worker for the rival harness: compiles a model with embedc (or emx-onnx-cgen) and times the C in its loop.

    bench.py --contender 'embedc=.venv/bin/python benchmarks/contender.py {onnx} {workers} --target x86-avx2 --flags=-O3'

With --rival emx the model goes through the emx-onnx-cgen command instead, which must be on the PATH or given by --emx.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import embedc
from embedc.targets.load import load_target
from embedc.targets.toolchain import find_compiler


def main() -> None:
    """Builds a shared library and becomes the harness's timing program."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model", type=Path)
    parser.add_argument("workers", type=Path, help="the harness's folder of workers")
    parser.add_argument("--target", default="x86-avx2")
    parser.add_argument("--cpu", default="")
    parser.add_argument("--flags", default="-O2", help="flags of the C compiler")
    parser.add_argument("--io", default="model", choices=["model", "quantized"], help="bytes in and out, channels last")
    parser.add_argument("--rival", choices=["none", "emx"], default="none")
    parser.add_argument("--emx", default="emx-onnx-cgen", help="its command")
    args = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="embedc-bench-"))
    bundle = embedc.compile(
        args.model, target=args.target, cpu=args.cpu, out_dir=folder / "model", name="model", io=args.io
    )
    if args.io == "quantized":
        (given,), (result,) = bundle.described.inputs, bundle.described.outputs
        layouts = [{p.name: "channels-last"} if len(p.shape) == 4 else {} for p in (given, result)]
        bundle = embedc.compile(
            args.model,
            target=args.target,
            cpu=args.cpu,
            out_dir=folder / "model",
            name="model",
            io=args.io,
            input_layouts=layouts[0],
            output_layouts=layouts[1],
        )
    manifest = bundle.described
    target = load_target(args.target, args.cpu)
    sources = [s for s in manifest.sources if "selftest" not in s]
    arena = manifest.scratch_bytes
    if args.rival == "emx":
        subprocess.run(
            [args.emx, "compile", "--model-name", "model", args.model, "emx.c"],
            cwd=folder / "model",
            check=True,
            stdout=sys.stderr,
        )
        sources, arena = ["emx.c"], 0
    flags = ["-shared", "-fPIC", "-w", *target.cflags, *args.flags.split()]
    subprocess.run(
        [*find_compiler(target), "-I.", *flags, *sources, "-lm", "-o", "model.so"], cwd=folder / "model", check=True
    )
    command = [sys.executable, str(args.workers / "shared_library.py"), str(folder / "model" / "model.so"), "model"]
    command += ["--inputs", ",".join(str(p.bytes) for p in manifest.inputs)]
    command += ["--outputs", ",".join(str(p.bytes) for p in manifest.outputs), "--arena", str(arena)]
    os.execv(sys.executable, command)


main()
