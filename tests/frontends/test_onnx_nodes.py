"""The onnx package's own node tests, for every operator that the frontend builds."""

import re

from embedc.diagnostics import EmbedcError
from tests.frontends.backend import cases, compare

REFUSED: dict[str, str] = {
    r"bf16|bfloat16": "the IR has no bfloat16",
    r"_string": "nor strings",
    r"empty_set|zero_size|tri[lu]_zero|allowzero_reordered|_shape_zero|kernel_size_one|out_of_bounds|greater_than_end": (
        "tensors without elements cannot be inputs or outputs"
    ),
    r"mod_.*float": "remainders of floats would be inexact",
    r"not_\dd": "opset 1",
    r"training_mode": "training",
    r"maxpool_with_argmax": "second output",
    r"bernoulli": "random numbers",
    r"linear_attention": "Scan",
    r"attention_4d_(causal|gqa_causal)_nonpad|attention_4d_causal_with_past_and_present|mask4d_padded_kv$"
    r"|attention_local_window_(with_past|ext_cache)|causal_conv_with_state_(silu_)?with_past_state": (
        "onnx 1.23 does not inline these functions where an optional input is left out"
    ),
}
DIFFERENT = {
    "test_resize_downsample_scales_linear_align_corners": "the standard's text, PyTorch and ONNX Runtime agree with us",
    "test_resize_downsample_scales_cubic_align_corners": "the standard's text, PyTorch and ONNX Runtime agree with us",
}


def test_node_tests_of_onnx() -> None:
    expected = re.compile("|".join(REFUSED))
    passed = 0
    wrong: list[str] = []
    for case in cases():
        try:
            compare(case)
            passed += 1
        except EmbedcError as error:
            if not expected.search(case.name):
                wrong.append(f"{case.name}: {error}")
        except AssertionError as error:
            if case.name not in DIFFERENT:
                wrong.append(f"{case.name}: {error}")
    assert not wrong, "\n".join(wrong)
    assert passed > 1000, passed
