"""Bytes of a quantized model stay bytes in the API, which says what they mean."""

from pathlib import Path

import numpy as np
from onnx import TensorProto, helper

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
