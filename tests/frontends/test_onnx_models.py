"""Real models through the frontend, against the outputs that ONNX Runtime gave for them."""

import os
from pathlib import Path

import numpy as np
import pytest

from embedc.frontends.onnx import ImportOptions, load
from embedc.ir.interpreter import run

FOLDER = Path(os.environ.get("EMBEDC_MODELS", Path(__file__).parents[3] / "shared" / "models"))

SMALL = (
    "mlperf_kws_dscnn_f32",
    "mlperf11_vww_nchw_f32",
    "mlperf07_alibaba_vww",
    "mlperf07_alibaba_ad",
    "mlperf_ic_resnet_f32",
    "mlperf_icl_resnet_f32",
    "mlperf_ad_autoenc_f32",
    "kws_arm_cnn_s",
    "kws_arm_dnn_s",
    "kws_arm_ds_cnn_s",
    "kws_micro_m_fp32",
    "mnist_8",
    "face_ultraface_slim320",
    "face_yunet_n_320",
    "face_yunet_s_320",
    "mp_blazeface_short",
    "mp_iris_64",
    "sr_espcn_x2",
    "sr_espcn_x3",
    "sr_fsrcnn_x2",
    "sr_superresolution10_x3",
    "style_candy_96",
    "suite_light_squeezenet_rand",
)
LARGE = ("bvlc_alexnet", "densenet121", "inception_v1", "inception_v2", "resnet50", "squeezenet", "vgg19")


def compare(name: str) -> None:
    folder = FOLDER / name
    if not folder.is_dir():
        pytest.skip(f"no model in {folder}")
    graph = load(folder / "model.onnx", ImportOptions())
    recorded = np.load(folder / "io.npz")
    results = run(graph, {v.name: recorded[f"s0_in{i}"] for i, v in enumerate(graph.inputs)})
    for index, (output, got) in enumerate(results.items()):
        wanted = recorded[f"s0_out{index}"]
        assert got.shape == wanted.shape, output
        assert np.abs(got - wanted).max() <= 2e-6 * max(np.abs(wanted).max(), 1.0), output


@pytest.mark.parametrize("name", SMALL)
def test_small_model(name: str) -> None:
    compare(name)


@pytest.mark.skipif("EMBEDC_LARGE" not in os.environ, reason="set EMBEDC_LARGE=1 for the large models")
@pytest.mark.parametrize("name", LARGE)
def test_large_model(name: str) -> None:
    compare(f"suite_light_{name}")
