"""Functions become nodes: those of the model, and ONNX operators that embedc knows only by their definition."""

from collections.abc import Mapping
from dataclasses import replace

from onnx import FunctionProto, ModelProto, checker, inliner

from embedc.diagnostics import fail
from embedc.frontends.onnx.checking import shortened
from embedc.frontends.onnx.names import readable
from embedc.frontends.onnx.outline import Outline

MAX_NODES = 1_000_000
_Key = tuple[str, str]


def inlined(source: Outline) -> Outline:
    """The outline without functions."""
    model = source.model
    if not model.functions:
        return source
    _check_growth({(f.domain, f.name): f for f in model.functions})
    return replace(source, model=_run(model))


def _run(model: ModelProto) -> ModelProto:
    try:
        return inliner.inline_local_functions(model)
    except (checker.ValidationError, RuntimeError, ValueError) as error:
        message = f"the model's functions cannot be inlined: {shortened(str(error))}"
        raise fail(message, hint="export the model without local functions") from error


def _check_growth(functions: Mapping[_Key, FunctionProto]) -> None:
    """Refuses functions that call each other in circles, or so often that they would fill the memory."""
    sizes: dict[_Key, int] = {}
    calls = {k: [(n.domain, n.op_type) for n in f.node] for k, f in functions.items()}
    for root in functions:
        path: list[_Key] = [root]
        while path:
            key = path[-1]
            missing = next((c for c in calls[key] if c in functions and c not in sizes), None)
            if missing is None:
                sizes[key] = sum(sizes.get(c, 1) for c in calls[key])
                path.pop()
            elif missing in path:
                raise fail(f"function '{readable(missing[1])}' calls itself", hint="export the model without it")
            else:
                path.append(missing)
            if sizes.get(key, 0) > MAX_NODES:
                raise fail(
                    f"function '{readable(key[1])}' expands to more than {MAX_NODES} nodes",
                    hint="export the model without local functions",
                )
