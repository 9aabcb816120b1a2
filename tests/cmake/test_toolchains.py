"""toolchains/ holds what the targets' files say; programs and ctest work with each of them."""

from pathlib import Path

import pytest

from embedc.cmake import toolchain
from embedc.diagnostics import EmbedcError
from embedc.resources import cmake_folder
from embedc.targets.load import load_target, target_names
from embedc.targets.toolchain import find_compiler, find_emulators
from tests.cmake.running import cmake, ctest

TARGETS = [name for name in target_names() if name != "c"]  # c is any machine
PROJECT = """cmake_minimum_required(VERSION 3.16)
project(product {languages})
enable_testing()
add_executable(product {main} part.c)
add_test(NAME runs COMMAND product 2 x,y)
add_executable(wrong wrong.c)
add_test(NAME fails COMMAND wrong)
set_tests_properties(fails PROPERTIES WILL_FAIL TRUE)
"""
NO_LIBRARY = """
add_library(nothing STATIC part.c)
set_target_properties(nothing PROPERTIES OUTPUT_NAME stdc++)
target_link_directories(product PRIVATE ${CMAKE_BINARY_DIR})
add_dependencies(product nothing)
"""
MAIN = """
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#ifdef __cplusplus
extern "C"
#endif
float part(float x);
int main(int argc, char **argv) {
  printf("%d\\n", argc);
  return argc == 3 && part((float)atoi(argv[1])) == 4.0f && strcmp(argv[2], "x,y") == 0 ? 0 : 1;
}
"""


@pytest.mark.parametrize("target", TARGETS)
def test_files_are_those_of_the_targets(target: str, request: pytest.FixtureRequest) -> None:
    path = cmake_folder() / f"{target}.cmake"
    if request.config.getoption("--bless"):
        path.write_text(toolchain(load_target(target)))
    assert path.read_text() == toolchain(load_target(target)), f"embedc cmake --toolchain {target} > {path.name}"


def test_no_file_without_a_target() -> None:
    names = {path.stem for path in cmake_folder().glob("*.cmake")}
    assert names - {"build-step", "embedc-config", "embedc-config-version"} == set(TARGETS)


@pytest.mark.parametrize("target", TARGETS)
def test_ctest_runs_what_was_built(target: str, tmp_path: Path) -> None:
    try:
        find_compiler(load_target(target))
        find_emulators(load_target(target))
    except EmbedcError as error:
        pytest.skip(str(error))
    # On a board C++ links startup code, which is C. Of its library, which need not be installed, the program uses nothing.
    languages, main, more = ("C CXX", "main.cpp", NO_LIBRARY) if load_target(target).bare else ("C", "main.c", "")
    (tmp_path / "CMakeLists.txt").write_text(PROJECT.format(languages=languages, main=main) + more)
    (tmp_path / main).write_text(MAIN)
    (tmp_path / "part.c").write_text("float part(float x); float part(float x) { return x * x; }\n")
    (tmp_path / "wrong.c").write_text("int main(void) { return 7; }\n")
    cmake(tmp_path, "-B", "build", f"-DCMAKE_TOOLCHAIN_FILE={cmake_folder() / target}.cmake")
    cmake(tmp_path, "--build", "build")
    assert "100% tests passed" in ctest(tmp_path / "build")
