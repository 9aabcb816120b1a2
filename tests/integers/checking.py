"""Compiles random layers for a target and runs their self-tests, whose expected sums the interpreter computes: one program for all."""

from pathlib import Path

from embedc.driver import Stages, make_plan, simplify
from embedc.emit.bundle import emit
from embedc.emit.golden import golden_values
from embedc.execution.build import Build, build
from embedc.execution.running import run_on
from embedc.ir.graph import Graph
from embedc.ir.printer import to_text
from embedc.manifest import ModelInfo
from embedc.policy import Policy
from embedc.targets.target import Target
from embedc.targets.toolchain import CFLAGS, emulators, find_compiler
from tests.emit.compiling import write

MAIN = """#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

{includes}

#define RUN(name, bytes)                                             \\
  {{                                                                  \\
    int32_t layer = -1;                                              \\
    unsigned char *const memory = malloc((bytes) + 64);              \\
    unsigned char *from = memory;                                    \\
    while ((uintptr_t)from % 64 != 0) from++;                        \\
    const int status = (int)name##_selftest(from, &layer);           \\
    if (status != 0) printf("%s %d %ld\\n", #name, status, (long)layer); \\
    free(memory);                                                    \\
  }}

int main(void) {{
{runs}
  return 0;
}}
"""


def wrong_layers(graphs: list[Graph], target: Target, folder: Path) -> list[str]:
    """For each self-test that fails: what it said, on which emulator, and the graph; all graphs are exact in integers."""
    sources: list[str] = []
    for graph in graphs:
        policy = Policy(target, graph.name, weights="c")
        simplified = simplify(graph, Stages())
        plan = make_plan(simplified, policy, Stages())
        golden = golden_values(simplified, plan.program)
        assert golden.layers, golden.reason
        files = emit(plan, policy, ModelInfo("random", ""), golden)
        write(files, folder / graph.name)
        sources += [f"{graph.name}/{s}" for s in files["sources.txt"].decode().split()]
    names = [g.name for g in graphs]
    includes = "\n".join(f'#include "{n}/{n}.h"' for n in names)
    runs = "\n".join(f"  RUN({n}, {n.upper()}_SELFTEST_BYTES)" for n in names)
    main = {"main.c": MAIN.format(includes=includes, runs=runs)}
    flags = (*CFLAGS, *target.cflags)
    found: list[str] = []
    for emulator in emulators(target)[0]:
        static = target.machine not in ("", "x86_64") and not emulator.board
        job = Build(folder, tuple(sources), find_compiler(target), flags, main, static=static, board=emulator.board)
        said = run_on(emulator, build(job)).output
        found += [f"{emulator.name}: {line}\n{to_text(_named(graphs, line))}" for line in said.splitlines()]
    return found


def _named(graphs: list[Graph], line: str) -> Graph:
    return next(g for g in graphs if g.name == line.split(maxsplit=1)[0])
