# SPDX-License-Identifier: 0BSD
"""A recurrent model of a whole sequence as one of a single step, to be called frame by frame.

    python stepwise.py model.onnx step.onnx --time mfcc=1
    embedc step.onnx --state …          # as it prints

The recurrent layers get their hidden state as inputs and outputs; `--time` names the inputs that are sequences, with the axis of time.
Only layers that run forwards can stream.
"""

import argparse
from collections.abc import Mapping

import onnx
from onnx import TensorProto, helper

STATES = {"GRU": ("h",), "RNN": ("h",), "LSTM": ("h", "c")}
FIRST_INPUT, FIRST_OUTPUT = 5, 1  # of the states, in the operators of ONNX


def stepwise(model: onnx.ModelProto, time: Mapping[str, int], batch: int = 1) -> tuple[onnx.ModelProto, dict[str, str]]:
    """The model of one step, and its states: names of inputs with the outputs that they take from the step before."""
    step = onnx.ModelProto()
    step.CopyFrom(model)
    graph = step.graph
    for value in graph.input:
        if value.name in time:
            value.type.tensor_type.shape.dim[time[value.name]].dim_value = 1
    for value in graph.output:
        value.type.tensor_type.ClearField("shape")  # other than the model declares
    del graph.value_info[:]
    states: dict[str, str] = {}
    for number, node in enumerate(n for n in graph.node if n.op_type in STATES):
        attributes = {a.name: a for a in node.attribute}
        if "direction" in attributes and attributes["direction"].s != b"forward":
            raise ValueError(
                f"'{node.name or node.op_type}' does not run forwards: it needs the end of the sequence first"
            )
        shape = [1, batch, attributes["hidden_size"].i]
        for k, kind in enumerate(STATES[node.op_type]):
            node.input.extend([""] * (FIRST_INPUT + k + 1 - len(node.input)))
            node.output.extend([""] * (FIRST_OUTPUT + k + 1 - len(node.output)))
            begin, end = node.input[FIRST_INPUT + k], node.output[FIRST_OUTPUT + k]
            if not begin:
                begin = node.input[FIRST_INPUT + k] = f"state{number}_{kind}"
                graph.input.append(helper.make_tensor_value_info(begin, TensorProto.FLOAT, shape))
            if not end:
                end = node.output[FIRST_OUTPUT + k] = f"state{number}_{kind}_next"
            if end not in {value.name for value in graph.output}:
                graph.output.append(helper.make_tensor_value_info(end, TensorProto.FLOAT, shape))
            states[begin] = end
    return step, states


def main() -> None:
    """Converts a file."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model")
    parser.add_argument("step")
    parser.add_argument("--time", action="append", default=[], metavar="INPUT=AXIS")
    args = parser.parse_args()
    time = {name: int(axis) for name, _, axis in (text.rpartition("=") for text in args.time)}
    step, states = stepwise(onnx.load(args.model), time)
    onnx.save(step, args.step)
    print("--state " + ",".join(f"{begin}={end}" for begin, end in states.items()))


if __name__ == "__main__":
    main()
