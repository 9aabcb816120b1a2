"""The generated files as a product takes them: compilers, layout, linking, symbols."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from embedc.bundle import Bundle
from embedc.execution.program import run_checked
from embedc.resources import kernels_folder, runtime_folder
from embedc.targets.load import load_target
from embedc.targets.machine import architecture
from embedc.targets.toolchain import WARNINGS
from tests.emit.compiling import STRICT, bundle_of, compile_c, files_of, write
from tests.emit.small_models import convolutional, elementwise, indexing

ROOT = Path(__file__).parents[2]
MODELS = {"cnn": convolutional, "pointwise": elementwise, "picking": indexing}
DEFINES = {"cnn": ["-DCNN_SELFTEST_LAYERS"], "pointwise": [], "picking": ["-DPICKING_SELFTEST_LAYERS"]}
TARGETS = (
    "c",
    "x86-avx2",
    "x86-avx512",
    "arm-neon",
    "arm-neon-v7",
    "riscv-rvv",
    "riscv",
    "cortex-m4",
    "cortex-m7",
    "cortex-m55",
)
MEMORY = {"memcpy", "memset", "memmove", "memcmp"}
MATH = {"expf", "logf", "tanhf", "erff", "sqrtf", "floorf", "ceilf", "rintf", "fabsf", "powf", "sinf", "cosf"}


@pytest.fixture(scope="module", params=MODELS)
def bundle(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    """Every small model for plain C."""
    return bundle_of(MODELS[request.param](), tmp_path_factory.mktemp("bundle"), request.param)


def syntax_commands(target: str) -> list[list[str]]:
    """Every compiler of a target that is installed."""
    known = load_target(target)
    here = known.machine in ("", architecture())
    commands = [list(c.command) for c in known.compilers if shutil.which(c.command[0]) and (here or not c.native)]
    if here:
        commands = [c for c in commands if not c[0].startswith(known.machine or "?")]
    return [[word for word in command if not word.startswith("-fuse-ld")] for command in commands]


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("name", MODELS)
def test_no_compiler_warns(tmp_path: Path, name: str, target: str) -> None:
    write(files_of(MODELS[name](), name, target), tmp_path)
    sources = [line for line in (tmp_path / "sources.txt").read_text().split() if line.endswith(".c")]
    commands = syntax_commands(target)
    if not commands:
        pytest.skip(f"no compiler for {target}")
    for command in commands:
        flags = ["-std=c99", "-O2", *STRICT, *load_target(target).cflags, "-fsyntax-only"]
        compile_c(command, sources, tmp_path, *flags, *DEFINES[name])


def test_the_header_is_cpp(bundle: Bundle) -> None:
    name = bundle.described.name
    header = f'#include "{name}.h"\nint main() {{ return {name.upper()}_OK; }}\n'
    (bundle.path / "user.cpp").write_text(header)
    for compiler in ("g++", "clang++-19"):
        if shutil.which(compiler):
            compile_c([compiler, "-std=c++11"], ["user.cpp"], bundle.path, *WARNINGS, "-fsyntax-only")
    (bundle.path / "user.cpp").unlink()


@pytest.mark.parametrize("target", ["c", "x86-avx2"])
@pytest.mark.parametrize("name", MODELS)
def test_code_is_printed_as_clang_format_would(tmp_path: Path, name: str, target: str) -> None:
    write(files_of(MODELS[name](), name, target), tmp_path)
    for path in sorted(tmp_path.glob(f"{name}*.[ch]")):
        assert format_with(tmp_path, path.name) == path.read_text(), path.name


def format_with(folder: Path, file: str) -> str:
    """The file as clang-format lays it out."""
    formatter = (
        shutil.which("clang-format", path=f"{ROOT / '.venv/bin'}:{Path(shutil.__file__).parent}") or _formatter()
    )
    shutil.copy(ROOT / ".clang-format", folder)
    return subprocess.run([formatter, file], cwd=folder, capture_output=True, text=True, check=True).stdout


def _formatter() -> str:
    import sys  # noqa: PLC0415

    found = Path(sys.executable).with_name("clang-format")
    if not found.exists():
        pytest.skip("clang-format is not installed")
    return str(found)


def test_every_file_states_its_licence(bundle: Bundle) -> None:
    for path in bundle.path.iterdir():
        if path.suffix in (".c", ".h", ".S") or path.name == "CMakeLists.txt":
            assert "SPDX-License-Identifier: 0BSD" in path.read_text().splitlines()[0], path.name
    for path in (*runtime_folder().glob("*.h"), *kernels_folder().glob("*/*.h")):
        assert "SPDX-License-Identifier: 0BSD" in path.read_text().splitlines()[0], path.name


def symbols(bundle: Bundle, *flags: str) -> list[tuple[str, str]]:
    """(kind, name) of all symbols of the bundle's objects."""
    objects: list[str] = []
    for source in bundle.described.sources:
        compile_c(["gcc", "-std=c99", "-O2", *flags], [source], bundle.path, "-c", "-o", f"{source}.o")
        objects.append(f"{source}.o")
    done = subprocess.run(["nm", *objects], cwd=bundle.path, capture_output=True, text=True, check=True)
    for name in objects:
        (bundle.path / name).unlink()
    return [(m[1], m[2]) for m in re.finditer(r"^[ 0-9a-f]{16,} ([A-Za-z]) (\S+)$", done.stdout, re.MULTILINE)]


