"""The targets of fuzzing accept their seeds, the inputs of earlier faults and some mutated ones; faults are noticed."""

from __future__ import annotations

import doctest
from collections.abc import Callable

import fuzz.__main__
import fuzz.child
import fuzz.containers
import fuzz.mutations
import fuzz.page_scripts
import fuzz.totals
import pytest
from fuzz import plain, targets
from fuzz.modules import MODULES

MUTANTS = 12


@pytest.mark.parametrize("name", targets.TARGETS)
def test_seeds_and_mutated_ones_have_our_errors(name):
    most = len(targets.list_inputs(name)) + (MUTANTS if name != "row of digits" else 2)
    found = plain.run_target(name, 600, most, seed=3)
    assert found["failures"] == []
    assert found["executions"] == most


def test_each_target_has_modules_and_each_folder_of_inputs_a_target():
    assert MODULES.keys() == targets.TARGETS.keys()
    folders = {path.name for path in targets.CORPUS.iterdir()}
    assert folders <= {name.replace(" ", "_") for name in targets.TARGETS}


def loop(content: bytes) -> None:
    while True:
        pass


def use(run: Callable[[bytes], object], monkeypatch) -> dict:
    monkeypatch.setitem(targets.TARGETS, "idx", targets.Target(run, lambda: [b"1", b"0"]))
    monkeypatch.setattr(plain, "SLOWEST", 0.1)
    return plain.run_target("idx", 60, 2, seed=1)


def test_another_error_is_noticed(monkeypatch):
    found = use(lambda content: 1 // int(content), monkeypatch)
    (failure,) = found["failures"]
    assert failure.startswith("ZeroDivisionError in tests/test_fuzz.py, line ")


def test_a_slow_input_is_noticed(monkeypatch):
    assert [failure.partition(" ")[0] for failure in use(loop, monkeypatch)["failures"]] == ["Slow"]


@pytest.mark.parametrize(
    "module", [fuzz.__main__, fuzz.child, fuzz.containers, fuzz.mutations, fuzz.page_scripts, fuzz.totals]
)
def test_the_examples_of_the_docstrings(module):
    assert doctest.testmod(module) == (0, doctest.testmod(module).attempted)
