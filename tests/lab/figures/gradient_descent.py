"""The valley and the ball."""

from __future__ import annotations

import numpy as np
import pytest
from tests.lab.dragging import drag, find_handle
from tests.lab.moves import Move

CLIMB = 1.05
"""A learning rate above 1, with which the ball climbs."""

MOVES = (
    Move("gradient_descent", "a larger η comes down faster", {"eta": 0.3},
         lambda a, b: b["heights"][-1] < a["heights"][-1]),
    Move("gradient_descent", "with η above 1 the ball climbs", {"eta": CLIMB},
         lambda a, b: b["heights"][-1] > b["heights"][0]),
    Move("gradient_descent", "the page says that the ball left the valley", {"eta": CLIMB},
         lambda a, b: b["outside"] and not a["outside"]),
    Move("gradient_descent", "momentum helps a small η", {"mu": 0.7},
         lambda a, b: b["heights"][-1] < a["heights"][-1] / 10, {"eta": 0.02, "steps": 40}),
    Move("gradient_descent", "the number of steps is the length of the path", {"steps": 7},
         lambda a, b: len(b["path"]) == 8),
    Move("gradient_descent", "in a steeper valley the same η diverges", {"steepness": 10},
         lambda a, b: b["heights"][-1] > b["heights"][0] and a["heights"][-1] < a["heights"][0], {"eta": 0.15}),
    Move("gradient_descent", "the path starts at the first coordinate chosen", {"start_1": 1.2},
         lambda a, b: b["path"][0] == [1.2, 0.8]),
    Move("gradient_descent", "the path starts at the second coordinate chosen", {"start_2": -1.2},
         lambda a, b: b["path"][0] == [-0.9, -1.2]),
    Move("gradient_descent", "with momentum the ball keeps its first velocity, first coordinate", {"push_1": 0.5},
         lambda a, b: np.allclose(np.subtract(b["path"][1], a["path"][1]), [0.4, 0]), {"mu": 0.8}),
    Move("gradient_descent", "with momentum the ball keeps its first velocity, second coordinate", {"push_2": -0.5},
         lambda a, b: np.allclose(np.subtract(b["path"][1], a["path"][1]), [0, -0.4]), {"mu": 0.8}),
    Move("gradient_descent", "thrown up from the middle, it comes back", {"start_1": 0, "start_2": 0},
         lambda a, b: b["heights"][-1] > b["heights"][0] and not b["outside"], {"mu": 0.5, "push_1": 0.5}),
)  # fmt: skip

ANSWERS = ({"eta": 0.7}, {"eta": CLIMB}, {"steepness": 10, "eta": 0.07, "mu": 0.5, "steps": 40})

IN_PYTHON = "roll"
"""The function of the lesson that computes the same as the figure."""


def check_python(roll, values, state) -> None:
    """The ball takes the same path as with deltarule's optimizer."""
    np.testing.assert_allclose(state["path"], roll(**values), rtol=1e-9, atol=1e-12)


def check_picture(page) -> None:
    """The ball's start is dragged and moved by keys, and stays in the picture."""
    start = page.locator("input[name=start_1]")
    drag(page, find_handle(page, "the ball's start"), (60, 0))
    dragged = float(start.input_value())
    assert dragged > -0.7
    page.keyboard.press("ArrowRight")
    assert float(start.input_value()) == pytest.approx(dragged + 0.1)
    drag(page, find_handle(page, "the ball's start"), (2000, -2000))
    assert (start.input_value(), page.locator("input[name=start_2]").input_value()) == ("1.2", "1.2")
