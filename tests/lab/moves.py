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
    Move("any_function", "a steep neuron is a step where it is put", {"weight": 300, "place": 0.7},
         lambda a, b: b["one_step"][b["x"] < 0.65].max() < 0.01 and b["one_step"][b["x"] > 0.75].min() > 0.99),
    Move("any_function", "a larger weight is a steeper step", {"weight": 100},
         lambda a, b: np.gradient(b["one_step"]).max() > 10 * np.gradient(a["one_step"]).max()),
    Move("any_function", "the step stands at s", {"place": 0.7},
         lambda a, b: abs(b["x"][np.argmax(b["one_step"] >= 0.5)] - 0.7) < 0.005),
    Move("any_function", "well chosen heights score well", {"heights": [0.25, 0.35, 0.3, 0.2, 0.65]},
         lambda a, b: b["score"] < 0.5 * a["score"]),
    Move("any_function", "more bumps come nearer", {"n": 40}, lambda a, b: b["distance"] < a["distance"] / 3),
    Move("any_function", "twice as many bumps leave half", {"n": 20},
         lambda a, b: 0.4 < b["distance"] / a["distance"] < 0.6),
    Move("any_function", "with a small h the towers overlap", {"h": 0.5},
         lambda a, b: a["tower"].max() - a["tower"][0, 30] > 0.9 > 0.5 > b["tower"].max() - b["tower"][0, 30]),
    Move("any_function", "a wider tower has a larger mean", {"wide": 0.8},
         lambda a, b: b["tower"].mean() > 2 * a["tower"].mean()),
    Move("vanishing_gradients", "in a deeper network the first layer is slower still", {"depth": 8},
         lambda a, b: len(b["norms"]) == 8 and b["ratio"] > 10 * a["ratio"]),
    Move("vanishing_gradients", "with ReLU and He's weights the gradients stay equal", {"neuron": "relu", "init": "he"},
         lambda a, b: 0.1 < b["ratio"] < 10),
    Move("vanishing_gradients", "a slope of 1 near 0 loses less", {"neuron": "tanh"},
         lambda a, b: b["ratio"] < a["ratio"] / 3),
    Move("vanishing_gradients", "large first weights saturate", {"init": "large"},
         lambda a, b: b["norms"][0] > 3 * a["norms"][0]),
    Move("vanishing_gradients", "more neurons, the same trouble", {"width": 100},
         lambda a, b: b["ratio"] > 10 and not np.allclose(a["norms"], b["norms"])),
    Move("vanishing_gradients", "other first weights, the same trouble", {"seed": 2},
         lambda a, b: b["ratio"] > 10 and not np.allclose(a["norms"], b["norms"])),
    Move("vanishing_gradients", "each additional neuron divides the gradient by the same factor", {"links": 10},
         lambda a, b: len(b["slopes"]) == 10 and np.allclose(b["slopes"][1:] / b["slopes"][:-1], 4)
         and np.allclose(b["slopes"][-5:], a["slopes"])),
    Move("vanishing_gradients", "w = 4 keeps the chain as it is", {"w": 4.0},
         lambda a, b: np.allclose(b["slopes"], b["slopes"][0])),
    Move("vanishing_gradients", "larger weights explode", {"w": 8.0},
         lambda a, b: b["slopes"][0] > 10 * b["slopes"][-1]),
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
