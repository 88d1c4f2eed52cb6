"""Backpropagation, step by step."""

from __future__ import annotations

import numpy as np
from tests.lab.dragging import drag, find_handle
from tests.lab.moves import Move
from tests.lab.test_lessons import open_lesson

MOVES = (
    Move("backpropagation", "it opens at the forward pass, without any error", {},
         lambda a, b: (a["shown"], a["known"]) == ("w", 4)),
    Move("backpropagation", "step 2 shows the rate factors, and no error yet", {"step": 2},
         lambda a, b: (b["shown"], b["known"]) == ("rates", 4)),
    Move("backpropagation", "step 6 shows all errors and all gradients", {"step": 6},
         lambda a, b: (b["shown"], b["known"]) == ("dW", 1)),
    Move("backpropagation", "an output near y has a smaller error", {"y": 0.5},
         lambda a, b: abs(b["delta"][3][0]) < abs(a["delta"][3][0])),
    Move("backpropagation", "y can be so near to the output that nothing is left to learn", {"y": 0.52},
         lambda a, b: abs(b["delta"][3][0]) < 0.002 < abs(a["delta"][3][0])
         and max(np.abs(row).max() for row in b["dW"]) < 0.002),
    Move("backpropagation", "a small nudge is predicted well", {"nudge": 0.1},
         lambda a, b: abs(b["actual"] - b["predicted"]) < abs(a["actual"] - a["predicted"]) / 10),
    Move("backpropagation", "all paths together are backpropagation", {"seed": 7},
         lambda a, b: not np.isclose(sum(b["paths"]), sum(a["paths"]))
         and np.isclose(sum(b["paths"]), b["dW"][0][0][0], atol=1e-12)),
    Move("backpropagation", "an input of 0 has no gradient on its edges", {"x1": 0},
         lambda a, b: not np.any(np.array(b["dW"][0])[:, 0]) and np.all(np.array(b["dW"][0])[:, 1])),
    Move("backpropagation", "the second input counts as well", {"x2": 0},
         lambda a, b: not np.any(np.array(b["dW"][0])[:, 1]) and np.all(np.array(b["dW"][0])[:, 0])),
    Move("backpropagation", "the demon can sit at another neuron", {"where": "layer 3, neuron 1"},
         lambda a, b: np.isclose(b["predicted"], b["delta"][2][0] * 0.5)
         and not np.isclose(a["predicted"], b["predicted"])),
)  # fmt: skip

ANSWERS = ({"y": 0.52}, {"step": 5, "where": "layer 3, neuron 1"}, {"x1": 0})

IN_PYTHON = "backpropagate"
"""The function of the lesson that computes the same as the figure."""


def check_python(backpropagate, values, state) -> None:
    """All activations, errors and gradients are the same, and the demon's nudge is one of the bias."""
    example = {name: values[name] for name in ("x1", "x2", "y", "seed")}
    a, delta, d_b, d_w = backpropagate(**example)
    for ours, theirs in zip(
        [*a, *delta, *d_b, *d_w], [*state["a"], *state["delta"][1:] * 2, *state["dW"]], strict=True
    ):
        np.testing.assert_allclose(theirs, ours, rtol=1e-9, atol=1e-12)
    lesson = open_lesson("backpropagation")
    assert lesson["compare_with_library"](**example) < 1e-15
    network, params = lesson["network"], [dict(layer) for layer in lesson["network"].init(values["seed"])]
    layer, neuron = (int(values["where"].split()[i].strip(",")) for i in (1, 3))
    dense = [one for one in params if one][layer - 2]
    dense["b"] = dense["b"] + values["nudge"] * (np.arange(len(dense["b"])) == neuron - 1)
    costs = [(out - values["y"]) ** 2 / 2 for out in (network.outputs(params, a[0][None])[0, 0], a[-1][0])]
    np.testing.assert_allclose(state["actual"], costs[0] - costs[1], rtol=1e-9, atol=1e-12)


def read_number(text: str) -> float:
    """Read a number as the figures write it, such as −3.2·10⁻⁴."""
    powers = str.maketrans("−⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "--0123456789")
    return float(text.translate(powers).replace("·10", "e"))


def check_picture(page) -> None:
    """The button goes through the steps; a neuron is picked by a press, and the nudge dragged."""
    assert "δ" not in page.locator(".network svg").text_content()
    for step in range(2, 7):
        page.get_by_role("button", name="next step").click()
        assert page.locator("input[name=step]").input_value() == str(step)
    drawn = page.locator(".network svg").text_content()
    gradients = [row for layer in open_lesson("backpropagation")["backpropagate"](1.0, 0.5, 0.0, 2)[3] for row in layer]
    numbers = [read_number(text) for text in page.locator(".edge-numbers text").all_text_contents()]
    np.testing.assert_allclose(numbers, np.concatenate(gradients), rtol=0.05)
    assert all(drawn.count(f"layer {layer}") == 1 for layer in (1, 2, 3, 4))
    page.locator('[data-neuron="2,1"]').press("Enter")
    assert "The demon sits at layer 3, neuron 2." in page.locator(".demon").inner_text()
    assert "layer 3, neuron 2" in page.locator("select option:checked").inner_text()
    drag(page, find_handle(page, "the demon's nudge Δz"), (600, 0))
    page.keyboard.press("ArrowLeft")
    assert page.locator("input[name=nudge]").input_value() == "3.9"
