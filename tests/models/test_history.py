"""The records of a history: by name, the last, the best; and none of them ever changes."""

from __future__ import annotations

import pytest

from deltarule.errors import InvalidArgument
from deltarule.models.history import History

RECORDS = (
    {"epoch": 0, "validation_accuracy": 0.5},
    {"epoch": 1, "validation_accuracy": 0.75, "norm": 3.0},
    {"epoch": 2, "validation_accuracy": 0.75, "norm": 2.0},
)


def test_by_name():
    history = History(RECORDS)
    assert len(history) == 3
    assert history["validation_accuracy"] == [0.5, 0.75, 0.75]
    assert history.names == ["epoch", "validation_accuracy", "norm"]
    assert history.last == RECORDS[2]


def test_the_first_of_equals_is_the_best():
    assert History(RECORDS).best("validation_accuracy") is RECORDS[1]


@pytest.mark.parametrize("name", ["norm", "cost"])
def test_what_was_not_measured_in_every_epoch(name):
    with pytest.raises(InvalidArgument, match=f"every epoch .* among epoch, validation_acc.*, got '{name}'"):
        History(RECORDS)[name]


def test_before_the_first_epoch():
    assert len(History()) == 0
    assert History().last == {}
    assert History().names == []
    assert History()["anything"] == []


def test_adding_leaves_the_old_one_as_it_was():
    before = History(RECORDS[:1], ({"step": 3},))
    after = before.add(RECORDS[1]).add_within({"step": 7})
    assert before == History(RECORDS[:1], ({"step": 3},))
    assert after == History(RECORDS[:2], ({"step": 3}, {"step": 7}))
