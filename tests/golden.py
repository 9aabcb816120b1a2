"""Comparison with files that `pytest --bless` writes."""

from pathlib import Path

import pytest


def compare_with_file(text: str, path: Path, bless: bool) -> None:
    """`text` is what `path` holds; with `bless` it is written there."""
    if bless:
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    elif not path.exists():
        pytest.fail(f"{path.name} does not exist; run pytest --bless to write it")
    else:
        assert text == path.read_text(encoding="utf-8"), f"{path.name} differs; run pytest --bless if that is right"
