"""Real models as streams: a hundred calls against ONNX Runtime, which is fed with its own state."""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest

import embedc
from embedc.ir.feedback import Feedback
from embedc.ir.types import Array
from embedc.verify.onnxruntime import Oracle
from tests.models.catalogue import file_of, samples

CALLS = 100
ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Stream:
    """A model with state; `time` names the axis of time of a model that takes a sequence, which is cut into steps."""

    states: Mapping[str, str]
    time: Mapping[str, int]


STREAMS = {
    "denoise_dtln_1": Stream({"input_3": "tf_op_layer_stack_2"}, {}),
    "vad_silero_16k_static": Stream({"state": "stateN"}, {}),
    "kws_arm_gru_s": Stream({}, {"mfcc": 1}),
    "denoise_rnnoise_seq50": Stream({}, {"features": 0}),
}
PAIRS = [
    *((model, "c") for model in STREAMS),
    ("denoise_rnnoise_seq50", "x86-avx2"),
    ("vad_silero_16k_static", "x86-avx2"),
    ("kws_arm_gru_s", "arm-neon"),
]


def example() -> Any:
    """examples/streaming/stepwise.py."""
    spec = spec_from_file_location("stepwise", ROOT / "examples" / "streaming" / "stepwise.py")
    assert spec
    assert spec.loader
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def opened(name: str) -> tuple[onnx.ModelProto, dict[str, str], list[dict[str, Array]]]:
    """The model of one call, its states, and what is fed to a few calls."""
    model, stream = onnx.load(str(file_of(name))), STREAMS[name]  # pyright: ignore[reportUnknownMemberType]
    given = [dict(zip((v.name for v in model.graph.input), s.inputs, strict=True)) for s in samples(name)]
    if not stream.time:
        return model, dict(stream.states), [{n: a for n, a in g.items() if n not in stream.states} for g in given]
    step, states = example().stepwise(model, stream.time)
    (sequence, axis), *_ = stream.time.items()
    frames = [{sequence: part} for g in given for part in np.split(g[sequence], g[sequence].shape[axis], axis)]
    return step, states, frames


def stream_of_oracle(
    model: onnx.ModelProto, states: Mapping[str, str], calls: list[dict[str, Array]], outputs: list[str]
) -> list[dict[str, Array]]:
    """What ONNX Runtime computes, call after call from zeros."""
    oracle = Oracle(model, {name: name for name in (*outputs, *states.values())}, optimized=False)
    shapes = {v.name: [d.dim_value for d in v.type.tensor_type.shape.dim] for v in model.graph.input}
    feedback = Feedback(states, {name: np.zeros(shapes[name], np.float32) for name in states})
    return [feedback.outputs(oracle.run(feedback.inputs(call))) for call in calls]


@pytest.mark.parametrize("name", [name for name, stream in STREAMS.items() if stream.time])
def test_steps_are_the_sequence(name: str) -> None:
    """The example cuts a sequence into steps: ONNX Runtime computes the same."""
    model, states, frames = opened(name)
    run, (axis,) = samples(name)[0], STREAMS[name].time.values()
    count = run.inputs[0].shape[axis]
    ports = [v.name for v in model.graph.output if v.name not in states.values()]
    steps = stream_of_oracle(model, states, frames[:count], ports)
    for port, expected in zip(ports, run.outputs, strict=True):
        got = np.concatenate([step[port] for step in steps]) if len(expected) == count else steps[-1][port]
        np.testing.assert_allclose(got, expected, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(("name", "target"), PAIRS)
def test_a_hundred_calls_are_those_of_onnx_runtime(name: str, target: str, tmp_path: Path) -> None:
    model, states, frames = opened(name)
    calls = [frames[k % len(frames)] for k in range(CALLS)]
    try:
        bundle = embedc.compile(model, target, tmp_path / "net", name="net", state=states)
        emulator = bundle.emulators[0]
    except embedc.EmbedcError as missing:
        if "cannot run on this machine" not in str(missing):
            raise
        pytest.skip(str(missing))
    outputs = [port.name for port in bundle.described.outputs]
    expected = stream_of_oracle(model, states, calls, outputs)
    for number, ((found, _), wanted) in enumerate(zip(bundle.run_samples(calls, emulator), expected, strict=True)):
        for output in outputs:
            worst = np.abs(found[output] - wanted[output].reshape(found[output].shape)).max()
            assert worst <= 1e-4 * max(1e-3, np.abs(wanted[output]).max()), f"{output} of call {number}"
    assert bundle.selftest(emulator) == (0, -1)
