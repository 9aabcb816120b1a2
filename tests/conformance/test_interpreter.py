"""All of the backend suite as far as the interpreter goes: what the frontend builds means what ONNX says."""

import numpy as np

from embedc.ir.interpreter import InterpreterError, run
from tests.conformance.batch import compare
from tests.conformance.expected import Expected, read_expected
from tests.conformance.outcome import Failed, Verdict
from tests.conformance.preparing import opened
from tests.conformance.suite import Case, cases


def judged(case: Case) -> Failed | None:
    """Why the frontend refuses the case, or how the interpreter's results differ."""
    try:
        for work in opened(case):
            results = run(work.graph, work.feeds)
            for name, wanted in work.wanted.items():
                compare(name, np.asarray(results[name]), wanted, max(case.rtol, 1e-3), max(case.atol, 1e-6))
    except Failed as error:
        return error
    except InterpreterError as error:
        return Failed(Verdict.BROKEN, str(error))
    return None


def test_interpreter_on_the_whole_suite() -> None:
    """A case that is not listed passes here too; one that is refused here is listed as refused."""
    expected = read_expected()
    complaints: list[str] = []
    for case in cases():
        verdict = expected.get(case.name, Expected(Verdict.PASSED, "")).verdict
        failed = judged(case)
        if failed and (
            verdict is Verdict.PASSED or (failed.verdict is Verdict.REFUSED and verdict is not failed.verdict)
        ):
            complaints.append(f"{case.name}: {failed.verdict} ({failed.reason}), expected: {verdict}")
    assert not complaints, "\n".join(complaints)
