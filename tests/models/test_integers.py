"""Quantized models compute in integers, and decide as ONNX Runtime does, which computes floats between quantized tensors.

The generated code computes the same bits on every target; the default suite takes another share of the pairs each day.
"""

from pathlib import Path

import numpy as np
import pytest

import embedc
from embedc.execution.board import shortage
from embedc.execution.errors import ExecutionError
from embedc.frontends.onnx import ImportOptions, load
from embedc.ir.graph import Graph
from embedc.ir.interpreter import run
from embedc.ops.elementwise import Const
from embedc.passes.integers import float_layers
from embedc.passes.pipeline import default_pipeline, run_pipeline
from tests.models.catalogue import BOARDS, TARGETS, file_of, samples, share_of

UNITS = {  # how far outputs may be: a tie on the way that falls to the other side goes through all layers behind it
    "hello_world_sine_int8": 0,
    "micro_speech_int8": 0,
    "mlperf_ad_autoenc_int8": 0,
    "mlperf_kws_dscnn_int8": 0,
    "mlperf_vww_mbv1_int8": 0,
    "cifar_tinymaix_int8": 0,
    "mnist_resnet_int8": 0,
    "mlperf_ic_resnet_int8": 1,
    "person_detect_int8": 1,
    "mbv1_025_128_uint8": 6,  # ONNX Runtime's optimizations move as much
}
ENDS = {"kws_micro_m_qdq": 0.05, "mnist_convinteger": 0.002}
"""Models whose inputs and outputs are floats, and how far their outputs may be: one step of what is dequantized in the end."""


def simplified(model: str) -> tuple[Graph, list[str]]:
    """The Graph as it is lowered, and what the pass says that it left in floats."""
    reasons: list[str] = []

    def observe(step: str, graph: Graph) -> None:
        if step == "integers":
            reasons.extend(f"{origin}: {reason}" for origin, reason in float_layers(graph))

    imported = load(file_of(model), ImportOptions())
    return run_pipeline(imported, default_pipeline(), observe), reasons


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "target" in metafunc.fixturenames:
        whole = metafunc.config.getoption("--all-pairs")
        pairs = [(model, target) for model in (*UNITS, *ENDS) for target in (*TARGETS, *BOARDS)]
        chosen = pairs if whole else share_of(pairs)
        metafunc.parametrize(("model", "target"), chosen, ids=["-".join(pair) for pair in chosen])


def test_same_bits(model: str, target: str, tmp_path: Path) -> None:
    """Outputs are those of the interpreter: equal for integers, whatever the target."""
    bundle = embedc.compile(file_of(model), target=target, out_dir=tmp_path / "model")
    try:
        emulators = bundle.emulators
    except (embedc.EmbedcError, ExecutionError) as missing:
        pytest.skip(str(missing))
    bound = bundle.manifest["scratch_bound"]["lower"]
    assert bundle.described.scratch_bytes <= 1.05 * bound
    if target in BOARDS:
        boards = [emulator.board for emulator in emulators if emulator.board]
        reason = next((r for board in boards if (r := shortage(bundle.described, board))), None)
        if reason:
            pytest.skip(reason)
        assert bundle.selftest() == (0, -1)
        return
    graph, _ = simplified(model)
    inputs = [
        {v.name: a.reshape(v.type.dims) for v, a in zip(graph.inputs, sample.inputs, strict=True)}
        for sample in samples(model)
    ]
    expected = [run(graph, given) for given in inputs]
    for emulator in emulators:
        for (outputs, _), wanted in zip(bundle.run_samples(inputs, emulator), expected, strict=True):
            for name, array in wanted.items():
                same = np.array_equal(outputs[name], array)
                near = array.dtype == np.float32 and np.allclose(outputs[name], array, rtol=1e-6, atol=1e-6)
                assert same or near, f"{name} on {emulator.name}"


@pytest.mark.parametrize("model", [*UNITS, *ENDS])
def test_model(model: str) -> None:
    graph, reasons = simplified(model)
    computed = [v for op in graph.ops if not isinstance(op, Const) for v in op.results]
    assert not reasons
    assert sum(v.type.element.is_float for v in computed) == (1 if model in ENDS else 0)
    for sample in samples(model):
        given = {v.name: a.reshape(v.type.dims) for v, a in zip(graph.inputs, sample.inputs, strict=True)}
        for ours, theirs in zip(run(graph, given).values(), sample.outputs, strict=True):
            expected = theirs.reshape(ours.shape)
            assert ours.argmax() == expected.argmax()
            limit = UNITS[model] if model in UNITS else ENDS[model] * float(np.abs(expected).max())
            assert np.abs(ours.astype(np.float64) - expected.astype(np.float64)).max() <= limit
