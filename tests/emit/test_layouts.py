"""--input-layout and --output-layout: the caller's tensors in the stated order, read and written without a copy."""

import json
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import helper

from embedc.bundle import Bundle
from embedc.diagnostics import EmbedcError
from embedc.driver import Compiled, Request, compile_model
from embedc.execution.program import run_checked
from embedc.program.layout import layout_name, named_layout
from embedc.program.program import Storage
from embedc.targets.load import load_target
from embedc.verify.samples import random_samples
from embedc.verify.session import Session
from tests.emit.compiling import usable, write
from tests.emit.small_models import model, random_weights


def image_to_image() -> onnx.ModelProto:
    """Two convolutions with a residual, from image to image, and a mean of the image beside."""
    nodes = [
        helper.make_node("Conv", ["image", "w0", "b0"], ["c0"], name="first", pads=[1, 1, 1, 1]),
        helper.make_node("Relu", ["c0"], ["r0"], name="relu"),
        helper.make_node("Conv", ["r0", "w1"], ["c1"], name="second", pads=[1, 1, 1, 1]),
        helper.make_node("Add", ["c1", "image"], ["better"], name="residual"),
        helper.make_node("ReduceMean", ["image"], ["mean"], name="mean", axes=[2, 3], keepdims=0),
    ]
    weights = random_weights(w0=(8, 5, 3, 3), b0=(8,), w1=(5, 8, 3, 3))
    shape = (1, 5, 6, 7)
    return model(nodes, {"image": shape}, {"better": shape, "mean": (1, 5)}, weights)


def compiled(target: str = "c", image: str = "nhwc", better: str = "nhwc", *, io_in_scratch: bool = False) -> Compiled:
    request = Request(
        image_to_image(),
        load_target(target),
        "net",
        input_layouts={"image": image} if image else {},
        output_layouts={"better": better} if better else {},
        io_in_scratch=io_in_scratch,
    )
    return compile_model(request)


@pytest.mark.parametrize(
    ("target", "image", "better", "inside"),
    [("c", "nhwc", "3021", True), ("x86-avx2", "channels-last", "nhwc", False)],
)
def test_every_layer_and_the_selftest_hold(tmp_path: Path, target: str, image: str, better: str, inside: bool) -> None:
    usable(target)
    built = compiled(target, image, better, io_in_scratch=inside)
    bundle = Bundle(write(built.files, tmp_path / "net"), cflags=["-fsanitize=address,undefined"] * inside)
    found = Session(image_to_image(), built, bundle, random_samples(bundle.described.inputs, 2)).run()
    assert found.passed
    assert found.selftests


def test_nothing_is_copied_where_kernels_read_the_layout() -> None:
    """Planes of five channels are relaid for the kernels; interleaved ones are read, and written, as they lie."""
    steps = compiled().plan.program.steps
    assert not {step.layer.op for step in steps} & {"relayout", "output"}
    assert [step.layer.name for step in steps[:2]] == ["relu", "residual"]
    assert {b.storage for b in steps[0].reads} & {Storage.INPUT}
    assert {b.storage for b in steps[1].writes} & {Storage.OUTPUT}
    planes = [step.layer.op for step in compiled(image="", better="").plan.program.steps]
    assert planes.count("relayout") == 1


def test_c_reads_and_writes_the_layout_while_python_keeps_the_model_s(tmp_path: Path) -> None:
    bundle = Bundle(write(compiled().files, tmp_path / "net"))
    plain = Bundle(write(compiled(image="", better="").files, tmp_path / "plain"))
    image = random_samples(bundle.described.inputs, 1)[0].inputs["image"]
    outputs = bundle.run({"image": image})
    for name, array in plain.run({"image": image}).items():
        np.testing.assert_allclose(outputs[name], array, rtol=1e-5, atol=1e-6)
    np.testing.assert_array_equal(bundle.run_samples([{"image": image}])[0][0]["better"], outputs["better"])
    main = """
#include "net.h"
#include <stdio.h>
int main(void) {
  static union {
    uint64_t align[8];
    unsigned char bytes[NET_SCRATCH_BYTES + 64];
  } memory;
  static float image[1][6][7][5], better[1][6][7][5], mean[5];
  const int shape[NET_IMAGE_RANK] = NET_IMAGE_SHAPE;
  unsigned char *s = memory.bytes;
  while ((uintptr_t)s % NET_SCRATCH_ALIGN != 0)
    s++;
  image[0][3][4][2] = 1.0f;
  if (net(&image[0][0][0][0], &better[0][0][0][0], mean, s) != NET_OK)
    return 1;
  printf("%s %d%d%d %.6f %.6f", NET_BETTER_LAYOUT, shape[1], shape[2], shape[3], (double)better[0][2][4][1], (double)mean[2]);
  return 0;
}
"""
    one = np.zeros_like(image)
    one[0, 2, 3, 4] = 1
    expected = plain.run({"image": one})
    numbers = f"{expected['better'][0, 1, 2, 4]:.6f} {expected['mean'][0, 2]:.6f}"
    assert run_checked([str(bundle.build_program({"main.c": main}))]) == f"nhwc 675 {numbers}"


def test_the_manifest_tells_the_layout() -> None:
    request = Request(image_to_image(), load_target("c"), "net", input_layouts={"image": "nhwc"})
    port = json.loads(compile_model(request).files["manifest.json"])["inputs"][0]
    assert (port["shape"], port["layout"], port["order"]) == ([1, 5, 6, 7], "nhwc", [0, 2, 3, 1])


@pytest.mark.parametrize(
    ("name", "layout", "message"),
    [
        ("picture", "nhwc", r"--input-layout picture=nhwc: there is no such input\n +inputs: image"),
        ("image", "nwc", r"--input-layout image=nwc: that is no layout of f32\[1,5,6,7\]\n +layouts: channels-first"),
        ("image", "0230", "that is no layout"),
        ("image", "", "that is no layout"),
    ],
)
def test_what_is_no_layout(name: str, layout: str, message: str) -> None:
    with pytest.raises(EmbedcError, match=message):
        compile_model(Request(image_to_image(), load_target("c"), "net", input_layouts={name: layout}))


def test_names_of_layouts() -> None:
    for rank, name in ((3, "nwc"), (4, "nhwc"), (5, "ndhwc"), (6, "channels-last"), (4, "0312"), (1, "row-major")):
        layout = named_layout(name, rank)
        assert layout
        assert layout_name(layout) == name
    assert named_layout("nchw", 4) == named_layout("row-major", 4) == named_layout("0123", 4)
    assert named_layout("channels-last", 2) is None
