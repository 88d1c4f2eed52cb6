"""Two networks that learn from different first weights."""

from __future__ import annotations

import numpy as np
from tests.lab.moves import Move, Values

from deltarule import Network
from deltarule.data import OneHot
from deltarule.models.model import Model
from deltarule.preprocessing import Preprocessing, Scaling


def _last(values: Values, start: str = "default") -> float:
    return float(values["curves"][start][-1])


def _lead(values: Values) -> float:
    """Compute how far s = 1/√n is ahead at the end."""
    return _last(values) - _last(values, "large")


SHORT = {"epochs": 2}

MOVES = (
    Move("first_weights", "a larger η learns sooner", {"eta": 0.5}, lambda a, b: _last(b) > _last(a) + 1, SHORT),
    Move("first_weights", "after the first epoch it reads 54 % and 82 %", {},
         lambda a, b: [round(a["curves"][start][1]) for start in ("large", "default")] == [54, 82]
         and a["saturated"]["large"][0] > 50 > 1 > a["saturated"]["default"][0]),
    Move("first_weights", "more hidden neurons learn more", {"hidden": 100}, lambda a, b: _last(b) > _last(a) + 1,
         SHORT),
    Move("first_weights", "with more epochs the two come nearer", {"epochs": 20},
         lambda a, b: len(b["curves"]["large"]) == 21 and 0 < _lead(b) < 0.7 * _lead(a)),
    Move("first_weights", "64 inputs saturate few neurons, and s = 1 ends ahead", {"k": 1},
         lambda a, b: b["saturated"]["large"][0] < 25 < 70 < a["saturated"]["large"][0] and _lead(b) < 0 < _lead(a)),
    Move("first_weights", "with η = 0.5 the network that began well ends saturated", {"eta": 0.5},
         lambda a, b: b["saturated"]["default"][0] < 1 and b["saturated"]["default"][-1] > 50 and _last(b) > 90),
)  # fmt: skip

ANSWERS = ({"k": 1}, {"epochs": 20})

IN_PYTHON = "train_network"

LEARNING = ({"k": 2, "hidden": 10, "epochs": 2},)
"""Settings for the comparison with Python."""


def check_python(train_network, values, state) -> None:
    """The networks learn as they do on enlarged images, where the k·k weights of a pixel are equal at first."""
    k, hidden = values["k"], values["hidden"]
    for start, spread in (("large", 1), ("default", 1 / k)):
        params = Network.dense([64, hidden, 10], init=start).init(1)
        small = params[0]["w"].reshape(hidden, 8, 8) * spread / k
        params[0]["w"] = small.repeat(k, axis=1).repeat(k, axis=2).reshape(hidden, -1)
        preprocessing = Preprocessing(OneHot(10), Scaling(16.0), example_shape=(8 * k, 8 * k))
        model = Model(Network.dense([64 * k * k, hidden, 10]), params, preprocessing)
        accuracies = train_network(model, k, values["eta"], values["epochs"], engine="numpy", dtype="float64")
        np.testing.assert_allclose(state["curves"][start][1:], 100 * np.array(accuracies))
