"""The CMake project and the assembly that a bundle brings."""

import re
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest

from embedc.bundle import Bundle
from embedc.emit import bundle as emitter
from tests.cmake.running import attempt, cmake, run
from tests.emit.compiling import files_of, write
from tests.emit.small_models import convolutional

FIND = """cmake_minimum_required(VERSION 3.16)
project(product {language})
find_package({name} {version} REQUIRED)
find_package({name} REQUIRED)
add_executable(product main.{suffix})
target_link_libraries(product PRIVATE {name}::{name})
"""
PROJECT = """cmake_minimum_required(VERSION 3.16)
project(product C)
add_subdirectory(net)
add_executable(product main.c)
target_link_libraries(product PRIVATE {name}::{name})
target_link_options(product PRIVATE -Wl,--gc-sections)
"""
MAIN = """
#include "{name}.h"
int main(void) {{
  static uint64_t scratch[{upper}_SCRATCH_BYTES / 8 + 8];
  static float image[{upper}_IMAGE_LENGTH], y[{upper}_PROBABILITY_LENGTH];
  unsigned char *s = (unsigned char *)scratch;
  s += (64 - (uintptr_t)s % 64) % 64;
  return (int){name}(image, y, s) + (y[0] > 0.0f ? 0 : 9);
}}
"""


@pytest.fixture(params=[(False, "net"), (True, "m")], ids=["words", "incbin"])
def product(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, str]:
    """A project that uses a bundle; one bundle has its weights in assembly and is called like a library."""
    if not shutil.which("cmake"):
        pytest.skip("cmake is not installed")
    incbin, name = request.param
    if incbin:
        monkeypatch.setattr(emitter, "INCBIN_BYTES", 100)
    write(files_of(convolutional(), name), tmp_path / "net")
    (tmp_path / "CMakeLists.txt").write_text(PROJECT.format(name=name))
    (tmp_path / "main.c").write_text(MAIN.format(name=name, upper=name.upper()))
    return tmp_path, name


def test_builds_and_tracks_the_weights(product: tuple[Path, str]) -> None:
    folder, name = product
    cmake(folder, "-B", "build", "-DCMAKE_BUILD_TYPE=Release")
    cmake(folder, "--build", "build")
    program = folder / "build" / "product"
    assert run(program) == 0
    symbols = subprocess.run(["nm", program], capture_output=True, text=True, check=True).stdout
    assert f"{name}_run" in symbols
    assert f"{name}_selftest" not in symbols, "a product that does not call the self-test does not hold it"
    weights = next((folder / "net").glob(f"{name}_weights.[cb]*"))
    before = program.read_bytes()
    data = weights.read_bytes()
    changed = data.replace(b"0x3", b"0x2", 1) if weights.suffix == ".c" else bytes([data[0] ^ 1]) + data[1:]
    weights.write_bytes(changed)
    cmake(folder, "--build", "build")
    assert program.read_bytes() != before, "a change of the weights is built in"


def test_weights_in_assembly_are_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(emitter, "INCBIN_BYTES", 100)
    files = files_of(convolutional(), "net")
    assert "net_weights.S" in files
    assert "net_weights.c" not in files
    bundle = Bundle(write(files, tmp_path / "net"))
    assert bundle.selftest() == (0, -1)
    image = np.random.default_rng(0).standard_normal((1, 3, 8, 8)).astype(np.float32)
    assert bundle.run({"image": image})["probability"].sum() == pytest.approx(1)


def test_is_a_package_as_generated_and_as_installed(product: tuple[Path, str]) -> None:
    folder, name = product
    language, suffix = {"net": ("C", "c"), "m": ("CXX", "cpp")}[name]
    consumer = folder / "consumer"
    consumer.mkdir()
    (consumer / f"main.{suffix}").write_text(MAIN.format(name=name, upper=name.upper()))
    text = FIND.format(language=language, suffix=suffix, name=name, version="0.1")
    (consumer / "CMakeLists.txt").write_text(text)
    cmake(consumer, "-B", "generated", f"-D{name}_DIR={folder / 'net'}", "-DCMAKE_BUILD_TYPE=Debug")
    verbose = cmake(consumer, "--build", "generated", "--verbose")
    assert run(consumer / "generated" / "product") == 0
    compilations = [line for line in verbose.splitlines() if re.search(rf"\b{name}\.c\.o\s+-c", line)]
    assert compilations
    assert all("-O2" in line and "-ffp-contract=off" in line and "-fdata-sections" in line for line in compilations)

    cmake(folder, "-S", "net", "-B", "library", f"-DCMAKE_INSTALL_PREFIX={folder / 'prefix'}")
    cmake(folder, "--build", "library", "--target", "install")
    for file in (folder / "net").iterdir():
        file.unlink()
    cmake(consumer, "-B", "installed", f"-DCMAKE_PREFIX_PATH={folder / 'prefix'}")
    cmake(consumer, "--build", "installed")
    assert run(consumer / "installed" / "product") == 0

    (consumer / "CMakeLists.txt").write_text(text.replace(" 0.1 ", " 0.2 "))
    refused = attempt(consumer, "-B", "refused", f"-DCMAKE_PREFIX_PATH={folder / 'prefix'}")
    assert refused.returncode != 0
    assert "0.1.0" in refused.stderr


@pytest.mark.parametrize("product", [(False, "net")], indirect=True)
def test_optimization_is_the_users_if_wanted(product: tuple[Path, str]) -> None:
    folder, name = product
    cmake(folder, "-B", "build", "-DEMBEDC_OPTIMIZATION=-O3 -fno-tree-vectorize")
    verbose = cmake(folder, "--build", "build", "--verbose")
    line = next(line for line in verbose.splitlines() if re.search(rf"\b{name}\.c\.o\s+-c", line))
    assert "-O3 -fno-tree-vectorize" in line
    assert "-O2" not in line
