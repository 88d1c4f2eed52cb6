"""The slow neuron."""

from __future__ import annotations

import numpy as np
import pytest
from tests.lab.dragging import drag, find_handle
from tests.lab.moves import Move

MOVES = (
    Move("slow_neuron", "from 2, 2 the quadratic cost is slow", {},
         lambda a, b: round(a["quadratic"]["outputs"][0], 2) == 0.98 and a["quadratic"]["outputs"][150] > 0.93
         and a["entropy"]["outputs"][100] < 0.1),
    Move("slow_neuron", "from 0.6, 0.9 the quadratic cost is much sooner", {"w0": 0.6, "b0": 0.9},
         lambda a, b: round(b["quadratic"]["outputs"][0], 2) == 0.82
         and 0 < b["quadratic"]["half"] < a["quadratic"]["half"] / 5),
    Move("slow_neuron", "a smaller first weight is less wrong", {"w0": 0.6},
         lambda a, b: b["entropy"]["outputs"][0] < a["entropy"]["outputs"][0]),
    Move("slow_neuron", "a smaller first bias learns sooner", {"b0": 0.9},
         lambda a, b: 0 < b["quadratic"]["half"] < a["quadratic"]["half"] - 50),
    Move("slow_neuron", "with a small η the cross-entropy is slow as well", {"eta": 0.005},
         lambda a, b: b["entropy"]["outputs"][100] > 0.9 > a["entropy"]["outputs"][100]),
    Move("slow_neuron", "the quadratic cost starts slowly and becomes faster, the cross-entropy starts fast", {},
         lambda a, b: max(a["quadratic"]["slopes"]) > 5 * a["quadratic"]["slopes"][0]
         and max(a["entropy"]["slopes"]) == a["entropy"]["slopes"][0]),
    Move("slow_neuron", "the number of steps is the length of the run", {"steps": 50},
         lambda a, b: b["quadratic"]["outputs"] == a["quadratic"]["outputs"][:50]
         and len(a["quadratic"]["outputs"]) == 300),
)  # fmt: skip

ANSWERS = ({"w0": 3, "b0": 3}, {"eta": 0.8}, {"w0": 0.7, "b0": 0})

IN_PYTHON = "compare"
"""The function of the lesson that computes the same as the figure."""


def check_python(compare, values, state) -> None:
    """The neuron has the same outputs and derivatives."""
    for name, (outputs, slopes) in zip(("quadratic", "entropy"), compare(**values), strict=True):
        np.testing.assert_allclose(state[name]["outputs"], outputs, rtol=1e-9)
        np.testing.assert_allclose(state[name]["slopes"], slopes, rtol=1e-9)


def check_picture(page) -> None:
    """The run goes on by itself, starts again after a change, and can be dragged; so can the start.

    With reduced motion only its end is shown.
    """
    step = find_handle(page, "the step shown")
    page.wait_for_function("[...document.querySelectorAll('.chart-handle')].some((handle) => "
                           "handle.dataset.name === 'the step shown' && handle.ariaValueNow > 20)")  # fmt: skip
    drag(page, find_handle(page, "the start"), (-60, 0))
    bias = float(page.locator("input[name=b0]").input_value())
    assert bias < 1.5
    page.keyboard.press("ArrowLeft")
    assert float(page.locator("input[name=b0]").input_value()) == pytest.approx(bias - 0.1)
    drag(page, step, (2000, 0))
    assert step.get_attribute("aria-valuenow") == "299"
    page.keyboard.press("ArrowLeft")
    assert step.get_attribute("aria-valuenow") == "298"
    page.get_by_role("button", name="run again").click()
    assert int(step.get_attribute("aria-valuenow")) < 100
    page.emulate_media(reduced_motion="reduce")
    page.get_by_role("button", name="run again").click()
    assert step.get_attribute("aria-valuenow") == "299"
    page.emulate_media(reduced_motion="no-preference")
