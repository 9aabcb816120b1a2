"""onnx's own checker and shape inference as the last net, their messages cut down to what a user needs."""

import re
import warnings
from collections.abc import Generator
from contextlib import contextmanager

import onnx
from onnx import ModelProto, NodeProto, checker, shape_inference

from embedc.diagnostics import EmbedcError, Fault, fail
from embedc.frontends.onnx.names import readable

MAX_MESSAGE = 300
_NOISE = re.compile(r"\[\w*Error\]|==> Context:.*|Bad node spec for node\.|Inference error\(s\):|Optype:", re.DOTALL)


def _misjudged(node: NodeProto) -> bool:
    """True for what strict shape inference (onnx 1.22) refuses or gets wrong: a default of one function's body, that STFT
    is one-sided unless it says otherwise, and that the last window of ceil_mode must start inside, which older opsets'
    inference does not know.
    """
    wrong = ("MeanVarianceNormalization", "STFT")
    return node.op_type in wrong or any(a.name == "ceil_mode" and a.i for a in node.attribute)


def verify(model: ModelProto) -> list[Fault]:
    """What onnx's checker and strict shape inference have against a model that the importer took."""
    try:
        _check(model)
        strict = not any(_misjudged(node) for node in model.graph.node)
        shape_inference.infer_shapes(model, check_type=True, strict_mode=strict, data_prop=True)
    except (checker.ValidationError, shape_inference.InferenceError, RuntimeError, ValueError, TypeError) as error:
        hint = "export the model again, or repair it until onnx.checker.check_model accepts it"
        return [Fault(f"onnx's own checks refuse the model: {shortened(str(error))}", hint=hint)]
    return []


def _check(model: ModelProto) -> None:
    """The checker, which need not refuse operators that have become deprecated: we know what they mean."""
    try:
        checker.check_model(model)  # pyright: ignore[reportUnknownMemberType]
    except checker.ValidationError as error:
        if "is deprecated in" not in str(error):
            raise


def shortened(message: str) -> str:
    """The gist of a message of the onnx package."""
    text = " ".join(_NOISE.sub(" ", message).split())
    return readable(text[:MAX_MESSAGE]) if len(text) <= MAX_MESSAGE else text[:MAX_MESSAGE] + "…"


@contextmanager
def guard() -> Generator[None]:
    """Lets nothing but EmbedcError out: what else is raised is a bug of ours, and says so."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    except EmbedcError:
        raise
    except MemoryError as error:
        raise fail("the model needs more memory than this machine has", hint="check its tensor shapes") from error
    except Exception as error:
        raise fail(
            f"embedc failed to read the model: {type(error).__name__}: {shortened(str(error))}",
            hint=f"this is a bug in embedc (with onnx {onnx.__version__}); please report it with the model",
        ) from error
