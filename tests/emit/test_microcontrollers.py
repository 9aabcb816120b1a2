"""Cortex-M: what the bundle's objects ask of libraries, and the stack that the header states against the one that is used."""

import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import onnx
import pytest

from embedc.bundle import Bundle
from embedc.driver import Request, compile_model
from embedc.execution.running import run_on
from embedc.targets.load import load_target
from embedc.targets.toolchain import CFLAGS
from tests.emit.compiling import compile_c, usable, write
from tests.emit.small_models import convolutional, long_lived
from tests.emit.test_generated import MATH, MEMORY

CLANG = ("clang-19", "-isystem/usr/lib/arm-none-eabi/include", "-Wno-unused-command-line-argument", "--target=")
TRIPLES = {"cortex-m4": "thumbv7em-none-eabihf", "cortex-m55": "thumbv8.1m.main-none-eabihf"}
STACK = """
#include <stdint.h>
#include <stdio.h>
#include "board.h"
#include "net.h"
static uint64_t scratch[NET_SCRATCH_BYTES / 8 + 1];
int main(void) {
  net_status status;
  char here;
  board_stack_paint();
  status = net_run(scratch, sizeof scratch);
  printf("%d %lu", (int)status, (unsigned long)board_stack_used(&here));
  return 0;
}
"""


def undefined(folder: Path, command: list[str], flags: list[str]) -> set[str]:
    """What the objects of a bundle want from elsewhere."""
    sources = (folder / "sources.txt").read_text().split()
    for source in sources:
        compile_c(
            [*command, *CFLAGS, *flags, "-Wdouble-promotion", "-Werror"], [source], folder, "-c", "-o", f"{source}.o"
        )
    objects = [f"{source}.o" for source in sources]
    listed = subprocess.run(
        ["arm-none-eabi-nm", *objects], cwd=folder, capture_output=True, text=True, check=True
    ).stdout
    return set(re.findall(r" U (\S+)", listed)) - set(re.findall(r" [TR] (\S+)", listed))


@pytest.mark.parametrize("target", TRIPLES)
@pytest.mark.parametrize("model", [convolutional, long_lived])
def test_objects_want_no_allocation_no_files_and_no_doubles(
    tmp_path: Path, model: Callable[[], onnx.ModelProto], target: str
) -> None:
    """The self-test's object too."""
    usable(target)
    write(compile_model(Request(model(), load_target(target), "net")).files, tmp_path)
    clang = [*CLANG[:-1], CLANG[-1] + TRIPLES[target]]
    for command in (["arm-none-eabi-gcc"], clang):
        if shutil.which(command[0]):
            memory = {
                f"__aeabi_{name}{size}" for name in ("memcpy", "memmove", "memset", "memclr") for size in ("", 4, 8)
            }
            flags = [f for f in load_target(target).cflags if command is not clang or f != "-mfpu=auto"]  # gcc's word
            wanted = undefined(tmp_path, command, flags)
            assert wanted <= MEMORY | MATH | memory, command[0]


@pytest.mark.parametrize("target", ["cortex-m4", "cortex-m7", "cortex-m55"])
def test_the_stack_is_at_least_what_a_run_takes(tmp_path: Path, target: str) -> None:
    usable(target)
    compiled = compile_model(Request(convolutional(), load_target(target), "net", measure=True))
    bundle = Bundle(write(compiled.files, tmp_path / "net"))
    stated = bundle.manifest["stack_bytes"]
    assert f"#define NET_STACK_BYTES {stated}\n" in (bundle.path / "net.h").read_text()
    emulator = bundle.emulators[0]
    status, used = run_on(emulator, bundle.build_program({"main.c": STACK}, emulator=emulator)).output.split()
    assert status == "0"
    assert 64 < int(used) <= stated + 64  # main's own frame
