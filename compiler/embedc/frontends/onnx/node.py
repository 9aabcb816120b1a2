"""One node of the model as its builder sees it: operands, attributes that must all be consumed, and ways to emit."""

from collections.abc import Callable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from onnx import AttributeProto, GraphProto, NodeProto

from embedc.diagnostics import EmbedcError, fail
from embedc.frontends.onnx.folding import MAX_COMPUTED, folded, folded_all, known
from embedc.frontends.onnx.names import readable
from embedc.frontends.onnx.tensors import BadTensor, decode
from embedc.ir.expression import Body, program
from embedc.ir.graph import Origin, Value, inputs_of
from embedc.ir.scalar import ScalarProgram
from embedc.ir.types import Array, TensorType
from embedc.ops.base import Op
from embedc.ops.elementwise import Map, Reduce, Reduction, constant
from embedc.ops.layout import Index, Reshape

_FIELDS: dict[int, str] = {
    AttributeProto.INT: "i",
    AttributeProto.INTS: "ints",
    AttributeProto.FLOAT: "f",
    AttributeProto.FLOATS: "floats",
    AttributeProto.STRING: "s",
    AttributeProto.STRINGS: "strings",
    AttributeProto.TENSOR: "t",
    AttributeProto.GRAPH: "g",
}


Enter = Callable[[GraphProto, Mapping[str, Value]], list[Value]]


@dataclass(frozen=True)
class Subgraph:
    """A subgraph of a node: `run` gives its outputs for the values of its inputs."""

    run: Callable[[Sequence[Value]], list[Value]]


