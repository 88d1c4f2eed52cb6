"""deltarule experiments report: its pages, links and plots as HTML and Markdown, of complete and damaged results."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote

import pytest

from deltarule.experiments import registry
from deltarule.experiments.result import locate_result

from .coin import COIN

RUN = ("experiments", "run", COIN.id)
REPORT = ("experiments", "report")


@pytest.fixture(autouse=True)
def coin(monkeypatch):
    monkeypatch.setitem(registry.EXPERIMENTS, COIN.id, COIN)
    monkeypatch.setattr("deltarule.experiments.folders.SHIPPED", Path("shipped"))  # there is none


class Page(HTMLParser):
    """The ids of a page, its text, and the addresses that it links to or loads."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.leads: list[str] = []
        self.tags: set[str] = set()
        self.text = ""
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.ids += [value for name, value in attrs if name == "id"]
        self.leads += [
            value for name, value in attrs if name in ("href", "src", "xlink:href", "srcset", "data", "poster")
        ]

    def handle_data(self, data):
        self.text += data


@pytest.fixture
def few(monkeypatch):
    """Three experiments of two chapters in place of all; two of them were never run."""
    some = {id: registry.EXPERIMENTS[id] for id in ("ch1/nand", COIN.id, "ch4/step")}
    monkeypatch.setattr("deltarule.experiments.report.entries.EXPERIMENTS", some)
    return some


def read_pages(first: Path) -> dict[Path, Page]:
    """Read the first page of a report and those of its chapters."""
    paths = [first, *sorted(first.with_suffix("").glob("chapter*.html"))]
    return {path.resolve(): Page(path.read_text(encoding="utf-8")) for path in paths}


def find_broken_links(pages: dict[Path, Page]) -> list[str]:
    """Find the links and pictures that lead to no file, or to no id of a page."""
    broken = []
    for path, page in pages.items():
        for lead in page.leads:
            place, _, anchor = lead.partition("#")
            target = (path.parent / unquote(place)).resolve() if place else path
            if not target.is_file() or (anchor and anchor not in pages[target].ids):
                broken.append(f"{path.name}: {lead}")
    return broken


def test_report_writes_a_page_for_each_chapter(deltarule, few):
    assert deltarule(*RUN).code == 0
    ran = deltarule(*REPORT)
    assert (ran.code, ran.out, ran.err) == (0, "Report: results/report.html\n", "")
    assert sorted(path.name for path in Path("results/report").iterdir()) == [
        "ch1-coin.svg", "chapter1.html", "chapter4.html",
    ]  # fmt: skip
    pages = read_pages(Path("results/report.html"))
    assert find_broken_links(pages) == []
    first, chapter1, chapter4 = pages.values()
    assert {"ch1-nand", COIN.id.replace("/", "-")} <= set(chapter1.ids)
    assert "ch4-step" in chapter4.ids
    for page in pages.values():
        assert len(page.ids) == len(set(page.ids))
        assert not page.tags & {"script", "link", "iframe", "sides", "i"}
        assert not any(lead.startswith("http") for lead in page.leads)
    assert [lead for lead in chapter1.leads if lead.endswith(".svg")] == ["ch1-coin.svg"]
    assert not [lead for lead in (*first.leads, *chapter4.leads) if lead.endswith(".svg")]
    for text in ("A coin & its <sides>", "It was <i>heavier</i>.", "✓ reproduced", "deltarule experiments run ch1/coin",
                 "82.00 ± 1.00 %", "Not measured yet: deltarule experiments run ch1/nand"):  # fmt: skip
        assert text in chapter1.text
    assert "It was <i>heavier</i>." in first.text
    assert re.search(r"published results and claims:\s+[\d]+ reproduced,\s+1 not", first.text)
    assert first.text.count("82.00 ± 1.00 %") == 2  # among those that are not reproduced, and in the list of all


@pytest.mark.parametrize("name", ["again.html", "a report & <more> #1.html"])
def test_the_report_has_the_place_of_its_name(deltarule, few, name):
    deltarule(*RUN)
    assert deltarule(*REPORT, "--out", name).code == 0
    pages = read_pages(Path(name))
    assert len(pages) == 3
    assert find_broken_links(pages) == []
    assert not Path("results/report.html").exists()
    before = {path: path.read_bytes() for path in Path(name).with_suffix("").iterdir()}
    assert deltarule(*REPORT, "--out", name).code == 0
    assert {path: path.read_bytes() for path in Path(name).with_suffix("").iterdir()} == before


