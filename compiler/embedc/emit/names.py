"""C identifiers and comments from a model's names, which may hold anything."""

import re
from collections.abc import Iterable

LONGEST_IDENTIFIER = 48

_C = """auto break case char const continue default do double else enum extern float for goto if inline int long register
restrict return short signed sizeof static struct switch typedef union unsigned void volatile while _Bool _Complex _Imaginary
typeof main size_t ptrdiff_t int8_t int16_t int32_t int64_t uint8_t uint16_t uint32_t uint64_t"""
_CPP = """alignas alignof and and_eq asm bitand bitor bool catch char8_t char16_t char32_t class co_await co_return co_yield compl
concept consteval constexpr constinit const_cast decltype delete dynamic_cast explicit export false friend mutable namespace new
noexcept not not_eq nullptr operator or or_eq private protected public reinterpret_cast requires static_assert static_cast
template this thread_local throw true try typeid typename using virtual wchar_t xor xor_eq"""
# Macros that headers around a bundle may define: of the C library, of compilers' GNU modes, of Windows, of Qt.
_MACROS = """NULL errno stdin stdout stderr complex imaginary linux unix near far huge interface small emit signals slots foreach"""

RESERVED = frozenset((_C + " " + _CPP + " " + _MACROS).split())


def identifier(name: str, fallback: str = "x") -> str:
    """A C and C++ identifier that resembles `name`; lower case where `name` could be a macro."""
    text = re.sub(r"[^0-9A-Za-z]+", "_", name).strip("_")[:LONGEST_IDENTIFIER].rstrip("_")
    text = text.lower() if text.isupper() else text
    if not text:
        return fallback
    if text[0].isdigit():
        text = f"{fallback}_{text}"
    return f"{text}_" if text in RESERVED else text


def unique_identifiers(names: Iterable[str], fallback: str, taken: Iterable[str] = ()) -> list[str]:
    """An identifier for each name; no two differ in case alone, since macros are made of them too."""
    used = {name.lower() for name in taken}
    found: list[str] = []
    for name in names:
        base = identifier(name, fallback)
        text, number = base, 2
        while text.lower() in used:
            text, number = f"{base}_{number}", number + 1
        used.add(text.lower())
        found.append(text)
    return found


def comment(text: str, longest: int = 80) -> str:
    """Text that can stand in a C comment: printable ASCII, never an end, a start, a line splice or a trigraph of one."""
    plain = "".join(c if " " <= c <= "~" and c != "\\" else "?" for c in text)
    plain = re.sub(r"[*/?]{2,}", lambda m: " ".join(m.group()), " ".join(plain.split()))
    return plain if len(plain) <= longest else plain[: longest - 3] + "..."


def c_string(text: str) -> str:
    """A C string literal of the text's UTF-8 bytes; whatever is not a plain letter, digit or mark is written in octal."""
    plain = "".join(
        chr(b) if (chr(b).isalnum() and b < 128) or chr(b) in " _-./:()[]" else f"\\{b:03o}" for b in text.encode()
    )
    return f'"{plain}"'
