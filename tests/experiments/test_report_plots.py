"""The plots of the report, drawn once and used again, and the size of its pages with the real results."""

from __future__ import annotations

import gc
import weakref
from dataclasses import replace
from pathlib import Path

import pytest
from tests.cli.coin import COIN

from deltarule.experiments.folders import SHIPPED
from deltarule.experiments.parts import PARTS
from deltarule.experiments.registry import EXPERIMENTS
from deltarule.experiments.report import plots
from deltarule.experiments.report.entries import Entry, Plot, build_entries
from deltarule.experiments.report.pages import write_html, write_markdown
from deltarule.experiments.report.plots import compress_svg, render_plot, write_plots
from deltarule.experiments.result import Run, write_result
from deltarule.experiments.run import run_once
from deltarule.plotting import label_axes, new_figure, plot_band, render_svg

MEGABYTE = 1_000_000


@pytest.fixture
def entry(tmp_path) -> Entry:
    """The coin with a run of each variant."""
    write_result(tmp_path, run_once(COIN, quick=False))
    (entry,) = build_entries(tmp_path, [COIN])
    return entry


@pytest.fixture
def drawings(monkeypatch) -> list[str]:
    """The ids of the experiments that are drawn."""
    drawn: list[str] = []
    draw = plots.draw_figure

    def count(experiment, result):
        drawn.append(experiment.id)
        return draw(experiment, result)

    monkeypatch.setattr(plots, "draw_figure", count)
    return drawn


def test_a_plot_is_drawn_once_for_all_folders_and_reports(entry, drawings, tmp_path):
    folders = [tmp_path / "html", tmp_path / "book"]
    (first,) = write_plots([entry], folders[:1])
    assert (first.plot.name, first.plot.width, first.plot.height) == ("ch1-coin.svg", 614, 374)
    content = (folders[0] / "ch1-coin.svg").read_bytes()
    assert write_plots([entry], folders) == [first]
    assert drawings == [COIN.id]
    assert (folders[1] / "ch1-coin.svg").read_bytes() == content


def test_a_plot_is_drawn_again_when_its_result_the_code_or_the_file_has_changed(entry, drawings, monkeypatch, tmp_path):
    write_plots([entry], [tmp_path])
    other = Run("fair", 2, COIN.settings, {"heads": 50.0}, {"heads by throw": [50, 51, 50]})
    changed = replace(entry, result=entry.result.with_run(other))
    write_plots([changed], [tmp_path])
    assert len(drawings) == 2
    monkeypatch.setattr(plots, "_compute_code_digest", lambda: "another version")
    write_plots([changed], [tmp_path])
    assert len(drawings) == 3
    path = tmp_path / "ch1-coin.svg"
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])
    write_plots([changed], [tmp_path])
    assert (len(drawings), path.read_bytes()) == (4, content)


def test_one_figure_is_in_memory_at_a_time(entry, monkeypatch, tmp_path):
    alive: list[int] = []
    figures: list[weakref.ref] = []
    draw = plots.draw_figure

    def watch(experiment, result):
        gc.collect()
        alive.append(sum(figure() is not None for figure in figures))
        figure = draw(experiment, result)
        figures.append(weakref.ref(figure))
        return figure

    monkeypatch.setattr(plots, "draw_figure", watch)
    write_plots([replace(entry, experiment=replace(COIN, id=f"ch1/coin-{i}")) for i in range(3)], [tmp_path])
    assert alive == [0, 0, 0]


def test_a_plot_is_the_one_that_savefig_draws_in_two_passes():
    def draw():
        figure, (left, right) = new_figure(1, 2)
        plot_band(left, [[1.0, 20.5, 3.0], [2.0, 30.0, 5.0]], label="a long label")
        label_axes(left, "epoch", "cost, which has a long name", "A title")
        right.plot([0, 1], [1e-5, 2e5], label="$\\alpha$")
        right.set_yscale("log")
        label_axes(right, "epoch", "accuracy")
        return figure

    assert render_plot(draw(), "one") == compress_svg(render_svg(draw(), "one", {"svg.fonttype": "path"}))


@pytest.fixture(scope="module")
def entries() -> list[Entry]:
    """The entries of the real results, with the names of plots that are not drawn."""
    return [replace(entry, plot=Plot(f"{entry.name}.svg", 614, 374)) for entry in build_entries(SHIPPED)]


def test_the_first_page_of_the_real_results_is_small(entries, tmp_path):
    page = write_html(entries, tmp_path / "report.html")
    assert sum(entry.result.runs != () for entry in entries) > 90
    assert page.stat().st_size < 0.3 * MEGABYTE
    assert b"<img" not in page.read_bytes()
    chapters = sorted((tmp_path / "report").iterdir())
    assert [path.name for path in chapters] == sorted(f"{part.page}.html" for part in PARTS.values())
    for part in PARTS.values():
        text = (tmp_path / "report" / f"{part.page}.html").read_text(encoding="utf-8")
        assert len(text) < 0.3 * MEGABYTE
        assert (
            text.count("<img")
            == text.count(f'<img src="{part.name}-')
            == sum(one.part is part for one in EXPERIMENTS.values())
        )


def test_the_markdown_of_the_real_results_is_short_enough_for_a_forge(entries, tmp_path):
    page = write_markdown(entries, tmp_path / "book.md")
    for path in (page, *(tmp_path / "book").glob("*.md")):
        assert path.stat().st_size < 0.2 * MEGABYTE
    assert len(list(Path(tmp_path / "book").glob("chapter?.md"))) == 6
