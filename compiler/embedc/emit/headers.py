"""The runtime and kernel headers that a bundle needs, found by their #include lines."""

import re
from collections.abc import Sequence

from embedc.kernels.row import EXTENSIONS
from embedc.resources import kernels_folder, runtime_folder

INCLUDE = re.compile(r'^\s*#\s*include\s+"([^"]+)"', re.MULTILINE)


FALLBACK = {"avx512": ("avx2",), **EXTENSIONS}  # folders that an ISA uses beside its own


def collect_headers(roots: Sequence[str], isa: str) -> dict[str, bytes]:
    """`roots` and everything that they include, flat by file name; an ISA's own headers win over portable ones."""
    folders = [runtime_folder(), *(kernels_folder() / name for name in (isa, *FALLBACK.get(isa, ()), "portable"))]
    found: dict[str, bytes] = {}
    waiting = list(roots)
    while waiting:
        name = waiting.pop()
        if name not in found:
            path = next(f / name for f in folders if (f / name).is_file())
            found[name] = path.read_bytes()
            waiting += [match.split("/")[-1] for match in INCLUDE.findall(found[name].decode())]
    return found
