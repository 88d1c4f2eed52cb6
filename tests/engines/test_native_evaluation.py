"""An evaluation of many examples by the native engine is divided into calls, after each of which Ctrl-C is heard."""

from __future__ import annotations

import numpy as np
import pytest

from deltarule.engines import native_program

from .cases import N, shared_run


@pytest.mark.parametrize("most", [1, 3, N - 1, N, 10**9])
def test_the_calls_of_an_evaluation_change_no_bit(monkeypatch, most):
    run = shared_run("native", "float32")
    whole = run.program.weighted_inputs(run.params, run.examples)
    monkeypatch.setattr(native_program, "EVALUATED_PER_CALL", most)
    np.testing.assert_array_equal(run.program.weighted_inputs(run.params, run.examples), whole)


def test_an_evaluation_ends_at_a_call_that_is_interrupted(monkeypatch):
    run, calls = shared_run("native", "float32"), []

    def interrupt(self, job) -> None:
        calls.append(job.steps)
        if len(calls) == 2:
            raise KeyboardInterrupt

    monkeypatch.setattr(native_program, "EVALUATED_PER_CALL", 1)
    monkeypatch.setattr(native_program.NativeEvaluator, "_do", interrupt)
    with pytest.raises(KeyboardInterrupt):
        run.program.weighted_inputs(run.params, run.examples)
    assert calls == [1, 1]
