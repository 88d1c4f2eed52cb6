"""Pickling an error preserves its class, fields and message."""

from __future__ import annotations

import copy
import pickle

import pytest

from deltarule.errors import NOTHING, DataError, DivergedError, Interrupted, InvalidArgument
from deltarule.recipes.recipe import Misfit

ERRORS = [
    InvalidArgument(argument="eta", owner="Training", value="fast", expected="a number above 0"),
    InvalidArgument(argument="coordinator", expected="an address"),
    DataError(path="labels.csv", position="line 12", expected="5 columns", remedy="look for a comma"),
    DivergedError("the cost is nan", position="epoch 0, step 3"),
    Misfit(2, "no images"),
]


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
@pytest.mark.parametrize("sent", [lambda error: pickle.loads(pickle.dumps(error)), copy.copy, copy.deepcopy])
def test_an_error_survives_pickling_and_copying(error, sent):
    found = sent(error)
    assert (type(found), str(found), vars(found)) == (type(error), str(error), vars(error))


def test_pickling_preserves_a_missing_value():
    assert pickle.loads(pickle.dumps(DataError("none"))).value is NOTHING


def test_pickling_an_interruption_preserves_its_model():
    found = pickle.loads(pickle.dumps(Interrupted("interrupted in epoch 3", [1, 2])))
    assert (str(found), found.model) == ("interrupted in epoch 3", [1, 2])


class Shy:
    def __repr__(self):
        raise RuntimeError


@pytest.mark.parametrize(
    ("value", "kind"), [(10**5000, "int"), ([10**5000], "list"), (Shy(), "Shy")], ids=["digits", "inner", "shy"]
)
def test_a_value_that_cannot_be_shown_is_named_by_its_type(value, kind):
    error = InvalidArgument(argument="eta", expected="a number", value=value)
    assert str(error) == f"eta: expected a number, got a value of type {kind} that cannot be shown"
