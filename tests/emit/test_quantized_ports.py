"""Bytes of a quantized model stay bytes in the API, which says what they mean."""

from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

import embedc
from embedc.diagnostics import EmbedcError
from embedc.targets.load import load_target
from tests.emit.compiling import bundle_of, run_c
from tests.frontends.small import model, tensor

USE = """#include <stdio.h>
#include "net.h"
int main(void) {
  const float in = NET_X_SCALE, out = NET_Y_SCALE;
  printf("%a %d %a %d\\n", (double)in, NET_X_ZERO_POINT, (double)out, NET_Y_ZERO_POINT);
  return 0;
}
"""


def test_header_and_manifest_say_scale_and_zero_point(tmp_path: Path) -> None:
    constants = {
        "sx": np.array(0.1, np.float32),
        "zx": np.array(-5, np.int8),
        "sy": np.array(0.3, np.float32),
        "zy": np.array(7, np.int8),
        "shape": np.array([6], np.int64),
    }
    nodes = [
        helper.make_node("Reshape", ["x", "shape"], ["flat"]),
        helper.make_node("DequantizeLinear", ["flat", "sx", "zx"], ["real"]),
        helper.make_node("Relu", ["real"], ["positive"]),
        helper.make_node("QuantizeLinear", ["positive", "sy", "zy"], ["y"]),
        helper.make_node("Add", ["positive", "positive"], ["twice"]),
    ]
    bundle = bundle_of(
        model(
            nodes,
            [tensor("x", (2, 3), TensorProto.INT8)],
            [tensor("y", (6,), TensorProto.INT8), tensor("twice", (6,))],
            constants,
        ),
        tmp_path / "net",
        "net",
    )
    told = bundle.described
    (x,), (y, twice) = told.inputs, told.outputs
    assert x.quantization and y.quantization
    assert (np.float32(x.quantization.scale), x.quantization.zero_point) == (np.float32(0.1), -5)
    assert (np.float32(y.quantization.scale), y.quantization.zero_point) == (np.float32(0.3), 7)
    assert twice.quantization is None
    printed = run_c({"use.c": USE}, tmp_path / "use", load_target("c"), flags=[f"-I{bundle.path}"]).split()
    assert [float.fromhex(printed[0]), float.fromhex(printed[2])] == [float(np.float32(0.1)), float(np.float32(0.3))]
    assert [int(printed[1]), int(printed[3])] == [-5, 7]


def bytes_in_and_out(floats: bool) -> onnx.ModelProto:
    """Relu between quantize and dequantize, and one operator more on either side if `floats`."""
    constants = {"s": np.array(0.25, np.float32), "z": np.array(3, np.uint8)}
    nodes = [
        helper.make_node("DequantizeLinear", ["q", "s", "z"], ["real"]),
        helper.make_node("Relu", ["real"], ["positive"]),
        helper.make_node("QuantizeLinear", ["positive", "s", "z"], ["r"]),
    ]
    if not floats:
        return model(nodes, [tensor("q", (8,), TensorProto.UINT8)], [tensor("r", (8,), TensorProto.UINT8)], constants)
    nodes.insert(0, helper.make_node("QuantizeLinear", ["x", "s", "z"], ["q"]))
    nodes.append(helper.make_node("DequantizeLinear", ["r", "s", "z"], ["y"]))
    return model(nodes, [tensor("x", (8,))], [tensor("y", (8,))], constants)


def test_io_gives_ports_the_form_that_is_wanted() -> None:
    given = np.array([0, 1, 3, 4, 7, 100, 254, 255], np.uint8)
    expected = np.maximum(given, 3)
    reals = (given.astype(np.float32) - 3) * 0.25
    as_bytes = embedc.compile(bytes_in_and_out(True), io="quantized")
    assert [str(p) for p in (*as_bytes.described.inputs, *as_bytes.described.outputs)] == ["u8[8]", "u8[8]"]
    np.testing.assert_array_equal(as_bytes.run({"x": given})["y"], expected)
    as_floats = embedc.compile(bytes_in_and_out(False), io="float")
    assert [str(p) for p in (*as_floats.described.inputs, *as_floats.described.outputs)] == ["f32[8]", "f32[8]"]
    np.testing.assert_array_equal(as_floats.run({"q": reals})["r"], np.maximum(reals, 0))
    for form in ("float", "quantized"):
        with pytest.raises(EmbedcError, match=f"--io {form}: no input and no output"):
            embedc.compile(bytes_in_and_out(form == "float"), io=form)
