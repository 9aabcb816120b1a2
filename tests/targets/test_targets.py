"""Targets and CPUs: every file loads, refines what it should, and fits the compilers and emulators that are here."""

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from embedc.diagnostics import EmbedcError
from embedc.execution.build import Build, build
from embedc.execution.errors import ExecutionError
from embedc.execution.running import run_on
from embedc.targets import machine
from embedc.targets.load import HOST_ORDER, cpu_names, load_target, target_names
from embedc.targets.target import NATIVE, Compiler, Emulator
from embedc.targets.toolchain import CFLAGS, emulators, find_compiler, find_emulators

EVERY_CPU = [(target, cpu) for target in target_names() for cpu in ("", *cpu_names(target))]
CASCADE_LAKE = (
    "processor : 0\nmodel name : Xeon\nflags : fpu avx2 fma f16c avx512f avx512bw avx512dq avx512vl avx512_vnni\n\n"
    "processor : 1\n"
)
PI_4 = "processor : 0\nFeatures : fp asimd crc32\n"
K1 = "processor : 0\nisa : rv64imafdcv_zicbom_zba\n"


ECHO = """
#include <stdio.h>
int main(int argc, char **argv) {
  if (argc == 2) return fprintf(stderr, "%s", argv[1]) > 0;
  printf("%d %s %s", argc, argv[1], argv[2]);
  return 0;
}
"""


Pretend = Callable[[str, str], None]


@pytest.fixture
def this_machine(monkeypatch: pytest.MonkeyPatch) -> Pretend:
    def pretend(architecture: str, cpuinfo: str) -> None:
        monkeypatch.setattr(machine, "architecture", lambda: architecture)
        monkeypatch.setattr(machine, "cpu_flags", lambda: machine.parse_cpu_flags(cpuinfo))

    return pretend


def test_host_order_names_every_target_with_an_operating_system() -> None:
    assert set(HOST_ORDER) == {name for name in target_names() if not load_target(name).bare}


@pytest.mark.parametrize(
    ("architecture", "cpuinfo", "target"),
    [
        ("x86_64", CASCADE_LAKE, "x86-avx512"),
        ("x86_64", CASCADE_LAKE.replace(" avx512_vnni", ""), "x86-avx2"),
        ("x86_64", "flags : sse2", "c"),
        ("aarch64", PI_4, "arm-neon"),
        ("riscv64", K1, "riscv-rvv"),
        ("riscv64", K1.replace("cv_", "c_"), "riscv"),
        ("armv7l", "Features : half thumb vfpv3 neon", "arm-neon-v7"),
        ("armv7l", "Features : half thumb vfpv3", "c"),
        ("ppc64le", "", "c"),
    ],
)
def test_host_is_the_best_that_runs_here(this_machine: Pretend, architecture: str, cpuinfo: str, target: str) -> None:
    this_machine(architecture, cpuinfo)
    assert load_target("host").name == target


@pytest.mark.parametrize(("target", "cpu"), EVERY_CPU)
def test_every_file_loads_builds_and_runs(target: str, cpu: str, tmp_path: Path) -> None:
    loaded = load_target(target, cpu)
    assert loaded.cpu == cpu
    assert loaded.lanes or loaded.isa == "rvv"
    assert load_target(target).features <= loaded.features
    try:
        compiler = find_compiler(loaded)
    except EmbedcError as missing:
        pytest.skip(str(missing))
    (tmp_path / "a.c").write_text(ECHO)
    for emulator in loaded.emulators:
        flags, board = (*CFLAGS, *loaded.cflags, "-Werror"), emulator.board
        program = build(Build(tmp_path, ("a.c",), compiler, flags, static=not board, board=board))
        if shutil.which(emulator.command[0]):
            assert run_on(emulator, program, ["one", "2"]).output == "3 one 2"
            with pytest.raises(ExecutionError, match=r"failed: three"):
                run_on(emulator, program, ["three"])


def test_a_cpu_adds_features_and_replaces_flags() -> None:
    loaded = load_target("arm-neon", "cortex-a76")
    assert {"neon", "dotprod"} <= loaded.features
    assert loaded.cflags == ("-mcpu=cortex-a76",)
    assert loaded.emulators[0].command[-1] == "cortex-a76"
    assert [e.name for e in load_target("riscv-rvv", "sifive-x280").emulators] == ["vlen512"]


def test_wrong_names_list_the_right_ones() -> None:
    with pytest.raises(EmbedcError, match=r"unknown target 'neon'\n.*arm-neon"):
        load_target("neon")
    with pytest.raises(EmbedcError, match=r"no CPU 'pentium'\n.*haswell"):
        load_target("x86-avx2", "pentium")


def test_cc_replaces_native_compilers_only(monkeypatch: pytest.MonkeyPatch, this_machine: Pretend) -> None:
    this_machine("x86_64", CASCADE_LAKE)
    monkeypatch.setenv("CC", "ccache my-gcc -m64")
    assert find_compiler(load_target("c")) == ("ccache", "my-gcc", "-m64")
    arm = replace(load_target("arm-neon"), compilers=(Compiler(("sh",), "dash"),))
    assert find_compiler(arm) == ("sh",)


def test_missing_tools_name_their_packages(this_machine: Pretend) -> None:
    this_machine("x86_64", "flags : sse2")
    absent = Compiler(("no-such-gcc",), "gcc-nowhere")
    with pytest.raises(EmbedcError, match=r"no-such-gcc\)\n *apt install gcc-nowhere"):
        find_compiler(replace(load_target("arm-neon"), compilers=(absent,)))
    target = replace(load_target("arm-neon"), emulators=(Emulator("qemu", ("no-such-qemu",), "qemu-nowhere"),))
    with pytest.raises(EmbedcError, match=r"not aarch64.*apt install qemu-nowhere"):
        find_emulators(target)
    with pytest.raises(EmbedcError, match=r"no avx2, avx512_vnni"):
        find_emulators(load_target("x86-avx512"))


def test_native_execution_wins(this_machine: Pretend) -> None:
    this_machine("x86_64", CASCADE_LAKE)
    assert emulators(load_target("x86-avx2")) == ([NATIVE], [])
