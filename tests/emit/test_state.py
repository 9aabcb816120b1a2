"""State kept between calls: streams of a hundred calls against ONNX Runtime, what is refused, and the C API."""

from pathlib import Path

import numpy as np
import onnx
import pytest

import embedc
from embedc.bundle import Bundle
from embedc.diagnostics import EmbedcError
from embedc.driver import Request, compile_model
from embedc.execution.program import run_checked
from embedc.ir.feedback import Feedback
from embedc.ir.parser import from_text
from embedc.ir.printer import blobs, to_text
from embedc.ir.types import Array
from embedc.targets.load import load_target
from embedc.verify.onnxruntime import Oracle
from embedc.verify.samples import random_samples
from tests.emit.compiling import STRICT, compile_c, usable, write
from tests.emit.state_models import STREAMING, Streaming

CALLS = 100
PAIRS = [
    *((name, "c") for name in STREAMING),
    ("streaming_conv", "x86-avx2"),
    ("gru_cell", "x86-avx2"),
    ("gru_cell", "arm-neon"),
]
SANITIZERS = ["-fsanitize=address,undefined", "-fno-sanitize-recover=all"]


def stream_of_oracle(case: Streaming, samples: list[dict[str, Array]], outputs: list[str]) -> list[dict[str, Array]]:
    """What ONNX Runtime computes, fed with its own state."""
    wanted = [*outputs, *case.states.values()]
    oracle = Oracle(case.model, {name: name for name in wanted}, optimized=False, given=case.states)
    feedback = Feedback(case.states, case.initial)
    return [feedback.outputs(oracle.run(feedback.inputs(sample))) for sample in samples]


@pytest.mark.parametrize(("name", "target"), PAIRS)
def test_a_hundred_calls_are_those_of_onnx_runtime(tmp_path: Path, name: str, target: str) -> None:
    usable(target)
    case = STREAMING[name]()
    compiled = compile_model(Request(case.model, load_target(target), name, states=case.states))
    bundle = Bundle(write(compiled.files, tmp_path / name), cflags=SANITIZERS if target == "c" else ())
    samples = [s.inputs for s in random_samples(bundle.described.inputs, CALLS)]
    outputs = [port.name for port in bundle.described.outputs]
    expected = stream_of_oracle(case, samples, outputs)
    for number, ((found, _), wanted) in enumerate(zip(bundle.run_samples(samples), expected, strict=True)):
        for output in outputs:
            np.testing.assert_allclose(found[output], wanted[output], rtol=1e-4, atol=1e-5, err_msg=f"call {number}")
    assert bundle.selftest() == (0, -1)
    copies = [step for step in compiled.plan.program.steps if step.layer.op == "state"]
    assert case.in_place == (not copies)


@pytest.mark.parametrize("target", ["c", "arm-neon"])
def test_runs_go_on_until_reset(target: str) -> None:
    """In this process and under an emulator, where the state goes through a file."""
    usable(target)
    case = STREAMING["accumulator"]()
    bundle = embedc.compile(case.model, target, state=case.states)
    ones = {"x": np.ones((1, 13), np.float32)}
    assert [float(bundle.run(ones)["y"][0, 0]) for _ in range(3)] == [-1.0, -1.5, -1.75]
    bundle.reset()
    assert float(bundle.run(ones)["y"][0, 0]) == -1.0
    assert [float(outputs["y"][0, 0]) for outputs, _ in bundle.run_samples([ones] * 2)] == [-1.0, -1.5]


def test_manifest_names_the_state() -> None:
    case = STREAMING["gru_cell"]()
    manifest = embedc.compile(case.model, "c", state=case.states).manifest
    assert [port["name"] for port in manifest["inputs"] + manifest["outputs"]] == ["x", "y"]
    assert (manifest["state_bytes"], manifest["options"]["states"]) == (64, {"h": "h_out"})
    assert manifest["states"] == [
        {
            "input": "h",
            "output": "h_out",
            "element": "f32",
            "shape": [1, 16],
            "offset": 0,
            "bytes": 64,
            "initial": "model",
        }
    ]


def test_what_a_state_begins_with_survives_the_text_form() -> None:
    case = STREAMING["exchange"]()
    graph = compile_model(Request(case.model, load_target("c"), "net", states=case.states)).simplified
    text = to_text(graph)
    again = from_text(text, blobs(graph))
    assert to_text(again) == text
    assert {v.name: v.initial is not None for v in again.inputs} == {"x": False, "b": False, "a": True, "before": True}


