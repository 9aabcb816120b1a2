"""--input: bytes of an image or samples of sound in place of the floats that the model wants."""

from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import helper

import embedc
from embedc.bundle import Bundle
from embedc.diagnostics import EmbedcError
from embedc.driver import Request, compile_model
from embedc.forms import InputForm, parse_form
from embedc.ir.types import F32, I16, U8
from embedc.targets.load import load_target
from embedc.verify.onnxruntime import Oracle
from embedc.verify.samples import random_samples
from embedc.verify.session import Session
from tests.emit.compiling import STRICT, compile_c, usable, write
from tests.emit.small_models import convolutional, model
from tests.emit.state_models import accumulator

BYTES = "u8:nhwc,mean=127,std=128"
CHANNELS = "u8:nhwc,mean=123.7/116.3/103.5,std=58.4/57.1/57.4"


@pytest.mark.parametrize(("target", "form"), [("c", BYTES), ("x86-avx2", CHANNELS)])
def test_every_layer_and_the_selftest_hold(tmp_path: Path, target: str, form: str) -> None:
    usable(target)
    forms = {"image": parse_form("image", form)}
    built = compile_model(
        Request(convolutional(), load_target(target), "net", forms=forms, io_in_scratch=form == BYTES)
    )
    bundle = Bundle(write(built.files, tmp_path / "net"))
    found = Session(convolutional(), built, bundle, random_samples(bundle.described.inputs, 2)).run()
    assert found.passed
    assert len(found.comparisons) == 3 * len(bundle.emulators)
    assert found.selftests


def test_bytes_are_what_the_model_s_floats_mean() -> None:
    bundle = embedc.compile(convolutional(), "c", inputs={"image": CHANNELS}, name="net")
    port = bundle.manifest["inputs"][0]
    assert (port["element"], port["layout"], port["bytes"]) == ("u8", "nhwc", 192)
    assert port["form"] == {"mean": [123.7, 116.3, 103.5], "std": [58.4, 57.1, 57.4]}
    given = np.random.default_rng(1).integers(0, 256, (1, 3, 8, 8)).astype(np.uint8)
    mean, std = (np.array(port["form"][key], np.float32).reshape(1, 3, 1, 1) for key in ("mean", "std"))
    oracle = Oracle(convolutional(), {"probability": "probability"}, optimized=False)
    expected = oracle.run({"image": (given.astype(np.float32) - mean) / std})["probability"]
    np.testing.assert_allclose(bundle.run({"image": given})["probability"], expected, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("compiler", ["gcc", "clang-19"])
def test_the_c_declares_bytes(tmp_path: Path, compiler: str) -> None:
    forms = {"image": parse_form("image", BYTES)}
    files = compile_model(Request(convolutional(), load_target("c"), "net", forms=forms)).files
    write(files, tmp_path)
    header = files["net.h"].decode()
    assert "const uint8_t *image;" in header
    assert "f32" in header and "(x - 127) / 128" in header.replace("\n * ", " ")
    compile_c([compiler, "-std=c99", "-O2", "-fsyntax-only"], ["net.c", "net_selftest.c"], tmp_path, *STRICT)


def sound() -> onnx.ModelProto:
    return model([helper.make_node("Abs", ["pcm"], ["y"], name="abs")], {"pcm": (1, 160)}, {"y": (1, 160)})


def test_samples_of_sound_in_the_last_axis() -> None:
    bundle = embedc.compile(sound(), "c", inputs={"pcm": "i16,std=32768"})
    given = np.arange(-32768, 32768, 410, dtype=np.int16)[None]
    np.testing.assert_array_equal(bundle.run({"pcm": given})["y"], np.abs(given / np.float32(32768)))


def test_forms_as_they_are_written() -> None:
    assert parse_form("x", "u8") == InputForm(U8)
    assert parse_form("x", "i16:nwc,std=32768") == InputForm(I16, "nwc", std=(32768.0,))
    assert parse_form("x", "f32:0231,std=2/4,mean=1") == InputForm(F32, "0231", (1.0,), (2.0, 4.0))


@pytest.mark.parametrize(
    "text",
    ["", "u4", "u8:", "u8,mean", "u8,mean=a", "u8,std=0", "u8,std=inf", "u8,mean=1,mean=2", "u8,mean=1/2,std=1/2/3"],
)
def test_what_is_no_form(text: str) -> None:
    with pytest.raises(EmbedcError, match=r"is not ELEMENT:LAYOUT,mean=M,std=S"):
        parse_form("x", text)


@pytest.mark.parametrize(
    ("name", "form", "message"),
    [
        ("picture", "u8", r"--input picture: the model has no such input\n +inputs: x, h"),
        ("h", "u8", "that is state"),
        ("x", "u8,mean=1/2/3", r"3 channels, but f32\[1,13\] has so many neither on axis 1 nor last"),
        ("x", "u8:nhwc", r"--input-layout x=nhwc: that is no layout of u8\[1,13\]"),
    ],
)
def test_inputs_that_cannot_have_a_form(name: str, form: str, message: str) -> None:
    case = accumulator()
    request = Request(case.model, load_target("c"), "n", states=case.states, forms={name: parse_form(name, form)})
    with pytest.raises(EmbedcError, match=message):
        compile_model(request)
