"""LSTM, GRU, RNN: a product for all steps at once, then a loop over the steps with the recurrent product."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from embedc.frontends.onnx.node import Node
from embedc.frontends.onnx.ops.activations import softplus
from embedc.frontends.onnx.regions import Control, close_loop, open_loop
from embedc.frontends.onnx.registry import onnx_op
from embedc.ir.expression import Expr
from embedc.ir.graph import Value
from embedc.ir.types import Array
from embedc.ops.elementwise import constant_of, splat
from embedc.ops.layout import Concat
from embedc.ops.window import Contract

Function = Callable[[Expr], Expr]

_FUNCTIONS: dict[str, tuple[tuple[float, ...], Callable[[Expr, float, float], Expr]]] = {
    "relu": ((), lambda x, a, b: x.max(0.0)),
    "tanh": ((), lambda x, a, b: x.tanh()),
    "sigmoid": ((), lambda x, a, b: x.call("sigmoid")),
    "softsign": ((), lambda x, a, b: x / (1.0 + x.abs())),
    "softplus": ((), lambda x, a, b: softplus(x)),
    "affine": ((1.0, 0.0), lambda x, a, b: x * a + b),
    "leakyrelu": ((0.01,), lambda x, a, b: (x < 0).where(x * a, x)),
    "thresholdedrelu": ((1.0,), lambda x, a, b: (x < a).where(x.const(0.0), x)),
    "scaledtanh": ((1.0, 1.0), lambda x, a, b: (x * b).tanh() * a),
    "hardsigmoid": ((0.2, 0.5), lambda x, a, b: (x * a + b).max(0.0).min(1.0)),
    "elu": ((1.0,), lambda x, a, b: x.max(0.0) + (x.min(0.0).exp() - 1.0) * a),
}
"""Activations by name in lower case: defaults of the parameters alpha and beta that they take, and their value for x, alpha, beta."""


@dataclass(frozen=True)
class _Direction:
    """One direction of a layer: x [T,B,I]; weights [gates*H, ...] in ONNX's order of gates; states [B,H]."""

    node: Node
    x: Value
    w: Value
    r: Value
    bias: tuple[Value, ...]
    states: tuple[Value, ...]
    peepholes: Value | None
    active: Value | None
    functions: Sequence[Function]
    reverse: bool

    @property
    def hidden(self) -> int:
        return self.r.type.dims[1]

    def product(self, x: Value, weights: Value) -> Value:
        """X [.., B, I] times weights [N, I]."""
        equation = "tbi,ni->tbn" if x.type.rank == 3 else "bi,ni->bn"
        return self.node.emit(Contract(x, weights, equation, origin=self.node.origin.without_tensor()))

    def gate(self, x: Value, index: int, count: int = 1) -> Value:
        """The part of the last axis that belongs to a gate, or to several."""
        return self.node.part(x, x.type.rank - 1, index * self.hidden, count * self.hidden)

    def rows(self, weights: Value, index: int, count: int = 1) -> Value:
        """The rows of weights that belong to a gate, or to several."""
        return self.node.part(weights, 0, index * self.hidden, count * self.hidden)

    def run(
        self, inputs: Sequence[Value], step: Callable[[Sequence[Value], Sequence[Value]], Sequence[Value]]
    ) -> tuple[list[Value], Value]:
        """The last states and the outputs of all steps; `step` gives the next states from inputs and states."""
        scanned = [*inputs, *((self.active,) if self.active else ())]
        given = [_reversed(self.node, x) if self.reverse else x for x in scanned]
        origin = self.node.origin.without_tensor()
        trip = open_loop(self.states, given, origin)
        new = list(step(trip.slices[: len(inputs)], trip.carried))
        shown = new[0]
        if self.active:
            mask = trip.slices[-1]
            shown = self.node.map(lambda y, m: (m > 0).where(y, 0.0), shown, mask)
            pairs = zip(new, trip.carried, strict=True)
            new = [self.node.map(lambda y, old, m: (m > 0).where(y, old), y, old, mask) for y, old in pairs]
        control = Control(self.x.type.dims[0])
        *last, stacked = close_loop(trip, self.states, given, new, [shown], control, origin)
        return last, _reversed(self.node, stacked) if self.reverse else stacked


