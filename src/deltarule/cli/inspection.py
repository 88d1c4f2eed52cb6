"""deltarule show, runs and compare: the network of a run, its settings and its results."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from deltarule.cli.console import emit, escape, format_r2, out, print_error
from deltarule.cli.option import format_default
from deltarule.cli.shared_options import Json
from deltarule.cli.tables import Column, build_table, measure_table

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rich.table import Table

    from deltarule.errors import DeltaruleError
    from deltarule.models.predictor import Predictor
    from deltarule.training.runs import Run

Facts = dict[str, dict[str, Any]]
"""The settings and results of each run, by its name."""


def show(
    run: Annotated[Path, typer.Argument(metavar="RUN", help="Show the run in this folder, or this model file.")],
    pictures: Annotated[
        Path | None, typer.Option(help=f"Save the figures in this folder. {format_default('the folder of the run')}")
    ] = None,
    json: Json = False,
) -> None:
    """Show the layers, settings and results of a run, and draw its learning curves and first weights.

    [bold]Example[/]:  deltarule show runs/first
    """
    from deltarule import plotting
    from deltarule.cli.figures import draw_curves, save_figures
    from deltarule.cli.folders import check_single
    from deltarule.cli.opening import open_run
    from deltarule.cli.preprocessing_table import build_column_table, describe_preprocessing
    from deltarule.cli.summary import collect_facts, count_parameters, describe_layers
    from deltarule.models.description import describe
    from deltarule.models.figures import find_first_weights

    check_single(run)
    opened = open_run(run)
    model, figures = opened.model, {}
    if model.history.records:
        figures["curves.png"] = draw_curves(model, str(run))
    if (w := find_first_weights(model)) is not None:
        title = "Weights of the first layer: orange is positive, purple is negative"
        figures["weights.png"] = plotting.plot_weights(w, title)
    paths: list[Path] = []
    try:
        paths = save_figures(figures, run, pictures)
    finally:  # the run is shown even if no figure can be saved
        if json:
            emit(
                {
                    "run": str(run),
                    "network": describe(model.models[0].network),
                    "layers": describe_layers(model),
                    "parameters": count_parameters(model),
                    "preprocessing": describe_preprocessing(model),
                    "settings": model.settings,
                    "history": model.history.records,
                    "changes": model.models[0].history.changes,
                    "notes": opened.notes,
                    "parameters_sha256": model.parameters_sha256,
                    "pictures": [str(path) for path in paths],
                }
            )
        else:
            out.print(_build_layer_table(model))
            out.print()
            if (columns := build_column_table(model.preprocessing)) is not None:
                out.print(columns)
                out.print()
            facts = collect_facts(opened)
            out.print(_build_fact_table({"": facts}, facts))
    if paths and not json:
        out.print("\nFigures: " + escape(", ".join(map(str, paths))))


def runs(
    folder: Annotated[
        Path, typer.Argument(metavar="FOLDER", help="List the runs in this folder and its subfolders.")
    ] = Path("runs"),
    json: Json = False,
) -> None:
    """List the runs in a folder with their settings and results.

    [bold]Example[/]:  deltarule runs
    """
    from deltarule.errors import FileError
    from deltarule.training.runs import find_runs

    if not folder.is_dir():
        raise FileError(path=folder, expected="a folder of runs", remedy="train a network first:  deltarule train")
    rows = [_summarize(path, run) for path, run in find_runs(folder)]
    if json:
        emit({"folder": str(folder), "runs": rows})
        return
    for row in rows:
        if "error" in row:
            print_error(row["error"])
    valid = [row for row in rows if "error" not in row]
    if not rows:
        out.print(f"No runs in {escape(folder)} yet. Train a network:  deltarule train")
    if valid:
        out.print(_build_run_table(valid))
    if commands := [row["go_on"] for row in valid if row["go_on"]]:
        out.print("\nResume the unfinished runs:")
        for command in commands:
            out.print(f"  {escape(command)}")


def compare(
    paths: Annotated[list[Path], typer.Argument(metavar="RUN RUN", help="Compare these runs, two or more.")],
    picture: Annotated[
        Path, typer.Option(metavar="FILE", help="Save the figure of their learning curves in this file.")
    ] = Path("compare.png"),
    json: Json = False,
) -> None:
    """Compare runs: their different settings, their results, and their learning curves in one figure.

    [bold]Example[/]:  deltarule compare runs/first runs/second
    """
    from deltarule import plotting
    from deltarule.cli.folders import check_single
    from deltarule.cli.option_errors import option_error
    from deltarule.cli.summary import collect_facts, find_differences, shorten_paths
    from deltarule.training.runs import open_run

    plotting.find_format(picture)
    words = [str(path) for path in paths]
    if len(paths) < 2:
        raise option_error("RUN", words, "two runs or more")
    if len({path.resolve() for path in paths}) < len(paths):
        raise option_error("RUN", words, "different runs")
    for path in paths:
        check_single(path)
    opened = {str(path): open_run(path) for path in paths}
    facts = {path: collect_facts(run) for path, run in opened.items()}
    names = shorten_paths(paths)
    histories = dict(zip(names, (run.model.history.records for run in opened.values()), strict=True))
    same_cost = len({type(run.model.models[0].network.cost) for run in opened.values()}) == 1
    figure = plotting.plot_curves(histories, cost="cost" if same_cost else "cost (different functions)")
    saved: Path | None = None
    try:
        saved = plotting.save_figure(figure, picture)
    finally:  # the differences are printed even if the figure cannot be saved
        if json:
            emit({"runs": facts, "differ": find_differences(facts), "picture": None if saved is None else str(saved)})
        else:
            _print_differences(dict(zip(names, facts.values(), strict=True)))
    if not json:
        out.print(f"Figure: {escape(saved)}")


def _print_differences(facts: Facts) -> None:
    """Print the runs side by side; those that do not fit the width follow below."""
    from deltarule.cli.summary import find_differences

    different = find_differences(facts)
    if not different:
        out.print("The runs have the same settings and results.")
        return
    runs = list(facts.items())
    for n in range(len(runs), 0, -1):
        parts = [dict(runs[start : start + n]) for start in range(0, len(runs), n)]
        if all(measure_table(*_lay_out_facts(part, different)) <= out.width for part in parts):
            break
    for part in parts:
        out.print(_build_fact_table(part, different))
        out.print()


def _build_layer_table(model: Predictor) -> Table:
    from deltarule.cli.summary import count_parameters, describe_layers

    columns = [
        Column("layer", footer=f"cost: {type(model.models[0].network.cost).__name__}"),
        Column("output", 2, "right"),
        Column("shapes", 3, fold=20),
        Column("parameters", 1, "right", footer=f"{count_parameters(model):,}"),
    ]
    rows = []
    for layer in describe_layers(model):
        shapes = ", ".join(f"{name} {'×'.join(map(str, shape))}" for name, shape in layer["shapes"].items())
        rows.append([layer["layer"], "×".join(map(str, layer["output"])), shapes, f"{layer['parameters']:,}"])
    return build_table(columns, rows, show_footer=True)


def _build_fact_table(facts: Facts, names: Iterable[str]) -> Table:
    """Build a table with a column for each run and a row for each of the named facts."""
    columns, rows = _lay_out_facts(facts, names)
    return build_table(columns, rows, show_header=len(facts) > 1)


def _lay_out_facts(facts: Facts, names: Iterable[str]) -> tuple[list[Column], list[list[str]]]:
    from deltarule.cli.summary import format_fact, name_fact

    columns = [Column(""), *(Column(escape(run), fold=20) for run in facts)]
    rows = [
        [f"[dim]{name_fact(name)}[/]", *(escape(format_fact(name, run.get(name))) for run in facts.values())]
        for name in names
    ]
    return columns, rows


def _build_run_table(runs: list[dict[str, Any]]) -> Table:
    from deltarule.cli.summary import format_fact

    columns = [
        Column("run"),
        Column("network", 2),
        Column("data", 6),
        Column("η", 7, "right"),
        Column("epochs", 4, "right"),
        Column("validation", 5, "right"),
        Column("test", 1, "right"),
        Column("training", 8, "right"),
        Column("state", 3),
    ]
    rows = [
        [
            run["run"],
            run["network"],
            run["data"] or "–",
            format_fact("eta", run["eta"]),
            f"{run['epochs']} / {run['planned']}",
            _format_score(run, "validation"),
            _format_score(run, "test"),
            f"{run['seconds']:.1f} s",
            run["state"],
        ]
        for run in runs
    ]
    return build_table(columns, [list(map(escape, row)) for row in rows])


def _format_score(run: dict[str, Any], part: str) -> str:
    """Format the accuracy, or R² of numbers."""
    from deltarule.cli.summary import format_fact

    accuracy, r2 = run[f"{part}_accuracy"], run.get(f"{part}_r2")
    return format_fact("test_accuracy", accuracy) if r2 is None else f"R² {format_r2(r2)}"


def _summarize(path: Path, run: Run | DeltaruleError) -> dict[str, Any]:
    from deltarule.cli.summary import summarize_run
    from deltarule.errors import DeltaruleError
    from deltarule.models.description import DAMAGE

    if isinstance(run, DeltaruleError):
        return {"run": str(path), "error": str(run)}
    try:
        return summarize_run(path, run)
    except (DeltaruleError, *DAMAGE) as error:
        return {"run": str(path), "error": f"{path} is damaged: {error}"}