def test_markdown_has_the_same_pages_and_plots(deltarule, few):
    deltarule(*RUN)
    Path("pages/report").mkdir(parents=True)
    for old in ("ch1-valley.png", "ch2-paths.svg", "chapter5.md", "mine.md"):
        Path("pages/report", old).touch()
    ran = deltarule(*REPORT, "--markdown", "pages/report.md")
    assert ran.out == "Report: results/report.html\nReport: pages/report.md\n"
    names = {path.name for path in Path("pages/report").iterdir()}
    assert names == {"ch1-coin.svg", "chapter1.md", "chapter4.md", "mine.md"}
    assert Path("pages/report/ch1-coin.svg").read_bytes() == Path("results/report/ch1-coin.svg").read_bytes()
    first, chapter = (Path("pages", name).read_text(encoding="utf-8") for name in ("report.md", "report/chapter1.md"))
    assert re.findall(r'<a id="(ch1-\w+)">', chapter) == ["ch1-nand", "ch1-coin"]
    assert "It was &lt;i&gt;heavier&lt;/i&gt;." in chapter
    assert re.findall(r"!\[.*?\]\((.*?)\)", chapter) == ["ch1-coin.svg"]
    assert "[All chapters](../report.md) · [Chapter 4](chapter4.md)" in chapter
    links = re.findall(r"\]\(([^)]*)\)", first)
    assert {"report/chapter1.md", "report/chapter4.md", "report/chapter1.md#ch1-coin"} <= set(links)
    assert all(Path("pages", link.partition("#")[0]).is_file() for link in links)


@pytest.mark.parametrize("option", ["--out", "--markdown"])
@pytest.mark.parametrize(
    ("page", "told"),
    [
        ("rep/book", "rep/book: expected a file name with an extension"),
        (".", ".: expected a file name with an extension"),
        ("taken.md", "taken.md: the chapters and plots go into the folder taken"),
    ],
)
def test_a_page_without_a_place_for_its_figures_is_refused_before_a_file_is_written(deltarule, few, option, page, told):
    Path("taken").write_text("mine")
    ran = deltarule(*REPORT, option, page)
    assert (ran.code, ran.out) == (2, "")
    assert told in ran.err
    assert [path.name for path in Path.cwd().iterdir()] == ["taken"]


def test_html_and_markdown_share_no_file(deltarule, few):
    ran = deltarule(*REPORT, "--out", "book.md", "--markdown", "book.md")
    assert (ran.code, ran.out) == (2, "")
    assert ran.err == "error: --markdown: expected another file than that of the HTML page, got 'book.md'\n"
    deltarule(*RUN)
    assert deltarule(*REPORT, "--out", "book.html", "--markdown", "book.md").code == 0  # they may share the folder
    names = {path.name for path in Path("book").iterdir()}
    assert names == {"ch1-coin.svg", "chapter1.html", "chapter1.md", "chapter4.html", "chapter4.md"}


def test_report_shows_incomplete_results(deltarule, few):
    """A seed failed, a variant is missing, a file is damaged: the report has the rest."""
    deltarule(*RUN, "--seeds", 1)
    path = locate_result(Path("results"), COIN.id)
    content = json.loads(path.read_text(encoding="utf-8"))
    content["runs"] = [
        run | {"error": "on <b>fire</b>"} if run["variant"] == "loaded" else run for run in content["runs"]
    ]
    path.write_text(json.dumps(content), encoding="utf-8")
    damaged = locate_result(Path("results"), "ch1/nand")
    damaged.write_text("{", encoding="utf-8")
    ran = deltarule(*REPORT)
    assert ran.code == 0
    assert "the plot of ch1/coin could not be drawn" in ran.err
    assert "results/ch1/nand.json: expected the result of an experiment" in ran.err
    told = Page(Path("results/report/chapter1.html").read_text(encoding="utf-8")).text
    assert "Missing: no run of “loaded” yet" in told
    assert "Failed: loaded seed 1: on <b>fire</b>" in told
    assert "No plot: results/ch1/nand.json: expected the result" in told
    drawn = deltarule("experiments", "plot", COIN.id)
    assert (drawn.code, "complete them: deltarule experiments run ch1/coin --resume" in drawn.err) == (1, True)
    assert "expected the result of an experiment" in deltarule("experiments", "show", "ch1/nand").err
    assert "expected the result of an experiment" in deltarule("experiments").err


def test_a_report_outside_of_the_repository_is_made_from_the_results_that_come_with_deltarule(
    deltarule, few, monkeypatch
):
    deltarule(*RUN, "--results", "shipped")
    ran = deltarule(*REPORT)
    assert ran.out.startswith("Report: results/report.html\nThis result comes with deltarule")
    pages = read_pages(Path("results/report.html"))
    assert "This result comes with deltarule" in next(iter(pages.values())).text
    assert [path.name for path in Path("shipped").iterdir() if not path.name.startswith(".")] == ["ch1"]
