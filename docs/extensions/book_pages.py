"""The report of the experiments, a page for each chapter and topic, made from the saved results."""

import re
from pathlib import Path

from sphinx.application import Sphinx

from deltarule.experiments.parts import PARTS
from deltarule.experiments.report.entries import build_entries
from deltarule.experiments.report.pages import write_markdown
from deltarule.experiments.report.plots import write_plots

PAGE = "book"
HEADING = re.compile(r'^(#+) <a id="([^"]+)"></a>', re.MULTILINE)
PAGES = [part.page for part in PARTS.values()]
LINK = re.compile(rf"\]\((?:book/)?(?:{'|'.join(PAGES)})\.md(#[^)]+)\)")


def write_pages(app: Sphinx) -> None:
    """Write the pages of the report and its plots, as ``make book`` does."""
    docs = Path(app.srcdir)
    (docs / PAGE / "index.md").unlink(missing_ok=True)  # of an earlier version
    entries = write_plots(build_entries(docs.parent / "results"), [docs / PAGE])
    write_markdown(entries, docs / f"{PAGE}.md")


def convert_links(app: Sphinx, name: str, source: list[str]) -> None:
    """Convert the links of the report to those of MyST, and add its pages to the table of contents."""
    if name.partition("/")[0] != PAGE:
        return
    text = LINK.sub(r"](\1)", HEADING.sub(r"(\2)=\n\1 ", source[0]))
    if name == PAGE:
        text = text.replace("`docs/verdicts.md`", "[Verdicts](verdicts.md)")
        names = "\n".join(f"{PAGE}/{page}" for page in PAGES if Path(app.srcdir, PAGE, f"{page}.md").exists())
        text += f"\n```{{toctree}}\n:hidden:\n\n{names}\n```\n"
    source[0] = text


def setup(app: Sphinx) -> dict[str, bool]:
    """Write the pages before the documents are read, and convert them when they are."""
    app.connect("builder-inited", write_pages)
    app.connect("source-read", convert_links)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
