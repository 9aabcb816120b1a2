"""Random quantized layers are computed to the bit on every target; `python -m tests.integers` runs many more."""

from pathlib import Path

import numpy as np
import pytest

from embedc.ir.interpreter import run
from tests.emit.compiling import usable
from tests.integers.checking import wrong_layers
from tests.integers.layers import inputs_for, random_layers

TARGETS = ("c", "x86-avx2", "x86-avx512", "arm-neon", "arm-neon-v7", "cortex-m4", "cortex-m55", "riscv", "riscv-rvv")
COUNT = 40


@pytest.mark.parametrize("name", TARGETS)
def test_layers_are_exact(name: str, tmp_path: Path) -> None:
    assert wrong_layers(random_layers(1, COUNT), usable(name), tmp_path) == []


def test_layers_are_worth_testing() -> None:
    """Results are neither all clamped nor all alike, and every kind of weights occurs."""
    rng = np.random.default_rng(2)
    graphs = random_layers(1, COUNT)
    results = [run(graph, inputs_for(graph, rng))["y"] for graph in graphs]
    varied = sum(len(np.unique(result)) > 8 for result in results)
    assert varied > 0.4 * COUNT
    assert {str(op.operands[1].type.element) for g in graphs for op in g.ops if op.opname == "conv"} == {"i8", "i16"}
