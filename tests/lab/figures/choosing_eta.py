"""Three networks with three learning rates."""

from __future__ import annotations

import numpy as np
from tests.lab.dragging import drag, find_handle
from tests.lab.moves import Move

NOT, OSCILLATES, SLOW, SMOOTH = (
    "is no better than guessing", "comes down, but oscillates", "comes down, but slowly", "comes down smoothly",
)  # fmt: skip

MOVES = (
    Move("choosing_eta", "with more epochs the slow one learns as well", {"epochs": 4},
         lambda a, b: len(b["costs"][0]) == 5 and a["costs"][0][:3] == b["costs"][0][:3]
         and b["costs"][0][-1] < a["costs"][0][-1], {"epochs": 2}),
    Move("choosing_eta", "three η, three verdicts", {},
         lambda a, b: a["verdicts"] == [SLOW, SMOOTH, NOT] and 2.5 < a["costs"][0][-1] < 3.25),
    Move("choosing_eta", "0.0251 is slow, 0.1 is not", {"first": 0.1},
         lambda a, b: b["verdicts"] == [SMOOTH, SMOOTH, NOT]),
    Move("choosing_eta", "an η of 10 is no better than guessing", {"second": 10},
         lambda a, b: b["verdicts"] == [SLOW, NOT, NOT] and b["costs"][1][-1] > 3.25),
    Move("choosing_eta", "an η of 5.01 comes down, but oscillates", {"third": 5.01},
         lambda a, b: b["verdicts"][2] == OSCILLATES),
    Move("choosing_eta", "the threshold of sigmoids lies between 0.631 and 0.794", {"second": 0.631, "third": 0.794},
         lambda a, b: b["verdicts"][1:] == [SMOOTH, OSCILLATES]),
    Move("choosing_eta", "an η beyond the threshold can end lower", {"third": 1.26},
         lambda a, b: b["verdicts"][2] == OSCILLATES and b["costs"][2][-1] < b["costs"][1][-1]),
    *(Move("choosing_eta", f"the threshold of {hidden} is lower", {"hidden": hidden},
           lambda a, b: b["verdicts"][1] == OSCILLATES) for hidden in ("tanh", "relu")),
    Move("choosing_eta", "with 30 epochs 0.0251 comes down as well", {"epochs": 30},
         lambda a, b: b["verdicts"][0] == SMOOTH and b["costs"][0][:11] == a["costs"][0]),
)  # fmt: skip

ANSWERS = ({"second": 0.631, "third": 0.794}, {"hidden": "relu", "second": 0.1})

IN_PYTHON = "train_network"

LEARNING = ({"epochs": 2, "hidden": "sigmoid"}, {"epochs": 2, "hidden": "tanh", "second": 0.2})
"""Settings for the comparison with Python."""


def check_python(train_network, values, state) -> None:
    """The costs after each epoch are those of `fit`; those of the third η are too wild for a comparison."""
    for eta, costs in zip(state["etas"][:2], state["costs"][:2], strict=True):
        expected = train_network(eta, values["hidden"], values["epochs"], engine="numpy", dtype="float64")
        np.testing.assert_allclose(costs[1:], expected, rtol=1e-6)


def check_picture(page) -> None:
    """An η is dragged along its axis, and moved by a key to its neighbours."""
    output = page.locator("label").filter(has_text="first η").locator("output")
    drag(page, find_handle(page, "first η"), (40, 0))
    dragged = float(output.inner_text())
    assert dragged > 0.05
    page.keyboard.press("ArrowRight")
    larger = float(output.inner_text())
    page.keyboard.press("ArrowLeft")
    assert larger / dragged > 1.2
    assert float(output.inner_text()) == dragged
