"""Where the C sources lie that go into bundles: the only place that knows."""

from functools import cache
from pathlib import Path

_INSTALLED = Path(__file__).parent / "c"  # filled when a wheel is built
_CHECKOUT = Path(__file__).parents[2]


@cache
def runtime_folder() -> Path:
    """The freestanding headers."""
    return _INSTALLED / "runtime" if _INSTALLED.is_dir() else _CHECKOUT / "runtime" / "c"


@cache
def kernels_folder() -> Path:
    """The kernels, one folder per instruction set."""
    return (_INSTALLED if _INSTALLED.is_dir() else _CHECKOUT) / "kernels"


def runtime_header(name: str) -> bytes:
    """A runtime header's text, ec_base.h for example."""
    return (runtime_folder() / name).read_bytes()


def kernel_header(path: str) -> bytes:
    """A kernel header's text by its path below kernels/."""
    return (kernels_folder() / path).read_bytes()


def licence(name: str) -> bytes:
    """The text of a licence that goes into bundles."""
    return (Path(__file__).parent / "licences" / f"{name}.txt").read_bytes()
