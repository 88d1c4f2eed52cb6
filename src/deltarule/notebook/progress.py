"""The progress of a training in a notebook: one bar with a line of text, which is updated in its place."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from time import monotonic
from typing import Any

from deltarule.notebook.markup import COLOURS, GREY, write_box, write_text

WIDTH, HEIGHT = 240, 10
"""The size of the bar, in pixels."""

PAUSE = 0.1
"""The least seconds between two updates."""


@dataclass(frozen=True)
class Bar:
    """A bar with the share that is done, 0 to 1, and a line of text.

    >>> Bar(0.5, "Epoch 2 of 4")
    █████░░░░░ Epoch 2 of 4
    """

    share: float
    text: str

    def __repr__(self) -> str:
        n = int(10 * self.share)
        return f"{'█' * n}{'░' * (10 - n)} {self.text}"

    def _repr_html_(self) -> str:
        box = f'viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{100 * self.share:.0f} %"'
        whole = f'<rect width="{WIDTH}" height="{HEIGHT}" fill="{GREY}"/>'
        done = f'<rect width="{WIDTH * self.share:.1f}" height="{HEIGHT}" fill="{COLOURS[2]}"/>'
        style = f"display:inline-block;vertical-align:baseline;width:{WIDTH}px"
        svg = f'<svg xmlns="http://www.w3.org/2000/svg" {box} style="{style}">{whole}{done}</svg>'
        return write_box(svg, f" <span>{write_text(self.text, 200)}</span>")


class Display:
    """A place in a notebook that shows one bar after another, each by a call of ``show``."""

    def __init__(self, show: Callable[[Bar], Any]) -> None:
        self._show = show
        self._last = monotonic()

    def update(self, bar: Bar, at_once: bool = False) -> None:
        """Show a bar in place of the one before, unless that was shown less than 0.1 s ago; or ``at_once``."""
        if at_once or monotonic() - self._last >= PAUSE:
            self._last = monotonic()
            self._show(bar)


def open_display() -> Display | None:
    """Open a display in the running notebook; return None if there is none, as in a script or a terminal.

    In a notebook of marimo it is the output of the cell. IPython and marimo are not imported: a notebook has done so.
    """
    marimo = sys.modules.get("marimo")
    if getattr(marimo, "running_in_notebook", bool)():
        return Display(marimo.output.replace)  # type: ignore[union-attr] # it is not None here
    shell = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    if shell is None or not hasattr(shell, "kernel"):
        return None
    return Display(import_module("IPython.display").display(Bar(0.0, ""), display_id=True).update)
