"""loop, if: operators that run regions, which are Graphs of their own that see nothing but their inputs."""

from itertools import islice

import numpy as np

from embedc.ir.graph import Graph, Value
from embedc.ir.interpreter import run
from embedc.ir.types import BOOL, I64, Array, TensorType
from embedc.ops.base import Op, expect

FLAG, NUMBER = TensorType(BOOL, ()), TensorType(I64, ())


class Loop(Op, name="loop"):
    """Runs `body` up to `trips` times, and gives the last carried values, then what the iterations computed, stacked on a new axis 0.

    Inputs of the body: the iteration's number, the carried values, the slice of each scanned value at that number along axis 0,
    the captures. Its outputs: whether to go on, if there is a `condition`; the next carried values; what is stacked. An
    iteration runs only if its number is below `count` and the condition holds, where these are given (none or one value each);
    then nothing is stacked, as it might not be there.
    """

    carried: tuple[Value, ...]
    scanned: tuple[Value, ...]
    captures: tuple[Value, ...]
    condition: tuple[Value, ...]
    count: tuple[Value, ...]
    trips: int
    body: Graph

    def infer(self) -> tuple[TensorType, ...]:
        expect(self.trips >= 0, f"loop of {self.trips} trips")
        for control, wanted in ((self.condition, FLAG), (self.count, NUMBER)):
            expect(
                len(control) <= 1 and all(v.type == wanted for v in control), f"loop controlled by other than {wanted}"
            )
        for value in self.scanned:
            expect(value.type.rank > 0 and value.type.dims[0] == self.trips, f"loop of {self.trips} over {value.type}")
        slices = (TensorType(v.type.element, v.type.shape[1:], v.type.quantization) for v in self.scanned)
        _expect_inputs(self.body, (NUMBER, *types(self.carried), *slices, *types(self.captures)))
        outputs = types(tuple(self.body.outputs.values()))
        flags, outputs = outputs[: len(self.condition)], outputs[len(self.condition) :]
        expect(flags == (FLAG,) * len(self.condition), "the body of a conditional loop gives its condition first")
        last, stacked = outputs[: len(self.carried)], outputs[len(self.carried) :]
        for before, after in zip(types(self.carried), last, strict=False):
            expect(before == after, f"loop carries {before} into the body, and {after} out of it")
        expect(len(last) == len(self.carried), f"loop carries {len(self.carried)} values, its body gives {len(last)}")
        expect(not stacked or self.is_counted, "loop that may end early stacks results")
        return (*last, *(TensorType(t.element, (self.trips, *t.shape), t.quantization) for t in stacked))

    @property
    def is_counted(self) -> bool:
        """True if every iteration runs."""
        return not self.condition and not self.count

    def reference(self, *arrays: Array) -> tuple[Array, ...]:
        given = iter(arrays)
        carried, scanned, captures, condition, count = (
            list(islice(given, len(values)))
            for values in (self.carried, self.scanned, self.captures, self.condition, self.count)
        )
        stacked = [np.zeros(v.type.dims, v.type.element.dtype) for v in self.results[len(carried) :]]
        names = [value.name for value in self.body.inputs]
        for i in range(min([self.trips, *(int(n) for n in count)])):
            if not all(condition):
                break
            inputs = (np.asarray(i, np.int64), *carried, *(array[i] for array in scanned), *captures)
            outputs = list(run(self.body, dict(zip(names, inputs, strict=True))).values())
            condition, outputs = outputs[: len(condition)], outputs[len(condition) :]
            carried = outputs[: len(carried)]
            for array, row in zip(stacked, outputs[len(carried) :], strict=True):
                array[i] = row
        return (*carried, *stacked)


class If(Op, name="if"):
    """The outputs of `then` if `condition` holds, else those of `otherwise`; the captures are the inputs of both."""

    condition: Value
    captures: tuple[Value, ...]
    then: Graph
    otherwise: Graph

    def infer(self) -> tuple[TensorType, ...]:
        expect(self.condition.type == FLAG, f"if of {self.condition.type}, expected {FLAG}")
        for branch in (self.then, self.otherwise):
            _expect_inputs(branch, types(self.captures))
        one, other = (types(tuple(branch.outputs.values())) for branch in (self.then, self.otherwise))
        told = [", ".join(map(str, branch)) for branch in (one, other)]
        expect(one == other, f"the branches of an if give ({told[0]}) and ({told[1]})")
        return one

    def reference(self, *arrays: Array) -> tuple[Array, ...]:
        condition, *captures = arrays
        branch = self.then if condition else self.otherwise
        return tuple(run(branch, dict(zip((v.name for v in branch.inputs), captures, strict=True))).values())


def types(values: tuple[Value, ...]) -> tuple[TensorType, ...]:
    """Types of values."""
    return tuple(value.type for value in values)


def _expect_inputs(region: Graph, wanted: tuple[TensorType, ...]) -> None:
    got = types(region.inputs)
    expect(got == wanted, f"region takes ({', '.join(map(str, got))}), expected ({', '.join(map(str, wanted))})")
