"""embedc cmake: what embedc brings for CMake."""

import sys
from argparse import Namespace

from embedc.cmake import model_project, toolchain
from embedc.diagnostics import fail
from embedc.naming import checked_name
from embedc.targets.load import load_target


def run(args: Namespace) -> int:
    """Prints a toolchain file, or the project of one model."""
    if args.toolchain:
        sys.stdout.write(toolchain(load_target(args.toolchain, args.cpu)))
    elif args.project:
        sys.stdout.write(model_project(checked_name(args.project), load_target(args.target, args.cpu)))
    else:
        raise fail("embedc cmake prints nothing without --toolchain or --project", hint="see embedc --cmake-dir")
    return 0
