"""Progress on a terminal."""

import io

import pytest
from rich.console import Console

from embedc.driver import Stages
from embedc.report.progress import Progress


def terminal() -> tuple[Console, io.StringIO]:
    stream = io.StringIO()
    return Console(file=stream, force_terminal=True, width=80), stream


def test_a_line_for_each_stage() -> None:
    console, stream = terminal()
    with Stages(Progress(console)).stage("plan") as told:
        told.append("3 [bold]\x1b[31m buffers")
    assert "ms   3 [bold]\\x1b[31m buffers" in stream.getvalue()


def test_an_error_leaves_the_cursor_visible() -> None:
    console, stream = terminal()
    with pytest.raises(KeyboardInterrupt), Stages(Progress(console)).stage("plan"):
        raise KeyboardInterrupt
    text = stream.getvalue()
    assert text.rfind("\x1b[?25h") > text.rfind("\x1b[?25l") >= 0
