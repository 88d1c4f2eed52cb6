"""deltarule experiments report: the pages of the report, with their plots."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from deltarule.cli.console import emit, err, escape, out
from deltarule.cli.experiment_results import FULL_RESULTS, FullResults, check_folder, suggest
from deltarule.cli.option import format_default
from deltarule.cli.shared_options import Json


def report(
    page: Annotated[
        Path | None,
        typer.Option(
            "--out",
            metavar="FILE",
            help="Save the first page in this file, and the other pages and plots in a folder with the same name. "
            + format_default("report.html in the results folder"),
        ),
    ] = None,
    book: Annotated[
        Path | None,
        typer.Option(
            "--markdown",
            metavar="FILE",
            help="Also save the report as Markdown: the first page in this file, the rest in a folder with its name.",
        ),
    ] = None,
    results: FullResults = None,
    json: Json = False,
) -> None:
    """Write a report of all experiments: plots, published results, our results and verdicts.

    The first page has the summary, and each chapter and topic has a page with its plots. Plots of results that have not
    changed are used again.

    [bold]Examples[/]: write pages for the browser; also write them as Markdown:

      deltarule experiments report

      deltarule experiments report --markdown report.md
    """
    from deltarule.cli.option_errors import option_error
    from deltarule.errors import require_extra
    from deltarule.experiments.folders import FULL, describe_origin
    from deltarule.experiments.report.entries import build_entries

    with require_extra("experiments", "the report"):
        from deltarule.experiments.report.pages import write_html, write_markdown
        from deltarule.experiments.report.plots import choose_folder, write_plots

    first = page or (results or FULL) / "report.html"
    if book == first:
        raise option_error("--markdown", book, "another file than that of the HTML page")
    folders = [choose_folder(path) for path in (first, book) if path is not None]
    check_folder(results)
    with suggest(FULL_RESULTS):
        entries = write_plots(build_entries(results), folders)
    paths = [write_html(entries, first), *([write_markdown(entries, book)] if book else [])]
    troubles = {entry.experiment.id: entry.trouble for entry in entries if entry.trouble}
    if json:
        emit({"files": [str(path) for path in paths], "troubles": troubles})
        return
    for name, trouble in troubles.items():
        err.print(f"{escape(name)}: {escape(trouble)}")
    for path in paths:
        out.print(f"Report: {escape(path)}")
    if origin := describe_origin([entry.folder for entry in entries if entry.result.runs]):
        out.print(origin)
