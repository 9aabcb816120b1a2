"""Random graphs under random options of the API: state, layouts, inputs and outputs in scratch; three calls of each."""

import ctypes
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from hypothesis import strategies as st

from embedc.driver import Stages, make_plan, simplify
from embedc.emit.bundle import emit
from embedc.ir.feedback import Feedback, initial_states
from embedc.ir.graph import Graph, collect
from embedc.ir.interpreter import run
from embedc.ir.printer import to_text
from embedc.ir.types import Array
from embedc.manifest import ModelInfo
from embedc.plan.plan import Plan
from embedc.policy import Policy
from embedc.program.program import Port
from embedc.targets.load import load_target
from embedc.targets.target import Target
from embedc.targets.toolchain import CFLAGS, find_compiler
from tests.emit.compiling import compile_c, write
from tests.emit.library import agree
from tests.strategies import examples, random_graphs, random_inputs

BATCH, CALLS = 25, 3


class Case:
    """A graph with options that suit it."""

    def __init__(self, graph: Graph, number: int, target: Target) -> None:
        random = np.random.default_rng(number)
        values = list(graph.values())
        states: dict[str, str] = {}
        outputs = dict(graph.outputs)
        for value in graph.inputs:
            alike = [v for v in values if v.type == value.type]
            if random.random() < 0.6:
                states[value.name] = f"next {value.name}"
                outputs[states[value.name]] = alike[int(random.integers(len(alike)))]
        self.graph = collect(graph.name, graph.inputs, outputs)
        layouts = {
            name: "".join(map(str, random.permutation(type_.rank)))
            for name, type_ in [*((v.name, v.type) for v in graph.inputs), *((n, v.type) for n, v in outputs.items())]
            if random.random() < 0.4
        }
        self.policy = Policy(
            target,
            f"g{number}",
            states=states,
            input_layouts={v.name: layouts[v.name] for v in graph.inputs if v.name in layouts.keys() - states.keys()},
            output_layouts={n: layouts[n] for n in graph.outputs if n in layouts},
            io_in_scratch=bool(random.random() < 0.5),
        )
        self.plan = make_plan(simplify(self.graph, Stages()), self.policy, Stages())

    def __str__(self) -> str:
        return f"{self.policy}\n{to_text(self.graph)}"


@dataclass(frozen=True)
class Memory:
    """Aligned memory of a call."""

    block: Array

    @staticmethod
    def of(size: int) -> "Memory":
        block = np.full(size + 128, 255, np.uint8)
        begin = -block.ctypes.data % 64
        return Memory(block[begin : begin + size])

    @property
    def pointer(self) -> ctypes.c_void_p:
        return ctypes.c_void_p(self.block.ctypes.data)


def stored(port: Port, array: Array) -> Array:
    return np.ascontiguousarray(array.transpose(port.layout.order)).reshape(-1).view(np.uint8)


def tensor(port: Port, data: Array) -> Array:
    order = port.layout.order
    extents = [port.type.dims[a] for a in order]
    return data.view(port.type.element.dtype).reshape(extents).transpose(np.argsort(order))


def outputs_of(library: ctypes.CDLL, case: Case, state: Memory, inputs: dict[str, Array]) -> dict[str, Array]:
    """One call of the flat C function."""
    plan: Plan = case.plan
    program, name = plan.program, case.policy.name
    scratch = Memory.of(plan.size)
    kept = [state.pointer] if program.states else []
    if case.policy.io_in_scratch:
        for port in program.inputs:
            begin = plan.offsets[port.buffer]
            scratch.block[begin : begin + port.buffer.bytes] = stored(port, inputs[port.name])
        assert getattr(library, name)(*kept, scratch.pointer) == 0
        return {
            p.name: tensor(p, scratch.block[plan.offsets[p.buffer] :][: p.buffer.bytes].copy()) for p in program.outputs
        }
    given = [Memory(stored(port, inputs[port.name])) for port in program.inputs]
    made = [Memory.of(port.buffer.bytes) for port in program.outputs]
    assert getattr(library, name)(*(m.pointer for m in (*given, *made)), *kept, scratch.pointer) == 0
    return {port.name: tensor(port, memory.block) for port, memory in zip(program.outputs, made, strict=True)}


def build(cases: list[Case], folder: Path, target: Target) -> ctypes.CDLL:
    """All cases in one library."""
    sources: list[str] = []
    for case in cases:
        files = emit(case.plan, case.policy, ModelInfo("random", "0" * 64))
        write(files, folder / case.policy.name)
        sources += [f"{case.policy.name}/{s}" for s in files["sources.txt"].decode().split() if "selftest" not in s]
    command = [*find_compiler(target), *CFLAGS, *target.cflags]
    compile_c(command, [*sources, "-lm"], folder, "-shared", "-fPIC", "-o", "all.so")
    return ctypes.CDLL(str(folder / "all.so"))


def check(cases: list[Case], folder: Path, target: Target) -> None:
    """Every call of every case computes what the interpreter defines."""
    library = build(cases, folder, target)
    for case in cases:
        states = dict(case.policy.states)
        feedback = Feedback(states, initial_states(case.graph, states))
        state = Memory.of(case.plan.state_bytes)
        if states:
            assert getattr(library, f"{case.policy.name}_state_init")(state.pointer) == 0
        for number in range(CALLS):
            inputs = {n: a for n, a in random_inputs(case.graph, number).items() if n not in states}
            expected = feedback.outputs(run(case.graph, feedback.inputs(inputs)))
            for output, array in outputs_of(library, case, state, inputs).items():
                assert agree(array, expected[output]), f"output {output} of call {number}:\n{case}"


def test_options_change_nothing_of_what_is_computed(tmp_path: Path) -> None:
    target = load_target("c")
    graphs = examples(st.lists(random_graphs(), min_size=BATCH, max_size=BATCH), 21, 1)[0]
    cases = [Case(graph, number, target) for number, graph in enumerate(graphs)]
    assert sum(bool(case.policy.states) for case in cases) > BATCH // 4
    check(cases, tmp_path, target)
