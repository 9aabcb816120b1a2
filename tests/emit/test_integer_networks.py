"""Quantized networks: what the generated C computes is what the interpreter defines, to the bit."""

import ctypes
from itertools import product
from pathlib import Path

import numpy as np
import pytest

from embedc.ir.printer import to_text
from embedc.targets.load import load_target
from embedc.targets.machine import runs_natively
from tests.emit.library import build, call
from tests.quantized_nets import (
    KINDS,
    MOVES,
    PAIRS,
    POOLS,
    Results,
    function,
    moved,
    pair,
    pooled,
    product_of_two,
    sloped,
    softmax,
)


def networks() -> list[Results]:
    """All but convolutions and products with weights, which are tested with their kernels."""
    found = [moved(name, same) for name, same in product(MOVES, (True, False))]
    found += [pooled(name, kind) for name, kind in product(POOLS, KINDS)]
    found += [function(name, kind) for name, kind in product(("Sigmoid", "LeakyRelu", "Abs"), KINDS)]
    found += [pair(name, seed) for name, seed in product(PAIRS, range(3))]
    found += [sloped(kind, slope) for kind, slope in product(KINDS, (0.2, -0.3))]
    return [*found, *map(softmax, (1, -1)), *map(product_of_two, KINDS)]


@pytest.mark.parametrize("name", ["c", "x86-avx2", "x86-avx512"])
def test_generated_code_computes_what_the_interpreter_defines(name: str, tmp_path: Path) -> None:
    target = load_target(name)
    if not runs_natively(target):
        pytest.skip(f"{name} does not run on this CPU")
    nets = networks()
    scratch = build([net.graph for net in nets], target, tmp_path)
    library = ctypes.CDLL(str(tmp_path / "all.so"))
    for number, net in enumerate(nets):
        (ours,) = call(library, number, net.graph, scratch[number], net.given).values()
        assert np.array_equal(ours, net.ours), f"graph {number}:\n{to_text(net.graph)}"
