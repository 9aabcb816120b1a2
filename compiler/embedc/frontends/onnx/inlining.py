"""Functions become nodes: those of the model, and ONNX operators that embedc knows only by their definition."""

from collections.abc import Mapping
from dataclasses import replace

from onnx import FunctionProto, ModelProto, checker, defs, inliner
from onnx.helper import make_tensor_value_info

from embedc.diagnostics import fail
from embedc.frontends.onnx.checking import shortened
from embedc.frontends.onnx.names import readable
from embedc.frontends.onnx.outline import DEFAULT_DOMAINS, Outline
from embedc.frontends.onnx.registry import BUILDERS

MAX_NODES = 1_000_000
MAX_DEPTH = 3
"""Operators that ONNX defines by operators that it defines by others …"""
_Key = tuple[str, str]


def inlined(source: Outline) -> Outline:
    """The outline without functions."""
    model = source.model
    if model.functions:
        _check_growth({(f.domain, f.name): f for f in model.functions})
        model = _local(model)
    for _ in range(MAX_DEPTH):
        model = _defined(model, source.opset)
    return replace(source, model=model)


def _local(model: ModelProto) -> ModelProto:
    """With the model's own functions inlined."""
    try:
        return inliner.inline_local_functions(model)
    except (checker.ValidationError, RuntimeError, ValueError) as error:
        message = f"the model's functions cannot be inlined: {shortened(str(error))}"
        raise fail(message, hint="export the model without local functions") from error


def _defined(model: ModelProto, opset: int) -> ModelProto:
    """With ONNX operators that have no builder replaced by their definition, where ONNX has one that works."""
    used = {n.op_type for n in model.graph.node if n.domain in DEFAULT_DOMAINS} - set(BUILDERS)
    names = [("", name) for name in sorted(used) if has_definition(name, opset)]
    if not names:
        return model
    typed = ModelProto()
    typed.CopyFrom(model)
    typed.graph.input.extend(make_tensor_value_info(t.name, t.data_type, t.dims) for t in model.graph.initializer)
    try:
        result = inliner.inline_selected_functions(typed, names, inline_schema_functions=True)
        del result.graph.input[len(model.graph.input) :]
        return result
    except (checker.ValidationError, RuntimeError, ValueError):
        return model  # the operators are then reported as unsupported


def has_definition(name: str, opset: int) -> bool:
    """True if ONNX defines the operator by others."""
    if not defs.has(name, opset, ""):
        return False
    schema = defs.get_schema(name, opset, "")
    return any(getattr(schema, kind) for kind in ("has_function", "has_context_dependent_function"))


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
