"""Five bumps that are dragged under the goal."""

from __future__ import annotations

import numpy as np
import pytest
from tests.lab.dragging import drag, find_handle, read_value
from tests.lab.moves import Move

from deltarule.constructions.bumps import goal

X = np.linspace(0, 1, 601)
GOOD, BALANCED = [0.22, 0.2, 0.42, 0.27, 0.77], [0.19, 0.2, 0.37, 0.36, 0.57]
"""Heights with a small mean distance, and with a small largest distance."""

MOVES = (
    Move("any_function", "well chosen heights come near", {"heights": GOOD},
         lambda a, b: b["distance"] < 0.08 < 0.25 * a["distance"]),
    Move("any_function", "the ends have half of their height", {},
         lambda a, b: a["outputs"][0] == pytest.approx(GOOD[0] / 2) and a["outputs"][-1] == pytest.approx(GOOD[-1] / 2),
         {"heights": GOOD}),
    Move("any_function", "with the outer steps outside the ends have their full height", {"outside": True},
         lambda a, b: b["outputs"][0] == pytest.approx(GOOD[0]) and b["outputs"][-1] == pytest.approx(GOOD[-1]),
         {"heights": GOOD}),
    Move("any_function", "between two bumps the output is halfway", {"heights": [0.0, 1.0, 1.0, 0.0, 0.5]},
         lambda a, b: np.array(b["outputs"])[[120, 240, 360, 480]] == pytest.approx([0.5, 1, 0.5, 0.25])),
)  # fmt: skip

ANSWERS = ({"heights": GOOD}, {"heights": BALANCED, "outside": True})

IN_PYTHON = "add_bumps"
"""The function of the lesson that computes the same as the figure."""


def check_python(add_bumps, values, state) -> None:
    """The network of the lesson has the same outputs, and the same distances from the goal."""
    outputs = add_bumps(values["heights"], values["outside"], X)
    np.testing.assert_allclose(state["outputs"], outputs, rtol=1e-9, atol=1e-12)
    distances = np.abs(outputs - goal(X))
    np.testing.assert_allclose([state["distance"], state["farthest"]], [distances.mean(), distances.max()], rtol=1e-9)


def check_picture(page) -> None:
    """A bump is dragged and moved by keys; the buttons set all heights."""
    drag(page, find_handle(page, "bump 3"), (0, -60))
    heights = read_value(page, "heights")
    assert heights[2] > 0.2
    assert heights[:2] + heights[3:] == [0] * 4
    page.keyboard.press("ArrowDown")
    assert read_value(page, "heights")[2] == pytest.approx(heights[2] - 0.02)
    page.get_by_role("button", name="heights of the goal").click()
    assert read_value(page, "heights") == pytest.approx(goal(np.linspace(0.1, 0.9, 5)), abs=0.006)
    page.get_by_role("button", name="all heights 0").click()
    assert read_value(page, "heights") == [0] * 5
