"""Many towers, for a function of two inputs."""

from __future__ import annotations

import numpy as np
import pytest
from tests.lab.figures.tower import POINTS
from tests.lab.moves import Move

MOVES = (
    Move("any_function", "more towers come nearer", {"n": 8}, lambda a, b: b["distance"] < 0.6 * a["distance"]),
    Move("any_function", "with many towers even h = 6 is too small", {"h": 6},
         lambda a, b: b["distance"] > 3 * a["distance"], {"n": 8}),
    Move("any_function", "a larger h than 20 changes hardly anything", {"h": 40},
         lambda a, b: 0 < abs(b["distance"] - a["distance"]) < 0.01 * a["distance"], {"n": 12}),
)  # fmt: skip

ANSWERS = ({"n": 10},)

IN_PYTHON = "build_surface"
"""The function of the lesson that computes the same as the figure."""


def compute_goal(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Compute the figure's goal."""
    return 0.5 + 0.5 * np.sin(5 * x) * np.cos(4 * y)


def check_python(build_surface, values, state) -> None:
    """The network of the lesson has the same outputs, and the same distance from the goal."""
    outputs = build_surface(compute_goal, values["n"], values["h"])(POINTS)
    np.testing.assert_allclose(state["surface"], outputs, rtol=1e-9, atol=1e-12)
    assert state["distance"] == pytest.approx(np.abs(outputs - compute_goal(*POINTS.T)).mean())
