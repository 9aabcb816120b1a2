"""--single-file: one C file and one header that compile, run, link and share a translation unit; --weights."""

import re
import subprocess
from pathlib import Path

import numpy as np
import onnx
import pytest

from embedc.bundle import Bundle
from embedc.driver import Request, compile_model
from embedc.execution.measure import measure
from embedc.execution.program import run_checked
from embedc.policy import WeightsForm
from embedc.targets.load import load_target
from tests.emit.compiling import STRICT, compile_c, files_of, write
from tests.emit.small_models import convolutional, elementwise
from tests.emit.state_models import gru_cell
from tests.emit.test_generated import format_with, syntax_commands

MAIN = """
#include <stdio.h>
%s
static union {
  uint64_t align[8];
  unsigned char bytes[LEFT_SCRATCH_BYTES + RIGHT_SCRATCH_BYTES + 64];
} memory;
int main(void) {
  static float image[LEFT_IMAGE_LENGTH], p[LEFT_PROBABILITY_LENGTH], a[35], b[35], sum[35], largest[5];
  unsigned char *s = memory.bytes;
  float total = 0.0f;
  while ((uintptr_t)s %% LEFT_SCRATCH_ALIGN != 0)
    s++;
  for (int i = 0; i < LEFT_IMAGE_LENGTH; i++)
    image[i] = (float)(i %% 7);
  for (int i = 0; i < 35; i++)
    a[i] = (float)i, b[i] = 1.0f;
  if (left(image, p, s) != LEFT_OK || right(a, b, sum, largest, s) != RIGHT_OK)
    return 1;
  for (int i = 0; i < LEFT_PROBABILITY_LENGTH; i++)
    total += p[i];
  printf("%%.4f %%g", (double)total, (double)largest[4]);
  return 0;
}
"""


def single(
    model: onnx.ModelProto, name: str, target: str = "c", weights: WeightsForm = "auto", **states: str
) -> dict[str, bytes]:
    request = Request(model, load_target(target), name, states=states, single_file=True, weights=weights)
    return compile_model(request).files


@pytest.mark.parametrize("target", ["c", "x86-avx2", "riscv-rvv"])
def test_one_file_compiles_without_warnings(tmp_path: Path, target: str) -> None:
    files = single(gru_cell().model, "net", target, h="h_out")
    write(files, tmp_path)
    assert [file for file in files if file.endswith((".c", ".h", ".S"))] == ["net.h", "net.c"]
    assert (tmp_path / "sources.txt").read_text() == "net.c\n"
    text = files["net.c"].decode()
    assert re.findall(r'#\s*include\s+"(.*)"', text) == ["net.h"]
    guards = re.findall(r"#ifndef (EC_\w+_H)\n", text)
    assert len(guards) == len(set(guards)) == text.count("SPDX") - 3  # of code, weights and self-test
    flags = ["-std=c99", "-O2", *STRICT, *load_target(target).cflags, "-fsyntax-only"]
    for command in syntax_commands(target):
        compile_c(command, ["net.c"], tmp_path, *flags, "-DNET_SELFTEST_LAYERS")
        compile_c(command, ["net.c"], tmp_path, *flags, "-DNET_NO_SELFTEST", "-DNET_TRACE")
    assert format_with(tmp_path, "net.c") == text


def test_one_file_computes_the_same(tmp_path: Path) -> None:
    """Also layer by layer; the measured code is that without the self-test."""
    one = Bundle(write(single(convolutional(), "net"), tmp_path / "one"))
    many = Bundle(write(files_of(convolutional(), "net"), tmp_path / "many"))
    inputs = {"image": np.random.default_rng(0).standard_normal((1, 3, 8, 8)).astype(np.float32)}
    np.testing.assert_array_equal(one.run(inputs)["probability"], many.run(inputs)["probability"])
    assert one.trace(inputs).keys() == many.trace(inputs).keys()
    assert one.selftest() == (0, -1)
    sizes = [
        measure(b.path, b.described.product_sources, "net", load_target("c"), b.described.product_flags).code_bytes
        for b in (one, many)
    ]
    assert sizes[0] == sizes[1]


@pytest.mark.parametrize("compiler", ["gcc", "clang-19"])
def test_two_bundles_link_and_share_a_translation_unit(tmp_path: Path, compiler: str) -> None:
    write(single(convolutional(), "left"), tmp_path)
    write(single(elementwise(), "right"), tmp_path)
    headers, sources = ("".join(f'#include "{n}.{e}"\n' for n in ("left", "right")) for e in ("h", "c"))
    (tmp_path / "apart.c").write_text(MAIN % headers)
    (tmp_path / "together.c").write_text(MAIN % sources)
    flags = ["-std=c99", "-O2", *STRICT, "-o", "program"]
    for files in (["apart.c", "left.c", "right.c"], ["together.c"]):
        compile_c([compiler], [*files, "-lm"], tmp_path, *flags)
        assert run_checked([str(tmp_path / "program")]) == "1.0000 34"


@pytest.mark.parametrize("weights", ["c", "assembly"])
def test_weights_in_the_form_that_is_asked_for(tmp_path: Path, weights: WeightsForm) -> None:
    bundle = Bundle(write(single(convolutional(), "net", "c", weights), tmp_path / "net"))
    listed = (bundle.path / "sources.txt").read_text().split()
    assert listed == list(bundle.described.sources) == ["net.c", *(["net_weights.S"] if weights == "assembly" else [])]
    assert (bundle.path / "net_weights.bin").exists() == (weights == "assembly")
    assert bundle.selftest() == (0, -1)


def test_one_file_keeps_no_variables(tmp_path: Path) -> None:
    write(single(convolutional(), "net"), tmp_path)
    compile_c(["gcc", "-std=c99", "-O2"], ["net.c"], tmp_path, "-c", "-o", "net.o")
    done = subprocess.run(["nm", "net.o"], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert not re.search(r" [bBdDC] ", done.stdout)
    public = re.findall(r" [TR] (\S+)", done.stdout)
    assert sorted(public) == ["net", "net_run", "net_selftest", "net_weights"]
