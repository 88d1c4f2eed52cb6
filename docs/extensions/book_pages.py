"""The report of the book's experiments, a page for each chapter, made from the saved results."""

import re
from pathlib import Path

from sphinx.application import Sphinx

from deltarule.experiments.report.entries import build_entries
from deltarule.experiments.report.markdown import write_markdown

FOLDER = "book"
HEADING = re.compile(r'^(#{2,3}) <a id="([^"]+)"></a>', re.MULTILINE)


def split_chapters(text: str) -> list[str]:
    """Split the report into its beginning and its chapters, each with its links as MyST writes them."""
    text = HEADING.sub(r"(\2)=\n\1 ", text).replace("`docs/verdicts.md`", "[Verdicts](../verdicts.md)")
    return re.split(r"(?=^\(chapter-\d\)=\n## )", text, flags=re.MULTILINE)


def write_pages(app: Sphinx) -> None:
    """Write the pages of the report and its figures."""
    docs = Path(app.srcdir)
    folder = docs / FOLDER
    report = write_markdown(build_entries(docs.parent / "results"), folder / "figures.md")
    first, *chapters = split_chapters(report.read_text(encoding="utf-8"))
    report.unlink()
    for i, chapter in enumerate(chapters, 1):
        promoted = re.sub(r"^#(#+) ", r"\1 ", chapter, flags=re.MULTILINE)
        (folder / f"chapter{i}.md").write_text(promoted, encoding="utf-8")
    names = "\n".join(f"chapter{i}" for i in range(1, len(chapters) + 1))
    (folder / "index.md").write_text(f"{first}\n```{{toctree}}\n:hidden:\n\n{names}\n```\n", encoding="utf-8")


def setup(app: Sphinx) -> dict[str, bool]:
    """Write the pages before the documents are read."""
    app.connect("builder-inited", write_pages)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
