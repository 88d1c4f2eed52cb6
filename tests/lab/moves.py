"""The effect of each control of the lessons: controls that a test sets, and a condition on the results."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

Values = Mapping[str, Any]
"""The variables of a lesson."""


@dataclass(frozen=True)
class Move:
    """A change of ``controls`` of a ``lesson``, and its effect: ``holds(before, after)``, in words ``claim``.

    The controls in ``setup`` are set before the change; all others keep their first values.
    """

    lesson: str
    claim: str
    controls: Mapping[str, Any]
    holds: Callable[[Values, Values], bool]
    setup: Mapping[str, Any] = field(default_factory=dict)


def _outputs(values: Values) -> np.ndarray:
    return np.asarray(values["activations"])


def _mean(values: Values, name: str) -> float:
    return float(np.mean(values[name]))


def _count_steps(outputs: list[float]) -> int:
    """Count the steps until the output is below one half."""
    return next(i for i, a in enumerate(outputs) if a < 0.5)


MOVES = (
    Move("dropout_ensembles", "with p = 0 all neurons are kept", {"p": 0.0}, lambda a, b: b["kept"] == b["mean"] == 1),
    Move("dropout_ensembles", "each step drops other neurons", {"step": 3},
         lambda a, b: not np.array_equal(a["masked"], b["masked"])),
    Move("dropout_ensembles", "the vote of one network is its own accuracy", {"members": 1},
         lambda a, b: len(b["alone"]) == 1 and b["alone"][0] == b["voted"]),
    Move("dropout_ensembles", "more images give a higher accuracy", {"n": 600},
         lambda a, b: _mean(b, "alone") > _mean(a, "alone"), {"members": 3}),
    Move("dropout_ensembles", "with 10 hidden neurons a vote helps more", {"hidden": 10},
         lambda a, b: b["voted"] - _mean(b, "alone") > max(1.0, a["voted"] - _mean(a, "alone"))),
    Move("dropout_ensembles", "dropout takes too much from 10 hidden neurons", {"drop": 0.5},
         lambda a, b: _mean(b, "alone") < _mean(a, "alone") - 2, {"hidden": 10}),
    Move("dropout_ensembles", "dropout takes nothing from 100 hidden neurons", {"drop": 0.5},
         lambda a, b: abs(_mean(b, "alone") - _mean(a, "alone")) < 0.5 and a["alone"] != b["alone"],
         {"hidden": 100}),
    Move("inside", "weight decay and dropout raise the validation accuracy", {},
         lambda a, b: min(a["unseen"]["weight decay"], a["unseen"]["dropout"]) > a["unseen"]["no regularization"] + 2),
    Move("inside", "convolutional layers are counted from 1", {},
         lambda a, b: next(iter(a["layer"].options)).startswith("convolutional layer 1: ")),
    Move("inside", "every weight is in its histogram", {},
         lambda a, b: [int(one.sum()) for one in a["bars"]] == [len(w) for w in a["first_layer"].values()]),
    Move("inside", "more decay, smaller weights", {"lmbda": 4.0},
         lambda a, b: b["first_layer"]["weight decay"].std() < a["first_layer"]["weight decay"].std()),
    Move("inside", "dropout 0 is the network without regularization", {"p": 0.0},
         lambda a, b: b["unseen"]["dropout"] == b["unseen"]["no regularization"]),
    Move("inside", "deeper maps see larger pieces", {"layer": 3},
         lambda a, b: [len(values["patches"]) for values in (a, b)]
         == [a["model"].network.layers[i].maps for i in (0, 3)]
         and a["patches"][0][0].shape == (5, 5) and b["patches"][0][0].shape == (10, 10)),
)  # fmt: skip
