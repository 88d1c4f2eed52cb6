"""Figures of lessons that draw themselves in the page, at once, while a control moves."""

from __future__ import annotations

from functools import cache
from typing import Any

import anywidget
import traitlets

from deltarule.lab.pages import HERE
from deltarule.lab.scripts import join_scripts

PARTS = ("axes.js", "chart.js", "controls.js", "lesson.js")
"""The scripts in ``widgets/`` that all figures share, in the order of their dependencies."""

LEARNING = ("../playground/random.js", "../playground/network.js", "bytes.js", "training.js")
"""The further scripts of a figure in which networks learn."""


class Figure(anywidget.AnyWidget):
    """A figure with controls. ``data`` is what the notebook computed for it; ``values`` are those of its controls.

    The page computes what a control changes and draws it within the same event. ``values`` reaches Python when the
    control is let go.
    """

    script = ""
    """The name of the figure's script, without its ending."""

    data = traitlets.Dict().tag(sync=True)
    values = traitlets.Dict().tag(sync=True)


def make_figure(name: str, parts: tuple[str, ...] = (), **data: Any) -> Figure:
    """Make the figure of ``widgets/NAME.js``.

    Args:
        name: The name of the script without its ending.
        parts: Further scripts that it uses, each after those that it imports: their paths from ``widgets/``, such as
            "../playground/random.js". A part with a style sheet has it under the same name.
        **data: What the script gets as its data: numbers, texts, lists, and bytes of arrays.
    """
    return _make_class(name, parts)(data=data)


@cache
def _make_class(name: str, parts: tuple[str, ...]) -> type[Figure]:
    members = {"_esm": read_figure_script(name, parts), "_css": read_figure_style(name, parts), "script": name}
    return type("".join(word.title() for word in (*name.split("_"), "figure")), (Figure,), members)


def read_figure_script(name: str, parts: tuple[str, ...] = ()) -> str:
    """Read a figure's script with all that it uses, as one module."""
    return join_scripts(*(f"widgets/{script}" for script in (*PARTS, *parts, f"{name}.js")))


def read_figure_style(name: str, parts: tuple[str, ...] = ()) -> str:
    """Read the style sheet of all figures, and those of a figure and its further parts, under the scripts' names."""
    scripts = ("widgets.css", *parts, f"{name}.js")
    sheets = [(HERE / "widgets" / script).with_suffix(".css") for script in scripts]
    return "\n".join(sheet.read_text(encoding="utf-8") for sheet in sheets if sheet.is_file())
