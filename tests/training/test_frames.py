"""A breakpoint in a layer shows the training loops and the four equations, and little else."""

from __future__ import annotations

import sys
from inspect import CO_GENERATOR
from types import CodeType

import pytest

from deltarule.core.layers import Dense
from deltarule.core.network import Network
from deltarule.engines.execution import Execution
from deltarule.training.fit import fit, make_plan, train_from
from deltarule.training.many import fit_many
from deltarule.training.plan import Start
from deltarule.training.training import Training

from .runs import TRAIN

STEP = ["descend", "NumpyProgram.run", "Descent.step", "Network.backpropagation", "Network.backward"]
"""The functions of one step above a breakpoint in ``Dense.backward``."""

NETWORK, NUMPY = Network.dense([16, 5, 3]), Execution(engine="numpy")
LAYERS, STEPS = 2, 5


@pytest.fixture
def stacks(monkeypatch) -> list[list[CodeType]]:
    """Record the stack between the test and each call of ``Dense.backward``, outermost first."""
    found: list[list[CodeType]] = []
    backward = Dense.backward

    def breakpoint_in(*given):
        stack, frame = [], sys._getframe(1)
        while frame.f_code.co_filename != __file__:
            stack.insert(0, frame.f_code)
            frame = frame.f_back
        found.append(stack)
        return backward(*given)

    monkeypatch.setattr(Dense, "backward", breakpoint_in)
    return found


def names(stack: list[CodeType]) -> list[str]:
    return [code.co_qualname for code in stack]


def test_a_breakpoint_shows_the_loops_and_the_equations(stacks):
    fit(NETWORK, TRAIN, epochs=2, engine="numpy")
    assert len(stacks) == 2 * STEPS * LAYERS
    for stack in stacks:
        assert names(stack) == ["fit", "train_from", *STEP]
        assert len(stack) + 1 <= 10
        assert not any(code.co_flags & CO_GENERATOR for code in stack)


def test_a_breakpoint_in_a_resumed_run_shows_the_same(stacks):
    plan = make_plan(Start(NETWORK, NETWORK.init(0)), TRAIN, None, Training(epochs=1), NUMPY, ())
    train_from(plan, plan.start_from(NETWORK.init(0)), ())
    assert {tuple(names(stack)) for stack in stacks} == {("train_from", *STEP)}


def test_a_breakpoint_in_one_of_several_networks_shows_the_same(stacks):
    fit_many(NETWORK, TRAIN, Training(epochs=1).vary(seed=[1, 2]), execution=NUMPY)
    assert len(stacks) == 2 * STEPS * LAYERS
    for stack in stacks:
        assert names(stack)[-len(STEP) :] == STEP
        assert len(stack) + 1 <= 10
        assert not any(code.co_flags & CO_GENERATOR for code in stack)
