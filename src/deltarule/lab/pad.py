"""The drawing pad as a widget, which sends the drawing as grey pixels after every change."""

from __future__ import annotations

from typing import Any

import anywidget
import numpy as np
import traitlets

from deltarule.lab.pages import read_asset
from deltarule.lab.scripts import join_scripts

SIDE = 112
"""Pixels per side of a drawing: 4 for each of MNIST's 28."""

HALF_INK = 128
"""The value of a pixel that the pen covers by half; full ink is 255."""


class Pad(anywidget.AnyWidget):
    """A pad of ``width`` × ``height`` pixels; ``ink`` holds them row by row, 0 for paper and 255 for ink.

    With ``whole_strokes`` the page sends no drawing while the pen is down.

    The page numbers its drawings, ``drawing_number``; ``acknowledgement`` is the number of the last one received.
    """

    _esm = join_scripts("pad.js", "pad_widget.js")
    _css = read_asset("pad.css")
    width = traitlets.Int(SIDE).tag(sync=True)
    height = traitlets.Int(SIDE).tag(sync=True)
    whole_strokes = traitlets.Bool(False).tag(sync=True)
    ink = traitlets.Bytes(b"").tag(sync=True)
    drawing_number = traitlets.Int(0).tag(sync=True)
    acknowledgement = traitlets.Int(0).tag(sync=True)

    @traitlets.observe("drawing_number")
    def _acknowledge(self, change: dict[str, Any]) -> None:
        self.acknowledgement = change["new"]


def read_pixels(value: dict[str, object], width: int = SIDE, height: int = SIDE) -> np.ndarray | None:
    """Return the drawing in the pad's value, (height, width) uint8, or None for an empty pad.

    A pad without any pixel of :data:`HALF_INK` or more counts as empty: the pen is several pixels wide, so there
    are only traces that the eraser left.

    >>> read_pixels({"ink": b""}) is None
    True
    """
    ink = value.get("ink") or b""
    pixels = np.frombuffer(bytes(ink), np.uint8)  # type: ignore[call-overload] # of a widget
    if pixels.size != width * height or pixels.max() < HALF_INK:
        return None
    return pixels.reshape(height, width)
