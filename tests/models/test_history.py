"""Histories: records by name, the last and the best one, and additions that leave the old history unchanged."""

from __future__ import annotations

import pytest
from tests.fields import has

from deltarule.errors import InvalidArgument
from deltarule.models.history import History

RECORDS = (
    {"epoch": 0, "validation_accuracy": 0.5},
    {"epoch": 1, "validation_accuracy": 0.75, "norm": 3.0},
    {"epoch": 2, "validation_accuracy": 0.75, "norm": 2.0},
)


def test_values_are_read_by_name():
    history = History(RECORDS)
    assert len(history) == 3
    assert history["validation_accuracy"] == [0.5, 0.75, 0.75]
    assert history.names == ["epoch", "validation_accuracy", "norm"]
    assert history.last == RECORDS[2]


def test_best_is_the_first_of_a_tie():
    assert History(RECORDS).best("validation_accuracy") is RECORDS[1]


@pytest.mark.parametrize("name", ["norm", "cost"])
def test_a_name_without_a_value_for_every_epoch_is_refused(name):
    with pytest.raises(InvalidArgument, match="validation_accuracy", check=has(argument="name", value=name)):
        History(RECORDS)[name]


def test_an_empty_history_has_no_records():
    assert len(History()) == 0
    assert History().last == {}
    assert History().names == []
    assert History()["anything"] == []


def test_add_returns_a_new_history():
    before = History(RECORDS[:1], ({"step": 3},))
    after = before.add(RECORDS[1]).add_within({"step": 7})
    assert before == History(RECORDS[:1], ({"step": 3},))
    assert after == History(RECORDS[:2], ({"step": 3}, {"step": 7}))
