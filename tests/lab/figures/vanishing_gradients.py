"""The gradients of deep networks."""

from __future__ import annotations

import numpy as np
from tests.lab.moves import Move, Values


def _end_ratio(values: Values) -> float:
    """Compute how many times as long as the first gradient the last one is after the last epoch."""
    return float(values["history"][-1][-1] / values["history"][-1][0])


MOVES = (
    Move("vanishing_gradients", "each further layer makes the first gradient about five times shorter", {"depth": 8},
         lambda a, b: len(b["norms"]) == 8 and 90_000 < b["ratio"] < 100_000
         and 4 < (b["ratio"] / a["ratio"]) ** (1 / 4) < 6, {"epochs": 0}),
    Move("vanishing_gradients", "the first layers do not catch up", {},
         lambda a, b: _end_ratio(a) > 50 and np.argmin(a["history"][-1]) == 0),
    Move("vanishing_gradients", "ReLU's slope of 1 loses less", {"hidden": "relu"},
         lambda a, b: b["ratio"] < a["ratio"] / 20 and b["others"] == a["others"], {"epochs": 1}),
    Move("vanishing_gradients", "with ReLU and He's weights the gradients stay level", {"init": "he"},
         lambda a, b: 0.5 < b["ratio"] < 2 < a["ratio"], {"hidden": "relu", "epochs": 1}),
    Move("vanishing_gradients", "with ReLU and s = 1 the gradients explode", {"init": "large"},
         lambda a, b: b["ratio"] < 1 / 50, {"hidden": "relu", "epochs": 1}),
    Move("vanishing_gradients", "more neurons, the same trouble", {"width": 60},
         lambda a, b: b["ratio"] > 50 and a["norms"] != b["norms"], {"epochs": 1}),
    Move("vanishing_gradients", "other first weights, the same trouble", {"seed": 2},
         lambda a, b: b["ratio"] > 50 and a["norms"] != b["norms"], {"epochs": 1}),
    Move("vanishing_gradients", "another η learns otherwise", {"eta": 1},
         lambda a, b: a["history"][0] == b["history"][0] and a["history"][1] != b["history"][1], {"epochs": 1}),
    Move("vanishing_gradients", "the number of epochs is the length of the curves", {"epochs": 3},
         lambda a, b: len(b["history"]) == 4 and b["history"][:2] == a["history"] and b["isFinished"], {"epochs": 1}),
)  # fmt: skip

ANSWERS = ({"depth": 8, "hidden": "relu", "init": "he"}, {"hidden": "relu", "init": "large"})

IN_PYTHON = "measure_gradients"

LEARNING = tuple({**move.setup, **move.controls, "epochs": 0} for move in MOVES)
"""Settings for the comparison with Python."""


def check_python(measure_gradients, values, state) -> None:
    """The gradients before learning are those of `Network.gradients`."""
    of = [values[name] for name in ("depth", "width", "init", "seed")]
    for hidden in (values["hidden"], "tanh"):
        np.testing.assert_allclose(state["others"][hidden], measure_gradients(hidden, *of), rtol=1e-9)
