"""The table of ONNX operators that the frontend builds."""

from collections.abc import Callable, Sequence

from embedc.frontends.onnx.node import Node
from embedc.ir.graph import Value

Build = Callable[[Node], Value | Sequence[Value]]

BUILDERS: dict[str, Build] = {}


def onnx_op(*names: str) -> Callable[[Build], Build]:
    """Declares the builder of one or several operators of the default domain."""

    def register(build: Build) -> Build:
        for name in names:
            assert name not in BUILDERS, name
            BUILDERS[name] = build
        return build

    return register
