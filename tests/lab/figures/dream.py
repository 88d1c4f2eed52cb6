"""A Boltzmann machine that writes digits."""

from __future__ import annotations

import numpy as np
from tests.lab.moves import Move

MOVES = (
    Move("generation", "another seed gives another digit", {"seed": 2},
         lambda a, b: not np.allclose(a["pixels"], b["pixels"])),
    Move("generation", "a label is held", {"label": 7}, lambda a, b: b["labels"][7] == 1 and sum(b["labels"]) == 1),
    Move("generation", "without a label the labels are as free as the pixels", {"label": None},
         lambda a, b: max(b["labels"]) < 1 and np.isclose(sum(b["labels"]), 1)),
    Move("generation", "fewer steps are the beginning of the same chain", {"steps": 10},
         lambda a, b: b["energies"] == a["energies"][:10] and b["energies"][9][1] < b["energies"][0][1]),
)  # fmt: skip

ANSWERS = ({"label": None, "steps": 300}, {"steps": 2000})

IN_PYTHON = "write_digit"


def check_python(write_digit, values, state) -> None:
    """The digit is the one that the library's model writes, with the same random numbers."""
    found = write_digit(values["label"], values["steps"], values["seed"])
    np.testing.assert_allclose(np.reshape(state["pixels"], (28, 28)), found, atol=1e-6)


def check_picture(page) -> None:
    """The button takes the next seed, and the status names what is written."""
    page.get_by_role("button", name="another one").click()
    page.wait_for_function("document.querySelector('.status').textContent.startsWith('Step 1000 of 1000')")
    assert "The label is held at 3" in page.locator(".status").inner_text()
