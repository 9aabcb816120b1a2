"""embedc_add_model: models compiled by the build, again when something that they come from changes, and only then."""

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from onnx import TensorProto, helper, numpy_helper

from embedc.resources import cmake_folder
from tests.cmake.running import run

PROJECT = """cmake_minimum_required(VERSION 3.16)
project(product CXX)
find_package(embedc 0.1 REQUIRED)
embedc_add_model(one MODEL one.onnx TARGET c OPTIONS --no-measure)
embedc_add_model(two MODEL models/two.onnx TARGET c OUT_DIR two OPTIONS --no-measure --single-file --weights=assembly)
add_executable(product main.cpp)
target_link_libraries(product PRIVATE one::one two::two)
"""
MAIN = """
#include "one.h"
#include "two.h"
alignas(ONE_SCRATCH_ALIGN) static unsigned char scratch[ONE_SELFTEST_BYTES + TWO_SELFTEST_BYTES];
int main() {
  int32_t layer;
  const float x[4] = {1, 2, 3, 4};
  float y[2];
  if (one_selftest(scratch, &layer) != ONE_OK || two_selftest(scratch, &layer) != TWO_OK) return 100;
  return one(x, y, scratch) == ONE_OK ? (int)y[0] : 101;
}
"""
LIBRARY = """cmake_minimum_required(VERSION 3.16)
project(library C)
find_package(embedc 0.1 REQUIRED)
embedc_add_model(two MODEL models/two.onnx TARGET c OUT_DIR two OPTIONS --no-measure)
"""
GENERATORS = ["Unix Makefiles", *(["Ninja"] if shutil.which("ninja") else [])]


def save(path: Path, value: float, *, external: str = "") -> None:
    """A product with weights that all are `value`."""
    path.parent.mkdir(exist_ok=True)
    weights = numpy_helper.from_array(np.full((4, 2), value, np.float32), "w")
    inputs, outputs = (helper.make_tensor_value_info(n, TensorProto.FLOAT, [1, k]) for n, k in (("x", 4), ("y", 2)))
    graph = helper.make_graph([helper.make_node("MatMul", ["x", "w"], ["y"])], "g", [inputs], [outputs], [weights])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    if external:
        tensor = model.graph.initializer[0]
        (path.parent / external).write_bytes(tensor.raw_data)
        tensor.ClearField("raw_data")
        tensor.data_location = TensorProto.EXTERNAL
        tensor.external_data.add(key="location", value=external)
    path.write_bytes(model.SerializeToString())


