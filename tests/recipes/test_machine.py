"""Recipes for Boltzmann machines: alone, with labels, and with one cost."""

from __future__ import annotations

import pytest

from deltarule import limits
from deltarule.core.costs import LogLikelihood
from deltarule.core.rbm import RBM
from deltarule.errors import InvalidArgument, ShapeError
from deltarule.recipes import BoltzmannMachine, Output, Recipe

MACHINE = Recipe([BoltzmannMachine(20, chains=5)], LogLikelihood())


def test_a_machine_gets_its_inputs_and_its_labels_from_the_data():
    network = MACHINE.network((8, 8), 10)
    assert network == RBM(64, 20, n_labels=10, chains=5)
    assert MACHINE.network((3,), 2).input_shape == (3,)


def test_a_machine_stands_alone():
    with pytest.raises(ShapeError, match=r"layer 1: expected BoltzmannMachine alone, without other layers, got Output"):
        Recipe([BoltzmannMachine(20), Output()], LogLikelihood())


def test_a_machine_classifies_by_one_cost():
    with pytest.raises(InvalidArgument, match=r"cost: expected LogLikelihood, .* got CrossEntropy\(\)"):
        Recipe([BoltzmannMachine(20)])


def test_a_machine_needs_classes():
    with pytest.raises(ShapeError, match=r"layer 0: expected data with two classes or more .* got 1 output"):
        MACHINE.network((8, 8), 1)


def test_a_machine_of_too_many_weights_is_refused(monkeypatch):
    monkeypatch.setattr(limits, "WEIGHTS", 1000)
    with pytest.raises(ShapeError, match="layer 0: expected 1,000 weights at most, got 1,480"):
        MACHINE.network((8, 8), 10)
