"""Which operators are supported, and what to do about the others."""

from onnx import NodeProto, defs

from embedc.diagnostics import Fault
from embedc.frontends.onnx import ops as _ops  # pyright: ignore[reportUnusedImport]  # noqa: F401 - fills the registry
from embedc.frontends.onnx.names import readable, suggestion
from embedc.frontends.onnx.outline import DEFAULT_DOMAINS
from embedc.frontends.onnx.registry import BUILDERS, key_of, of_domain
from embedc.frontends.onnx.sequences import SEQUENCES
from embedc.frontends.onnx.structure import origin_of

_CUT = "cut the model in front of it with --outputs TENSOR, and compute the rest in your own code"
_RANDOM = "remove it; inference should not draw random numbers"

_BOXES = "how many boxes remain depends on the data: end the model at boxes and scores with --outputs, and suppress in your own code"

REGIONS = ("If", "SequenceMap")
"""Operators with subgraphs that are taken apart when the model is compiled."""

_ADVICE: dict[str, str] = {
    "NonMaxSuppression": _BOXES,
    **dict.fromkeys(
        ("RandomNormal", "RandomUniform", "RandomNormalLike", "RandomUniformLike", "Bernoulli", "Multinomial"), _RANDOM
    ),
}


def unsupported(node: NodeProto, opset: int) -> Fault | None:
    """Why a node cannot be compiled, judged by its operator alone."""
    name = readable(node.op_type)
    if node.domain not in DEFAULT_DOMAINS:
        return None if key_of(node) in BUILDERS else _foreign(node)
    if (
        node.op_type in SEQUENCES
        or node.op_type in REGIONS
        or (key_of(node) in BUILDERS and defs.has(node.op_type, ""))
    ):
        return None
    if not defs.has(node.op_type, ""):
        known = [s.name for s in defs.get_all_schemas() if s.domain == ""]
        return Fault(f"operator '{name}' does not exist in ONNX", origin_of(node), suggestion(node.op_type, known))
    return Fault(f"operator {name} (opset {opset}) is not supported", origin_of(node), _ADVICE.get(node.op_type, _CUT))


def _foreign(node: NodeProto) -> Fault:
    """An operator of a vendor that has no builder."""
    domain = readable(node.domain)
    known = ", ".join(sorted(of_domain(node.domain)))
    theirs = f" and of {domain} {known}" if known else ""
    return Fault(
        f"operator {readable(node.op_type)} of domain '{domain}' is not supported",
        origin_of(node),
        f"embedc compiles ONNX's own operators{theirs}: export the model without other vendor operators and without "
        "runtime-specific optimizations",
    )


def label(node: NodeProto) -> str:
    """The operator's name with its domain."""
    name = readable(node.op_type)
    return name if node.domain in DEFAULT_DOMAINS else f"{readable(node.domain)}::{name}"
