"""Consoles that print text as it is: no markup, no emoji, no guesses at what a number is."""

import sys

from rich.console import Console

WIDE = 160  # columns where the output is no terminal


class _Console(Console):
    def on_broken_pipe(self) -> None:
        """Leaves it to the command line what a reader's leaving means; rich would exit with 1."""
        raise BrokenPipeError


def console(*, errors: bool = False) -> Console:
    """A console for results, or for progress and errors."""
    stream = sys.stderr if errors else sys.stdout
    return _Console(file=stream, width=None if stream.isatty() else WIDE, highlight=False, markup=False, emoji=False)
