"""The documentation site: it builds without a warning, its links lead somewhere, and it works offline in a browser."""

from __future__ import annotations

import contextlib
import doctest
import io
import os
import re
import shlex
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote

import pytest
from filelock import FileLock
from sphinx.errors import ExtensionError

from deltarule.cli.app import app

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
SIZES = {"desktop": {"width": 1280, "height": 900}, "phone": {"width": 390, "height": 844}}
SAMPLE = ("index", "tutorial/own-table", "concept", "techniques/adam", "reference/networks", "book/chapter1",
          "notebooks/02-digits", "notebooks/05-overfitting")  # fmt: skip

sys.path.insert(0, str(DOCS / "extensions"))

import command_pages  # noqa: E402 # the extensions of the site
import reference_pages  # noqa: E402
import source_pages  # noqa: E402


def build(source: Path, out: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """Build a site as ``make docs`` does, every warning an error."""
    line = [sys.executable, "-m", "sphinx", "-b", "html", "-q", "-W", "--keep-going", *options, source, out]
    return subprocess.run(line, capture_output=True, text=True, env={**os.environ, "PYTHONWARNINGS": ""})


@pytest.fixture(scope="session")
def site(tmp_path_factory) -> Path:
    """The built site; several processes of a test run share one."""
    shared = tmp_path_factory.getbasetemp()
    shared = shared.parent if os.environ.get("PYTEST_XDIST_WORKER") else shared
    with FileLock(shared / "site.lock"):
        if not (shared / "site").exists():
            done = build(DOCS, shared / "site-unchecked")
            assert done.returncode == 0, done.stderr
            (shared / "site-unchecked").rename(shared / "site")
    return shared / "site"


class Page(HTMLParser):
    """The links, the resources and the ids of a page."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.links: list[str] = []
        self.resources: list[str] = []
        self.ids: set[str] = set()
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        own = dict(attributes)
        self.ids |= {own["id"]} if own.get("id") else set()
        if tag == "a" and own.get("href"):
            self.links.append(own["href"])
        elif tag in ("img", "script", "iframe") and own.get("src"):
            self.resources.append(own["src"])
        elif tag == "link" and own.get("rel") in ("stylesheet", "icon", "search"):
            self.resources.append(own["href"])


@pytest.mark.slow
def test_every_link_leads_to_a_file_and_every_resource_is_of_the_site(site):
    pages = {path: Page(path) for path in site.rglob("*.html")}
    assert len(pages) > 60
    broken = []
    for path, page in pages.items():
        for link in (*page.links, *page.resources):
            if link.startswith("https://" if link in page.links else "data:image/"):
                continue
            place, _, anchor = link.partition("#")
            target = (path.parent / unquote(place.partition("?")[0])).resolve() if place else path
            if not target.is_file() or (anchor and target in pages and unquote(anchor) not in pages[target].ids):
                broken.append(f"{path.relative_to(site)}: {link}")
    assert broken == []


@pytest.mark.slow
def test_every_public_name_is_in_the_inventory(site):
    inventory = (site / "reference").rglob("*.html")
    ids = set().union(*(Page(path).ids for path in inventory))
    assert [name for name in reference_pages.list_names() if f"{name.module}.{name.name}" not in ids] == []


@pytest.mark.slow
def test_the_site_needs_no_network(site):
    assert [
        path for path in site.rglob("*.html") if re.search(r"(src|@import)\W+https?:", path.read_text("utf-8"))
    ] == []


@pytest.fixture
def open_page(site, browser):
    """A function that opens a page of the site at a size and in a colour scheme; no script may fail."""
    contexts, errors = [], []

    def open_in(name: str, size: str, scheme: str):
        contexts.append(browser.new_context(viewport=SIZES[size], color_scheme=scheme))
        page = contexts[-1].new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto((site / f"{name}.html").as_uri())
        return page

    yield open_in
    for context in contexts:
        context.close()
    assert errors == []


@pytest.mark.slow
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", SIZES)
def test_pages_fit_the_screen_and_follow_the_colour_scheme(open_page, size, scheme):
    for name in SAMPLE:
        page = open_page(name, size, scheme)
        wider = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
        brightness = sum(map(int, re.findall(r"\d+", ground)[:3])) / 3
        assert (name, wider, brightness > 127) == (name, 0, scheme == "light")


@pytest.mark.slow
def test_a_newcomer_finds_how_to_train_on_a_csv_and_searches_offline(open_page):
    page = open_page("index", "desktop", "light")
    page.locator("article a", has_text="table").first.click()
    assert "deltarule train --data flowers.csv" in page.locator("article").inner_text()
    page.locator("input[name=q]").first.fill("momentum")
    page.keyboard.press("Enter")
    page.wait_for_selector("ul.search li")
    assert "Momentum" in page.locator("ul.search").inner_text()


FAULTY = """# A page

[a page](b.md) [a file](../src/deltarule/b.py)

![a figure](b.png)

```{eval-rst}
:func:`deltarule.fits`
```
"""


@pytest.mark.slow
def test_broken_links_fail_the_build(tmp_path):
    docs = tmp_path / "docs"
    docs.mkdir()
    (docs / "index.md").write_text(FAULTY, encoding="utf-8")
    config = (DOCS / "conf.py").read_text(encoding="utf-8").replace("Path(__file__).parent", f'Path(r"{DOCS}")')
    for extension in ("book_pages", "command_pages", "reference_pages"):  # they write pages of their own
        config = config.replace(f'"{extension}",', "")
    (docs / "conf.py").write_text(config.replace('["static"]', "[]"), encoding="utf-8")
    done = build(docs, tmp_path / "site")
    assert done.returncode != 0
    for target in ("'b.md'", "b.py", "b.png", "deltarule.fits"):
        assert target in done.stderr


def test_a_name_without_an_example_or_a_page_is_reported():
    def undocumented() -> None:
        """Return nothing."""

    name = reference_pages.Name("deltarule", "undocumented", undocumented, "deltarule.nowhere")
    with pytest.raises(ExtensionError, match=r"deltarule\.undocumented"):
        reference_pages.document(name, {})
    with pytest.raises(ExtensionError, match=r"deltarule\.nowhere"):
        reference_pages.find_page(name)
    with pytest.raises(ExtensionError, match=r"deltarule\.LIMIT"):
        reference_pages.document(reference_pages.Name("deltarule", "LIMIT", 3, "deltarule"), {})


@pytest.mark.slow
def test_every_command_and_option_is_in_the_reference(site):
    text = re.sub(r"<[^>]+>", "", (site / "reference/command.html").read_text(encoding="utf-8"))
    commands = command_pages.list_commands(command_pages.get_command(app), "deltarule")
    assert len(commands) > 15
    for name, command in commands:
        assert name in text
        for parameter in command.params:
            assert parameter.param_type_name == "argument" or parameter.opts[0] in text


def test_links_to_source_files_are_listed(tmp_path):
    (tmp_path / "docs").mkdir()
    (tmp_path / "one.py").touch()
    found = source_pages.list_links("[a](../one.py) [b](two.md)", tmp_path / "docs/a.md", tmp_path)
    assert found == {"../one.py": Path("one.py")}


@pytest.mark.parametrize("page", sorted((DOCS / "tutorial").glob("*.md")), ids=lambda path: path.stem)
def test_the_tutorial_runs(page, tmp_path, monkeypatch):
    """Run the script, the commands and the sessions of a page, one after another, in an empty folder."""
    monkeypatch.chdir(tmp_path)
    blocks = re.findall(r"```(\w+)\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)
    for language, text in blocks:
        if language == "python":
            exec(text, {})
    for line in "".join(text for language, text in blocks if language == "sh").splitlines():
        with contextlib.redirect_stdout(io.StringIO()):
            app(shlex.split(line)[1:], standalone_mode=False)
    session = "\n\n".join(text for language, text in blocks if language == "pycon")
    examples = doctest.DocTestParser().get_doctest(session, {}, page.stem, str(page), 0)
    assert doctest.DocTestRunner().run(examples).failed == 0
    assert examples.examples
