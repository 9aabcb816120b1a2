"""A line per stage on the terminal."""

from rich.console import Console
from rich.status import Status

from embedc.report.text import plain


class Progress:
    """Shows the running stage and, when it is over, its result and time."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._status: Status | None = None

    def begin(self, stage: str) -> None:
        if self._console.is_terminal:
            self._status = self._console.status(stage)
            self._status.start()

    def end(self, stage: str, seconds: float, result: str) -> None:
        self.stop()
        self._console.print(f"{stage:<15} {seconds * 1e3:8.0f} ms   {plain(result)}", markup=False, highlight=False)

    def stop(self) -> None:
        if self._status:
            self._status.stop()
            self._status = None