def types_differ() -> onnx.ModelProto:
    built = STREAMING["accumulator"]().model
    built.graph.input[1].type.tensor_type.shape.dim[1].dim_value = 1
    return built


@pytest.mark.parametrize(
    ("states", "outputs", "message"),
    [
        ({"g": "h_out"}, (), r"--state g=h_out: the model has no input 'g'\n.*'h'"),
        ({"h": "h_in"}, (), r"--state h=h_in: the model has no tensor 'h_in'\n.*'h_out'"),
        ({"h": "y", "x": "y"}, (), "'y' is the next value of another input too"),
        ({"h": "h_out"}, ("y", "h_out"), "'h_out' is state and cannot be an output too"),
        ({"h": "h_out", "x": "y"}, (), "every output is state"),
        ({"decay": "h_out"}, (), r"the input is f32\[1\], the output f32\[1,13\]"),
        ({"x": "d", "h": "h_out"}, ("y",), ""),
    ],
)
def test_pairs_that_are_none(states: dict[str, str], outputs: tuple[str, ...], message: str) -> None:
    request = Request(STREAMING["accumulator"]().model, load_target("c"), "net", states=states, outputs=outputs)
    if not message:
        compile_model(request)
        return
    with pytest.raises(EmbedcError, match=message):
        compile_model(request)


def test_state_of_another_shape_is_refused() -> None:
    with pytest.raises(EmbedcError, match=r"the input is f32\[1,1\], the output f32\[1,13\]"):
        compile_model(Request(types_differ(), load_target("c"), "net", states={"h": "h_out"}))


def test_what_a_state_begins_with_must_suit_it() -> None:
    case = STREAMING["exchange"]()
    case.model.graph.input.append(onnx.helper.make_tensor_value_info("a", onnx.TensorProto.FLOAT, [7]))
    with pytest.raises(EmbedcError, match=r"initializer is f32\[1,7\], the input of its name f32\[7\]"):
        compile_model(Request(case.model, load_target("c"), "net", states=case.states))


def test_the_selftest_sees_a_state_that_does_not_begin_as_it_should(tmp_path: Path) -> None:
    case = STREAMING["gru_cell"]()
    files = compile_model(Request(case.model, load_target("c"), "net", states=case.states)).files
    wrong = files | {"net.c": files["net.c"].replace(b"  memcpy(k, w", b"  if (0)\n    memcpy(k, w")}
    assert wrong != files
    assert Bundle(write(wrong, tmp_path / "net")).selftest()[0] == 4


@pytest.mark.parametrize("compiler", ["gcc", "clang-19"])
def test_the_c_api_checks_the_state(tmp_path: Path, compiler: str) -> None:
    case = STREAMING["accumulator"]()
    files = compile_model(Request(case.model, load_target("c"), "net", states=case.states)).files
    bundle = Bundle(write(files, tmp_path / "net"))
    main = """
#include "net.h"
#include <stdio.h>
static uint64_t scratch[NET_SCRATCH_BYTES / 8 + 8], memory[NET_STATE_BYTES / 8 + 2];
int main(void) {
  static float x[NET_X_LENGTH], y[NET_Y_LENGTH];
  unsigned char *s = (unsigned char *)scratch, *k = (unsigned char *)memory;
  const net_io io = {.x = x, .y = y};
  while ((uintptr_t)s % NET_SCRATCH_ALIGN != 0)
    s++;
  while ((uintptr_t)k % NET_STATE_ALIGN != 0)
    k++;
  x[0] = 1.0f;
  printf("%d %d ", net_state_init(NULL), net_state_init(k + 1));
  printf("%d %d ", net_run(&io, NULL, s, NET_SCRATCH_BYTES), net_run(&io, k + 1, s, NET_SCRATCH_BYTES));
  printf("%d %d %d ", net_state_init(k), net(x, y, k, s), net(x, y, k, s));
  printf("%.2f", (double)y[0]);
  return 0;
}
"""
    (bundle.path / "main.c").write_text(main)
    sources = ["main.c", "net.c", "net_selftest.c"]
    flags = ["-std=c99", "-O2", *STRICT, "-DNET_SELFTEST_LAYERS", "-lm", "-o", "program"]
    compile_c([compiler], sources, bundle.path, *flags)
    assert run_checked([str(bundle.path / "program")]) == "1 5 1 5 0 0 0 -1.50"
