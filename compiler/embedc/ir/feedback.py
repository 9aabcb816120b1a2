"""Calls in sequence: what a model keeps as state goes from the outputs of one call to the inputs of the next."""

from collections.abc import Mapping

import numpy as np

from embedc.ir.graph import Graph
from embedc.ir.interpreter import evaluate
from embedc.ir.types import Array


def initial_states(graph: Graph, states: Mapping[str, str]) -> dict[str, Array]:
    """What the state inputs of a graph hold before the first call."""
    return {
        value.name: np.asarray(evaluate(value.initial)[0])
        if value.initial
        else np.zeros(value.type.dims, value.type.element.dtype)
        for value in graph.inputs
        if value.name in states
    }


class Feedback:
    """The state of a sequence of calls; `states` maps inputs to the outputs that they take from the call before."""

    def __init__(self, states: Mapping[str, str], initial: Mapping[str, Array]) -> None:
        self._states = dict(states)
        self._kept = dict(initial)

    def inputs(self, given: Mapping[str, Array]) -> dict[str, Array]:
        """All inputs of the next call."""
        return {**given, **self._kept}

    def outputs(self, computed: Mapping[str, Array]) -> dict[str, Array]:
        """The outputs of a call without the state, which is kept."""
        self._kept = {begin: computed[end] for begin, end in self._states.items()}
        ends = set(self._states.values())
        return {name: array for name, array in computed.items() if name not in ends}
