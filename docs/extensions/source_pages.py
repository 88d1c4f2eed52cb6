"""A page for each source file that a document links to, with its lines numbered."""

import re
import shutil
from pathlib import Path

from sphinx.application import Sphinx

LINK = re.compile(r"\]\((\.\.?/[^)#\s]+\.py)\)")
FOLDER = "source"


def list_links(text: str, document: Path, root: Path) -> dict[str, Path]:
    """List the links of a document to Python files that exist, with their paths below the root of the project."""
    found = {link: (document.parent / link).resolve() for link in LINK.findall(text)}
    return {link: path.relative_to(root) for link, path in found.items() if path.is_file()}


def write_page(path: Path, folder: Path) -> None:
    """Write the page of a source file."""
    page = folder / path.with_suffix(".rst")
    page.parent.mkdir(parents=True, exist_ok=True)
    up = "../" * len(page.relative_to(folder.parent).parts)
    title = str(path)
    page.write_text(
        f":orphan:\n\n{title}\n{'=' * len(title)}\n\n.. literalinclude:: {up}{path}\n   :linenos:\n", encoding="utf-8"
    )


def write_pages(app: Sphinx) -> None:
    """Write a page for each file that a Markdown document links to, in place of those of the last build."""
    docs = Path(app.srcdir)
    shutil.rmtree(docs / FOLDER, ignore_errors=True)
    for document in docs.rglob("*.md"):
        for path in list_links(document.read_text(encoding="utf-8"), document, docs.parent).values():
            write_page(path, docs / FOLDER)


def link_pages(app: Sphinx, name: str, source: list[str]) -> None:
    """Let the links of a document lead to these pages."""
    docs = Path(app.srcdir)
    document = Path(app.env.doc2path(name))
    if document.suffix == ".md":
        for link, path in list_links(source[0], document, docs.parent).items():
            source[0] = source[0].replace(f"]({link})", f"](/{FOLDER}/{path.with_suffix('.rst')})")


def setup(app: Sphinx) -> dict[str, bool]:
    """Connect the two steps."""
    app.connect("builder-inited", write_pages)
    app.connect("source-read", link_pages)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
