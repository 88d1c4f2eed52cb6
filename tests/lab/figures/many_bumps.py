"""Many bumps, as high as the goal in their middles."""

from __future__ import annotations

import numpy as np
import pytest
from tests.lab.dragging import drag, find_handle
from tests.lab.moves import Move

from deltarule.constructions.bumps import goal

X = np.linspace(0, 1, 601)

MOVES = (
    Move("any_function", "more bumps come nearer", {"n": 40}, lambda a, b: b["distance"] < a["distance"] / 3),
    *(Move("any_function", f"from {n} bumps on, twice as many leave about half", {"n": 2 * n},
           lambda a, b: 0.4 < b["distance"] / a["distance"] < 0.6, {"n": n}) for n in (10, 15, 20, 25, 30)),
    Move("any_function", "the largest distance stays the same", {"n": 60},
         lambda a, b: a["distance"] > 5 * b["distance"] and 0.9 < b["farthest"] / a["farthest"] < 1),
    Move("any_function", "unless the outer steps stand outside", {"outside": True},
         lambda a, b: b["farthest"] < a["farthest"] / 5, {"n": 60}),
)  # fmt: skip

ANSWERS = ({"n": 45}, {"n": 50, "outside": True})

IN_PYTHON = "add_bumps"
"""The function of the lesson that computes the same as the figure."""


def check_python(add_bumps, values, state) -> None:
    """The network of the lesson has the same outputs, and the curve of distances has the same distance."""
    middles = (np.arange(values["n"]) + 0.5) / values["n"]
    outputs = add_bumps(goal(middles).tolist(), values["outside"], X)
    np.testing.assert_allclose(state["outputs"], outputs, rtol=1e-9, atol=1e-12)
    assert state["distances"][values["n"] - 1] == pytest.approx(np.abs(outputs - goal(X)).mean())


def check_picture(page) -> None:
    """The number of bumps is dragged along the curve, and moved by keys."""
    n = page.locator("input[name=n]")
    drag(page, find_handle(page, "the number of bumps"), (-2000, 0))
    page.keyboard.press("ArrowRight")
    assert n.input_value() == "2"
    drag(page, find_handle(page, "the number of bumps"), (2000, 0))
    assert n.input_value() == "60"
