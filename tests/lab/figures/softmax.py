"""Softmax, and the log-likelihood cost."""

from __future__ import annotations

import numpy as np
import pytest
from tests.lab.dragging import drag, find_handle
from tests.lab.moves import Move

FIRST = {"z1": 2.5, "z2": -1.0, "z3": 3.2, "z4": 0.5}

MOVES = (
    *(Move("softmax", f"a larger z{j + 1} raises its answer and lowers all others", {f"z{j + 1}": 4.2},
           lambda a, b, j=j: b["a"][j] > a["a"][j] and all(b["a"][k] < a["a"][k] for k in range(4) if k != j))
      for j in range(4)),
    Move("softmax", "adding a constant to all z changes nothing", {name: z + 1 for name, z in FIRST.items()},
         lambda a, b: a["z"] != b["z"] and np.allclose(a["a"], b["a"])),
    Move("softmax", "with c = 0 all answers are equal", {"c": 0}, lambda a, b: np.allclose(b["a"], 0.25)),
    Move("softmax", "with a large c the largest takes nearly everything", {"c": 10}, lambda a, b: max(b["a"]) > 0.99),
    Move("softmax", "the answers sum to 1 and the derivatives to 0", {},
         lambda a, b: np.isclose(sum(a["a"]), 1) and np.isclose(sum(a["delta"]), 0)),
    Move("softmax", "the cost is −ln of the right answer", {"right": "3"},
         lambda a, b: np.isclose(b["cost"], -np.log(b["a"][2])) and np.isclose(b["delta"][2], b["a"][2] - 1)),
    Move("softmax", "the curves run over the weighted input that is chosen", {"varied": "z₁"},
         lambda a, b: a["curves"][82] == pytest.approx(a["a"]) and b["curves"][75] == pytest.approx(b["a"])
         and a["curves"] != b["curves"]),
)  # fmt: skip

ANSWERS = ({"z1": 0, "z3": 0}, {"z1": 3.5, "z2": 0, "z3": 4.2, "z4": 1.5}, {"c": 7})

IN_PYTHON = "answer"
"""The function of the lesson that computes the same as the figure."""


def check_python(answer, values, state) -> None:
    """The answers, the cost and the derivatives are the same."""
    a, cost, delta = answer([values[f"z{j}"] for j in (1, 2, 3, 4)], values["c"], int(values["right"]))
    np.testing.assert_allclose(state["a"], a, rtol=1e-9)
    np.testing.assert_allclose(state["cost"], cost, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(state["delta"], delta, rtol=1e-9, atol=1e-12)


def check_picture(page) -> None:
    """A weighted input is dragged, and an answer, which moves its weighted input."""
    z2 = page.locator("input[name=z2]")
    drag(page, find_handle(page, "z₂"), (0, -60))
    dragged = float(z2.input_value())
    assert dragged > 0
    page.keyboard.press("ArrowUp")
    assert float(z2.input_value()) == pytest.approx(dragged + 0.1)
    drag(page, find_handle(page, "answer a₂"), (0, -100))
    assert float(find_handle(page, "answer a₂").get_attribute("aria-valuetext")) > 0.3
    assert float(z2.input_value()) > dragged + 0.5
    drag(page, find_handle(page, "z₃ on the curve"), (-400, 0))
    assert page.locator("input[name=z3]").input_value() == "-5"
