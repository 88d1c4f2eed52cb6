"""The pad to draw on, as a widget: what is drawn arrives as grey pixels while it is drawn."""

from __future__ import annotations

from typing import Any

import anywidget
import numpy as np
import traitlets

from deltarule.lab.pages import HERE

SIDE = 112
"""Rows of pixels of a drawing: four for each of MNIST's 28."""

HALF = 128
"""Of 255, the ink of a pixel that the pen covers by half."""


class Pad(anywidget.AnyWidget):
    """``width`` × ``height`` pixels; ``ink`` is what is drawn, 0 for paper and 255 for ink, row by row.

    Each ``drawing`` has a number, and ``held`` tells the page which one has come.
    """

    _esm = HERE / "pad.js"
    _css = HERE / "pad.css"
    width = traitlets.Int(SIDE).tag(sync=True)
    height = traitlets.Int(SIDE).tag(sync=True)
    ink = traitlets.Bytes(b"").tag(sync=True)
    drawing = traitlets.Int(0).tag(sync=True)
    held = traitlets.Int(0).tag(sync=True)

    @traitlets.observe("drawing")
    def _hold(self, change: dict[str, Any]) -> None:
        self.held = change["new"]


def picture(value: dict[str, object], width: int = SIDE, height: int = SIDE) -> np.ndarray | None:
    """What the pad's value holds, (height, width) uint8, or None while nothing is drawn.

    The pen is several pixels wide: where none is half ink, there are but traces that the eraser left.

    >>> picture({"ink": b""}) is None
    True
    """
    ink = value.get("ink") or b""
    drawn = np.frombuffer(bytes(ink), np.uint8)  # type: ignore[call-overload] # of a widget
    if drawn.size != width * height or drawn.max() < HALF:
        return None
    return drawn.reshape(height, width)
