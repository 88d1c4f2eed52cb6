"""A trained LSTM that holds values, and its gates."""

from __future__ import annotations

import numpy as np
from tests.lab.dragging import drag, find_handle, read_value
from tests.lab.moves import Move

ONCE = [1, *[0] * 15]


def find_answers(state) -> np.ndarray:
    """Return the answers of all steps."""
    return np.array([step["answer"] for step in state["steps"]])


MOVES = (
    Move("memory", "the answer stays near the value to hold", {"marks": ONCE},
         lambda a, b: b["error"] < 0.05 and {step["held"] for step in b["steps"]} == {0.5}),
    Move("memory", "without a mark the answer is 0", {"marks": [0] * 16},
         lambda a, b: np.abs(find_answers(b)).max() < 0.05),
    Move("memory", "a value without a mark hardly changes the answer", {"values": [0.5, -0.3, 0.8, -0.6, *[1] * 12]},
         lambda a, b: 0 < np.abs(find_answers(a)[:9] - find_answers(b)[:9]).max() < 0.05),
    Move("memory", "the marked value is the answer", {"values": [0.5, -0.3, -0.9, -0.6, *[0] * 12]},
         lambda a, b: abs(find_answers(b)[5] + 0.9) < 0.05),
    Move("memory", "another cell shows other gates of the same network", {"cell": 2},
         lambda a, b: a["shown"] != b["shown"] and a["steps"] == b["steps"]),
)  # fmt: skip

ANSWERS = ({"cell": 2}, {"marks": ONCE})

IN_PYTHON = "read_sequence"


def check_python(read_sequence, values, state) -> None:
    """Answers and gates are those of the library's layer."""
    answers, gates = read_sequence(values["values"], values["marks"])
    np.testing.assert_allclose(find_answers(state), answers, rtol=1e-9)
    np.testing.assert_allclose([np.ravel(step["gates"]) for step in state["steps"]], gates, rtol=1e-9)


def check_picture(page) -> None:
    """A value is dragged, a mark is put by a key, and a button removes all marks."""
    drag(page, find_handle(page, "value of step 3"), (0, 60))
    assert read_value(page, "values")[2] < 0.5
    mark = find_handle(page, "mark of step 5")
    mark.focus()
    page.keyboard.press("ArrowUp")
    assert read_value(page, "marks")[4] == 1
    assert "At the first mark, step 3" in page.locator(".status").inner_text()
    page.get_by_role("button", name="mark nothing").click()
    assert read_value(page, "marks") == [0] * 16
