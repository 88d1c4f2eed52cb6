"""The first layers of three networks."""

from __future__ import annotations

import numpy as np
from tests.lab.moves import Move, Values


def _spread(values: Values, which: int) -> float:
    return float(np.std(values["weights"][which]))


MOVES = (
    Move("inside", "weight decay and dropout read more: 84.0, 89.0 and 91.3 %", {},
         lambda a, b: [round(one, 1) for one in a["accuracy"]] == [84.0, 89.0, 91.3] and a["isFinished"]
         and _spread(a, 1) < _spread(a, 0) / 2 and 0.9 < _spread(a, 2) / _spread(a, 0) < 1.1),
    Move("inside", "too much decay leaves too little", {"lmbda": 4},
         lambda a, b: _spread(b, 1) < _spread(a, 1) and b["accuracy"][1] < b["accuracy"][0] < a["accuracy"][1]),
    Move("inside", "dropout 0 is the network without regularization", {"p": 0},
         lambda a, b: b["accuracy"][2] == b["accuracy"][0] and b["weights"][2] == b["weights"][0]),
)  # fmt: skip

ANSWERS = ({"lmbda": 4},)

IN_PYTHON = "train_network"

LEARNING = ({"lmbda": 0.5, "p": 0.3},)
"""Settings for the comparison with Python."""


def check_python(train_network, values, state) -> None:
    """Weights and accuracies are those of `fit`."""
    for i, settings in enumerate([(0, 0), (values["lmbda"], 0), (0, values["p"])]):
        accuracy, weights = train_network(*settings, engine="numpy", dtype="float64")
        np.testing.assert_allclose(state["weights"][i], weights.ravel(), rtol=1e-6, atol=1e-9)
        assert np.isclose(state["accuracy"][i], 100 * accuracy)
