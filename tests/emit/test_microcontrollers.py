"""Cortex-M: what the bundle's objects ask of libraries, and the stack that the header states against the one that is used."""

import re
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import onnx
import pytest

from embedc.bundle import Bundle
from embedc.driver import Request, compile_model
from embedc.execution.running import run_on
from embedc.targets.load import load_target
from embedc.targets.toolchain import CFLAGS
from tests.emit.compiling import compile_c, usable, write
from tests.emit.small_models import convolutional, counting, elementwise, indexing, long_lived
from tests.emit.state_models import Streaming, gru_cell
from tests.emit.test_generated import MATH, MEMORY

KWS = Path(__file__).parents[2] / "examples" / "keyword_spotting" / "kws.onnx"
CLANG = ("clang-19", "-isystem/usr/lib/arm-none-eabi/include", "-Wno-unused-command-line-argument", "--target=")
TRIPLES = {"cortex-m4": "thumbv7em-none-eabihf", "cortex-m55": "thumbv8.1m.main-none-eabihf"}
MODELS: dict[str, Callable[[], onnx.ModelProto | Path | Streaming]] = {
    "cnn": convolutional,
    "lived": long_lived,
    "pointwise": elementwise,
    "picking": indexing,
    "counting": counting,
    "gru": gru_cell,
    "kws": lambda: KWS,
}
ARITHMETIC = re.compile(r"__aeabi_(?!\w*2d$)(c?f|u?l|u?i)\w*")
"""Functions of the compiler for floats and wide integers where the core has no instructions for them; none of doubles."""
GCC = ("-mfpu=auto", "-fno-if-conversion2")  # flags that clang does not know
PAINTED = 32  # bytes at most below the caller that board_stack_paint leaves alone
STACK = """
#include <stdint.h>
#include <stdio.h>
#include "board.h"
#include "net.h"
static uint64_t scratch[NET_SCRATCH_BYTES / 8 + 1];
#ifdef NET_STATE_BYTES
static uint64_t state[NET_STATE_BYTES / 8 + 1];
#define RUN net_run(state, scratch, sizeof scratch)
#else
#define RUN net_run(scratch, sizeof scratch)
#endif
int main(void) {
  net_status status;
  const void *entry; /* the stack pointer with which net_run begins, as it has all its arguments in registers */
  board_stack_paint();
  __asm__ volatile("mov %0, sp" : "=r"(entry));
  status = RUN;
  printf("%d %lu", (int)status, (unsigned long)board_stack_used(entry));
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


def request(name: str, target: str) -> Request:
    made = MODELS[name]()
    model, states = (made.model, made.states) if isinstance(made, Streaming) else (made, {})
    return Request(model, load_target(target), "net", states=states)


def commands(target: str) -> list[tuple[list[str], list[str]]]:
    """Compilers for a Cortex-M, with flags; portable C is compiled for a core without floating-point unit."""
    gcc = ["arm-none-eabi-gcc"]
    if target == "c":
        return [(gcc, ["-mcpu=cortex-m3", "-mthumb"])]
    flags = list(load_target(target).cflags)
    clang = [*CLANG[:-1], CLANG[-1] + TRIPLES[target]]
    found = [(gcc, flags), (clang, [f for f in flags if f not in GCC])]
    return [(command, flags) for command, flags in found if shutil.which(command[0])]


@pytest.mark.parametrize("target", ["c", *TRIPLES])
@pytest.mark.parametrize("name", MODELS)
def test_objects_want_no_allocation_no_files_and_no_doubles(tmp_path: Path, name: str, target: str) -> None:
    """The self-test's object too."""
    usable("cortex-m4")
    write(compile_model(request(name, target)).files, tmp_path)
    memory = {f"__aeabi_{name}{size}" for name in ("memcpy", "memmove", "memset", "memclr") for size in ("", 4, 8)}
    for command, flags in commands(target):
        wanted = undefined(tmp_path, command, flags) - MEMORY - MATH - memory
        assert not {symbol for symbol in wanted if not ARITHMETIC.fullmatch(symbol)}, command[0]


def test_conditional_conversions_are_assembled(tmp_path: Path) -> None:
    """The assembler of binutils 2.40 refuses VCVTNE where there are vectors."""
    (tmp_path / "convert.c").write_text("int f(float v) { int r = 10; if (v != 0.0f) r = (int)v; return r; }\n")
    command, flags = commands("cortex-m55")[0]
    compile_c([*command, *CFLAGS, *flags], ["convert.c"], tmp_path, "-c")


@pytest.mark.parametrize("target", ["cortex-m4", "cortex-m7", "cortex-m55"])
@pytest.mark.parametrize("name", ["cnn", "picking", "gru", "kws"])
def test_the_stack_is_at_least_what_a_run_takes(tmp_path: Path, name: str, target: str) -> None:
    usable(target)
    compiled = compile_model(replace(request(name, target), measure=True))
    bundle = Bundle(write(compiled.files, tmp_path / "net"))
    stated = bundle.described.stack_bytes
    assert stated
    assert f"#define NET_STACK_BYTES {stated}\n" in (bundle.path / "net.h").read_text()
    emulator = bundle.emulators[0]
    status, used = run_on(emulator, bundle.build_program({"main.c": STACK}, emulator=emulator)).output.split()
    assert status == "0"
    assert PAINTED < int(used) <= stated
