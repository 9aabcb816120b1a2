"""The real models that the compiler is held against, and where they lie."""

import datetime
import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from embedc.ir.types import Array

FOLDER = Path(os.environ.get("EMBEDC_MODELS", Path(__file__).parents[3] / "shared" / "models"))
TARGETS = ("c", "x86-avx2", "x86-avx512", "arm-neon", "arm-neon-v7", "riscv-rvv", "riscv")
BOARDS = ("cortex-m4", "cortex-m7", "cortex-m55")

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
    "mp_blazeface_short",
    "mp_iris_64",
    "kws_arm_basic_lstm_s",
    "kws_arm_gru_s",
    "kws_arm_gru_m",
    "denoise_dtln_1",
    "denoise_rnnoise_seq50",
    "vad_silero_16k_static",
    "sr_espcn_x2",
    "sr_espcn_x3",
    "sr_fsrcnn_x2",
)
LARGE = (
    "face_ultraface_slim320",
    "face_yunet_n_320",
    "face_yunet_s_320",
    "sr_superresolution10_x3",
    "style_candy_96",
    "suite_light_squeezenet",
    "suite_light_squeezenet_rand",
)
NATIVE_ONLY = (
    "suite_light_densenet121",
    "suite_light_resnet50",
    "suite_light_inception_v1",
    "suite_light_inception_v2",
    "suite_light_bvlc_alexnet",
    "suite_light_vgg19",
)
ALWAYS = ("mlperf_kws_dscnn_f32",)  # on every target, in every run of the default suite
DAYS = 12  # until the default suite has run each of the other pairs
STYLE = ("style_candy_96",)  # instance normalization amplifies rounding


@dataclass(frozen=True)
class Sample:
    """Inputs and expected outputs of one run, by position."""

    inputs: tuple[Array, ...]
    outputs: tuple[Array, ...]


def file_of(model: str) -> Path:
    """Where a model lies; skips the test where it is absent."""
    if not (FOLDER / model).is_dir():
        pytest.skip(f"no model {FOLDER / model}")
    return FOLDER / model / "model.onnx"


def todays_pairs() -> list[tuple[str, str]]:
    """(model, target) of the default suite: a few models everywhere, and another share of all pairs each day."""
    pairs = all_pairs()
    return list(dict.fromkeys([pair for pair in pairs if pair[0] in ALWAYS] + share_of(pairs)))


def share_of(pairs: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Today's share."""
    return pairs[datetime.date.today().toordinal() % DAYS :: DAYS]


def all_pairs() -> list[tuple[str, str]]:
    """Every (model, target) that must hold."""
    pairs = [(model, target) for model in SMALL + LARGE for target in (*TARGETS, *BOARDS)]
    return pairs + [(model, target) for model in NATIVE_ONLY for target in ("c", "x86-avx2", "x86-avx512")]


def samples(model: str) -> list[Sample]:
    """The runs stored beside a model."""
    with np.load(FOLDER / model / "io.npz") as stored:
        names = sorted({key.split("_")[0] for key in stored.files if "_in" in key}, key=lambda s: int(s[1:]))

        def of(sample: str, kind: str) -> tuple[Array, ...]:
            count = sum(key.startswith(f"{sample}_{kind}") for key in stored.files)
            return tuple(stored[f"{sample}_{kind}{j}"] for j in range(count))

        return [Sample(of(name, "in"), of(name, "out")) for name in names]


def tolerance(model: str) -> float:
    """Bound on max|error| / max|reference|."""
    return 1e-3 if model in STYLE else 1e-4