def test_the_code_keeps_no_variables_and_wants_no_library(bundle: Bundle) -> None:
    name = bundle.described.name
    found = symbols(bundle)
    assert found
    assert not [s for kind, s in found if kind in "bBdDC"], "writable memory"
    outside = {s for kind, s in found if kind in "Uw"} - {s for kind, s in found if kind in "TR"}
    assert outside <= MEMORY | MATH | {"_GLOBAL_OFFSET_TABLE_"}
    public = {s for kind, s in found if kind.isupper() and kind != "U"}
    assert all(s == name or s.startswith(f"{name}_") for s in public), public
    text = "".join((bundle.path / s).read_text() for s in bundle.described.sources)
    assert not re.search(r"\b(malloc|free|alloca|printf)\b", text)


def test_two_bundles_link_into_one_program(tmp_path: Path) -> None:
    """The same layers under two names, called from C++."""
    sources: list[str] = []
    for name in ("left", "right"):
        bundle = bundle_of(convolutional(), tmp_path / name, name)
        shutil.copytree(bundle.path, tmp_path, dirs_exist_ok=True)
        sources += bundle.described.sources
    (tmp_path / "main.cpp").write_text("""
#include <cstdio>
#include <cstdlib>
#include "left.h"
#include "right.h"
alignas(LEFT_SCRATCH_ALIGN) static unsigned char scratch[LEFT_SCRATCH_BYTES];
int main() {
  static float image[LEFT_IMAGE_LENGTH], a[LEFT_PROBABILITY_LENGTH], b[RIGHT_PROBABILITY_LENGTH];
  for (int i = 0; i < LEFT_IMAGE_LENGTH; i++) image[i] = static_cast<float>(i % 7);
  if (left(image, a, scratch) != LEFT_OK || right(image, b, scratch) != RIGHT_OK) return 1;
  float sum = 0;
  for (int i = 0; i < LEFT_PROBABILITY_LENGTH; i++) {
    if (a[i] != b[i]) return 2;
    sum += a[i];
  }
  std::printf("%.4f", static_cast<double>(sum));
}
""")
    objects: list[str] = []
    for source in sources:
        compile_c(["gcc", "-std=c99", "-O2"], [source], tmp_path, "-c", "-o", f"{source}.o")
        objects.append(f"{source}.o")
    compile_c(["g++", "-std=c++11", "-O2"], ["main.cpp", *objects], tmp_path, "-lm", "-o", "program")
    assert run_checked([str(tmp_path / "program")]) == "1.0000"


def test_arguments_are_checked(bundle: Bundle) -> None:
    name, upper = bundle.described.name, bundle.described.macro
    fields = [port.c_name for port in (*bundle.described.inputs, *bundle.described.outputs)]
    main = f"""
#include "{name}.h"
#include <stdio.h>
static uint64_t scratch[{upper}_SCRATCH_BYTES / 8 + 24], memory[4][4096];
int main(void) {{
  unsigned char *s = (unsigned char *)scratch;
  {name}_io io = {{{", ".join(f"(void *)memory[{k}]" for k in range(len(fields)))}}}, no = io;
  int32_t layer = 7;
  no.{fields[-1]} = NULL;
  while ((uintptr_t)s % {upper}_SCRATCH_ALIGN != 0)
    s++;
  printf("%d %d ", {name}_run(&io, s, {upper}_SCRATCH_BYTES), {name}_run(NULL, s, {upper}_SCRATCH_BYTES));
  printf("%d %d ", {name}_run(&no, s, {upper}_SCRATCH_BYTES), {name}_selftest(NULL, &layer));
  printf("%d %d", {name}_selftest(s, NULL), {name}_selftest(s + 1, &layer));
#if {upper}_SCRATCH_BYTES > 0
  printf(" %d %d", {name}_run(&io, s, {upper}_SCRATCH_BYTES - 1), {name}_run(&io, s + 4, {upper}_SCRATCH_BYTES));
  printf(" %d", {name}_run(&io, NULL, {upper}_SCRATCH_BYTES));
#endif
  return 0;
}}
"""
    printed = run_checked([str(bundle.build_program({"main.c": main}))])
    ok, null, small, misaligned = 0, 1, 2, 3
    expected = [ok, null, null, null, null, misaligned]
    expected += [small, misaligned, null] if bundle.described.scratch_bytes else []
    assert printed.split() == [str(e) for e in expected]
