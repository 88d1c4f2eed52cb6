"""Variations of an image."""

from __future__ import annotations

import numpy as np
from tests.lab.moves import Move

PLAIN = {"rotation": 0, "shift": 0}


def _sharp(state) -> float:
    """Compute the mean difference between neighbours."""
    return float(np.abs(np.diff(np.reshape(state["varied"], (24, 28, 28)))).mean())


MOVES = (
    Move("data_expansion", "the five is a five", {}, lambda a, b: a["label"] == 5),
    Move("data_expansion", "another digit is shown", {"digit": "6"},
         lambda a, b: (a["label"], b["label"]) == (5, 6) and a["original"] != b["original"]),
    Move("data_expansion", "another image of the digit is shown", {"writer": 2},
         lambda a, b: b["label"] == 5 and a["original"] != b["original"]),
    Move("data_expansion", "larger turns change the image more", {"rotation": 30},
         lambda a, b: b["change"] > 1.2 * a["change"]),
    Move("data_expansion", "larger shifts change the image more", {"shift": 5},
         lambda a, b: b["change"] > 1.2 * a["change"]),
    Move("data_expansion", "shifts of four pixels lose hardly any ink, shifts of eight do", {"shift": 8},
         lambda a, b: min(a["ink"]) > 0.95 > min(b["ink"]), {"rotation": 0, "shift": 4}),
    Move("data_expansion", "larger images have more ink, smaller ones less", {"scale": 50},
         lambda a, b: min(b["ink"]) < 0.6 and max(b["ink"]) > 1.4 and np.ptp(a["ink"]) < 0.1),
    Move("data_expansion", "elastic distortion changes the image", {"alpha": 34},
         lambda a, b: a["change"] == 0 < b["change"], PLAIN),
    Move("data_expansion", "without smoothness the digit falls to pieces", {"sigma": 2},
         lambda a, b: b["change"] > 1.25 * a["change"] and _sharp(b) > 1.5 * _sharp(a), {"alpha": 60, **PLAIN}),
    Move("data_expansion", "other random numbers, other variations", {"seed": 6},
         lambda a, b: a["original"] == b["original"] and a["varied"] != b["varied"]),
    Move("data_expansion", "without turns and shifts the image stays the same", {"rotation": 0},
         lambda a, b: b["change"] == 0 < a["change"] and b["varied"][3] == b["original"], {"shift": 0}),
)  # fmt: skip

ANSWERS = ({"rotation": 0, "shift": 8}, {**PLAIN, "alpha": 60}, {"digit": "6", "rotation": 90})

IN_PYTHON = "vary"


def check_python(vary, values, state) -> None:
    """The variations are those of deltarule's augmentations, with the same random numbers."""
    original = np.reshape(state["original"], (28, 28))
    expected = vary(original, *(values[name] for name in ("rotation", "shift", "scale", "alpha", "sigma", "seed")))
    np.testing.assert_allclose(np.reshape(state["varied"], expected.shape), expected, atol=1e-9)
