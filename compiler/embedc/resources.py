"""Where the C sources lie that go into bundles, the files for CMake, the manifest's schema: the only place that knows."""

from pathlib import Path

_INSTALLED = Path(__file__).parent / "c"  # filled when a wheel is built
_ROOT = _INSTALLED if _INSTALLED.is_dir() else Path(__file__).parents[2]


def runtime_folder() -> Path:
    """The freestanding headers."""
    return _ROOT / "runtime" / "c"


def kernels_folder() -> Path:
    """The kernels, one folder per instruction set."""
    return _ROOT / "kernels"


def cmake_folder() -> Path:
    """What CMake finds: embedc-config.cmake and a toolchain file for each target."""
    return _ROOT / "toolchains"


def manifest_schema_file() -> Path:
    """The JSON Schema of manifest.json."""
    return _ROOT / "docs" / "manifest.schema.json"


def licence(name: str) -> bytes:
    """The text of a licence that goes into bundles."""
    return (Path(__file__).parent / "licences" / f"{name}.txt").read_bytes()
