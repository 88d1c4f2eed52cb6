"""The page of the Playground: its modules of JavaScript, its style and its template in one HTML file."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from deltarule.lab.pages import fill_template

FOLDER = Path(__file__).parent

ENGINE = ("random.js", "network.js")
"""The modules that train, each after those that it imports."""

MODULES = (*ENGINE, "data_sets.js", "table_reader.js")
"""All modules of the page, each after those that it imports."""

_IMPORT = re.compile(r"^import [^;]+;\n", re.MULTILINE)
_EXPORT = re.compile(r"^export (?=async function|function|const|class)", re.MULTILINE)


def join_modules(names: Iterable[str]) -> str:
    """Join modules into one script: without imports and exports, because they share its names."""
    texts = ((FOLDER / name).read_text(encoding="utf-8") for name in names)
    return "\n".join(_EXPORT.sub("", _IMPORT.sub("", text)) for text in texts)


def build_playground_page(home: str = "") -> str:
    """Build the HTML page; it needs no other file. ``home`` is HTML for a link back to the index, or nothing."""
    contents = {
        "{{home}}": home,
        "/*PLAYGROUND-CSS*/": (FOLDER / "playground.css").read_text(encoding="utf-8"),
        "//MODULES": join_modules(MODULES),
    }
    return fill_template("playground/playground.html", contents)
