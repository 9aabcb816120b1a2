"""--io-in-scratch: inputs and outputs share the arena, and everything that runs a bundle copes."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import pytest

import embedc
from embedc.bundle import Bundle
from embedc.driver import Compiled, Request, compile_model
from embedc.execution.program import run_checked
from embedc.execution.timing import timer
from embedc.plan.plan import Plan
from embedc.targets.load import load_target
from embedc.verify.samples import random_samples
from embedc.verify.session import Session
from tests.emit.compiling import STRICT, compile_c, usable, write
from tests.emit.small_models import convolutional, elementwise, long_lived
from tests.emit.state_models import gru_cell, streaming_conv
from tests.emit.test_generated import format_with

MODELS: dict[str, tuple[Callable[[], onnx.ModelProto], dict[str, str]]] = {
    "convolutional": (convolutional, {}),
    "elementwise": (elementwise, {}),
    "long_lived": (long_lived, {}),
    "gru": (lambda: gru_cell().model, {"h": "h_out"}),
    "stream": (lambda: streaming_conv().model, streaming_conv().states),
}
SANITIZERS = ["-fsanitize=address,undefined", "-fno-sanitize-recover=all"]


def compiled(name: str, target: str = "c", *, io_in_scratch: bool = True) -> Compiled:
    build, states = MODELS[name]
    return compile_model(Request(build(), load_target(target), "net", states=states, io_in_scratch=io_in_scratch))


@pytest.mark.parametrize(
    ("name", "target"),
    [("long_lived", "c"), ("gru", "c"), ("stream", "c"), ("elementwise", "arm-neon")],
)
def test_every_layer_and_the_selftest_hold(tmp_path: Path, name: str, target: str) -> None:
    """Sanitized, against the interpreter and ONNX Runtime; state as a stream of calls."""
    usable(target)
    built = compiled(name, target)
    bundle = Bundle(write(built.files, tmp_path / "net"), cflags=SANITIZERS if name == "stream" else ())
    samples = random_samples(bundle.described.inputs, 5)
    build, _ = MODELS[name]
    found = Session(build(), built, bundle, samples).run()
    assert found.passed
    assert found.selftests
    assert not found.notes


@pytest.mark.parametrize("name", ["elementwise", "stream"])
def test_this_process_computes_the_same(name: str, tmp_path: Path) -> None:
    inside = Bundle(write(compiled(name).files, tmp_path / "inside"))
    beside = Bundle(write(compiled(name, io_in_scratch=False).files, tmp_path / "beside"))
    for sample in random_samples(inside.described.inputs, 3):
        expected = beside.run(sample.inputs)
        for output, array in inside.run(sample.inputs).items():
            np.testing.assert_array_equal(array, expected[output])


def test_inputs_and_outputs_share_the_memory_of_tensors_in_between() -> None:
    """Less than the arena without them and themselves; the bound counts them."""
    inside, beside = compiled("convolutional").plan, compiled("convolutional", io_in_scratch=False).plan
    program = inside.program
    size = sum(port.buffer.bytes for port in (*program.inputs, *program.outputs))
    assert inside.size < beside.size + size
    assert inside.bounds.proved
    assert _ports(inside) > 0 == _ports(beside)


def _ports(plan: Plan) -> int:
    return sum(port.buffer in plan.offsets for port in (*plan.program.inputs, *plan.program.outputs))


def test_ports_live_until_they_are_read_for_the_last_time_or_to_the_end() -> None:
    plan = compiled("long_lived").plan
    last = len(plan.program.steps) - 1
    live = {port.name: plan.live[port.buffer] for port in (*plan.program.inputs, *plan.program.outputs)}
    assert live["unread"] == (0, 0)
    assert live["a"][0] == live["b"][0] == 0
    assert {live[name][1] for name in ("early", "late", "through")} == {last}


@pytest.mark.parametrize("compiler", ["gcc", "clang-19"])
def test_the_c_api(tmp_path: Path, compiler: str) -> None:
    files = compiled("gru").files
    write(files, tmp_path)
    (tmp_path / "main.c").write_text("""
#include "net.h"
#include <stdio.h>
static union {
  uint64_t align[8];
  unsigned char bytes[NET_SCRATCH_BYTES + 64];
} memory;
static union {
  uint64_t align[2];
  unsigned char bytes[NET_STATE_BYTES + 16];
} kept;
int main(void) {
  unsigned char *s = memory.bytes, *k = kept.bytes;
  while ((uintptr_t)s % NET_SCRATCH_ALIGN != 0)
    s++;
  while ((uintptr_t)k % NET_STATE_ALIGN != 0)
    k++;
  printf("%d %d %d ", net_run(k, NULL, NET_SCRATCH_BYTES), net_run(k, s, 8), net_run(NULL, s, NET_SCRATCH_BYTES));
  if (net_state_init(k) != NET_OK)
    return 1;
  for (int call = 0; call < 3; call++) {
    for (int i = 0; i < NET_X_LENGTH; i++)
      net_input_x(s)[i] = (float)i;
    if (net(k, s) != NET_OK)
      return 1;
  }
  printf("%.5f", (double)net_output_y(s)[0]);
  return 0;
}
""")
    flags = ["-std=c99", "-O2", *STRICT, "-DNET_SELFTEST_LAYERS", "-o", "program"]
    compile_c([compiler], ["main.c", "net.c", "net_weights.c", "net_selftest.c", "-lm"], tmp_path, *flags)
    x = {"x": np.arange(5, dtype=np.float32)[None]}
    runs = Bundle(tmp_path).run_samples([x] * 3)
    assert run_checked([str(tmp_path / "program")]) == f"1 2 1 {runs[-1][0]['y'][0, 0]:.5f}"
    assert format_with(tmp_path, "net.h") == files["net.h"].decode()
    assert format_with(tmp_path, "net.c") == files["net.c"].decode()


def test_timing_gives_the_inputs_anew() -> None:
    bundle = embedc.compile(convolutional(), "c", io_in_scratch=True, name="net")
    assert bundle.manifest["options"]["io_in_scratch"]
    assert timer(bundle, bundle.emulators[0], layers=True).run(3).shape[0] == 3
