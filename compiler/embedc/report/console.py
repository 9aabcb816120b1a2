"""Consoles that print text as it is: no markup, no emoji, no guesses at what a number is."""

import sys

from rich.console import Console

WIDE = 160  # columns where the output is no terminal


def console(*, errors: bool = False) -> Console:
    """A console for results, or for progress and errors."""
    stream = sys.stderr if errors else sys.stdout
    return Console(file=stream, width=None if stream.isatty() else WIDE, highlight=False, markup=False, emoji=False)
