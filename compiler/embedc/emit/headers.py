"""The runtime and kernel headers that a bundle needs, found by their #include lines."""

import re
from collections.abc import Sequence

from embedc.kernels.row import EXTENSIONS, QUADS, folders_of
from embedc.resources import kernels_folder, runtime_folder
from embedc.targets.target import Target

INCLUDE = re.compile(r'^\s*#\s*include\s+"([^"]+)"', re.MULTILINE)


FALLBACK = {"avx512": ("avx2",), **EXTENSIONS}  # folders that an ISA uses beside its own


def wide_headers(target: Target) -> list[str]:
    """What is included before the ec_v that it changes."""
    return [f"ec_w__{folder}.h" for folder in folders_of(target.isa, target.features) if folder in QUADS]


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
