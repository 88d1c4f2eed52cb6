"""The page of the Playground: its modules of JavaScript, its style and its template in one HTML file."""

from __future__ import annotations

from pathlib import Path

from deltarule.lab.pages import fill_template
from deltarule.lab.scripts import join_scripts

FOLDER = Path(__file__).parent

ENGINE = ("random.js", "network.js")
"""The modules that train, each after those that it imports."""

MODULES = (
    *ENGINE, "data_sets.js", "table_reader.js", "settings.js", "run.js", "python_code.js", "diagnosis.js", "colours.js",
    "cost_chart.js", "map_view.js", "network_layout.js", "network_view.js", "weight_editor.js", "sum_view.js",
    "form.js", "data_picker.js", "table_dialog.js", "grid.js", "own_points.js", "figures.js",
    "sharing.js", "playground.js",
)  # fmt: skip
"""All modules of the page, each after those that it imports."""


def build_playground_page(home: str = "") -> str:
    """Build the HTML page, which needs no other file; ``home`` is HTML for a link back to the index, or nothing."""
    contents = {
        "{{home}}": home,
        "/*PLAYGROUND-CSS*/": (FOLDER / "playground.css").read_text(encoding="utf-8"),
        "//SCRIPTS": join_scripts(*(f"playground/{name}" for name in MODULES)),
    }
    return fill_template("playground/playground.html", contents)
