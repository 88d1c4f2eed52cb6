"""What each control of a lesson must do to what is shown: the controls that are moved, and what must be seen."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

Shown = Mapping[str, Any]


@dataclass(frozen=True)
class Move:
    """On ``lesson`` these controls are set, all others staying as they are; ``seen(before, after)`` must hold."""

    lesson: str
    what: str
    controls: Mapping[str, Any]
    seen: Callable[[Shown, Shown], bool]


def _shares(shown: Shown) -> np.ndarray:
    return np.asarray(shown["activations"])


MOVES = (
    Move("gradient_descent", "a larger η comes down faster", {"eta": 0.3},
         lambda a, b: b["heights"][-1] < a["heights"][-1]),
    Move("gradient_descent", "η above 1 climbs", {"eta": 1.05}, lambda a, b: b["heights"][-1] > b["heights"][0]),
    Move("gradient_descent", "momentum helps a small η", {"eta": 0.02, "mu": 0.7, "steps": 40},
         lambda a, b: b["heights"][-1] < (1 - 0.04) ** 80 * b["heights"][0]),
    Move("gradient_descent", "steps are steps", {"steps": 7}, lambda a, b: len(b["path"]) == 8),
    Move("gradient_descent", "a steeper valley throws it out", {"steepness": 10.0, "eta": 0.15},
         lambda a, b: b["heights"][-1] > b["heights"][0]),
    Move("gradient_descent", "it starts where it is thrown", {"start": 1.2}, lambda a, b: b["path"][0][0] == 1.2),
    Move("perceptrons", "with bias −5 the weather decides", {},
         lambda a, b: b["decisions"].tolist() == [0, 0, 0, 0, 1, 1, 1, 1] and b["right"] == 4),
    Move("perceptrons", "with bias −3 company and a train are enough", {"b": -3},
         lambda a, b: b["decisions"].tolist() == [0, 0, 0, 1, 1, 1, 1, 1]),
    Move("perceptrons", "a gate that never says no does not add", {"gate_bias": 6}, lambda a, b: b["right"] < 4),
    Move("sigmoid", "a steep sigmoid is nearly a step", {"w": 20, "b": -10},
         lambda a, b: np.abs(b["smooth"] - b["hard"]).mean() < np.abs(a["smooth"] - a["hard"]).mean() / 2),
    Move("sigmoid", "no nudge, no change", {"nudge": 0.0},
         lambda a, b: b["moved"] == b["flipped"] == b["true"] == b["foretold"] == 0),
    Move("sigmoid", "a small nudge is foretold well", {"nudge": 0.05},
         lambda a, b: abs(b["true"] - b["foretold"]) < abs(a["true"] - a["foretold"]) / 10),
    Move("slow_neuron", "the quadratic cost is slow from 2, 2", {},
         lambda a, b: b["quadratic"][100] > 0.9 and b["entropy"][100] < 0.1),
    Move("slow_neuron", "from 0.6, 0.9 it is not", {"w0": 0.6, "b0": 0.9}, lambda a, b: b["quadratic"][-1] < 0.12),
    Move("softmax", "raising z₃ lowers the others", {"z": [2.5, -1.0, 4.2, 0.5]},
         lambda a, b: _shares(b)[2] > _shares(a)[2] and (np.delete(_shares(b), 2) < np.delete(_shares(a), 2)).all()),
    Move("softmax", "adding to all changes nothing", {"z": [3.5, 0.0, 4.2, 1.5]},
         lambda a, b: np.allclose(_shares(a), _shares(b))),
    Move("softmax", "hardness 0 makes all equal", {"hardness": 0.0}, lambda a, b: np.allclose(_shares(b), 0.25)),
)  # fmt: skip
