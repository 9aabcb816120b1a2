"""C identifiers and comments from a model's names, which may hold anything."""

import re
from collections.abc import Iterable

RESERVED = frozenset(
    """auto break case char const continue default do double else enum extern float for goto if inline int long register
    restrict return short signed sizeof static struct switch typedef union unsigned void volatile while _Bool _Complex
    _Imaginary alignas alignof and and_eq asm bitand bitor bool catch class compl concept constexpr const_cast decltype
    delete dynamic_cast explicit export false friend mutable namespace new noexcept not not_eq nullptr operator or or_eq
    private protected public reinterpret_cast requires static_assert static_cast template this thread_local throw true try
    typeid typename using virtual wchar_t xor xor_eq main errno stdin stdout stderr NULL""".split()
)


def identifier(name: str, fallback: str = "x") -> str:
    """A C and C++ identifier that resembles `name`."""
    text = re.sub(r"[^0-9A-Za-z]+", "_", name).strip("_")[:48].rstrip("_")
    if not text:
        return fallback
    if text[0].isdigit():
        text = f"{fallback}_{text}"
    return f"{text}_" if text in RESERVED else text


def unique_identifiers(names: Iterable[str], fallback: str, taken: Iterable[str] = ()) -> list[str]:
    """An identifier for each name, no two alike."""
    used = set(taken)
    found: list[str] = []
    for name in names:
        base = identifier(name, fallback)
        text, number = base, 2
        while text in used:
            text, number = f"{base}_{number}", number + 1
        used.add(text)
        found.append(text)
    return found


def comment(text: str) -> str:
    """Text that can stand in a C comment: printable ASCII, never an end, a start, a line splice or a trigraph of one."""
    plain = "".join(c if " " <= c <= "~" and c != "\\" else "?" for c in text)
    return re.sub(r"[*/?]{2,}", lambda m: " ".join(m.group()), plain)[:120]