@dataclass
class Project:
    """A project; `package` is the folder from which Python takes embedc."""

    folder: Path
    package: Path

    def cmake(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        environment = {**os.environ, "PYTHONPATH": str(self.package)}
        command = ["cmake", *arguments]
        return subprocess.run(command, cwd=self.folder, env=environment, capture_output=True, text=True, check=False)

    def configure(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        embedc = f"-DEMBEDC_COMMAND={sys.executable};-m;embedc"
        return self.cmake("-B", "build", f"-Dembedc_DIR={cmake_folder()}", embedc, *arguments)

    def build(self) -> list[str]:
        """The models that the build compiled, and `product` where it linked the program."""
        done = self.cmake("--build", "build", "--parallel", "2")
        assert done.returncode == 0, done.stdout + done.stderr
        models = [name for name in ("one", "two") if f"embedc: {name}" in done.stdout]
        return models + (["product"] if "Linking CXX executable" in done.stdout else [])

    def result(self) -> int:
        return run(self.folder / "build" / "product")


@pytest.fixture
def project(tmp_path: Path) -> Project:
    if not shutil.which("cmake"):
        pytest.skip("cmake is not installed")
    folder = tmp_path / "a project"
    folder.mkdir()
    (folder / "CMakeLists.txt").write_text(PROJECT)
    (folder / "main.cpp").write_text(MAIN)
    save(folder / "one.onnx", 1.0, external="one weights.bin")
    save(folder / "models" / "two.onnx", 2.0)
    return Project(folder, cmake_folder().parent / "compiler")


@pytest.mark.parametrize("generator", GENERATORS)
def test_builds_again_what_changed_and_nothing_else(project: Project, generator: str) -> None:
    done = project.configure("-G", generator)
    assert done.returncode == 0, done.stderr
    assert project.build() == ["one", "two", "product"]
    assert project.result() == 10
    assert project.build() == []
    save(project.folder / "models" / "two.onnx", 3.0)
    assert project.build() == ["two", "product"]
    before = (project.folder / "one.onnx").read_bytes()
    save(project.folder / "one.onnx", 5.0, external="one weights.bin")
    assert (project.folder / "one.onnx").read_bytes() == before, "only the external data differ"
    os.utime(project.folder / "one.onnx", (0, 0))
    assert project.build() == ["one", "product"]
    assert project.result() == 50
    text = PROJECT.replace("one.onnx TARGET c OPTIONS", "one.onnx TARGET c OPTIONS --optimize size")
    (project.folder / "CMakeLists.txt").write_text(text)
    assert project.build()[0:1] == ["one"]
    assert project.build() == []


def test_another_version_builds_again(project: Project, tmp_path: Path) -> None:
    (project.folder / "CMakeLists.txt").write_text(LIBRARY)
    package = tmp_path / "site"
    root = cmake_folder().parent
    ignore = shutil.ignore_patterns("__pycache__")
    for part in ("compiler", "runtime", "kernels", "toolchains"):
        shutil.copytree(root / part, package / part, ignore=ignore)
    project.package = package / "compiler"
    assert project.configure(f"-Dembedc_DIR={package / 'toolchains'}").returncode == 0
    assert project.build() == ["two"]
    module = package / "compiler" / "embedc" / "__init__.py"
    module.write_text(module.read_text().replace('__version__ = "0.1.0"', '__version__ = "0.1.7"'))
    (package / "kernels" / "avx512" / "ec_v__avx512.h").unlink()  # is not needed here
    assert project.build() == ["two"]
    assert "embedc 0.1.7" in (project.folder / "build" / "two" / "two.h").read_text()
    assert project.build() == []


def test_errors_are_those_of_embedc(project: Project) -> None:
    (project.folder / "CMakeLists.txt").write_text(LIBRARY)
    (project.folder / "models" / "two.onnx").write_text("{}")
    assert project.configure().returncode == 0
    done = project.cmake("--build", "build")
    assert done.returncode != 0
    assert "is JSON" in done.stdout + done.stderr
    assert not (project.folder / "build" / "two" / "two.h").exists()


@pytest.mark.parametrize(
    ("call", "message"),
    [
        ("one MODEL one.onnx TARGET quantum", "unknown target 'quantum'"),
        ("one MODEL one.onnx TARGET arm-neon CPU z80", "has no CPU 'z80'"),
        ("printf MODEL one.onnx", "the name 'printf' cannot be used"),
        ("one", "MODEL is missing"),
        ("one MODEL one.onnx TARGET", "no value after TARGET"),
        ("one one.onnx", "unknown arguments: one.onnx"),
        ("one MODEL one.onnx OPTIONS --quiet --target=c", "--target=c cannot be one of OPTIONS"),
        ("one MODEL one.onnx OPTIONS -o elsewhere", "-o cannot be one of OPTIONS"),
    ],
)
def test_a_wrong_call_is_refused_at_configuration(project: Project, call: str, message: str) -> None:
    lines = ["cmake_minimum_required(VERSION 3.16)", "project(p NONE)", "find_package(embedc REQUIRED)"]
    (project.folder / "CMakeLists.txt").write_text("\n".join([*lines, f"embedc_add_model({call})", ""]))
    done = project.configure()
    assert done.returncode != 0
    assert message in " ".join(done.stderr.split())


def test_without_embedc_the_package_says_what_to_do(project: Project) -> None:
    done = project.cmake("-B", "build", f"-Dembedc_DIR={cmake_folder()}", "-DEMBEDC_COMMAND=no-such-program")
    assert done.returncode != 0
    assert "EMBEDC_COMMAND" in done.stderr
