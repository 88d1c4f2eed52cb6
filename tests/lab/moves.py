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
