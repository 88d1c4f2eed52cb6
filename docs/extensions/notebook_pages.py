"""A page for each notebook: its texts, its code and what the cells show, and a link to the file."""

import ast
import json
import sys
from base64 import b64encode
from contextlib import chdir, redirect_stdout
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory
from types import ModuleType
from typing import Any, NamedTuple

from sphinx.application import Sphinx

SUFFIX = ".ipynb"


class Shown(NamedTuple):
    """The output of a code cell: the text that it prints, and the value of the expression that it ends with."""

    text: str = ""
    value: Any = None


def read_cells(text: str) -> list[tuple[str, str]]:
    """Return the kind and the source of each cell of a notebook."""
    return [(cell["cell_type"], "".join(cell["source"])) for cell in json.loads(text)["cells"]]


def run_cells(cells: list[str], module: ModuleType) -> list[Shown]:
    """Run code cells in order, in the namespace of the module, and return their outputs."""
    found = []
    for i, cell in enumerate(cells):
        tree, name, value = ast.parse(cell), f"code cell {i + 1}", None
        last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
        with redirect_stdout(StringIO()) as out:
            exec(compile(tree, name, "exec"), module.__dict__)
            if isinstance(last, ast.Expr):
                value = eval(compile(ast.Expression(last.value), name, "eval"), module.__dict__)
        found.append(Shown(out.getvalue(), value))
    return found


def run_notebook(text: str) -> list[Shown]:
    """Run a notebook in an empty folder; its classes need a module that can be found by its name."""
    module = ModuleType("notebook")
    sys.modules[module.__name__] = module
    try:
        with TemporaryDirectory() as folder, chdir(folder):
            return run_cells([source for kind, source in read_cells(text) if kind == "code"], module)
    finally:
        del sys.modules[module.__name__]


def write_output(shown: Shown) -> str:
    """Write the output of a cell in Markdown: as HTML, as a picture, or as text.

    >>> print(write_output(Shown("two\\n", 2)))
    ```text
    two
    2
    ```
    """
    png = getattr(shown.value, "_repr_png_", lambda: None)()
    html = None if png else getattr(shown.value, "_repr_html_", lambda: None)()
    if png:
        html = f'<img src="data:image/png;base64,{b64encode(png).decode()}" alt="The figure of the cell above">'
    printed = shown.text.rstrip()
    if html is None and shown.value is not None:
        printed = f"{printed}\n{shown.value!r}".strip()
    return "\n\n".join(
        ([f"```text\n{printed}\n```"] if printed else [])
        + ([f'````{{raw}} html\n<div class="notebook-output">{html}</div>\n````'] if html else [])
    )


def convert_notebook(text: str, name: str, outputs: list[Shown], note: str = "") -> str:
    """Convert a notebook to Markdown, with a link to the file of this name and a note below its title.

    >>> cells = [{"cell_type": "markdown", "source": ["# Gates"]}, {"cell_type": "code", "source": ["1 + 1"]}]
    >>> print(convert_notebook(json.dumps({"cells": cells}), "gates.ipynb", [Shown("", 2)]))
    # Gates
    <BLANKLINE>
    This page is a notebook. {download}`Download it <gates.ipynb>` to run and change it.
    <BLANKLINE>
    ```python
    1 + 1
    ```
    <BLANKLINE>
    ```text
    2
    ```
    """
    shown, parts = iter(outputs), []
    for kind, source in read_cells(text):
        parts.append(f"```python\n{source}\n```" if kind == "code" else source)
        if kind == "code" and (output := write_output(next(shown, Shown()))):
            parts.append(output)
    title, _, rest = parts[0].partition("\n")
    link = f"This page is a notebook. {{download}}`Download it <{name}>` to run and change it. {note}".strip()
    return "\n\n".join(part for part in [title, link, rest.strip(), *parts[1:]] if part)


def convert_source(app: Sphinx, name: str, source: list[str]) -> None:
    """Run and convert the document if it is a notebook; without a library that it needs, convert it only."""
    path = Path(app.env.doc2path(name))
    if path.suffix == SUFFIX:
        outputs, note = [], ""
        try:
            outputs = run_notebook(source[0])
        except ModuleNotFoundError as error:
            note = f"It was not run for this page, because {error.name} was not installed."
        source[0] = convert_notebook(source[0], path.name, outputs, note)


def setup(app: Sphinx) -> dict[str, bool]:
    """Read notebooks as documents in Markdown."""
    app.add_source_suffix(SUFFIX, "markdown")
    app.connect("source-read", convert_source)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
