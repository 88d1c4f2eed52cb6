"""The perceptron that decides whether to go."""

from __future__ import annotations

import numpy as np
from tests.lab.moves import Move

CASES = np.array([[i >> 2 & 1, i >> 1 & 1, i & 1] for i in range(8)])


def count_exclusive_or() -> int:
    """Count weights and biases from −10 to 10 that say yes for company or a near train, but not for both."""
    w2, w3, b = np.meshgrid(*[np.arange(-10, 11)] * 3)
    return int(((b <= 0) & (w2 + b > 0) & (w3 + b > 0) & (w2 + w3 + b <= 0)).sum())


MOVES = (
    Move("perceptrons", "with the bias −5 the weather decides", {},
         lambda a, b: b["decisions"] == [0, 0, 0, 0, 1, 1, 1, 1]),
    Move("perceptrons", "with weight 0 for the weather the decision is always no", {"w1": 0},
         lambda a, b: not any(b["decisions"])),
    Move("perceptrons", "company may decide", {"w2": 6}, lambda a, b: b["decisions"] == [0, 0, 1, 1, 1, 1, 1, 1]),
    Move("perceptrons", "a train may decide too", {"w3": 6}, lambda a, b: b["decisions"] == [0, 1, 0, 1, 1, 1, 1, 1]),
    Move("perceptrons", "with the bias −3 company and a train are enough", {"b": -3},
         lambda a, b: b["decisions"] == [0, 0, 0, 1, 1, 1, 1, 1]),
    Move("perceptrons", "a weight below 0 is a reason to stay at home", {"w2": -10},
         lambda a, b: b["decisions"] == [0, 0, 0, 0, 1, 1, 0, 0]),
    Move("perceptrons", "no perceptron says yes for one of two, but not for both", {},
         lambda a, b: count_exclusive_or() == 0),
)  # fmt: skip

ANSWERS = ({"b": -3}, {"w1": 2, "w2": 2, "w3": 2, "b": -3}, {"w1": -10, "w2": 0, "w3": 0, "b": 5})

IN_PYTHON = "decide"
"""The function of the lesson that computes the same as the figure."""


def check_python(decide, values, state) -> None:
    """The decisions are the same."""
    assert decide(CASES, [values["w1"], values["w2"], values["w3"]], values["b"]).tolist() == state["decisions"]
