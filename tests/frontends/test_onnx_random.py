"""Random nodes of operators that move, pick and order elements: what the Graph means against ONNX Runtime."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest

from embedc.frontends.onnx import ImportOptions, load
from embedc.ir.interpreter import run
from tests.frontends.small import Array, single

COUNT = 40
DTYPES = (np.float32, np.float32, np.int32, np.int64)


@dataclass
class Drawn:
    """One node: inputs, constants, attributes; names put them in order."""

    op: str
    inputs: Mapping[str, Array]
    constants: Mapping[str, Array] = field(default_factory=dict[str, Array])
    outputs: int = 1
    opset: int = 18
    names: tuple[str, ...] | None = None
    attributes: Mapping[str, Any] = field(default_factory=dict[str, Any])


class Drawer:
    """Small shapes, few different numbers, axes from either end."""

    def __init__(self, seed: int) -> None:
        self.random = np.random.default_rng(seed)

    def integer(self, low: int, high: int) -> int:
        return int(self.random.integers(low, high, endpoint=True))

    def flag(self) -> int:
        return self.integer(0, 1)

    def shape(self, low: int = 1, high: int = 4) -> tuple[int, ...]:
        return tuple(self.integer(1, 5) for _ in range(self.integer(low, high)))

    def array(self, shape: tuple[int, ...], dtype: Any = None) -> Array:
        dtype = dtype or DTYPES[self.integer(0, len(DTYPES) - 1)]
        return self.random.integers(-4, 5, shape).astype(dtype)

    def axis(self, rank: int) -> int:
        return self.integer(-rank, rank - 1)

    def indices(self, low: int, high: int, shape: tuple[int, ...]) -> Array:
        return self.random.integers(low, high, shape).astype((np.int32, np.int64)[self.flag()])

    def either(self, **arrays: Array) -> tuple[dict[str, Array], dict[str, Array]]:
        """All given at run time, or all stored."""
        return (arrays, {}) if self.flag() else ({}, arrays)


def _arg(draw: Drawer) -> Drawn:
    x = draw.array(draw.shape())
    attributes = {"axis": draw.axis(x.ndim), "keepdims": draw.flag(), "select_last_index": draw.flag()}
    return Drawn(("ArgMax", "ArgMin")[draw.flag()], {"x": x}, opset=13, attributes=attributes)


def _topk(draw: Drawer) -> Drawn:
    x = draw.array(draw.shape())
    axis = draw.axis(x.ndim)
    k = {"k": np.asarray([draw.integer(1, x.shape[axis])])}
    return Drawn("TopK", {"x": x}, k, 2, attributes={"axis": axis, "largest": draw.flag()})


def _cumsum(draw: Drawer) -> Drawn:
    x = draw.array(draw.shape())
    axis = {"a": np.asarray(draw.axis(x.ndim))}
    return Drawn("CumSum", {"x": x}, axis, attributes={"exclusive": draw.flag(), "reverse": draw.flag()})


def _gather(draw: Drawer) -> Drawn:
    x = draw.array(draw.shape())
    axis = draw.axis(x.ndim)
    i, stored = draw.either(i=draw.indices(-x.shape[axis], x.shape[axis], draw.shape(0, 2)))
    return Drawn("Gather", {"x": x, **i}, stored, attributes={"axis": axis})


def _elements(draw: Drawer, x: Array, axis: int) -> Array:
    shape = [draw.integer(1, n) for n in x.shape]
    shape[axis] = draw.integer(1, 6)
    return draw.indices(-x.shape[axis], x.shape[axis], tuple(shape))


def _gather_elements(draw: Drawer) -> Drawn:
    x = draw.array(draw.shape())
    axis = draw.axis(x.ndim)
    i, stored = draw.either(i=_elements(draw, x, axis))
    return Drawn("GatherElements", {"x": x, **i}, stored, attributes={"axis": axis})


def _tuples(draw: Drawer, x: Array, batch: int, lead: tuple[int, ...]) -> Array:
    depth = draw.integer(1, x.ndim - batch)
    columns = [draw.random.integers(-n, n, (*lead, 1)) for n in x.shape[batch : batch + depth]]
    return np.concatenate(columns, -1)


def _gather_nd(draw: Drawer) -> Drawn:
    x = draw.array(draw.shape())
    batch = draw.integer(0, x.ndim - 1)
    i, stored = draw.either(i=_tuples(draw, x, batch, (*x.shape[:batch], *draw.shape(0, 2))))
    return Drawn("GatherND", {"x": x, **i}, stored, attributes={"batch_dims": batch})


def _reduction(draw: Drawer) -> str:
    return ("none", "add", "mul", "max", "min")[draw.integer(0, 4)]


def _distinct(indices: Array, shape: tuple[int, ...]) -> bool:
    """True if no two of the wrapped index tuples (in the last axis) are equal: else the order is not defined."""
    wrapped = indices.reshape(-1, indices.shape[-1]) % np.asarray(shape[: indices.shape[-1]])
    return len(np.unique(wrapped, axis=0)) == len(wrapped)


def _scatter_elements(draw: Drawer) -> Drawn:
    x = draw.array(draw.shape())
    axis = draw.axis(x.ndim)
    indices = _elements(draw, x, axis)
    where = np.moveaxis(np.indices(indices.shape), 0, -1)
    where[..., axis] = indices
    reduction = _reduction(draw) if _distinct(where, x.shape) else "add"
    i, stored = draw.either(i=indices)
    inputs = {"x": x, **i, "u": draw.array(indices.shape, x.dtype)}
    return Drawn(
        "ScatterElements", inputs, stored, names=("x", "i", "u"), attributes={"axis": axis, "reduction": reduction}
    )


def _scatter_nd(draw: Drawer) -> Drawn:
    x = draw.array(draw.shape())
    indices = _tuples(draw, x, 0, draw.shape(0, 2))
    reduction = _reduction(draw) if _distinct(indices, x.shape) else "add"
    i, stored = draw.either(i=indices)
    inputs = {"x": x, **i, "u": draw.array((*indices.shape[:-1], *x.shape[indices.shape[-1] :]), x.dtype)}
    return Drawn("ScatterND", inputs, stored, names=("x", "i", "u"), attributes={"reduction": reduction})


def _reverse_sequence(draw: Drawer) -> Drawn:
    x = draw.array(draw.shape(2))
    batch = draw.flag()
    lengths = draw.indices(1, x.shape[1 - batch] + 1, (x.shape[batch],)).astype(np.int64)
    return Drawn("ReverseSequence", {"x": x, "n": lengths}, attributes={"batch_axis": batch, "time_axis": 1 - batch})


def _one_hot(draw: Drawer) -> Drawn:
    indices = draw.indices(-7, 7, draw.shape(1, 3))
    constants = {"depth": np.asarray(5), "values": np.asarray([2, 3], np.float32)}
    return Drawn("OneHot", {"x": indices.astype(np.int64)}, constants, attributes={"axis": draw.axis(indices.ndim + 1)})


def _slice(draw: Drawer) -> Drawn:
    x = draw.array(draw.shape())
    axes = [int(a) for a in draw.random.permutation(x.ndim)[: draw.integer(1, x.ndim)]]
    steps = [(1, 1, 2, -1, -2, 3)[draw.integer(0, 5)] for _ in axes]
    starts, ends = ([draw.integer(-7, 7) for _ in axes] for _ in range(2))
    lists = {"s": starts, "e": ends, "a": [a - x.ndim * draw.flag() for a in axes], "t": steps}
    return Drawn("Slice", {"x": x}, {n: np.asarray(v) for n, v in lists.items()})


def _pad(draw: Drawer) -> Drawn:
    x = draw.array(draw.shape(1, 3), np.float32)
    mode = ("constant", "reflect", "edge", "wrap")[draw.integer(0, 3)]
    most = [n - 1 if mode == "reflect" else n for n in x.shape]
    amounts = [draw.integer(-1 if mode == "constant" and n > 2 else 0, n) for n in (*most, *most)]
    value, stored = draw.either(v=np.asarray(draw.integer(-3, 3), np.float32))
    inputs, constants = {"x": x, **value}, {"p": np.asarray(amounts), **stored}
    names = ("x", "p", "v") if mode == "constant" else ("x", "p")
    inputs, constants = ({n: a for n, a in d.items() if n in names} for d in (inputs, constants))
    return Drawn("Pad", inputs, constants, opset=19, names=names, attributes={"mode": mode})


def _expand(draw: Drawer) -> Drawn:
    x = draw.array(tuple(n if draw.flag() else 1 for n in draw.shape(0, 3)))
    wanted = [draw.integer(1, 3) if n == 1 else (1, n)[draw.flag()] for n in x.shape]
    return Drawn("Expand", {"x": x}, {"s": np.asarray([*draw.shape(0, 1), *wanted], np.int64)})


def _tile(draw: Drawer) -> Drawn:
    x = draw.array(draw.shape(1, 3))
    return Drawn("Tile", {"x": x}, {"r": np.asarray([draw.integer(1, 3) for _ in x.shape])})


def _split(draw: Drawer) -> Drawn:
    x = draw.array(draw.shape())
    axis = draw.axis(x.ndim)
    cuts = sorted(draw.integer(1, x.shape[axis]) for _ in range(draw.integer(0, 2)))
    parts = [p for p in np.diff([0, *cuts, x.shape[axis]]) if p > 0]
    return Drawn("Split", {"x": x}, {"s": np.asarray(parts)}, len(parts), 13, attributes={"axis": axis})


def _trilu(draw: Drawer) -> Drawn:
    k, stored = draw.either(k=np.asarray(draw.integer(-4, 4)))
    return Drawn("Trilu", {"x": draw.array(draw.shape(2)), **k}, stored, attributes={"upper": draw.flag()})


def _matmul(draw: Drawer) -> Drawn:
    """All pairs of ranks, with leading axes that one or the other stretches."""
    n, k, m = (draw.integer(1, 4) for _ in range(3))
    lead = draw.shape(0, 2)
    own = [tuple(d if draw.integer(0, 3) else 1 for d in lead[draw.integer(0, len(lead)) :]) for _ in range(2)]
    a = draw.array((k,) if not own[0] and draw.flag() else (*own[0], n, k))
    b = draw.array((k,) if not own[1] and draw.flag() else (*own[1], k, m), a.dtype)
    inputs, constants = ({"a": a, "b": b}, {}) if draw.flag() else ({"a": a}, {"b": b})
    return Drawn("MatMul", inputs, constants)


def _gemm(draw: Drawer) -> Drawn:
    n, k, m = (draw.integer(1, 4) for _ in range(3))
    turned = {"transA": draw.flag(), "transB": draw.flag()}
    a = draw.array((k, n) if turned["transA"] else (n, k), np.float32)
    b = draw.array((m, k) if turned["transB"] else (k, m), np.float32)
    c = draw.array(((), (m,), (1, m), (n, 1), (n, m))[draw.integer(0, 4)], np.float32)
    scale = {"alpha": float(draw.integer(-2, 2)), "beta": float(draw.integer(-2, 2))}
    return Drawn("Gemm", {"a": a, "b": b, "c": c}, attributes=turned | scale)


EQUATIONS = (
    "ij->ji", "ij", "ii->i", "ii", "ij->", "ij,jk", "ij,kj->ik", "i,i->", "i,j->ij", "bij,bjk->bik", "...ij,...jk->...ik",
    "...ii->...i", "b...i,i->...b", "ij,ij->ij", "ijk,kj->i", "ijk,jil->kl", "ij,jk,kl->il", "a,ab,abc->abc", "iij->j",
    "...,...->...", "i...->...", "bhqd,bhkd->bhqk", "abc,cd,def->abef", "...a,...b->...ab", "iii->i",
)  # fmt: skip


def _einsum(draw: Drawer) -> Drawn:
    equation = EQUATIONS[draw.integer(0, len(EQUATIONS) - 1)]
    sizes = {c: draw.integer(1, 4) for c in "abcdefghijklq"}
    wide = draw.shape(0, 2)
    dtype = DTYPES[draw.integer(0, 3)]
    inputs: dict[str, Array] = {}
    for number, term in enumerate(equation.split("->")[0].split(",")):
        before, dots, behind = term.partition("...")
        middle = tuple(n if draw.integer(0, 3) else 1 for n in wide) if dots else ()
        shape = (*(sizes[c] for c in before), *middle, *(sizes[c] for c in behind))
        inputs[f"x{number}"] = draw.array(shape, dtype)
    return Drawn("Einsum", inputs, attributes={"equation": equation})


MAKERS: tuple[Callable[[Drawer], Drawn], ...] = (
    _arg, _topk, _cumsum, _gather, _gather_elements, _gather_nd, _scatter_elements, _scatter_nd, _reverse_sequence, _one_hot,
    _slice, _pad, _expand, _tile, _split, _trilu, _matmul, _gemm, _einsum,
)  # fmt: skip


def expected(drawn: Drawn, model: Any) -> list[Array] | None:
    """What ONNX Runtime computes; None where it does not take such elements."""
    ort = pytest.importorskip("onnxruntime")
    options = ort.SessionOptions()
    options.log_severity_level, options.intra_op_num_threads = 4, 1
    try:
        session = ort.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
    except ort.capi.onnxruntime_pybind11_state.NotImplemented:
        return None
    return session.run(None, dict(drawn.inputs))


@pytest.mark.parametrize("make", MAKERS, ids=lambda make: make.__name__[1:])
def test_random_nodes(make: Callable[[Drawer], Drawn]) -> None:
    compared = 0
    for seed in range(COUNT):
        drawn = make(Drawer(seed))
        names = [f"y{i}" for i in range(drawn.outputs)]
        model = single(drawn.op, drawn.inputs, drawn.constants, names, drawn.opset, drawn.names, **drawn.attributes)
        wanted = expected(drawn, model)
        if wanted is None:
            continue
        got = run(load(model, ImportOptions()), drawn.inputs)
        for name, array in zip(names, wanted, strict=True):
            assert got[name].dtype == array.dtype, drawn
            np.testing.assert_allclose(got[name], array, 1e-5, 1e-5, err_msg=str(drawn))
        compared += 1
    assert compared > COUNT // 3
