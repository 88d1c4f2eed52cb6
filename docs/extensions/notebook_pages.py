"""A page for each notebook: its texts and its code, and a link to the file."""

import json
from pathlib import Path

from sphinx.application import Sphinx

SUFFIX = ".ipynb"


def convert_notebook(text: str, name: str) -> str:
    """Convert a notebook to Markdown, with a link to the file of this name below its title.

    >>> cells = [{"cell_type": "markdown", "source": ["# Gates"]}, {"cell_type": "code", "source": ["1 + 1"]}]
    >>> print(convert_notebook(json.dumps({"cells": cells}), "gates.ipynb"))
    # Gates
    <BLANKLINE>
    This page is a notebook. {download}`Download it <gates.ipynb>` to run and change it.
    <BLANKLINE>
    ```python
    1 + 1
    ```
    """
    parts = []
    for cell in json.loads(text)["cells"]:
        source = "".join(cell["source"])
        parts.append(f"```python\n{source}\n```" if cell["cell_type"] == "code" else source)
    title, below, rest = parts[0].partition("\n")
    link = f"This page is a notebook. {{download}}`Download it <{name}>` to run and change it."
    return "\n\n".join([title, link, *([rest.strip()] if below else []), *parts[1:]])


def convert_source(app: Sphinx, name: str, source: list[str]) -> None:
    """Convert the document if it is a notebook."""
    path = Path(app.env.doc2path(name))
    if path.suffix == SUFFIX:
        source[0] = convert_notebook(source[0], path.name)


def setup(app: Sphinx) -> dict[str, bool]:
    """Read notebooks as documents in Markdown."""
    app.add_source_suffix(SUFFIX, "markdown")
    app.connect("source-read", convert_source)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
