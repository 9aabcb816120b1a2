"""A bundle is written whole or not at all."""

from pathlib import Path

import pytest

from embedc import writing
from embedc.diagnostics import EmbedcError
from embedc.writing import write_bundle

FILES = {"manifest.json": b"{}", "a.c": b"int a;", "sub/b.h": b""}


def tree(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def test_writes_replaces_and_leaves_nothing_else(tmp_path: Path) -> None:
    write_bundle({**FILES, "old.c": b""}, tmp_path / "deep" / "out")
    write_bundle(FILES, tmp_path / "deep" / "out")
    assert tree(tmp_path) == {f"deep/out/{name}": data for name, data in FILES.items()}


def test_an_empty_folder_is_taken(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    write_bundle(FILES, tmp_path / "out")
    assert tree(tmp_path / "out") == FILES


def test_a_folder_of_someone_else_stays(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(EmbedcError, match="not an embedc bundle"):
        write_bundle(FILES, tmp_path)
    with pytest.raises(EmbedcError, match="not a folder"):
        write_bundle(FILES, tmp_path / "notes.txt")
    assert tree(tmp_path) == {"notes.txt": b"mine"}


@pytest.mark.parametrize("blow", [OSError(28, "No space left on device"), KeyboardInterrupt()])
def test_a_failure_leaves_the_earlier_bundle(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, blow: BaseException
) -> None:
    write_bundle(FILES, tmp_path / "out")

    def fill(files: object, folder: Path) -> None:
        folder.mkdir()
        (folder / "half").write_text("")
        raise blow

    monkeypatch.setattr(writing, "fill", fill)
    with pytest.raises((EmbedcError, KeyboardInterrupt)):
        write_bundle({"manifest.json": b"new"}, tmp_path / "out")
    assert tree(tmp_path) == {f"out/{name}": data for name, data in FILES.items()}


@pytest.mark.parametrize("name", ["../x", "/x"])
def test_nothing_is_written_outside(tmp_path: Path, name: str) -> None:
    with pytest.raises(ValueError, match="outside"):
        write_bundle({name: b""}, tmp_path / "out")
    assert tree(tmp_path) == {}
