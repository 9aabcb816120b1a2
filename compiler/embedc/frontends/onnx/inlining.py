"""Functions become nodes: those of the model, and ONNX operators that embedc knows only by their definition."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from onnx import FunctionProto, ModelProto, NodeProto, TypeProto, checker, defs, inliner, shape_inference
from onnx.helper import make_opsetid, make_tensor_value_info

from embedc.diagnostics import fail
from embedc.frontends.onnx.checking import shortened
from embedc.frontends.onnx.names import readable
from embedc.frontends.onnx.outline import Outline
from embedc.frontends.onnx.registry import BUILDERS, key_of
from embedc.frontends.onnx.versions import at_one_version

MAX_NODES = 1_000_000
MAX_DEPTH = 3
"""Operators that ONNX defines by operators that it defines by others …"""
_OWN = "embedc"
_Key = tuple[str, str]


def inlined(source: Outline) -> Outline:
    """The outline without functions."""
    model = source.model
    if model.functions:
        _check_growth({(f.domain, f.name): f for f in model.functions})
        model = _local(at_one_version(model))
    for _ in range(MAX_DEPTH):
        model = _defined(model)
    return replace(source, model=model)


def _local(model: ModelProto) -> ModelProto:
    """With the model's own functions inlined."""
    try:
        return inliner.inline_local_functions(model)
    except (checker.ValidationError, RuntimeError, ValueError) as error:
        message = f"the model's functions cannot be inlined: {shortened(str(error))}"
        raise fail(message, hint="export the model without local functions") from error


def _defined(model: ModelProto) -> ModelProto:
    """With ONNX operators that have no builder replaced by their definition, where ONNX has one that works."""
    versions = {o.domain: o.version for o in model.opset_import}
    used = sorted({(n.domain, n.op_type) for n in model.graph.node if _is_defined(n, versions)})
    if not used:
        return model
    typed = ModelProto()
    typed.CopyFrom(model)
    typed.graph.input.extend(make_tensor_value_info(t.name, t.data_type, t.dims) for t in model.graph.initializer)
    try:
        _localize(typed, versions)
        result = inliner.inline_selected_functions(typed, used, inline_schema_functions=True)
        result = inliner.inline_local_functions(result) if typed.functions else result
        del result.graph.input[len(model.graph.input) :]
        return result
    except (checker.ValidationError, shape_inference.InferenceError, RuntimeError, ValueError):
        return model  # the operators are then reported as unsupported


def _is_defined(node: NodeProto, versions: Mapping[str, int]) -> bool:
    key = key_of(node)
    ours = key in BUILDERS or key == ("", "SequenceMap")
    return not ours and has_definition(node.op_type, versions.get(node.domain, 0), node.domain)


def has_definition(name: str, version: int, domain: str = "") -> bool:
    """True if ONNX defines the operator by others."""
    if not version or not defs.has(name, version, domain):
        return False
    schema = defs.get_schema(name, version, domain)
    return any(getattr(schema, kind) for kind in ("has_function", "has_context_dependent_function"))


def _localize(model: ModelProto, versions: Mapping[str, int]) -> None:
    """Calls of operators that leave inputs out become calls of functions: onnx's inliner wants a type of each input there."""
    calls = [n for n in model.graph.node if "" in n.input and _is_defined(n, versions)]
    if not calls:
        return
    inferred = shape_inference.infer_shapes(model, data_prop=True).graph
    types = {v.name: v.type for v in (*inferred.input, *inferred.value_info)}
    for number, node in enumerate(calls):
        schema: Any = defs.get_schema(node.op_type, versions[node.domain], node.domain)  # onnx's stubs lack half of it
        if not schema.has_context_dependent_function:
            continue
        stated = {a.name for a in node.attribute}
        defaults = {name: a.default_value for name, a in schema.attributes.items() if a.default_value.name}
        node.attribute.extend(value for name, value in defaults.items() if name not in stated)
        known = [types.get(name, TypeProto()).SerializeToString() for name in node.input]
        function = FunctionProto.FromString(schema.get_context_dependent_function(node.SerializeToString(), known))
        function.domain, function.name = _OWN, f"{node.op_type}_{number}"
        model.functions.append(function)
        node.domain, node.op_type = function.domain, function.name
    if model.functions:
        model.opset_import.append(make_opsetid(_OWN, 1))


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
