"""Functions written for another opset than the model's: the same nodes where both versions mean the same by them."""

from onnx import AttributeProto, FunctionProto, ModelProto, NodeProto, defs, helper

from embedc.diagnostics import EmbedcError, Fault
from embedc.frontends.onnx.names import readable
from embedc.frontends.onnx.outline import DEFAULT_DOMAINS
from embedc.frontends.onnx.structure import every_node, origin_of


def at_one_version(model: ModelProto) -> ModelProto:
    """A copy whose functions import what the model imports; EmbedcError where that would change what they compute."""
    ours = {o.domain: o.version for o in model.opset_import}
    faults: list[Fault] = []
    result = ModelProto()
    result.CopyFrom(model)
    for function in result.functions:
        theirs = {"" if o.domain in DEFAULT_DOMAINS else o.domain: o.version for o in function.opset_import}
        written = theirs.get("", ours[""])
        for node in every_node(function.node):
            node.domain = "" if node.domain in DEFAULT_DOMAINS else node.domain
            if node.domain == "" and written != ours[""] and not _means_the_same(node, written, ours[""]):
                faults.append(_differs(node, function, written, ours[""]))
        del function.opset_import[:]
        function.opset_import.extend(helper.make_opsetid(d, ours.get(d, v)) for d, v in {"": 0, **theirs}.items())
    if faults:
        raise EmbedcError(*faults)
    return result


def _means_the_same(node: NodeProto, one: int, other: int) -> bool:
    """True if a node may be read by either version: what it states exists in both, and what both have has one default."""
    if not all(defs.has(node.op_type, version, "") for version in (one, other)):
        return not defs.has(node.op_type, "")  # which is then reported as unknown
    schemas = [defs.get_schema(node.op_type, version, "") for version in (one, other)]
    if schemas[0].since_version == schemas[1].since_version:
        return True
    first, second = (schema.attributes for schema in schemas)
    common = first.keys() & second.keys()
    return (
        all(attribute.name in common for attribute in node.attribute)
        and all(_default(first[name].default_value) == _default(second[name].default_value) for name in common)
        and all(s.min_input <= len(node.input) <= s.max_input for s in schemas)
        and all(len(node.output) <= s.max_output for s in schemas)
    )


def _default(value: AttributeProto) -> bytes:
    plain = AttributeProto()
    plain.CopyFrom(value)
    plain.ClearField("doc_string")
    return plain.SerializeToString(deterministic=True)


def _differs(node: NodeProto, function: FunctionProto, written: int, ours: int) -> Fault:
    message = (
        f"function '{readable(function.name)}' is written for opset {written}, the model for {ours}, "
        f"and {readable(node.op_type)} differs between them"
    )
    return Fault(message, origin_of(node), f"write the function for opset {ours}, or export the model for {written}")
