"""Code that relies on the optimizer: what users debug computes the same."""

import shutil
from pathlib import Path

import pytest

from embedc.bundle import Bundle
from tests.emit.compiling import bundle_of, usable
from tests.emit.small_models import convolutional


@pytest.mark.parametrize(("target", "compiler", "level"), [("c", "gcc", "-O0"), ("x86-avx2", "clang-19", "-Og")])
def test_debugging_computes_the_same(target: str, compiler: str, level: str, tmp_path: Path) -> None:
    """onnx-mlir #1072: works when optimized, and only then."""
    if not shutil.which(compiler):
        pytest.skip(f"no {compiler}")
    usable(target)
    path = bundle_of(convolutional(), tmp_path / "net", "net", target).path
    assert Bundle(path, compiler=compiler, cflags=[level]).selftest() == (0, -1)
