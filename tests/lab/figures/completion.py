"""A Boltzmann machine that completes drawings."""

from __future__ import annotations

import numpy as np
from tests.lab.moves import Move

UPPER = np.arange(784) < 392
PLACES = np.indices((28, 28)) - 14
RING = 255 * np.clip(1.5 - np.abs(np.hypot(1.3 * PLACES[1], PLACES[0]) - 7.5), 0, 1).round(2).ravel()
"""A ring, whose upper half may become a 9 or a 0."""

BAR = np.zeros((28, 28))
BAR[8:10, 7:20] = BAR[10:14, 17:19] = 255
"""Half a seven."""


def find_unknown(state) -> np.ndarray:
    """Return the pixels that were not known."""
    return np.array(state["pixels"])[np.array(state["known"]) == 0]


MOVES = (
    Move("generation", "the known pixels stay as they were drawn", {},
         lambda a, b: np.allclose(np.array(b["pixels"])[UPPER], np.array(b["given"])[UPPER]) and max(b["given"]) == 1),
    Move("generation", "another half may be known", {"known": "the left half"},
         lambda a, b: [i % 28 < 14 for i in range(784)] == list(map(bool, b["known"])) != list(map(bool, a["known"]))),
    Move("generation", "a label is held", {"label": 9}, lambda a, b: b["labels"][9] == 1 > a["labels"][9]),
    Move("generation", "another seed gives another completion", {"seed": 5},
         lambda a, b: not np.allclose(find_unknown(a), find_unknown(b))),
    Move("generation", "more steps change the unknown half only", {"steps": 220},
         lambda a, b: a["pixels"][:392] == b["pixels"][:392] and a["pixels"][392:] != b["pixels"][392:]),
    Move("generation", "another drawing is completed otherwise", {"ink": RING.tolist()},
         lambda a, b: a["labels"][7] > 0.5 > b["labels"][7] and b["labels"][9] > 0.5),
)  # fmt: skip

ANSWERS = ({"ink": BAR.ravel().tolist()}, {"ink": RING.tolist(), "seed": 3})

IN_PYTHON = "complete_drawing"


def check_python(complete_drawing, values, state) -> None:
    """The completion is the one of the library's model, with the same random numbers."""
    found = complete_drawing(values["ink"], state["known"], values["label"], values["steps"], values["seed"])
    np.testing.assert_allclose(np.reshape(state["pixels"], (28, 28)), found, atol=1e-6)


def check_picture(page) -> None:
    """What is drawn on the pad is what the machine is given, and it is completed."""
    box = page.locator(".pad-canvas").bounding_box()
    page.mouse.move(box["x"] + 60, box["y"] + 60)
    page.mouse.down()
    page.mouse.move(box["x"] + 160, box["y"] + 60, steps=8)
    page.mouse.move(box["x"] + 130, box["y"] + 100, steps=8)
    page.mouse.up()
    page.wait_for_function("JSON.parse(document.querySelector('[name=ink]').value)[0] === 0")
    page.wait_for_function("document.querySelector('.status').textContent.startsWith('Step 200 of 200')")
