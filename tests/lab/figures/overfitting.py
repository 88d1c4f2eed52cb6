"""A network that learns false labels by heart, and weight decay."""

from __future__ import annotations

import numpy as np
from tests.lab.moves import Move, Values

SHORT = {"n": 100, "epochs": 20}


def _last(values: Values, name: str) -> float:
    return float(values["records"][-1][name])


def _first_best(values: Values) -> int:
    """Return the epoch of the best validation accuracy."""
    return int(np.argmax([record["validation"] for record in values["records"]]))


MOVES = (
    Move("overfitting", "with more false labels it learns less of the truth", {"wrong": 0.5},
         lambda a, b: b["isFinished"] and len(b["records"]) == 21
         and _last(b, "validation") < _last(a, "validation") - 10, SHORT),
    Move("overfitting", "it learns the false labels by heart, and was better in the first twenty epochs", {},
         lambda a, b: _last(a, "training") > 88 and _last(a, "validation") < 83 and 0 < _first_best(a) <= 20
         and a["records"][_first_best(a)]["validation"] > 90
         and _last(a, "validationCost") > 1.1 * min(record["validationCost"] for record in a["records"])),
    Move("overfitting", "λ = 1 gives 88.3 % instead of 82.7 %, and training lies below validation", {"lmbda": 1},
         lambda a, b: (round(_last(a, "validation"), 1), round(_last(b, "validation"), 1)) == (82.7, 88.3)
         and _last(b, "training") < 80 < _last(b, "validation") and b["weights"] < a["weights"] / 2),
    Move("overfitting", "with too much decay it reads only 65 %", {"lmbda": 5},
         lambda a, b: round(_last(b, "validation")) == 65 and _last(b, "validation") < _last(a, "validation") - 10),
    Move("overfitting", "with right labels there is little to overfit", {"wrong": 0},
         lambda a, b: _last(b, "validation") > 95
         and _last(b, "validationCost") < 1.1 * min(record["validationCost"] for record in b["records"])),
    Move("overfitting", "more images help more than λ = 1", {"n": 1000}, lambda a, b: _last(b, "validation") > 88.4),
    Move("overfitting", "with fewer epochs it memorizes less", {"epochs": 10},
         lambda a, b: _last(b, "training") < 80 and _last(b, "validation") > _last(a, "validation")),
    Move("overfitting", "other labels are false, and λ = 1 helps as well", {"draw": 2},
         lambda a, b: b["records"] != a["records"] and _last(b, "validation") > 86, {"lmbda": 1}),
    Move("overfitting", "with right labels λ = 1 changes little", {"lmbda": 1},
         lambda a, b: b["weights"] < a["weights"] / 2
         and abs(_last(b, "validation") - _last(a, "validation")) < 1, {"wrong": 0}),
)  # fmt: skip

ANSWERS = ({"lmbda": 1}, {"lmbda": 0.8})

IN_PYTHON = "train_network"

LEARNING = ({"lmbda": 1, "n": 150, "epochs": 10}, {"wrong": 0.35, "draw": 3, "n": 50, "epochs": 20})
"""Settings for the comparison with Python."""


def check_python(train_network, values, state) -> None:
    """The accuracies and costs after each epoch are those of `fit`."""
    history = train_network(**values, engine="numpy", dtype="float64")
    records = state["records"][1:]
    np.testing.assert_allclose([one["validation"] for one in records], 100 * np.array(history["validation_accuracy"]))
    np.testing.assert_allclose([one["validationCost"] for one in records], history["validation_cost"], rtol=1e-9)
