"""A confusion matrix with selectable cells, as a widget."""

from __future__ import annotations

import anywidget
import traitlets

from deltarule.lab.pages import HERE


class Grid(anywidget.AnyWidget):
    """A table of ``counts``; ``names`` label its rows and columns, and ``selected`` is the selected (row, column)."""

    _esm = HERE / "grid.js"
    _css = HERE / "grid.css"
    counts: traitlets.List[object] = traitlets.List().tag(sync=True)
    names: traitlets.List[object] = traitlets.List().tag(sync=True)
    caption = traitlets.Unicode("").tag(sync=True)
    selected = traitlets.List([0, 0]).tag(sync=True)
