"""A tower of two crossing bumps."""

from __future__ import annotations

import numpy as np
import pytest
from tests.lab.dragging import drag, find_handle, read_value
from tests.lab.moves import Move

GRID = (np.arange(60) + 0.5) / 60
POINTS = np.stack(np.meshgrid(GRID, GRID, indexing="ij"), axis=-1).reshape(-1, 2)

MOVES = (
    Move("any_function", "with a small h the tower does not stand out", {"h": 0.5},
         lambda a, b: a["inside"] - a["arm"] > 0.9 > 0.5 > b["inside"] - b["arm"]),
    Move("any_function", "a wider tower has a larger mean", {"box": [0.1, 0.9, 0.1, 0.9]},
         lambda a, b: np.mean(b["tower"]) > 2 * np.mean(a["tower"])),
    Move("any_function", "the cross is h on its arms and 2h where the bumps meet", {},
         lambda a, b: a["weighted"][30 * 60 + 30] == pytest.approx(20 - 15, abs=1e-3)
         and a["weighted"][30 * 60] == pytest.approx(10 - 15, abs=1e-3)
         and a["weighted"][0] == pytest.approx(-15, abs=1e-3)),
)  # fmt: skip

ANSWERS = ({"h": 6}, {"box": [0, 0.5, 0, 1]})

IN_PYTHON = "towers"
"""The module of the lesson that computes the same as the figure."""


def check_python(towers, values, state) -> None:
    """The network of the library has the same outputs."""
    left, right, low, high = values["box"]
    network = towers.build_tower([(left, right), (low, high)], values["h"], 100)
    np.testing.assert_allclose(state["tower"], network(POINTS), rtol=1e-9, atol=1e-12)
    middle, side = network([[(left + right) / 2, (low + high) / 2], [0, (low + high) / 2]])
    assert state["inside"] == pytest.approx(middle)
    assert state["arm"] >= side or state["arm"] == pytest.approx(side)


def check_picture(page) -> None:
    """The corners are dragged and moved by keys, and do not pass each other."""
    drag(page, find_handle(page, "upper right corner"), (30, -30))
    left, right, low, high = read_value(page, "box")
    assert (left, low) == (0.35, 0.35)
    assert min(right, high) > 0.7
    page.keyboard.press("ArrowUp")
    assert read_value(page, "box") == pytest.approx([left, right, low, high + 0.01])
    drag(page, find_handle(page, "lower left corner"), (2000, 0))
    left, right, *_ = read_value(page, "box")
    assert left == pytest.approx(right - 0.05)
