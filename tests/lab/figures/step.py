"""A neuron that is nearly a step."""

from __future__ import annotations

import numpy as np
import pytest
from tests.lab.dragging import drag, find_handle
from tests.lab.moves import Move

X = np.linspace(0, 1, 601)


def find_rise(state: dict) -> float:
    """Find the first input with an output of at least one half."""
    return float(X[np.argmax(np.array(state["outputs"]) >= 0.5)])


MOVES = (
    Move("any_function", "a steep neuron is a step where it is put", {"weight": 300, "place": 0.7},
         lambda a, b: max(np.array(b["outputs"])[X < 0.65]) < 0.01 and min(np.array(b["outputs"])[X > 0.75]) > 0.99),
    Move("any_function", "a larger weight is a steeper step", {"weight": 100},
         lambda a, b: np.gradient(b["outputs"]).max() > 10 * np.gradient(a["outputs"]).max()),
    Move("any_function", "the step stands at s", {"place": 0.7}, lambda a, b: abs(find_rise(b) - 0.7) < 0.005),
    Move("any_function", "far from a steep step the slope is nearly 0", {"weight": 200},
         lambda a, b: np.mean(np.gradient(b["outputs"], X) < 0.01) > 0.9),
)  # fmt: skip

ANSWERS = ({"weight": 200, "place": 0.7},)

IN_PYTHON = "bumps"
"""The module of the lesson that computes the same as the figure."""


def check_python(bumps, values, state) -> None:
    """The step is the same, rises over the stated distance, and has the stated slope."""
    network = bumps.build_step(values["place"], values["weight"])
    np.testing.assert_allclose(state["outputs"], network(X), rtol=1e-9, atol=1e-12)
    half = state["rise"] / 2
    assert network([values["place"] - half, values["place"] + half]).tolist() == pytest.approx([0.01, 0.99])
    tiny = 1e-6
    low, high = network([values["place"] - tiny, values["place"] + tiny])
    assert state["steepest"] == pytest.approx((high - low) / (2 * tiny), rel=1e-4)
    assert state["bias"] == -values["weight"] * values["place"]


def check_picture(page) -> None:
    """The step is dragged, and moved by keys."""
    place = page.locator("input[name=place]")
    drag(page, find_handle(page, "the step"), (120, 0))
    assert float(place.input_value()) > 0.55
    drag(page, find_handle(page, "the step"), (-2000, 0))
    page.keyboard.press("ArrowRight")
    assert place.input_value() == "0.01"
