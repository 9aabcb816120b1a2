"""Text for terminals: names from a model may hold anything, numbers should read well."""

import re
import unicodedata

from rich.text import Text

# Control, format (bidirectional overrides, invisible), surrogate, private and unassigned characters, line and paragraph ends.
_HIDDEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


def plain(text: object, keep: str = "") -> str:
    """The text with every character escaped that a terminal might obey instead of show; those in `keep` stay."""
    return "".join(c if c in keep or unicodedata.category(c) not in _HIDDEN else _escaped(c) for c in str(text))


def _escaped(character: str) -> str:
    code = ord(character)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{{{code:x}}}"


def cell(text: object, style: str = "") -> Text:
    """Text for rich, never read as markup."""
    return Text(plain(text), style)


def paragraph(text: object) -> str:
    """Text of several lines, all but the first indented."""
    return re.sub(r"\n[ \n]*", "\n    ", plain(text, keep="\n").rstrip())


def size(count: int) -> str:
    """Bytes exactly, with a rounded unit where that helps."""
    for unit, scale in (("MiB", 1 << 20), ("KiB", 1 << 10)):
        if count >= 10 * scale or (count >= scale and unit == "MiB"):
            return f"{count:,} bytes ({count / scale:.1f} {unit})"
    return f"{count:,} bytes"


def si(number: float) -> str:
    """Three significant digits with k, M or G."""
    for unit, scale in (("G", 1e9), ("M", 1e6), ("k", 1e3)):
        if number >= scale:
            return f"{number / scale:.3g} {unit}" if number / scale < 1000 else f"{number / scale:,.0f} {unit}"
    return f"{number:g}"
