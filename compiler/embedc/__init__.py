"""embedc compiles trained neural networks into C for embedded products."""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from embedc.api import compile
    from embedc.bundle import Bundle
    from embedc.diagnostics import EmbedcError
    from embedc.execution.errors import ExecutionError

__version__ = "0.1.0"
__all__ = ["Bundle", "EmbedcError", "ExecutionError", "__version__", "compile"]

_HOMES = {
    "Bundle": "embedc.bundle",
    "EmbedcError": "embedc.diagnostics",
    "ExecutionError": "embedc.execution.errors",
    "compile": "embedc.api",
}


def __getattr__(name: str) -> object:
    """Loads the public names when they are first used: importing one stage must not import all of them."""
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'embedc' has no attribute '{name}'")
