"""embedc targets: what can be compiled for, built and run here."""

from argparse import Namespace

from embedc.report.console import console
from embedc.report.targets import targets_table


def run(args: Namespace) -> int:
    """Prints the table."""
    del args
    console().print(targets_table())
    return 0
