"""Graphs compiled together into one library, called through ctypes."""

import ctypes
from pathlib import Path

import numpy as np

from embedc.driver import Stages, make_plan, simplify
from embedc.emit.bundle import emit
from embedc.ir.graph import Graph
from embedc.ir.types import Array
from embedc.manifest import ModelInfo
from embedc.policy import Policy
from embedc.targets.target import Target
from embedc.targets.toolchain import CFLAGS, find_compiler
from tests.emit.compiling import compile_c, write


def build(graphs: list[Graph], target: Target, folder: Path) -> list[dict[str, int]]:
    """Compiles all graphs into one library; their scratch bytes and alignment."""
    sources: list[str] = []
    scratch: list[dict[str, int]] = []
    for number, graph in enumerate(graphs):
        policy = Policy(target, f"g{number}")
        plan = make_plan(simplify(graph, Stages()), policy, Stages())
        files = emit(plan, policy, ModelInfo("random", "0" * 64))
        write(files, folder / f"g{number}")
        sources += [f"g{number}/{s}" for s in files["sources.txt"].decode().split() if "selftest" not in s]
        scratch.append({"bytes": plan.size, "align": target.align})
    compile_c(
        [*find_compiler(target), *CFLAGS, *target.cflags], [*sources, "-lm"], folder, "-shared", "-fPIC", "-o", "all.so"
    )
    return scratch


def call(
    library: ctypes.CDLL, number: int, graph: Graph, scratch: dict[str, int], inputs: dict[str, Array]
) -> dict[str, Array]:
    """Runs one graph of the library."""
    outputs = {name: np.full(v.type.dims, 99, v.type.element.dtype) for name, v in graph.outputs.items()}
    arena = np.full(scratch["bytes"] + 2 * scratch["align"], 255, np.uint8)
    address = -(-arena.ctypes.data // scratch["align"]) * scratch["align"]
    arrays = [np.ascontiguousarray(inputs[v.name]) for v in graph.inputs] + list(outputs.values())
    status = getattr(library, f"g{number}")(*(ctypes.c_void_p(a.ctypes.data) for a in arrays), ctypes.c_void_p(address))
    assert status == 0
    return outputs


def agree(got: Array, expected: Array) -> bool:
    """Equal for integers, within rounding of the largest magnitude for floats."""
    if expected.dtype.kind != "f":
        return np.array_equal(got, expected)
    finite = np.isfinite(expected)
    scale = np.abs(expected[finite]).max(initial=1e-3)
    same = np.array_equal(np.isnan(got), np.isnan(expected)) and np.array_equal(
        got[np.isinf(expected)], expected[np.isinf(expected)]
    )
    return bool(same) and bool(np.all(np.abs(got[finite] - expected[finite]) <= 1e-4 * scale))
