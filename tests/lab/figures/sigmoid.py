"""The sigmoid neuron and the perceptron."""

from __future__ import annotations

import numpy as np
import pytest
from tests.lab.dragging import drag, find_handle
from tests.lab.moves import Move

INPUTS = np.linspace(-1, 2, 301)


def find_rise(outputs: list[float]) -> float:
    """Find the first input with an output above one half."""
    return float(INPUTS[np.argmax(np.array(outputs) > 0.5)])


def count_slopes(state: dict) -> float:
    """Compute the share of inputs where σ′(z) is at least 0.01."""
    a = np.array(state["smooth"])
    return float(np.mean(a * (1 - a) >= 0.01))


MOVES = (
    Move("sigmoid", "a steep sigmoid is nearly a step", {"w": 20, "b": -10},
         lambda a, b: b["gap"] < 0.03 < 0.1 < a["gap"]),
    Move("sigmoid", "in a steep sigmoid σ′ is nearly 0 for most inputs", {"w": 20},
         lambda a, b: count_slopes(b) < 0.2 < 0.7 < count_slopes(a)),
    Move("sigmoid", "no nudge, no change", {"nudge": 0},
         lambda a, b: b["meanChange"] == b["flips"] == b["actual"] == b["predicted"] == 0),
    Move("sigmoid", "a small nudge is predicted well", {"nudge": 0.05},
         lambda a, b: abs(b["actual"] - b["predicted"]) < abs(a["actual"] - a["predicted"]) / 10),
    Move("sigmoid", "a larger weight rises sooner", {"w": 8},
         lambda a, b: find_rise(b["smooth"]) < find_rise(a["smooth"])),
    Move("sigmoid", "a lower bias rises later", {"b": -4}, lambda a, b: find_rise(b["hard"]) > find_rise(a["hard"])),
    Move("sigmoid", "the height is one half at −b/w", {"w": 5, "b": -4},
         lambda a, b: b["smooth"][180] == 0.5 and INPUTS[180] == pytest.approx(0.8)),
    Move("sigmoid", "where the input is 0 the weight does not matter", {"at": 0},
         lambda a, b: b["actual"] == b["predicted"] == 0 != a["actual"]),
    Move("sigmoid", "the nudge makes the perceptron flip for few inputs", {}, lambda a, b: 0 < a["flips"] < 0.02),
    Move("sigmoid", "a nudge can change the output much somewhere", {"w": 20, "b": -20, "nudge": 2},
         lambda a, b: b["mostChange"] > 0.4 > 0.1 > b["meanChange"]),
)  # fmt: skip

ANSWERS = ({"w": 20, "b": -20}, {"at": 0.45}, {"w": 20, "b": -20, "at": 0.8, "nudge": 2})

IN_PYTHON = "nudge_weight"
"""The function of the lesson that computes the same as the figure."""


def check_python(nudge_weight, values, state) -> None:
    """The changes of the output are the same."""
    np.testing.assert_allclose([state["predicted"], state["actual"]], nudge_weight(**values), rtol=1e-9, atol=1e-12)


def check_picture(page) -> None:
    """The curve is moved and made steeper, and the nudge and the input are changed, where they are."""
    w, b, nudge, at = (page.locator(f"input[name={name}]") for name in ("w", "b", "nudge", "at"))
    drag(page, find_handle(page, "the place where the output is ½"), (60, 0))
    assert (float(w.input_value()), float(b.input_value()) < -3) == (4, True)
    place = -float(b.input_value()) / 4
    drag(page, find_handle(page, "the steepness"), (-30, 0))
    assert float(w.input_value()) > 5
    assert -float(b.input_value()) / float(w.input_value()) == pytest.approx(place, abs=0.02)
    drag(page, find_handle(page, "the nudge Δw"), (-400, 0))
    assert nudge.input_value() == "-2"
    page.keyboard.press("ArrowRight")
    assert nudge.input_value() == "-1.95"
    drag(page, find_handle(page, "the input x"), (-400, 0))
    page.keyboard.press("ArrowRight")
    assert at.input_value() == "-0.95"