def _reversed(node: Node, x: Value) -> Value:
    """Steps from the last to the first."""
    return node.part(x, 0, x.type.dims[0] - 1, x.type.dims[0], -1)


GATE_FUNCTIONS = 2
"""Functions of gates, whose arguments `clip` bounds; that of an LSTM's memory is not clipped, as in ONNX Runtime."""

Cell = Callable[[_Direction], tuple[list[Value], Value]]


def _layer(node: Node, gates: int, functions: Sequence[str], states: Sequence[int], cell: Cell) -> Sequence[Value]:
    """Y [T,D,B,H] (layout 1: [B,T,D,H]) and the last states [D,B,H] ([B,D,H]); operands `states` hold the first ones."""
    x, w, r = node.operand(0), node.operand(1), node.operand(2)
    batch_first = node.integer("layout", 0) == 1
    directions = {"forward": 1, "reverse": 1, "bidirectional": 2}
    kind = node.choice("direction", "forward", "reverse", "bidirectional").lower()
    count, hidden = directions[kind], node.integer("hidden_size", r.type.dims[-1] if r.type.rank == 3 else 0)
    x = node.transpose(x, (1, 0, 2)) if batch_first and x.type.rank == 3 else x
    _check(node, x, w, r, (count, gates, hidden))
    steps, batch, _ = x.type.dims
    chosen = _activations(node, functions, count)
    clip = node.real("clip", 0.0) if node.has("clip") else None
    active = _active(node, steps, batch)
    lasts: list[list[Value]] = []
    outputs: list[Value] = []
    for d in range(count):
        own = chosen[d * len(functions) : (d + 1) * len(functions)]
        clipped = [_clipped(f, clip) if k < GATE_FUNCTIONS else f for k, f in enumerate(own)]
        bias, peepholes = node.optional(3), node.optional(7)
        halves = (
            ()
            if bias is None
            else tuple(
                node.part(_of(node, bias, d, (2 * gates * hidden,)), 0, k * gates * hidden, gates * hidden)
                for k in range(2)
            )
        )
        begin = tuple(_initial(node, index, d, (batch, hidden), batch_first, x) for index in states)
        last, stacked = cell(
            _Direction(
                node,
                x,
                _of(node, w, d, w.type.dims[1:]),
                _of(node, r, d, r.type.dims[1:]),
                halves,
                begin,
                None if peepholes is None else _of(node, peepholes, d, (3 * hidden,)),
                active,
                clipped,
                kind == "reverse" or d == 1,
            )
        )
        lasts.append(last)
        outputs.append(stacked)
    y = _joined(node.output(0), [node.output(0).reshape(v, (steps, 1, batch, hidden)) for v in outputs], 1)
    results = [node.output(0).transpose(y, (2, 0, 1, 3)) if batch_first else y]
    for k in range(len(states)):
        named = node.output(k + 1)
        axis, shape = (1, (batch, 1, hidden)) if batch_first else (0, (1, batch, hidden))
        results.append(_joined(named, [named.reshape(last[k], shape) for last in lasts], axis))
    return results


def _check(node: Node, x: Value, w: Value, r: Value, wanted: tuple[int, int, int]) -> None:
    """Ranks and extents that have to fit together."""
    count, gates, hidden = wanted
    fits = x.type.rank == 3 and hidden > 0
    inputs = x.type.dims[-1] if fits else 0
    if not fits or (w.type.dims, r.type.dims) != ((count, gates * hidden, inputs), (count, gates * hidden, hidden)):
        expected = f"[{count},{gates * hidden},{inputs}] and [{count},{gates * hidden},{hidden}]"
        raise node.fail(
            f"x is {x.type}, weights are {w.type} and {r.type}",
            f"for hidden_size {hidden} and {count} direction(s) weights are {expected}; re-export the model",
        )


