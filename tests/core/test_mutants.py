"""The tests tested: the core with one mistake in it, again and again, each of which must be found.

A mutant is a function of the core in whose source one piece of text is replaced. The text must
stand there exactly once, so that a mutant which no longer fits fails instead of testing nothing.
Only a failed assertion counts as found, not any error: a mutant that merely crashes here and there
is run against the rest of the table until something says that its numbers are wrong.
"""

from __future__ import annotations
import __future__

import ast
import inspect
import textwrap
from itertools import chain
from types import CodeType, FunctionType

import pytest

from . import contract, table
from .mutants import FOUND_OTHERWISE, GRADIENTS, OTHERS, Checks

pytestmark = pytest.mark.slow


def recompile(function: FunctionType, stands: str, instead: str) -> CodeType:
    """Compile a function of the core with one piece of its source replaced."""
    source = textwrap.dedent(inspect.getsource(function))
    assert source.count(stands) == 1, f"{function.__qualname__}: {stands!r} stands there {source.count(stands)} times"
    module = ast.parse(source.replace(stands, instead))
    (definition,) = module.body
    definition.decorator_list = []
    made: dict[str, FunctionType] = {}
    code = compile(module, "<mutant>", "exec", flags=__future__.annotations.compiler_flag, dont_inherit=True)
    exec(code, dict(function.__globals__), made)
    return made[definition.name].__code__


def found_by(checks: Checks) -> bool:
    for check in checks:
        try:
            check()
        except (AssertionError, FloatingPointError):  # the second where a test forbids overflow
            return True
        except Exception:  # a crash says that something is wrong, but not that it would have been noticed
            continue
    return False


def name(function: FunctionType, stands: str, instead: str, *_: object) -> str:
    return f"{function.__qualname__}: {stands} -> {instead}"


@pytest.mark.parametrize("oracle", [contract.by_differences, contract.by_jax], ids=["differences", "jax"])
@pytest.mark.parametrize("mutant", GRADIENTS, ids=[name(*mutant) for mutant in GRADIENTS])
def test_a_wrong_gradient_is_found(mutant, oracle, monkeypatch):
    function, stands, instead = mutant
    monkeypatch.setattr(function, "__code__", recompile(function, stands, instead))
    assert found_by(oracle()), "survived"


@pytest.mark.parametrize("mutant", FOUND_OTHERWISE, ids=[name(*mutant) for mutant in FOUND_OTHERWISE])
def test_another_mistake_is_found(mutant, monkeypatch):
    function, stands, instead, checks = mutant
    monkeypatch.setattr(function, "__code__", recompile(function, stands, instead))
    assert found_by(checks()), "survived"


def test_without_a_mistake_nothing_is_found(monkeypatch):
    """Check that the mutants are found by the mistake, not by the way it is inserted."""
    for function, stands, *_ in (*GRADIENTS, *FOUND_OTHERWISE):
        if function.__code__.co_filename != "<mutant>":
            monkeypatch.setattr(function, "__code__", recompile(function, stands, stands))
    for entry in table.ALONE:
        contract.check_layer_by_differences(entry)
        contract.check_layer_by_jax(entry)
    for network in table.CROSS:
        contract.check_network_by_differences(network)
        contract.check_network_by_jax(network)
    for check in chain.from_iterable(checks() for checks in OTHERS):
        check()


def test_every_backward_of_the_core_has_its_mutants():
    mutated = {function for function, *_ in GRADIENTS}
    assert {type(entry.layer).backward for entry in table.ALONE} <= mutated
    assert {type(cost).delta for cost in (*table.COSTS, *table.STEP_COSTS)} <= mutated
    assert {type(activation).derivative for activation in table.ACTIVATIONS} <= mutated
    names = [name(*mutant) for mutant in (*GRADIENTS, *FOUND_OTHERWISE)]
    assert len(set(names)) == len(names)
