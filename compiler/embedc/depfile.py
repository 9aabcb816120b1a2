"""What a compilation reads, as a rule that make and Ninja understand."""

from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from embedc.frontends.onnx.reading import external_files
from embedc.resources import kernels_folder, runtime_folder

PACKAGE = Path(__file__).parent


def depfile(target: str, model: Path) -> str:
    """The rule for `target`: the model with its external data, and embedc itself."""
    files = [_escaped(str(path)) for path in (model.absolute(), *external_files(model), *_own_files())]
    rule = f"{_escaped(target)}:" + "".join(f" \\\n  {file}" for file in files) + "\n"
    # With a rule of its own a file that is gone, as another version of embedc leaves them, is a change and no error.
    return rule + "".join(f"{file}:\n" for file in files)


def _own_files() -> Iterator[Path]:
    """Every file that makes embedc what it is, and the one whose path changes with the version."""
    for folder in (PACKAGE, runtime_folder(), kernels_folder()):
        yield from sorted(p for p in folder.rglob("*") if p.is_file() and "__pycache__" not in p.parts)
    try:
        installed = distribution("embedc")
    except PackageNotFoundError:
        return
    yield from (Path(str(installed.locate_file(file))) for file in installed.files or () if file.name == "METADATA")


def _escaped(path: str) -> str:
    return path.replace("$", "$$").replace("#", "\\#").replace(" ", "\\ ")
