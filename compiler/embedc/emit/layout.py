"""Lines of C as .clang-format wants them (LLVM style, 120 columns): the printers write one statement a line, this wraps them.

It knows the few shapes that are printed: calls, signatures, braced lists, conditions and sums, each wrapped behind commas or
operators and aligned with what opened it.
"""

import re
import textwrap
from collections.abc import Iterable, Sequence

COLUMNS = 120
OPEN, CLOSE = "([{", ")]}"
SEPARATORS = (",", " ||", " +")


def lay_out(text: str) -> str:
    """The text with long lines wrapped and functions of one short statement on one line."""
    lines = text.split("\n")
    return "\n".join(wrapped for line in _join_functions(lines) for wrapped in wrap(line))


def _join_functions(lines: Sequence[str]) -> Iterable[str]:
    """`head {`, one statement and `}` at the left margin become one line where they fit."""
    k = 0
    while k < len(lines):
        joined = " ".join(line.strip() for line in lines[k : k + 3])
        function = re.match(r"\w.*\) \{$", lines[k]) and lines[k + 2 : k + 3] == ["}"]
        if function and len(joined) <= COLUMNS and not lines[k + 1].endswith("{"):
            yield joined
            k += 3
        else:
            yield lines[k]
            k += 1


def wrap(line: str) -> list[str]:
    """One statement as lines of at most COLUMNS."""
    if len(line) <= COLUMNS or line.lstrip().startswith(("/*", "#")):
        return [line]
    indent = len(line) - len(line.lstrip())
    equals = line.find(" = ")
    if equals > 0 and "(" not in line[:equals] and line[equals + 3] != "{":
        value = line[equals + 3 :]
        if indent + 4 + len(value) <= COLUMNS:
            return [line[: equals + 2], " " * (indent + 4) + value]
    span = _outer_brackets(line)
    if span is None:
        return _fill(line[indent:], "", indent, " " * indent)
    begin, end = span
    head, inside, tail = line[:begin], line[begin:end], line[end:]
    if line[begin - 1] == "(" and indent + 4 + len(inside) + len(tail) <= COLUMNS:
        parts = split(inside, ",")
        if len(parts) > 1 and begin + len(parts[0]) > COLUMNS:
            return [head, " " * (indent + 4) + inside + tail]
    return _fill(inside, tail, begin, head)


def _outer_brackets(line: str) -> tuple[int, int] | None:
    """Begin and end of what the last bracket at the outermost level encloses."""
    depth, begin, found = 0, 0, None
    for k, c in enumerate(line):
        if c in OPEN and not (depth == 0 and line[k:] == "{"):
            begin = k + 1 if depth == 0 else begin
            depth += 1
        elif c in CLOSE:
            depth -= 1
            if depth == 0 and k > begin:
                found = (begin, k)
    return found


def split(text: str, separator: str) -> list[str]:
    """Parts of `text` at the separators outside of brackets, each with its separator."""
    parts: list[str] = []
    depth, begin = 0, 0
    for k, c in enumerate(text):
        depth += (c in OPEN) - (c in CLOSE)
        if depth == 0 and text.startswith(separator + " ", k):
            parts.append(text[begin : k + len(separator)])
            begin = k + len(separator) + 1
    return [*parts, text[begin:]]


def _fill(text: str, tail: str, column: int, head: str) -> list[str]:
    """`head`, then the parts of `text` as many to a line as fit, aligned at `column`, then `tail`."""
    parts = next((p for p in (split(text, s) for s in SEPARATORS) if len(p) > 1), [text])
    parts[-1] += tail
    lines = [head]
    fresh = True
    for part in parts:
        if not fresh and len(lines[-1]) + 1 + len(part) > COLUMNS:
            lines.append(" " * column)
            fresh = True
        if len(lines[-1]) + len(part) > COLUMNS and len(parts) > 1:  # too long by itself
            bare = part.removesuffix(tail if part is parts[-1] else ",")
            lines[-1:] = [*_fill(bare, part[len(bare) :], column + 4, lines[-1]), " " * column]
            fresh = True
        else:
            lines[-1] += part if fresh else f" {part}"
            fresh = False
    return lines if lines[-1].strip() else lines[:-1]


def remark(text: str) -> str:
    """A comment of as many lines as it takes."""
    lines = textwrap.wrap(f"/* {text}\xa0*/", COLUMNS - 3, break_long_words=False, break_on_hyphens=False)
    return "\n * ".join(lines).replace("\xa0", " ")


def defines(pairs: Iterable[tuple[str, object]]) -> str:
    """#define lines with aligned values."""
    listed = [(name, str(value)) for name, value in pairs]
    width = max(len(name) for name, _ in listed)
    return "\n".join(f"#define {name:<{width}} {value}" for name, value in listed)
