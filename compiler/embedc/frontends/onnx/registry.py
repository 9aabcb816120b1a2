"""The table of operators that the frontend builds, by domain and name; ONNX's own domain is ""."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from onnx import NodeProto

from embedc.frontends.onnx.node import Node
from embedc.frontends.onnx.outline import DEFAULT_DOMAINS
from embedc.ir.graph import Value

Build = Callable[[Node], Value | Sequence[Value]]
Builder = TypeVar("Builder", bound=Build)
Key = tuple[str, str]
"""Domain and name of an operator."""

MICROSOFT = "com.microsoft"
"""The domain of what ONNX Runtime's quantizer and optimizer put into models."""

BUILDERS: dict[Key, Build] = {}


def onnx_op(*names: str, domain: str = "") -> Callable[[Builder], Builder]:
    """Declares the builder of one or several operators of a domain."""

    def register(build: Builder) -> Builder:
        for name in names:
            assert (domain, name) not in BUILDERS, (domain, name)
            BUILDERS[domain, name] = build
        return build

    return register


def key_of(node: NodeProto) -> Key:
    """Under which the builder of a node is registered, if it has one."""
    return "" if node.domain in DEFAULT_DOMAINS else node.domain, node.op_type


def of_domain(domain: str) -> dict[str, Build]:
    """The builders of one domain by name."""
    return {name: build for (theirs, name), build in BUILDERS.items() if theirs == domain}