class Node:
    """A node with its operands already built. Asking for an attribute consumes it."""

    def __init__(
        self, proto: NodeProto, opset: int, inputs: Sequence[Value | None], origin: Origin, enter: Enter | None = None
    ) -> None:
        """`enter` builds what lies in a subgraph, the inputs of which are bound by name; fewer outputs if that failed."""
        self.op_type = proto.op_type
        self.domain = proto.domain
        self.opset = opset
        self.inputs = tuple(inputs)
        self.outputs = tuple(proto.output)
        self.origin = origin
        self._place = origin
        self._named = True
        self._enter = enter
        self._attributes: Mapping[str, AttributeProto] = {a.name: a for a in proto.attribute}
        self._consumed: set[str] = set()

    # operands

    def operand(self, index: int) -> Value:
        """Operand `index`, which must be there."""
        value = self.optional(index)
        if value is None:
            raise self.fail(f"input {index} is missing", f"{self.op_type} needs it; re-export the model")
        return value

    def optional(self, index: int) -> Value | None:
        """Operand `index` if it is given."""
        return self.inputs[index] if index < len(self.inputs) else None

    def operands(self) -> tuple[Value, ...]:
        """All operands of a variadic operator."""
        return tuple(self.operand(i) for i in range(max(len(self.inputs), 1)))

    def constant(self, index: int, what: str) -> Array:
        """The data of operand `index`, which must be known at compile time."""
        data = known(self.operand(index))
        if data is None:
            raise self.fail(
                f"its {what} (input {index}) is computed while the model runs",
                f"embedc needs the {what} at compile time: make it an initializer, or fix the dimensions it depends on",
                self.operand(index),
            )
        return data

    def deciding(self, index: int, what: str) -> Array:
        """The data of operand `index`, on which the shape of the result depends."""
        data = known(self.operand(index))
        if data is None:
            raise self.fail(
                f"the shape of its result depends on {what} (input {index}), which is computed while the model runs",
                "memory is planned at compile time: cut the model in front of it with --outputs TENSOR, and select in your own code",
                self.operand(index),
            )
        return data

    def scalar(self, index: int, what: str) -> float:
        """Operand `index` as one number known at compile time."""
        data = self.constant(index, what)
        if data.size != 1:
            raise self.fail(f"its {what} (input {index}) has {data.size} elements", "it must be one number")
        return data.reshape(-1)[0].item()

    def whole(self, index: int, what: str) -> int:
        """Operand `index` as one integer known at compile time."""
        number = self.scalar(index, what)
        if not float(number).is_integer():
            raise self.fail(f"its {what} (input {index}) is {number}", "it must be a whole number")
        return int(number)

    def real_operand(self, index: int) -> Value:
        """Operand `index`, which must be of floats."""
        value = self.operand(index)
        if not value.type.element.is_float:
            raise self.fail(f"input {index} is {value.type}", f"{self.op_type} takes floats: insert a Cast")
        return value

    def optional_constant(self, index: int, what: str) -> Array | None:
        """The data of operand `index` if it is given."""
        return None if self.optional(index) is None else self.constant(index, what)

    def constant_ints(self, index: int, what: str) -> tuple[int, ...]:
        """Operand `index` as integers known at compile time."""
        data = self.constant(index, what)
        if data.dtype.kind not in "iu" or data.ndim > 1:
            raise self.fail(f"its {what} (input {index}) is not a list of integers", "re-export the model")
        return tuple(int(n) for n in data.reshape(-1))

    def optional_ints(self, index: int, what: str) -> tuple[int, ...] | None:
        """Operand `index` as integers if it is given."""
        return None if self.optional(index) is None else self.constant_ints(index, what)

    # attributes

    def has(self, name: str) -> bool:
        """True if the node states the attribute."""
        return name in self._attributes

    def ignore(self, *names: str) -> None:
        """Consumes attributes that mean nothing for inference."""
        self._consumed.update(names)

    def integer(self, name: str, default: int | None = None) -> int:
        """An integer attribute; without default it is required."""
        return self._attribute(name, AttributeProto.INT, default)

    def flag(self, name: str, default: bool = False) -> bool:
        """An integer attribute that is 0 or 1."""
        return bool(self.integer(name, int(default)))

    def integers(self, name: str, default: Sequence[int] | None = None) -> tuple[int, ...]:
        """A list of integers."""
        return tuple(self._attribute(name, AttributeProto.INTS, default))

    def optional_integers(self, name: str) -> tuple[int, ...] | None:
        """A list of integers if it is given."""
        return self.integers(name) if self.has(name) else None

    def real(self, name: str, default: float | None = None) -> float:
        """A float attribute; ONNX's floats are f32, defaults too."""
        rounded = None if default is None else float(np.float32(default))
        return self._attribute(name, AttributeProto.FLOAT, rounded)

    def reals(self, name: str, default: Sequence[float] | None = None) -> tuple[float, ...]:
        """A list of floats."""
        return tuple(self._attribute(name, AttributeProto.FLOATS, default))

    def string(self, name: str, default: str | None = None) -> str:
        """A string attribute."""
        found: bytes | str = self._attribute(name, AttributeProto.STRING, default)
        return found.decode("utf-8", "replace") if isinstance(found, bytes) else found

    def strings(self, name: str, default: Sequence[str]) -> tuple[str, ...]:
        """A list of strings."""
        found: Sequence[bytes | str] = self._attribute(name, AttributeProto.STRINGS, default)
        return tuple(s.decode("utf-8", "replace") if isinstance(s, bytes) else s for s in found)

    def choice(self, name: str, default: str, *others: str) -> str:
        """A string attribute that is one of a few words."""
        word = self.string(name, default)
        if word not in (default, *others):
            allowed = ", ".join(f"'{w}'" for w in (default, *others))
            raise self.fail(f"attribute '{name}' is '{word[:60]}'", f"embedc knows {allowed}")
        return word

    def tensor(self, name: str) -> tuple[Array, TensorType]:
        """A tensor attribute."""
        try:
            return decode(self._attribute(name, AttributeProto.TENSOR, None), None)
        except BadTensor as error:
            raise self.fail(f"attribute '{name}' {error}", error.hint) from error

    def subgraph(self, name: str) -> Subgraph:
        """A graph attribute."""
        graph: GraphProto = self._attribute(name, AttributeProto.GRAPH, None)
        names = tuple(v.name for v in graph.input)

        def run(values: Sequence[Value]) -> list[Value]:
            if len(values) != len(names):
                raise self.fail(f"its {name} takes {len(names)} inputs", f"expected {len(values)}; re-export the model")
            assert self._enter
            results = self._enter(graph, dict(zip(names, values, strict=True)))
            if len(results) != len(graph.output):
                raise self.fail(f"its {name} cannot be compiled", "the other errors say why")
            return results

        return Subgraph(run)

    def unconsumed(self) -> list[str]:
        """Attributes that the builder did not ask for; consumed_inputs, a hint for memory, meant nothing before opset 6."""
        legacy = {"consumed_inputs"} if self.opset < 6 else set[str]()
        return sorted(set(self._attributes) - self._consumed - legacy)

    def _attribute(self, name: str, kind: AttributeProto.AttributeType.ValueType, default: Any) -> Any:
        self._consumed.add(name)
        if name not in self._attributes:
            if default is None:
                raise self.fail(f"attribute '{name}' is missing", f"{self.op_type} needs it; re-export the model")
            return default
        attribute = self._attributes[name]
        if attribute.type != kind:
            wanted = AttributeProto.AttributeType.Name(kind)
            raise self.fail(f"attribute '{name}' is not of type {wanted}", "re-export the model")
        return getattr(attribute, _FIELDS[kind])

    # faults

    def fail(self, message: str, hint: str = "", unknown: Value | None = None) -> EmbedcError:
        """An error at this node, to be raised; `unknown` is a value that has to be known at compile time."""
        return fail(message, self._place, hint, () if unknown is None else inputs_of(unknown))

    def axis(self, axis: int, rank: int) -> int:
        """A possibly negative axis made non-negative."""
        if not -rank <= axis < rank:
            raise self.fail(f"axis {axis} is out of range for rank {rank}", "re-export the model")
        return axis + rank if axis < 0 else axis

    def axes(self, axes: Sequence[int], rank: int) -> tuple[int, ...]:
        """Axes made non-negative, none twice."""
        found = tuple(self.axis(a, rank) for a in axes)
        if len(set(found)) != len(found):
            raise self.fail(f"axes {list(axes)} name one axis twice", "re-export the model")
        return found

    def over(self, inputs: Sequence[Value | None]) -> "Node":
        """The same node with other operands; attributes that one consumes the other has consumed."""
        other = copy(self)
        other.inputs = tuple(inputs)
        return other

    def between(self) -> "Node":
        """The node as it emits steps on the way, which have no names in the model."""
        other = copy(self)
        other.origin = self.origin.without_tensor()
        other._named = False
        return other

    def output(self, index: int) -> "Node":
        """The node as it emits what its output `index` needs: results carry that tensor's name."""
        other = copy(self)
        name = self.outputs[index] if self._named and index < len(self.outputs) else ""
        other.origin = replace(self.origin, tensor=readable(name) or self.origin.tensor)
        return other

    # what builders emit

    def emit(self, op: Op) -> Value:
        """The result of `op`, folded where its operands are small constants."""
        return folded(op)

    def emit_all(self, make: Callable[[Origin], Op]) -> Sequence[Value]:
        """All results of an operator with several, each with the name of the output that it is."""
        if not self._named:
            return folded_all(make(self.origin))
        others = tuple(readable(name) for name in self.outputs[1:])
        return folded_all(make(replace(self.origin, tensor=readable(self.outputs[0]), others=others)))

    def map(self, body: Body | ScalarProgram, *values: Value) -> Value:
        """`body` for every element of the broadcast values."""
        scalar = body if isinstance(body, ScalarProgram) else program([v.type.element for v in values], body)
        return self.emit(Map(values, scalar, origin=self.origin))

    def reduce(self, x: Value, kind: Reduction, axes: Sequence[int]) -> Value:
        """Elements combined along `axes`, which stay with extent 1."""
        return self.emit(Reduce(x, kind, tuple(axes), origin=self.origin)) if axes else x

    def reshape(self, x: Value, shape: Sequence[int]) -> Value:
        """`x` under another shape; itself if it has that."""
        return x if x.type.dims == tuple(shape) else self.emit(Reshape(x, tuple(shape), origin=self.origin))

    def transpose(self, x: Value, order: Sequence[int]) -> Value:
        """Axes of `x` in the given order."""
        shape = tuple(x.type.dims[a] for a in order)
        return self.index(x, shape, order, (0,) * len(order), (1,) * len(order))

    def index(
        self, x: Value, shape: Sequence[int], source: Sequence[int], start: Sequence[int], step: Sequence[int]
    ) -> Value:
        """One affine view; `x` itself if it changes nothing."""
        op = Index(x, tuple(shape), tuple(source), tuple(start), tuple(step), origin=self.origin)
        return x if op.is_identity else self.emit(op)

    def part(self, x: Value, axis: int, start: int, extent: int, step: int = 1) -> Value:
        """`extent` elements of one axis from `start` on."""
        rank = x.type.rank
        shape = tuple(extent if a == axis else d for a, d in enumerate(x.type.dims))
        starts = tuple(start if a == axis else 0 for a in range(rank))
        return self.index(x, shape, range(rank), starts, tuple(step if a == axis else 1 for a in range(rank)))

    def expand(self, x: Value, shape: Sequence[int]) -> Value:
        """`x` repeated to `shape` by numpy's broadcasting rule."""
        lead = len(shape) - x.type.rank
        source = [-1 if j < lead or x.type.dims[j - lead] != n else j - lead for j, n in enumerate(shape)]
        return self.index(x, shape, source, (0,) * x.type.rank, (1,) * len(shape))

    def count(self, extent: int) -> Array:
        """0, 1, … below `extent`, for tables of positions."""
        if extent > MAX_COMPUTED:
            raise self.fail(f"counts {extent} positions along an axis", f"at most {MAX_COMPUTED} are supported")
        return np.arange(extent, dtype=np.int64)

    def array(self, data: Array, type_: TensorType | None = None) -> Value:
        """A constant."""
        return constant(data, self.origin, type_)

    def numbers(self, data: Any, x: Value, axis: int | None = None) -> Value:
        """A constant of x's element type; one entry for each index of `axis` if that is given."""
        array = np.asarray(data, x.type.element.dtype)
        if axis is not None:
            array = array.reshape([-1 if a == axis else 1 for a in range(x.type.rank)])
        return self.array(array)
