"""Networks with and without dropout, alone and in a vote."""

from __future__ import annotations

import numpy as np
from tests.lab.moves import Move, Values
from tests.lab.test_lessons import open_lesson

SMALL = {"n": 50, "hidden": 10, "members": 1}


def _gain(values: Values) -> float:
    """Compute by how much dropout raises the mean."""
    return float(values["groups"][1]["average"] - values["groups"][0]["average"])


MOVES = (
    Move("dropout_ensembles", "the vote of one network is its own accuracy", {"members": 2},
         lambda a, b: a["groups"][0]["alone"] == [a["groups"][0]["vote"]] and a["isFinished"]
         and b["groups"][0]["alone"][0] == a["groups"][0]["vote"] and len(b["groups"][0]["alone"]) == 2, SMALL),
    Move("dropout_ensembles", "every validation image is counted", {},
         lambda a, b: [sum(group["images"]) for group in a["groups"]] == [300, 300]
         and len(a["groups"][0]["images"]) == 6),
    Move("dropout_ensembles", "with correct labels dropout does not win", {"wrong": 0},
         lambda a, b: _gain(a) > 1.5 and _gain(b) < 0),
    Move("dropout_ensembles", "with 100 images and correct labels dropout loses", {"n": 100},
         lambda a, b: _gain(b) < -2 < _gain(a), {"wrong": 0}),
    Move("dropout_ensembles", "with 10 hidden neurons dropout loses as well", {"hidden": 10},
         lambda a, b: _gain(b) < -2 and b["groups"][0]["vote"] > b["groups"][0]["average"] + 2.5),
    Move("dropout_ensembles", "a smaller p drops less", {"p": 0.1},
         lambda a, b: b["groups"][0] == a["groups"][0] and b["groups"][1] != a["groups"][1],
         {"members": 2, "n": 100}),
)  # fmt: skip

ANSWERS = ({"wrong": 0, "n": 100}, {"hidden": 10})

IN_PYTHON = "train_network"

LEARNING = ({"n": 50, "hidden": 10, "members": 2, "wrong": 0.1, "p": 0.3},)
"""Settings for the comparison with Python."""


def check_python(train_network, values, state) -> None:
    """The accuracies and the votes are those of `fit`."""
    labels = open_lesson("dropout_ensembles")["validation"].y
    for p, group in zip((0, values["p"]), state["groups"], strict=True):
        outputs = [
            train_network(*(values[name] for name in ("n", "wrong", "hidden")), p, seed, "numpy", "float64")
            for seed in range(1, values["members"] + 1)
        ]
        alone = [100 * np.mean(one.argmax(axis=1) == labels) for one in outputs]
        np.testing.assert_allclose(group["alone"], alone)
        assert np.isclose(group["vote"], 100 * np.mean(np.sum(outputs, axis=0).argmax(axis=1) == labels))
