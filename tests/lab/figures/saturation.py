"""The weighted inputs of neurons before learning."""

from __future__ import annotations

import numpy as np
from tests.lab.moves import Move, Values


def _fits_the_bell(values: Values) -> bool:
    """Return whether the highest bar is near the top of the bell curve, in bins of 8/60 standard deviations."""
    return abs(max(bar[2] for bar in values["density"]) / (800 / 60 / np.sqrt(2 * np.pi)) - 1) < 0.15


MOVES = (
    Move("first_weights", "s = 1 saturates most neurons of 1,000 inputs, and 1/√n none", {"spread": 0.03},
         lambda a, b: a["saturated"] > 80 and b["saturated"] < 1 and abs(b["theory"] - np.sqrt(1.5)) < 0.05),
    Move("first_weights", "fewer inputs spread less", {"inputs": 10},
         lambda a, b: b["deviation"] < a["deviation"] / 5),
    *(Move("first_weights", f"the bars are as high as the bell curve, with n = {n}, s = {s}",
           {"inputs": n, "spread": s}, lambda a, b: a["theory"] != b["theory"] and _fits_the_bell(b))
      for n, s in ((2000, 1.5), (10, 0.01))),
)  # fmt: skip

ANSWERS = ({"spread": 0.03}, {"inputs": 90})

IN_PYTHON = "draw_weighted_inputs"


def check_python(draw_weighted_inputs, values, state) -> None:
    """The sums of many weights have the same standard deviation, within the error of the draws."""
    drawn = draw_weighted_inputs(**values, neurons=1000)
    assert abs(drawn.std() / state["deviation"] - 1) < 0.08
    assert abs(100 * np.mean(np.abs(drawn) > np.log(99)) - state["saturated"]) < 5
