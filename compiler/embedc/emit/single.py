"""All C of a bundle in one file: every header in the place of its first #include, then self-test and weights."""

import re
from collections.abc import Mapping

INCLUDE = re.compile(r'[ \t]*#[ \t]*include[ \t]+"(?:[^"\n]*/)?([^"/\n]+)"[^\n]*\n')


def in_one_file(name: str, files: Mapping[str, bytes], headers: Mapping[str, bytes]) -> dict[str, bytes]:
    """`files` with <name>.c holding what the other C files and the headers did; <name>.h and assembly stay."""
    selftest, weights = f"{name}_selftest.c", f"{name}_weights.c"
    own = f"{name}.h"
    texts = {header: data.decode() for header, data in headers.items()}
    parts = [files[f"{name}.c"].decode()]
    if weights in files:
        parts.append(files[weights].decode())
    if selftest in files:
        parts.append(f"#ifndef {name.upper()}_NO_SELFTEST\n{files[selftest].decode()}\n#endif\n")
    parts.append("/* Another bundle may follow in the same translation unit. */\n#undef EC_TRACE\n")
    seen: set[str] = set()

    def inlined(text: str) -> str:
        return INCLUDE.sub(once, text)

    def once(match: re.Match[str]) -> str:
        header = match[1]
        if header in seen:
            return ""
        seen.add(header)
        return match[0] if header == own else "\n" + inlined(texts[header]) + "\n"

    merged = re.sub(r"\n{3,}", "\n\n", inlined("\n".join(parts)))
    rest = {file: data for file, data in files.items() if file not in (selftest, weights)}
    return rest | {f"{name}.c": merged.encode()}