def _of(node: Node, x: Value, direction: int, shape: Sequence[int]) -> Value:
    """The part of a tensor [directions, …] for one direction."""
    if x.type.dims[1:] != tuple(shape):
        raise node.fail(f"an operand is {x.type}", f"expected {list(shape)} for each direction; re-export the model")
    return node.reshape(node.part(x, 0, direction, 1), shape)


def _initial(node: Node, index: int, direction: int, shape: tuple[int, int], batch_first: bool, x: Value) -> Value:
    """A first state [B,H]: operand `index` [D,B,H] ([B,D,H]), or zeros."""
    given = node.optional(index)
    if given is None:
        return splat(0.0, replace(x.type, shape=shape), node.origin.without_tensor())
    ordered = node.transpose(given, (1, 0, 2)) if batch_first else given
    return _of(node, ordered, direction, shape)


def _joined(node: Node, parts: Sequence[Value], axis: int) -> Value:
    return parts[0] if len(parts) == 1 else node.emit(Concat(tuple(parts), axis, origin=node.origin))


def _active(node: Node, steps: int, batch: int) -> Value | None:
    """1 for each step [T,B,1] that a sequence of sequence_lens has, else 0; None where all have all."""
    lengths = node.optional(4)
    if lengths is None:
        return None
    known = constant_of(lengths)
    if known is not None and (known == steps).all():
        return None
    if lengths.type.dims != (batch,):
        raise node.fail(f"sequence_lens is {lengths.type}", f"expected [{batch}], one for each sequence of the batch")
    numbers: Array = node.count(steps).astype(lengths.type.element.dtype).reshape(steps, 1, 1)
    element = node.operand(0).type.element
    rows = node.reshape(lengths, (1, batch, 1))
    return node.map(lambda n, m: (n < m).cast(element), node.array(numbers), rows)


def _activations(node: Node, defaults: Sequence[str], count: int) -> list[Function]:
    """The functions of all directions, with their alphas and betas taken in turn."""
    names = node.strings("activations", [*defaults] * count)
    if len(names) != len(defaults) * count:
        raise node.fail(f"attribute 'activations' has {len(names)} names", f"expected {len(defaults) * count}")
    alphas, betas = iter(node.reals("activation_alpha", ())), iter(node.reals("activation_beta", ()))
    found: list[Function] = []
    for name in names:
        if name.lower() not in _FUNCTIONS:
            raise node.fail(f"activation '{name[:60]}' is not supported", f"embedc knows {', '.join(_FUNCTIONS)}")
        fallback, function = _FUNCTIONS[name.lower()]
        given = [next(values, default) for values, default in zip((alphas, betas), fallback, strict=False)]
        found.append(_with(function, *given, *(0.0,) * (2 - len(given))))
    return found


def _with(function: Callable[[Expr, float, float], Expr], alpha: float, beta: float) -> Function:
    return lambda x: function(x, alpha, beta)


def _clipped(function: Function, clip: float | None) -> Function:
    """The function of its argument kept within -clip … clip."""
    return function if clip is None else lambda x: function(x.max(-clip).min(clip))


def _biased(direction: _Direction, x: Value, *bias: Value) -> Value:
    """A product plus biases of its last axis."""
    for part in bias:
        x = direction.node.map(lambda a, b: a + b, x, part)
    return x


@onnx_op("RNN")
def rnn(node: Node) -> Sequence[Value]:
    """H = f(x W + h R + b)."""

    def cell(d: _Direction) -> tuple[list[Value], Value]:
        (f,) = d.functions
        before = _biased(d, d.product(d.x, d.w), *d.bias)

        def step(inputs: Sequence[Value], states: Sequence[Value]) -> Sequence[Value]:
            return [node.map(lambda a, b: f(a + b), d.product(states[0], d.r), inputs[0])]

        return d.run([before], step)

    return _layer(node, 1, ["Tanh"], (5,), cell)


