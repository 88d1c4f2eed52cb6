"""Ten points and a polynomial."""

from __future__ import annotations

import numpy as np
from tests.lab.dragging import drag, find_handle, read_value
from tests.lab.moves import Move

MOVES = (
    Move("overfitting", "a line misses the points and finds what made them", {"order": 1},
         lambda a, b: a["atPoints"] < 1e-9 and b["atPoints"] > 0.9 and 9 < a["elsewhere"] / b["elsewhere"] < 9.5),
    Move("overfitting", "without noise even order 9 is the line", {"noise": 0}, lambda a, b: b["elsewhere"] < 1e-9),
    Move("overfitting", "with any noise, all ten points are visible", {"noise": 2},
         lambda a, b: all(-5 < y < 17 for _, y in b["points"]) and b["elsewhere"] > 3 * a["elsewhere"]),
    Move("overfitting", "a little decay is enough to help", {"decay": 0.01},
         lambda a, b: b["atPoints"] < 0.5 and b["elsewhere"] < a["elsewhere"] / 2),
    Move("overfitting", "the wild curve has large coefficients, and decay makes them small", {"decay": 0.1},
         lambda a, b: max(map(abs, a["coefficients"])) > 300 and max(map(abs, b["coefficients"][2:])) < 3),
    Move("overfitting", "more decay comes nearer to the line, but not as near as order 1", {"decay": 1},
         lambda a, b: 0.18 < b["elsewhere"] < 0.52 < a["elsewhere"]),
    Move("overfitting", "one moved point moves the whole curve of order 9", {"moved": [0, 0, 0, 0, 1, 0, 0, 0, 0, 0]},
         lambda a, b: abs(b["points"][4][1] - a["points"][4][1] - 1) < 1e-9
         and max(abs(one[1] - other[1]) for one, other in zip(a["curve"], b["curve"], strict=True)) > 9),
)  # fmt: skip

ANSWERS = ({"order": 1}, {"decay": 0.5})

IN_PYTHON = "fit_polynomial"


def check_python(fit_polynomial, values, state) -> None:
    """The coefficients are those of NumPy's least squares."""
    x, y = np.transpose(state["points"])
    expected = fit_polynomial(x, y, values["order"], values["decay"])
    np.testing.assert_allclose(state["coefficients"], expected, rtol=1e-8, atol=1e-8)


def check_picture(page) -> None:
    """A point is dragged upwards, moved by a key, and put back."""
    drag(page, find_handle(page, "point 5"), (0, -40))
    dragged = read_value(page, "moved")
    assert dragged[4] > 1
    assert not any(dragged[:4] + dragged[5:])
    page.keyboard.press("ArrowDown")
    assert abs(read_value(page, "moved")[4] - dragged[4] + 0.5) < 1e-9
    page.get_by_role("button", name="put the points back").click()
    assert not any(read_value(page, "moved"))
