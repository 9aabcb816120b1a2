"""Names in the user's model: readable whatever they hold, and close matches for those that do not exist."""

import difflib
import shlex
from collections.abc import Iterable
from zlib import crc32

MAX_SHOWN = 120
MAX_COMPARED = 2000


def readable(name: str | bytes) -> str:
    """`name` on one line of printable characters; the end of a long one is a checksum, so that it stays apart from others."""
    text = name if isinstance(name, str) else name.decode("utf-8", "backslashreplace")
    if len(text) > MAX_SHOWN:
        text = f"{text[:MAX_SHOWN]}…{crc32(text.encode('utf-8', 'surrogatepass')):08x}"
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def suggestion(name: str, known: Iterable[str]) -> str:
    """A hint that lists the known names closest to `name`."""
    names = sorted(set(known))
    if len(names) > MAX_COMPARED:
        names = [n for n in names if n[:2] == name[:2]][:MAX_COMPARED]
    close = difflib.get_close_matches(name, names, 5, 0.5) or names[:5]
    listed = ", ".join(f"'{readable(n)}'" for n in close)
    return f"did you mean {listed}?" if listed else "there are none"


def option(name: str, value: str) -> str:
    """A --dim option as it is typed in a shell."""
    return f"--dim {shlex.quote(f'{readable(name)}={value}')}"
