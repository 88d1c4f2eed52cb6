"""A recurrent neuron, unrolled along time."""

from __future__ import annotations

import numpy as np
from tests.lab.dragging import drag, find_handle, read_value
from tests.lab.moves import Move

PULSE = [1, 0, 0, 0, 0, 0]

MOVES = (
    Move("memory", "a smaller recurrent weight makes the error vanish sooner", {"u": 0.3},
         lambda a, b: abs(b["delta"][0] / b["delta"][5]) < abs(a["delta"][0] / a["delta"][5])),
    Move("memory", "without recurrent weight the error stays at the last step", {"u": 0},
         lambda a, b: b["delta"][:5] == [0] * 5 and b["delta"][5] != 0),
    Move("memory", "the input weight scales what the neuron reads", {"w": 2},
         lambda a, b: b["z"][0] == 2 * a["z"][0] and b["h"][0] > a["h"][0]),
    Move("memory", "a bias moves every state", {"b": 0.5}, lambda a, b: all(np.greater(b["h"], a["h"]))),
    Move("memory", "the error at the last step depends on the desired state", {"y": 0.9},
         lambda a, b: a["delta"][5] > 0 > b["delta"][5] and b["h"] == a["h"]),
    Move("memory", "a later input changes no earlier state", {"x": [1, 0, 0, 2, 0, 0]},
         lambda a, b: b["h"][:3] == a["h"][:3] and b["h"][3] > a["h"][3]),
    Move("memory", "without error there is no gradient", {"x": [0] * 6, "y": 0},
         lambda a, b: b["cost"] == 0 and b["d_w"] == b["d_u"] == b["d_b"] == 0),
    Move("memory", "the stage changes the text, and no number", {"stage": 13},
         lambda a, b: "BPTT4" in b["rule"] and {**a, "rule": ""} == {**b, "rule": ""}),
)  # fmt: skip

ANSWERS = ({"stage": 13, "u": 0.2}, {"u": 3, "x": [0] * 6}, {"u": 2, "x": [2] * 6})

IN_PYTHON = "backpropagate_through_time"


def check_python(backpropagate_through_time, values, state) -> None:
    """States, errors and gradients are those of the lesson's function."""
    names = ("w", "u", "b", "y")
    found = backpropagate_through_time(np.array(values["x"]), *(values[name] for name in names))
    expected = (state["h"], state["delta"], state["d_w"], state["d_u"], state["d_b"])
    for ours, theirs in zip(expected, found, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-12, atol=1e-15)


def check_picture(page) -> None:
    """The button steps through the stages, forward and back; an input is dragged, and a button puts it back."""
    rule, press = page.locator(".rule"), page.get_by_role("button", name="next stage").click
    assert "h₁ = tanh(z₁) = 0.762" in rule.inner_text()
    for _ in range(6):
        press()
    assert "BPTT1: δ₆" in rule.inner_text()
    press()
    assert "BPTT2: δ₅ = u δ₆ σ′(z₅)" in rule.inner_text()
    for _ in range(6):
        press()
    assert "∂C/∂u = Σ δₜ hₜ₋₁" in rule.inner_text()
    drag(page, find_handle(page, "input of step 3"), (0, -50))
    assert read_value(page, "x")[2] > 0.3
    page.get_by_role("button", name="one input, then nothing").click()
    assert read_value(page, "x") == PULSE