@onnx_op("GRU")
def gru(node: Node) -> Sequence[Value]:
    """Gates z, r, h: h' = (1 - z) g(...) + z h."""
    after = node.flag("linear_before_reset")

    def cell(d: _Direction) -> tuple[list[Value], Value]:
        f, g = d.functions
        inner, outer = (d.bias[0], d.bias[1]) if d.bias else (None, None)
        before = d.product(d.x, d.w)
        before = _biased(d, before, *(b for b in (inner,) if b))
        if outer is not None and not after:
            before = _biased(d, before, outer)

        def mixed(z: Expr, new: Expr, old: Expr) -> Expr:
            return (1.0 - z) * new + z * old

        def reset_after(inputs: Sequence[Value], states: Sequence[Value]) -> Sequence[Value]:
            (x,), (h,) = inputs, states
            inside = _biased(d, d.product(h, d.r), *(b for b in (outer,) if b))
            parts = [d.gate(v, k) for v in (x, inside) for k in range(3)]

            def body(*terms: Expr) -> Expr:
                xz, xr, xh, hz, hr, hh, old = terms
                return mixed(f(xz + hz), g(xh + f(xr + hr) * hh), old)

            return [node.map(body, *parts, h)]

        def reset_before(inputs: Sequence[Value], states: Sequence[Value]) -> Sequence[Value]:
            (x,), (h,) = inputs, states
            gates = node.map(lambda a, b: f(a + b), d.product(h, d.rows(d.r, 0, 2)), d.gate(x, 0, 2))
            kept = node.map(lambda r, h: r * h, d.gate(gates, 1), h)
            new = d.product(kept, d.rows(d.r, 2))
            return [node.map(lambda n, xh, z, old: mixed(z, g(n + xh), old), new, d.gate(x, 2), d.gate(gates, 0), h)]

        return d.run([before], reset_after if after else reset_before)

    return _layer(node, 3, ["Sigmoid", "Tanh"], (5,), cell)


@onnx_op("LSTM")
def lstm(node: Node) -> Sequence[Value]:
    """Gates i, o, f, c: c' = f c + i g(...), h' = o k(c')."""
    coupled = node.flag("input_forget")

    def cell(d: _Direction) -> tuple[list[Value], Value]:
        f, g, k = d.functions
        before = _biased(d, d.product(d.x, d.w), *d.bias)
        peep = None if d.peepholes is None else [node.part(d.peepholes, 0, n * d.hidden, d.hidden) for n in range(3)]

        def step(inputs: Sequence[Value], states: Sequence[Value]) -> Sequence[Value]:
            h, c = states
            gates = node.map(lambda a, b: a + b, d.product(h, d.r), inputs[0])
            i, o, forget, new = (d.gate(gates, n) for n in range(4))
            if peep is None:

                def memory(i: Expr, forget: Expr, new: Expr, c: Expr) -> Expr:
                    entered = f(i)
                    return (1.0 - entered if coupled else f(forget)) * c + entered * g(new)

                cell = node.map(memory, i, forget, new, c)
                return [node.map(lambda o, c: f(o) * k(c), o, cell), cell]

            def peeping(*terms: Expr) -> Expr:
                i, forget, new, c, pi, pf = terms
                entered = f(i + pi * c)
                return (1.0 - entered if coupled else f(forget + pf * c)) * c + entered * g(new)

            cell = node.map(peeping, i, forget, new, c, peep[0], peep[2])
            return [node.map(lambda o, c, po: f(o + po * c) * k(c), o, cell, peep[1]), cell]

        return d.run([before], step)

    return _layer(node, 4, ["Sigmoid", "Tanh", "Tanh"], (5, 6), cell)
