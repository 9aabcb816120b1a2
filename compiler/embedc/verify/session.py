"""A whole verification: every way to run the code on this machine against every reference there is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from embedc.bundle import Bundle
from embedc.driver import Compiled, Stages
from embedc.forms import model_inputs
from embedc.ir.feedback import Feedback, initial_states
from embedc.ir.types import Array
from embedc.model import Source
from embedc.targets.target import Emulator
from embedc.verify import onnxruntime
from embedc.verify.compare import QUANTIZED, Bounds
from embedc.verify.samples import Sample
from embedc.verify.verify import Comparison, Reference, coarse_tensors, compare, definition, excused, layer_by_layer


@dataclass(frozen=True)
class Verification:
    """Comparisons; the first layer at which the self-test fails, or None, for each way to run; what could not be done."""

    comparisons: tuple[Comparison, ...]
    selftests: Mapping[str, int | None]
    notes: tuple[str, ...]

    @property
    def passed(self) -> bool:
        return all(c.passed for c in self.comparisons) and all(layer is None for layer in self.selftests.values())


@dataclass(frozen=True)
class Session:
    """A compiled model with its bundle and the samples to run; `expected` names where their outputs come from."""

    source: Source
    compiled: Compiled
    bundle: Bundle
    samples: Sequence[Sample]
    expected: str = "the samples' outputs"
    bounds: Bounds = QUANTIZED

    def run(self, stages: Stages | None = None) -> Verification:
        """Runs the traced code and the self-test in every way, and compares."""
        stages = stages or Stages()
        ways = self.bundle.emulators
        references, notes = self._references(stages)
        comparisons: list[Comparison] = []
        selftests: dict[str, int | None] = {}
        for way in ways:
            with stages.stage(f"run ({way.name})") as told:
                comparisons += self._compare(way, references)
                told.append(f"{len(self.samples)} samples")
                if self.bundle.has_selftest:
                    status, layer = self.bundle.selftest(way)
                    selftests[way.name] = layer if status else None
        return Verification(tuple(comparisons), selftests, tuple(notes))

    @property
    def _tapped(self) -> list[str]:
        return [tap.tensor for tap in self.bundle.described.trace]

    @property
    def _outputs(self) -> list[str]:
        return [port.name for port in self.bundle.described.outputs]

    @property
    def _states(self) -> dict[str, str]:
        return self.bundle.described.feedback

    def _stream(self, oracle: onnxruntime.Oracle) -> list[dict[str, Array]]:
        """An oracle's tensors for every sample, each call fed with the state of the one before."""
        feedback = Feedback(self._states, initial_states(self.compiled.imported, self._states))
        computed: list[dict[str, Array]] = []
        for sample in self.samples:
            given = model_inputs(sample.inputs, self.compiled.policy.forms)
            computed.append(oracle.run(feedback.inputs(self.compiled.conversions.model_inputs(given))))
            feedback.outputs(computed[-1])
        return computed

    def _references(self, stages: Stages) -> tuple[list[Reference], list[str]]:
        with stages.stage("interpret"):
            references = [definition(self.compiled.imported, self.samples, self._tapped, self._states)]
        with stages.stage("ONNX Runtime"):
            oracles, notes = self._oracles()
        references += oracles
        if all(sample.expected for sample in self.samples):
            references.append(Reference(self.expected, [s.expected for s in self.samples]))
        told = self.compiled.conversions.caller_outputs
        return [replace(r, samples=[told(s) for s in r.samples]) for r in references], notes

    def _oracles(self) -> tuple[list[Reference], list[str]]:
        """ONNX Runtime's tensors, without optimizations and, outputs only and to be shown only, with its defaults."""
        if not onnxruntime.installed():
            return [], ["not compared with ONNX Runtime, which is not installed (pip install onnxruntime)"]
        known = onnxruntime.computed_tensors(self.source)
        every, last = (
            {n: known[n] for n in (*names, *self._states.values()) if n in known}
            for names in (self._tapped + self._outputs, self._outputs)
        )
        references: list[Reference] = []
        notes: list[str] = []
        for name, tensors, optimized in (
            ("ONNX Runtime unoptimized", every, False),
            ("ONNX Runtime's defaults", last, True),
        ):
            try:
                oracle = onnxruntime.Oracle(self.source, tensors, optimized, self._states)
                references.append(Reference(name, self._stream(oracle), binding=not optimized))
            except Exception as error:  # whatever it dislikes is no fault of the code under test
                notes.append(f"{name} cannot run the model: {error}")
        return references, notes

    def _compare(self, way: Emulator, references: Sequence[Reference]) -> list[Comparison]:
        """All comparisons of one way to run; tensors that fail and that a pass has rewritten are told apart.

        So are those of quantized layers that are right for the bytes which came in: one unit may become several on the way.
        """
        imported = self.compiled.imported
        coarse = coarse_tensors(imported)
        found = compare(self.bundle, way, self.samples, references, self.bounds, coarse)
        if all(c.passed for c in found):
            return found
        own = definition(self.compiled.simplified, self.samples, self._tapped, self._states)
        exact = compare(self.bundle, way, self.samples, [own], Bounds(self.bounds.tolerance))[0]
        found = excused(found, exact, "rewritten", coarse.union(self._outputs))
        if all(c.passed for c in found) or not coarse or self._states or not exact.passed:
            return found
        local = layer_by_layer(self.bundle, way, self.samples, imported, self.bounds, coarse)
        return excused(found, local, "inherited", set(self._tapped + self._outputs) - coarse)
