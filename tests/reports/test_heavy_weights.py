"""Models that are mostly weights: what the compiler and the C compiler spend on them."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import helper

from embedc.bundle import Bundle
from embedc.emit.weights import print_words
from embedc.ir.types import Array
from tests.frontends.small import floats, model, tensor

WIDTH = 2048
LAYER_MB = WIDTH * WIDTH * 4 >> 20
SECONDS = 60  # of CPU, compilers and all
PEAK_MB = 2048
COMPILE = """
import json, resource, sys, time
from pathlib import Path
from embedc.cli import main
from embedc.bundle import Bundle
assert main([sys.argv[1], "--target", "host", "-o", sys.argv[2]]) == 0
Bundle(sys.argv[2]).load()
children = resource.getrusage(resource.RUSAGE_CHILDREN)
own = int(Path("/proc/self/status").read_text().split("VmHWM:")[1].split()[0])
seconds = time.process_time() + children.ru_utime + children.ru_stime
print(json.dumps({"seconds": seconds, "own_mb": own / 1024, "compiler_mb": children.ru_maxrss / 1024}), file=sys.stderr)
"""
large = pytest.mark.skipif("EMBEDC_LARGE" not in os.environ, reason="set EMBEDC_LARGE=1 for the large models")


def heavy(megabytes: int) -> tuple[onnx.ModelProto, list[Array]]:
    """Dense layers of so many bytes altogether, and their matrices."""
    matrices = [floats(WIDTH, WIDTH, seed=k) / np.float32(WIDTH**0.5) for k in range(-(-megabytes // LAYER_MB))]
    nodes: list[onnx.NodeProto] = []
    for k in range(len(matrices)):
        nodes.append(helper.make_node("MatMul", [f"x{k}", f"w{k}"], [f"m{k}"], name=f"dense {k}"))
        nodes.append(helper.make_node("Relu", [f"m{k}"], [f"x{k + 1}"], name=f"relu {k}"))
    outputs = [tensor(f"x{len(matrices)}", [1, WIDTH])]
    stored = {f"w{k}": w for k, w in enumerate(matrices)}
    return model(nodes, [tensor("x0", [1, WIDTH])], outputs, stored), matrices


@pytest.mark.parametrize(
    ("megabytes", "external"),
    [(32, True), pytest.param(240, False, marks=large), pytest.param(240, True, marks=large)],
)
def test_many_megabytes_of_weights(megabytes: int, external: bool, tmp_path: Path) -> None:
    """onnx2c #27: 230 MB of weights."""
    network, matrices = heavy(megabytes)
    path, folder = tmp_path / "heavy.onnx", tmp_path / "heavy"
    onnx.save(network, str(path), save_as_external_data=external, location="weights.bin")  # pyright: ignore[reportUnknownMemberType]
    del network
    environment = {**os.environ, "PYTHONPATH": ":".join(sys.path), "EMBEDC_CACHE": str(tmp_path / "cache")}
    command = [sys.executable, "-c", COMPILE, str(path), str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    assert done.returncode == 0, done.stderr
    spent = json.loads(done.stderr.splitlines()[-1])
    assert spent["seconds"] < SECONDS * max(megabytes / 240, 0.25), spent
    assert max(spent["own_mb"], spent["compiler_mb"]) < PEAK_MB * max(megabytes / 240, 0.25), spent
    x = floats(1, WIDTH, seed=99)
    (got,) = Bundle(folder).run({"x0": x}).values()
    for matrix in matrices:
        x = np.maximum(x @ matrix, 0)
    assert np.abs(got - x).max() <= 1e-4 * np.abs(x).max()


def test_weights_as_text_are_printed_in_no_time() -> None:
    """onnx2c #27: a number after the other takes minutes."""
    block = floats(32 << 18).tobytes()
    began = time.process_time()
    text = print_words("w", block)
    assert time.process_time() - began < 6
    words = [int(word, 16) for line in text.splitlines()[7:9] for word in line.rstrip(",").split(",")]
    assert words == np.frombuffer(block, "<u8")[:10].tolist()
