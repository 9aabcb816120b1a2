"""Puts a bundle's files into their folder: all of them or none."""

import os
import tempfile
from collections.abc import Mapping
from pathlib import Path

from embedc.diagnostics import fail
from embedc.manifest import is_bundle


def check_destination(folder: Path) -> None:
    """An error if `folder` holds something other than a bundle that embedc wrote."""
    if not folder.exists():
        return
    if not folder.is_dir():
        raise fail(f"'{folder}' exists and is not a folder")
    if any(folder.iterdir()) and not is_bundle(folder):
        raise fail(f"'{folder}' is not empty and not an embedc bundle", hint="choose another folder with -o")


def write_bundle(files: Mapping[str, bytes], folder: Path) -> None:
    """Writes `files` beside `folder` and takes its place at the end; an earlier bundle there is gone then."""
    check_destination(folder)
    folder = folder.resolve()
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=f".{folder.name}-", dir=folder.parent) as work:
            fresh, old = Path(work) / "new", Path(work) / "old"
            fill(files, fresh)
            if folder.exists():
                folder.rename(old)
            try:
                fresh.rename(folder)
            except BaseException:
                if old.exists():
                    old.rename(folder)
                raise
    except OSError as error:
        raise fail(f"cannot write '{folder}': {error.strerror}") from None


def fill(files: Mapping[str, bytes], folder: Path) -> None:
    """Writes `files` into the new folder `folder`."""
    folder.mkdir()
    for name, data in files.items():
        path = folder / name
        if os.path.isabs(name) or ".." in Path(name).parts:
            raise ValueError(f"'{name}' lies outside of the bundle")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
