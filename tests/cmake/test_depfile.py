"""The rules that --depfile writes, read by make."""

import subprocess
from pathlib import Path

from embedc.depfile import depfile
from tests.cmake.test_add_model import save


def test_a_file_that_is_gone_is_a_change_and_no_error(tmp_path: Path) -> None:
    folder = tmp_path / "a $ folder"
    save(folder / "one.onnx", 1.0, external="one #1.bin")
    (tmp_path / "out.d").write_text(depfile("out", folder / "one.onnx"))
    (tmp_path / "Makefile").write_text("out:\n\ttouch out\n\ninclude out.d\n")

    def make() -> str:
        return subprocess.run(["make", "out"], cwd=tmp_path, capture_output=True, text=True, check=True).stdout

    assert "touch" in make()
    assert "up to date" in make()
    (folder / "one #1.bin").unlink()
    assert "touch" in make()
