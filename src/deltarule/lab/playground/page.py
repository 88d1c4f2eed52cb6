"""The page of the Playground: its modules of JavaScript, its style and its template in one HTML file."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from deltarule.lab.pages import fill_template

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

_IMPORT = re.compile(r"^import [^;]+;\n", re.MULTILINE)
_EXPORT = re.compile(r"^export (?=(?:async )?(?:function|const|class) )", re.MULTILINE)


def join_modules(names: Iterable[str]) -> str:
    """Join modules into one script, each in its own scope; the names that they export are shared by all."""
    return "\n".join(_wrap_module((FOLDER / name).read_text(encoding="utf-8")) for name in names)


def _wrap_module(text: str) -> str:
    """Make a module a function that is called at once and returns the exported names."""
    names = [name for line in text.splitlines() if line.startswith("export ") for name in find_exports(line)]
    inside = _EXPORT.sub("", _IMPORT.sub("", text))
    exported = ", ".join(names)
    return f"const {{ {exported} }} = (() => {{\n{inside}\nreturn {{ {exported} }};\n}})();" if names else inside


def find_exports(line: str) -> list[str]:
    """Return the names that a line of a module exports.

    >>> find_exports("export function step(x) {"), find_exports("export const A = 1, B = f(2, 3);")
    (['step'], ['A', 'B'])
    >>> find_exports("export class Run {"), find_exports("export const square = (x) => { const y = x; return y * y; };")
    (['Run'], ['square'])
    """
    kind, rest = re.sub(r"^export (async )?", "", line).split(" ", 1)
    names = re.findall(r"(?:^|, )(\w+) = " if "=>" not in rest else r"^(\w+) = ", rest)
    return names if kind == "const" else re.findall(r"^\w+", rest)


def build_playground_page(home: str = "") -> str:
    """Build the HTML page, which needs no other file; ``home`` is HTML for a link back to the index, or nothing."""
    contents = {
        "{{home}}": home,
        "/*PLAYGROUND-CSS*/": (FOLDER / "playground.css").read_text(encoding="utf-8"),
        "//MODULES": join_modules(MODULES),
    }
    return fill_template("playground/playground.html", contents)
