"""A confusion matrix whose cells can be chosen, as a widget."""

from __future__ import annotations

import anywidget
import traitlets

from deltarule.lab.pages import HERE


class Grid(anywidget.AnyWidget):
    """``counts`` by row and column, their ``names``, and the ``chosen`` (row, column)."""

    _esm = HERE / "grid.js"
    _css = HERE / "grid.css"
    counts: traitlets.List[object] = traitlets.List().tag(sync=True)
    names: traitlets.List[object] = traitlets.List().tag(sync=True)
    caption = traitlets.Unicode("").tag(sync=True)
    chosen = traitlets.List([0, 0]).tag(sync=True)
