"""What generated code may cost: text, machine code, scratch. Times are measured by benchmarks, not here."""

from pathlib import Path

import pytest

from embedc.driver import Request, compile_model
from embedc.execution.measure import Measured, measure
from embedc.targets.load import load_target
from embedc.writing import write_bundle
from tests.models.catalogue import file_of

C_TEXT = 300_000  # bytes of C without weights
DENSENET_CODE = 200_000  # bytes of machine code
MOBILENET_SCRATCH = 221_184  # bytes: the two largest neighbours, disjoint
MODELS = ("mlperf_kws_dscnn_f32", "style_candy_96", "face_yunet_n_320", "mp_iris_64", "suite_light_densenet121")


def compiled(model: str, target: str) -> dict[str, bytes]:
    return compile_model(Request(file_of(model), load_target(target), "model")).files


@pytest.mark.parametrize("model", MODELS)
def test_text_of_generated_code_is_short(model: str) -> None:
    files = compiled(model, "x86-avx2")
    text = sum(len(data) for name, data in files.items() if name.endswith((".c", ".h")) and "weights" not in name)
    assert text <= C_TEXT


def test_machine_code_of_densenet(tmp_path: Path) -> None:
    files = compiled("suite_light_densenet121", "x86-avx2")
    write_bundle(files, tmp_path / "model")
    sources = tuple(s for s in files["sources.txt"].decode().split() if "weights" not in s)
    measured = measure(tmp_path / "model", sources, "model", load_target("x86-avx2"))
    assert isinstance(measured, Measured), measured
    assert measured.code_bytes <= DENSENET_CODE


def test_scratch_of_mobilenet() -> None:
    request = Request(file_of("mlperf11_vww_nchw_f32"), load_target("c"), "model")
    assert compile_model(request).plan.size <= MOBILENET_SCRATCH
