"""A chain of neurons and its gradient."""

from __future__ import annotations

import numpy as np
from tests.lab.dragging import drag, find_handle, read_value
from tests.lab.moves import Move

MOVES = (
    Move("vanishing_gradients", "each additional neuron divides the gradient by the same factor", {"neurons": 10},
         lambda a, b: len(b["gradients"]) == 10 and np.allclose(np.divide(b["gradients"][1:], b["gradients"][:-1]), 4)
         and np.allclose(b["gradients"][-5:], a["gradients"])),
    Move("vanishing_gradients", "w = 4 keeps the gradient in the chain as it is", {"w": 4},
         lambda a, b: np.allclose(b["gradients"], b["gradients"][0])),
    Move("vanishing_gradients", "larger weights explode", {"w": 8},
         lambda a, b: b["gradients"][0] > 10 * b["gradients"][-1]),
    Move("vanishing_gradients", "one weight changes the gradients before it only", {"moved": [0, 0, 1, *[0] * 7]},
         lambda a, b: np.allclose(np.divide(b["gradients"], a["gradients"]), [2, 2, 1, 1, 1])),
    Move("vanishing_gradients", "a weight of 0 stops the gradient", {"moved": [0, 0, -1, *[0] * 7]},
         lambda a, b: b["gradients"][:2] == [0, 0] and min(b["gradients"][2:]) > 0),
)  # fmt: skip

ANSWERS = ({"w": 4}, {"moved": [0, 0, 3, 3, 15, *[0] * 5]})

IN_PYTHON = "compute_gradients"


def check_python(compute_gradients, values, state) -> None:
    """The gradients are those of backpropagation through the chain."""
    np.testing.assert_allclose(np.abs(state["gradients"]), compute_gradients(state["weights"]), rtol=1e-9)


def check_picture(page) -> None:
    """A weight is dragged upwards and moved by a key, and the button puts it back."""
    drag(page, find_handle(page, "weight 3"), (0, -50))
    dragged = read_value(page, "moved")
    assert dragged[2] > 2
    assert not any(dragged[:2] + dragged[3:])
    page.keyboard.press("ArrowUp")
    assert read_value(page, "moved")[2] == dragged[2] + 0.25
    page.get_by_role("button", name="make all weights equal").click()
    assert not any(read_value(page, "moved"))
