"""embedc MODEL: the main job."""

from argparse import Namespace
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from embedc.commands.common import progress, request_from
from embedc.depfile import depfile
from embedc.diagnostics import fail
from embedc.driver import compile_to
from embedc.manifest import FILE, read_manifest
from embedc.naming import name_from
from embedc.passes.integers import FloatLayer
from embedc.report.console import console
from embedc.report.summary import print_summary
from embedc.report.text import plain


def run(args: Namespace) -> int:
    """Writes the bundle, then tells what it is."""
    request = replace(request_from(args), measure=not args.no_measure)
    folder = Path(args.out_dir or request.name or name_from(Path(args.model).stem))
    compiled = compile_to(request, folder, progress(args))
    if args.depfile:
        header = folder / f"{compiled.policy.name}.h"
        Path(args.depfile).write_text(depfile(args.depfile_target or str(header), Path(args.model)), encoding="utf-8")
    if args.json:
        print(compiled.files[FILE].decode(), end="")
    elif args.explain is not None:
        print_explanations(compiled.plan.program.explain, args.explain)
        if not args.explain:
            print_floats(compiled.floats)
    elif not args.quiet:
        print_summary(console(), read_manifest(folder), folder, compiled.measured)
    return 0


def print_floats(layers: Sequence[FloatLayer]) -> None:
    """What stays float in a quantized model, and why."""
    if layers:
        console().print("computed in floats between quantized tensors:")
    for origin, reason in layers:
        console().print(f"  {plain(str(origin))}: {plain(reason)}")


def print_explanations(explained: Mapping[str, tuple[str, ...]], layer: str) -> None:
    """The kernels that were weighed for every layer, or for the one that is asked for."""
    if layer and layer not in explained:
        raise fail(f"no kernel was chosen for a layer '{layer}'", hint=f"layers: {', '.join(explained) or 'none'}")
    out = console()
    for name, lines in explained.items():
        if layer in ("", name):
            out.print(plain(name))
            for line in lines:
                out.print(f"  {plain(line)}")
