"""The state of one lowering from Graph to Program: views of values, buffers, steps. What every lower_* function works on."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import numpy as np

from embedc.diagnostics import fail
from embedc.ir.graph import Graph, Value
from embedc.ir.scalar import identity
from embedc.ir.types import Array, Element, element_of
from embedc.kernels.row import KernelRow
from embedc.ops.base import Op
from embedc.ops.elementwise import constant_of
from embedc.policy import Policy
from embedc.program.fuse import epilogues
from embedc.program.layout import Layout, row_major
from embedc.program.placement import Order, apply_chain, demands, slots
from embedc.program.program import Buffer, Layer, Nest, Step, Storage, Trace, View
from embedc.program.views import axis_order, dense_view, same_place

MAX_ELEMENTS = 2**31 - 1


class Lowering:
    """Walks with the operators of a Graph; each lower_* function adds steps and says where results lie."""

    def __init__(
        self, graph: Graph, policy: Policy, targets: Mapping[str, View], run: Callable[["Lowering"], None]
    ) -> None:
        """`targets` tells where outputs are wanted, `run` lowers all operators."""
        self.graph = graph
        self.policy = policy
        self.steps: list[Step] = []
        self.traces: list[Trace] = []
        self.explain: dict[str, tuple[str, ...]] = {}
        self.kernels: set[KernelRow] = set()
        self.parameters = 0
        self.epilogues = epilogues(graph, policy.target)
        self.uses = graph.uses()
        self._wanted = demands(graph, policy.target)
        self._slots = slots(graph)
        self._views: dict[Value, View] = {}
        self._copies: dict[tuple[Value, Order], View] = {}
        self._constants: dict[tuple[bytes, int], Buffer] = {}
        self._targets = targets
        self._run = run
        self._taken: set[str] = set()

    def region(self, graph: Graph, given: Sequence[View], targets: Sequence[View]) -> "Lowering":
        """A region of an operator, lowered: its inputs lie in `given`, its outputs in or apart from the `targets`."""
        inner = Lowering(graph, self.policy, dict(zip(graph.outputs, targets, strict=True)), self._run)
        inner.explain, inner.kernels, inner._constants = self.explain, self.kernels, self._constants
        for value, view in zip(graph.inputs, given, strict=True):
            inner.set_view(value, view)
        self._run(inner)
        self.parameters += inner.parameters
        return inner

    @staticmethod
    def bytes(shape: tuple[int, ...], element: Element) -> int:
        """Bytes of a dense tensor."""
        return row_major(len(shape)).bytes(shape, element)

    def set_view(self, value: Value, view: View) -> None:
        """Says where `value` lies."""
        self._views[value] = view

    def view(self, value: Value) -> View:
        """Where `value` lies; constants come into being here."""
        if value not in self._views:
            data = constant_of(value)
            assert data is not None, f"{value.name} is used before it is computed"
            self._views[value] = self.constant(data, value.name)
        return self._views[value]

    def constant(self, data: Array, name: str) -> View:
        """A view of constant data, shared by content; splats are stored once and read with stride 0."""
        strides = tuple(0 if t == 0 and n > 1 else 1 for t, n in zip(data.strides, data.shape, strict=True))
        kept = data[tuple(slice(None) if s else slice(0, 1) for s in strides)]
        stored = np.ascontiguousarray(kept).reshape(kept.shape)
        buffer = self.constant_buffer(stored, name)
        layout = row_major(data.ndim).strides(stored.shape, element_of(stored.dtype))
        return View(
            buffer, element_of(stored.dtype), data.shape, tuple(t * s for t, s in zip(strides, layout, strict=True))
        )

    def constant_buffer(self, stored: Array, name: str, align: int = 64) -> Buffer:
        """A constant buffer; equal bytes share one."""
        key = (hashlib.blake2b(stored.reshape(-1).view(np.uint8).data, digest_size=16).digest(), align)
        if key not in self._constants:
            self._constants[key] = Buffer(name, Storage.CONST, stored.nbytes, align, stored)
        return self._constants[key]

    def arena(self, name: str, size: int) -> Buffer:
        """A new buffer in scratch."""
        return Buffer(name, Storage.ARENA, size)

    def wanted(self, value: Value) -> Order | None:
        """The order in which consumers want to read `value`."""
        return self._wanted.get(value)

    def natural_order(self, operands: Sequence[Value], result: Value) -> Order:
        """The order for an elementwise result: what consumers want, else that of its largest operand of equal rank."""
        wanted = self._wanted.get(result)
        if wanted is not None:
            return wanted
        like = [v for v in operands if v.type.rank == result.type.rank and constant_of(v) is None]
        if not like:
            return tuple(range(result.type.rank))
        return axis_order(self.view(max(like, key=lambda v: v.type.size)))

    def allocate(self, value: Value, order: Order) -> View:
        """Memory for `value`, in `order` unless it lands in place inside a concat or an output of another order."""
        if value in self._views:
            return self._views[value]
        element, shape = value.type.element, value.type.dims
        if value.type.size > MAX_ELEMENTS:
            raise fail(f"tensor {value.type} has more than {MAX_ELEMENTS} elements", value.origin)
        view = self._in_place(value, order)
        if view is None:
            layout = Layout(order)
            view = dense_view(self.arena(value.name, layout.bytes(shape, element)), element, shape, layout)
        self._views[value] = view
        return view

    def _in_place(self, value: Value, order: Order) -> View | None:
        """A view inside the concat or output where `value` ends up, if its strides allow that."""
        slot = self._slots.get(value)
        if slot is None:
            return None
        end = slot.chain[-1].results[0] if slot.chain else value
        if slot.concat is not None:
            result = slot.concat.result
            preferred = order if not slot.chain and result.type.rank == len(order) else tuple(range(result.type.rank))
            parent = self.allocate(result, self._wanted.get(result, preferred))
            offset = parent.offset + slot.begin * parent.strides[slot.concat.axis]
            target = replace(parent, shape=end.type.dims, offset=offset)
        else:
            if slot.output in self._taken:
                return None
            target = self._targets[slot.output]
        if not slot.chain:
            landed = (
                target
                if axis_order(target)
                == axis_order(replace(target, strides=Layout(order).strides(value.type.dims, value.type.element)))
                else None
            )
        else:
            dense = dense_view(target.buffer, value.type.element, value.type.dims, Layout(order), target.offset)
            landed = replace(dense, moves=target.moves)
            shown = apply_chain(landed, slot.chain)
            landed = landed if shown is not None and same_place(shown, target) else None
        if landed is not None and slot.output:
            self._taken.add(slot.output)
        return landed

    def copy(self, source: View, target: View, layer: Layer) -> None:
        """Adds a copy, if there is anything to copy."""
        if 0 in target.shape:
            return
        self.steps.append(Nest(layer, target.shape, (source,), target, identity(source.element)))

    def relayout(self, value: Value, order: Order) -> View:
        """A dense copy of `value` in `order`, made once."""
        key = (value, order)
        if key not in self._copies:
            layout = Layout(order)
            element, shape = value.type.element, value.type.dims
            view = dense_view(self.arena(f"{value.name} relaid", layout.bytes(shape, element)), element, shape, layout)
            self.copy(self.view(value), view, Layer(f"relayout {value.name}", "relayout", value.origin))
            self._copies[key] = view
        return self._copies[key]

    def layer(self, op: Op, extra: Op | None = None, macs: int = 0) -> Layer:
        """The layer that `op` (and the map absorbed into it) computes."""
        last = extra or op
        result = last.results[0]
        kinds = "+".join(dict.fromkeys(o.origin.operator or o.opname for o in (op, last)))
        return Layer(
            last.origin.node or last.origin.tensor or op.opname, kinds, last.origin, macs, result.name, result.type
        )
