"""The self-test: passes on every target, names the layer that went wrong, and is left out where it costs too much."""

import re
from pathlib import Path

import numpy as np
import pytest

from embedc.bundle import Bundle
from embedc.diagnostics import EmbedcError
from embedc.driver import Request, compile_model
from embedc.emit.bundle import emit
from embedc.emit.golden import golden_bits, golden_values, summarize
from embedc.emit.weights import layout_constants
from embedc.execution.program import render, run_checked
from embedc.manifest import ModelInfo
from embedc.program.program import Call
from embedc.targets.load import load_target
from tests.emit.compiling import bundle_of, files_of, usable, write
from tests.emit.small_models import convolutional, counting, elementwise, indexing

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


@pytest.mark.parametrize("target", TARGETS)
def test_passes_on_every_target(tmp_path: Path, target: str) -> None:
    usable(target)
    bundle = bundle_of(convolutional(), tmp_path / "cnn", "cnn", target)
    for emulator in bundle.emulators:
        assert bundle.selftest(emulator) == (0, -1)


def test_several_outputs_under_sanitizers(tmp_path: Path) -> None:
    written = bundle_of(elementwise(), tmp_path / "net", "net")
    bundle = Bundle(written.path, cflags=["-fsanitize=address,undefined", "-fno-sanitize-recover=all"])
    assert bundle.selftest() == (0, -1)
    assert bundle.manifest["selftest"]["layers"] == len(bundle.described.layers)


def test_layers_with_two_results(tmp_path: Path) -> None:
    """Both are traced and tested, under names of their own."""
    bundle = bundle_of(indexing(), tmp_path / "net", "net")
    assert bundle.selftest() == (0, -1)
    scores = np.array([[3, 1, 2, 9, 5, 0, 5], [7, 8, 1, 2, 3, 4, 5]], np.float32)
    traced = bundle.trace({"scores": scores, "table": np.ones((7, 8), np.float32)})
    np.testing.assert_array_equal(traced["best"], [[9, 5, 5], [8, 7, 5]])
    np.testing.assert_array_equal(traced["which"], [[3, 4, 6], [1, 0, 6]])


def corrupted(files: dict[str, bytes], offset: int) -> dict[str, bytes]:
    """The files with the sign of one weight turned."""
    words = list(re.finditer(rb"0x[0-9a-f]{16}", files["cnn_weights.c"]))
    word = words[offset // 8]
    value = int(word[0], 16) ^ (1 << 31 if offset % 8 == 0 else 1 << 63)
    text = files["cnn_weights.c"]
    return files | {"cnn_weights.c": text[: word.start()] + b"0x%016x" % value + text[word.end() :]}


def test_one_wrong_weight_is_found_in_its_layer(tmp_path: Path) -> None:
    """For every layer that has weights: with the sign of one turned, that layer is named."""
    compiled = compile_model(Request(convolutional(), load_target("c"), "cnn"))
    blob = layout_constants(compiled.plan.program)
    found: list[str] = []
    for number, step in enumerate(compiled.plan.program.steps):
        if isinstance(step, Call) and step.weights:
            found.append(step.layer.name)
            files = corrupted(compiled.files, blob.offsets[step.weights] + 4)
            bundle = Bundle(write(files, tmp_path / str(number)), cflags=["-O0"])
            assert bundle.selftest() == (4, number), step.layer.name
    assert found == ["first relu", "depthwise", "residual", "dense"]


def test_without_layers_the_outputs_decide(tmp_path: Path) -> None:
    """In a normal build the last layer is named."""
    files = corrupted(files_of(convolutional(), "cnn"), 4)
    bundle = Bundle(write(files, tmp_path / "cnn"))
    program = bundle.build_program({"main.c": render("selftest.c.jinja", bundle.described)})
    last = bundle.described.layers[-1].id
    assert run_checked([str(program)]).split() == ["4", str(last)]
    assert bundle.selftest() == (4, 0)


def test_costly_models_have_none_unless_forced(tmp_path: Path) -> None:
    compiled = compile_model(Request(convolutional(), load_target("c"), "cnn"))
    golden = golden_values(compiled.simplified, compiled.plan.program, most_macs=10)
    assert "MACs" in golden.reason
    bundle = Bundle(write(emit(compiled.plan, compiled.policy, ModelInfo("m", ""), golden), tmp_path / "cnn"))
    assert not bundle.has_selftest
    with pytest.raises(EmbedcError, match="no self-test"):
        bundle.selftest()
    assert "This bundle has no self-test: " in (bundle.path / "cnn.h").read_text()
    assert bundle.manifest["selftest"]["skipped"] == golden.reason
    rng = np.random.default_rng(0)
    outputs = bundle.run({"image": rng.standard_normal((1, 3, 8, 8)).astype(np.float32)})
    assert outputs["probability"].sum() == pytest.approx(1)


def test_integers_are_compared_exactly() -> None:
    numbers = np.arange(-50, 50, dtype=np.int8)
    found = summarize(numbers, 0)
    signs = np.where(golden_bits(0, 100) & 1, -1, 1)
    assert found.sums[0] == str(int((numbers * signs).sum()))
    assert found.tolerance == "0"


@pytest.mark.parametrize("fault", ["", "+", "-"])
def test_integers_alone_are_summed_as_such(tmp_path: Path, fault: str) -> None:
    """Beyond what a double can hold; one too much or too little shows."""
    bundle = bundle_of(counting(), tmp_path / "net", "net")
    source = (bundle.path / "net.c").read_text()
    assert "uint64_t sums[2]" in (bundle.path / "net_selftest.c").read_text()
    stores = list(re.finditer(r"ec_store_i64\((.*?), (\w+)\);", source))
    assert len(stores) >= 2
    for store in stores:
        value = f"{store[2]} {fault} 1" if fault else store[2]
        (bundle.path / "net.c").write_text(
            f"{source[: store.start()]}ec_store_i64({store[1]}, {value});{source[store.end() :]}"
        )
        assert Bundle(bundle.path).selftest()[0] == (4 if fault else 0)


def test_sums_see_a_single_element_and_leave_out_what_is_not_finite() -> None:
    generator = np.random.default_rng(0)
    numbers = generator.standard_normal(10000).astype(np.float32)
    before = summarize(numbers, 1e-3)
    numbers[777] += 2
    after = summarize(numbers, 1e-3)
    moved = [abs(float(a) - float(b)) for a, b in zip(before.sums, after.sums, strict=True)]
    assert min(moved) > float(before.tolerance)
    numbers[[1, 2, 3]] = np.inf, -np.inf, np.nan
    assert summarize(numbers, 1e-3).nonfinite == 3
